"""An error by its words: a code somewhere in a text, or a sentence that a row of the catalogue knows."""

from __future__ import annotations

import re
from functools import cache

from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.diagnosis.catalogue import UNRECOGNISED, rows
from sfrunbook.diagnosis.published import LOGIN_HISTORY, codes

__all__ = [
    "ADDRESS",
    "BETWEEN",
    "CODE_LIKE",
    "SALESFORCE_HOST",
    "WORD",
    "fit",
    "host_in",
    "is_code",
    "known_errors",
    "of_words",
    "placed",
]

#: stages in the order in which a text that names none is tried
_STAGES = (
    Stage.AUTHORIZE,
    Stage.TOKEN,
    Stage.REFRESH,
    Stage.DATA,
    Stage.USERINFO,
    Stage.REVOKE,
    Stage.INTROSPECT,
    Stage.TRANSPORT,
    Stage.PARTNER,
    Stage.LOCAL,
)
#: an address, of any scheme
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/{1,2}[^\s\"'<>]+")
CODE_LIKE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[0-9]{3,4}")
#: how the Bulk API writes its codes
_SEVERAL_HUMPS = re.compile(r"(?:[A-Z][a-z]+){2,}")
WORD = re.compile(r"[A-Za-z0-9_-]+")
#: what may be between a code and its description
BETWEEN = " \t\r\n:;,.-\u2013\u2014/|\"'`()[]="
SALESFORCE_HOST = re.compile(
    r"https?:/{1,2}([\w.-]+\.(?:salesforce\.com|force\.com|salesforce\.mil|sfcrmproducts\.cn))\b", re.IGNORECASE
)


def of_words(text: str) -> Failure:
    """An error code somewhere in a text, else a description that some row knows, else the text as it is."""
    for found in WORD.finditer(text):
        if is_code(found.group()):
            return _of_word(found, text)
    entry = rows().get(text)
    if entry is not None:
        return Failure(stage=entry.stage, error=entry.code)
    first, _, rest = text.partition(":")
    if CODE_LIKE.fullmatch(first.strip()):
        return placed(first.strip(), rest.strip())
    return _of_description(text) or Failure(stage=Stage.TOKEN, description=redact(text))


def _of_word(found: re.Match[str], text: str) -> Failure:
    """An error code within a text, described by what follows it, or by what precedes it where only that is known."""
    rest = text[found.end() :].strip(BETWEEN) if found.end() < len(text) else ""
    whole = "" if found.start() == 0 else text
    after = placed(found.group(), rest, text=whole)
    before = placed(found.group(), text[: found.start()].strip(BETWEEN), text=whole)
    if found.start() and after.description and not fit(after) and not fit(before):
        return placed(found.group(), "", text=text)  # what surrounds it is prose, and describes nothing known
    if not before.description:
        return after
    better = fit(before) > fit(after) or (not after.description and fit(before) == fit(after))
    return before if better else after


def _of_description(text: str) -> Failure | None:
    """A sentence without its error code: the error comes from the most specific row whose pattern the sentence fits.

    What follows `due to:` is the cause of what is before it.
    """
    before, _, cause = text.rpartition("due to:")
    if before and (found := _of_description(cause)):
        return found
    fitting = [
        (match, entry)
        for entry in rows().values()
        for match in entry.matches
        if match.description is not None
        and not match.evidence
        and LOGIN_HISTORY not in match.errors
        and match.description.search(text)
    ]
    if not fitting:
        return None
    if fitting[0][1].code == "reply-not-shown" and not _may_be_of_salesforce(text):
        return Failure(stage=Stage.LOCAL, error=UNRECOGNISED, description=redact(text))
    match, entry = max(fitting, key=lambda pair: (pair[0].weight, -min(map(_STAGES.index, pair[0].stages), default=0)))
    stage = entry.stage if not match.stages or entry.stage in match.stages else min(match.stages)
    return Failure(stage=stage, error=min(match.errors, default=""), description=redact(text))


def _may_be_of_salesforce(text: str) -> bool:
    """Whether the requests of a text went to Salesforce, or their addresses aren't shown."""
    return host_in(text) != "" or "force" in text.lower() or not ADDRESS.search(text)


def placed(
    error: str, description: str, *, host: str = "", address: str = "", text: str = "", data: bool = False
) -> Failure:
    """A failure at the stage at which the catalogue knows this error best."""
    stages = (Stage.DATA, *_STAGES) if data else _STAGES
    evidence = {"address": address, "text": redact(text)}
    failures = [
        Failure(
            stage=stage,
            host=host,
            error=redact(error),
            description=redact(description),
            evidence={name: value for name, value in evidence.items() if value},
        )
        for stage in stages
    ]
    return max(failures, key=fit)


def fit(failure: Failure) -> int:
    """How well the catalogue knows a failure: the weight of its best pattern, 0 for none."""
    return max((match.weight for entry in rows().values() for match in entry.matches if match.fits(failure)), default=0)


def is_code(word: str) -> bool:
    """Whether a word in a text is an error code; plain words such as `timeout` are none."""
    if "_" in word:
        return word.lower() in known_errors()
    return _SEVERAL_HUMPS.fullmatch(word) is not None and word in codes()


@cache
def known_errors() -> frozenset[str]:
    """Every error code with `_` that the catalogue or the published list knows, in lower case."""
    errors = {error for entry in rows().values() for match in entry.matches for error in match.errors}
    return frozenset(error for error in errors | {code.lower() for code in codes()} if "_" in error)


def host_in(text: str) -> str:
    """The host of the last request to Salesforce that a text names."""
    hosts = SALESFORCE_HOST.findall(text)
    return hosts[-1].lower() if hosts else ""

"""From whatever a person has at hand about an error - a code, a sentence, a body, an address - to a failure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sfrunbook.catalogue import rows
from sfrunbook.model import Failure, Stage
from sfrunbook.redaction import redact

__all__ = ["explain_text"]

_LONGEST = 20_000
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
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/{1,2}[^\s\"'<>]+")
_FORM = re.compile(r"(?:^|[\s?&#])((?:error|error_description)=[^\s\"'<>]*)")
_CODE_LIKE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[0-9]{3,4}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_BETWEEN = " \t\r\n:;,.-\u2013\u2014/|\"'`()[]="


def explain_text(text: str) -> Failure:
    """The failure that a pasted text tells of, for `diagnose`; pure, total, and without the text's secrets.

    Understood are: an error code; `error: description`; the JSON object of OAuth and the JSON list of REST; a bare
    `error=…&error_description=…`; a whole address that a browser was sent to, RemoteAccessErrorPage included; a log
    line that holds one of these; the code of a catalogue row. Of an address, only host, path, `error` and
    `error_description` are kept.
    """
    text = text.strip()[:_LONGEST]
    if not text:
        return Failure(stage=Stage.AUTHORIZE, error="nothing-pasted")
    return _of_json(text) or _of_address(text) or _of_form(text) or _of_words(text)


def _of_json(text: str) -> Failure | None:
    decoder = json.JSONDecoder()
    for start in [found.start() for found in re.finditer(r"[{\[]", text)][:20]:
        try:
            body, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        body = body[0] if isinstance(body, list) and body else body
        if isinstance(body, dict) and (failure := _of_body(body)):
            return failure
    return None


def _of_body(body: Mapping[str, Any]) -> Failure | None:
    error = body.get("error") or body.get("errorCode")
    if not isinstance(error, str):
        return None
    description = body.get("error_description") or body.get("message") or ""
    return _placed(error, str(description), data="errorCode" in body)


def _of_address(text: str) -> Failure | None:
    for found in _ADDRESS.finditer(text):
        try:
            parts = urlsplit(found.group())
        except ValueError:
            continue
        fields = _fields(parts.query) | _fields(parts.fragment)
        host = parts.netloc.rpartition("@")[2]
        address = redact(f"{parts.scheme}://{host}{parts.path}")
        if "error" in fields or "error_description" in fields:
            return _placed(fields.get("error", ""), fields.get("error_description", ""), host=host, address=address)
        if len(found.group()) < len(text):
            continue
        if "code" in fields:
            return Failure(stage=Stage.AUTHORIZE, error="address-holds-a-code", evidence={"address": address})
        return Failure(stage=Stage.AUTHORIZE, error="callback-without-code", evidence={"address": address})
    return None


def _of_form(text: str) -> Failure | None:
    fields: dict[str, str] = {}
    for found in _FORM.finditer(text):
        fields = fields or _fields(found.group(1))
    if not fields:
        return None
    return _placed(fields.get("error", ""), fields.get("error_description", ""))


def _of_words(text: str) -> Failure:
    """An error code somewhere in a text, else a description that some row knows, else the text as it is."""
    known = _known_errors()
    for found in _WORD.finditer(text):
        if found.group().lower() in known:
            rest = text[found.end() :].strip(_BETWEEN) if found.end() < len(text) else ""
            return _placed(found.group(), rest, text="" if found.start() == 0 else text)
    entry = rows().get(text)
    if entry is not None:
        return Failure(stage=entry.stage, error=entry.code)
    first, _, rest = text.partition(":")
    if _CODE_LIKE.fullmatch(first.strip()):
        return _placed(first.strip(), rest.strip())
    return _of_description(text) or Failure(stage=Stage.TOKEN, description=redact(text))


def _of_description(text: str) -> Failure | None:
    """A sentence without its error code: the error comes from the most specific row whose pattern the sentence fits."""
    fitting = [
        (match.weight, match, entry)
        for entry in rows().values()
        for match in entry.matches
        if match.description is not None and not match.evidence and match.description.search(text)
    ]
    if not fitting:
        return None
    _, match, entry = max(fitting, key=lambda one: one[0])
    stage = entry.stage if not match.stages or entry.stage in match.stages else min(match.stages)
    return Failure(stage=stage, error=min(match.errors, default=""), description=redact(text))


def _placed(
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
    return max(failures, key=_fit)


def _fit(failure: Failure) -> int:
    return max((match.weight for entry in rows().values() for match in entry.matches if match.fits(failure)), default=0)


def _known_errors() -> frozenset[str]:
    """Errors that a word in a text may be recognised by; plain words such as `timeout` are none."""
    errors = (error for entry in rows().values() for match in entry.matches for error in match.errors)
    return frozenset(error for error in errors if "_" in error)


def _fields(query: str) -> dict[str, str]:
    try:
        parsed = parse_qs(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in parsed.items()}

"""From whatever a user has at hand about an error - a code, a sentence, a body, an address - to a failure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sfrunbook.core.model import Connection, Failure, Stage
from sfrunbook.core.secrets.controls import without_controls
from sfrunbook.core.secrets.redaction import redact, redact_unknown
from sfrunbook.diagnosis.catalogue import UNRECOGNISED, find, rows
from sfrunbook.diagnosis.log_entries import LONGEST, choose, ends_of, entries_of, without_prefixes
from sfrunbook.diagnosis.published import LOGIN_HISTORY, codes, published
from sfrunbook.diagnosis.speaker import speaker_of
from sfrunbook.diagnosis.transport import OTHER, fault_in

__all__ = ["explain_text"]

#: read before that for secrets, since a name may be far in front of the end of its value
_FAR = 5 * LONGEST
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
#: also with a name put before it, as platforms do: `oauth_error=…&oauth_error_description=…`
_FORM = re.compile(r"(?:^|[\s?&#\"'`(\[{,]|oauth_)((?:error|error_description)=[^\s\"'<>`]*)")
_CODE_LIKE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[0-9]{3,4}")
#: an error code as only Salesforce's APIs write it
_SHOUTED = re.compile(r"\b[A-Z]{3,}(?:_[A-Z]+){2,}\b")
#: how the Bulk API writes its codes
_SEVERAL_HUMPS = re.compile(r"(?:[A-Z][a-z]+){2,}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
#: its name may be that of an error code
_TLS_ALERT = re.compile(r"\balert: \w+")
_BETWEEN = " \t\r\n:;,.-\u2013\u2014/|\"'`()[]="
#: strings as Python shows them, where JSON was expected
_PYTHON_STRING = re.compile(r"\bu?'((?:[^'\\\n]|\\.)*)'(?=\s*[:,}\]])")
_STATUS = re.compile(
    r"\b(?:http(?:/\d(?:\.\d)?)?|status)(?:[ _-]?(?:status|code|error)){0,2}[\"']?\s*[:= ]\s*([45]\d\d)\b", re.I
)
_XML_ERROR = re.compile(r"<(?:\w+:)?(?:exceptionCode|errorCode|statusCode|faultcode)(?: [^>]*)?>\s*([\w:]+)\s*</")
_XML_MESSAGE = re.compile(r"<(?:\w+:)?(?:exceptionMessage|faultstring|message)(?: [^>]*)?>([^<]*)</")
_PAGE = re.compile(r"<(?:!doctype|html|head|body|title|meta|div|table|td|span)\b", re.IGNORECASE)
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
#: codes whose message is that of the org's own automation, which may quote any other error
_QUOTES_OTHERS = re.compile(
    r"\b(CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY|CANNOT_EXECUTE_FLOW_TRIGGER|FIELD_CUSTOM_VALIDATION_EXCEPTION|APEX_ERROR)\b"
)
_SALESFORCE_HOST = re.compile(
    r"https?:/{1,2}([\w.-]+\.(?:salesforce\.com|force\.com|salesforce\.mil|sfcrmproducts\.cn))\b", re.IGNORECASE
)
#: what an entry is that shows no error of its own, or only that there was one
_NO_ERROR = (
    UNRECOGNISED,
    "history-success",
    "callback-without-code",
    "address-holds-a-code",
    "nothing-pasted",
    "approval-error-page",
    "reply-not-shown",
    "invalid-grant-unexplained",
)
_CELL = re.compile(r"[\t\r\n|;\"\u201c\u201d\u2018\u2019]+|,(?=\S)|'|\s{2,}|\s(?=Failed: )")
_HISTORY = re.compile(
    r"\bremote access\b|^\s*status\s*$|\blogin ?(type|history|status|url|time)\b|\bstatus\s*[:=]",
    re.IGNORECASE | re.MULTILINE,
)


def explain_text(text: str, connection: Connection | None = None) -> Failure:
    """The failure that a pasted text shows, for `diagnose`; pure, total, and without the text's secrets.

    Understood are: an error code; `error: description`; the JSON object of OAuth and the JSON list of REST, also as a
    log or Python shows them; a bare `error=…&error_description=…`; a whole address that a browser was sent to,
    RemoteAccessErrorPage included; a Status or a line of Login History; a web page; a log line with any of
    these; the code of a catalogue row. Of an address, only host, path, `error` and `error_description` are used.
    `connection` supplies the host and the name, where the text has none.
    """
    text = unescape(text) if "&#" in text or "&quot;" in text else text
    text = ends_of(redact_unknown(without_controls(ends_of(text.strip(), _FAR))))
    if not text:
        return Failure(stage=Stage.AUTHORIZE, error="nothing-pasted")
    failure = _of_another_issuer(text) or _of_several(text) or _of_one(text)
    if (status := _STATUS.search(text)) and failure.http_status is None:
        failure = replace(failure, http_status=int(status.group(1)))
    if not failure.host and failure.stage not in (Stage.LOCAL, Stage.PARTNER):
        failure = replace(failure, host=_host_in(text) or (urlsplit(connection.login_url).netloc if connection else ""))
    if connection is None:
        return failure
    return replace(failure, evidence={"connection": connection.name, **failure.evidence})


def _of_one(text: str) -> Failure:
    """The error of a text; a code without a description says less than a status of Login History beside it."""
    failure = _first_in(text)
    if failure.error and not failure.description:
        return _of_login_history(text) or failure
    return failure


def _first_in(text: str) -> Failure:
    return (
        _of_outer_error(text)
        or _of_transport(text)
        or _of_json(text)
        or _of_xml(text)
        or _of_address(text)
        or _of_form(text)
        or _of_login_history(text)
        or _of_page(text)
        or _of_words(text)
    )


def _of_another_issuer(text: str) -> Failure | None:
    """A text of another service that issues OAuth errors too: its codes aren't Salesforce's."""
    speaker = speaker_of(text)
    if not speaker.row and (not speaker.own_oauth or "salesforce" in text.lower() or _SHOUTED.search(text)):
        return None
    return Failure(stage=Stage.LOCAL, error=speaker.row or UNRECOGNISED, description=redact(text))


def _of_several(text: str) -> Failure | None:
    """Of a log with several different errors, or of repeated attempts, the one that counts; the others are named."""
    chosen = (
        None
        if _PAGE.search(text)
        else choose(text, _of_entry if entries_of(text) else _of_line, lambda failure: find(failure).code)
    )
    if chosen is None:
        plain = without_prefixes(text)
        return _of_one(plain) if plain != text else None
    others = redact("; ".join(chosen.others))
    return replace(chosen.failure, evidence={**chosen.failure.evidence, "others": others})


def _of_entry(text: str) -> Failure | None:
    """The known error of one entry of a log; None where it has none."""
    text = without_prefixes(text).strip()
    failure = _of_one(text) if text else None
    return None if failure is None or find(failure).code in _NO_ERROR else failure


def _of_line(text: str) -> Failure | None:
    """The known error of a line; a fault of the network takes several lines, so that a line alone says too little."""
    failure = _of_entry(text)
    return None if failure is None or failure.stage is Stage.TRANSPORT else failure


def _of_outer_error(text: str) -> Failure | None:
    """An error that quotes another one: a trigger or flow of the org failed, whatever the quoted error says."""
    found = _QUOTES_OTHERS.search(text)
    return None if found is None else _placed(found.group(1), text[found.end() :].strip(_BETWEEN), data=True)


def _host_in(text: str) -> str:
    """The host of the last request to Salesforce that a text names."""
    hosts = _SALESFORCE_HOST.findall(text)
    return hosts[-1].lower() if hosts else ""


def _of_transport(text: str) -> Failure | None:
    """What a program says of a request that got no answer, where no error code is in its text."""
    words = _WORD.finditer(_TLS_ALERT.sub("", text))
    if any(found.group().lower() in _known_errors() for found in words):
        return None
    fault = fault_in(text)
    if fault is None:
        return None
    line = " ".join(_TAG.sub(" ", fault.line).split()) if _PAGE.search(fault.line) else fault.line
    evidence = {"runtime": fault.runtime or OTHER, "proxy": fault.proxy}
    return Failure(
        stage=Stage.TRANSPORT,
        host=fault.host,
        error=fault.code,
        description=redact(line),
        evidence={name: redact(value) for name, value in evidence.items() if value},
    )


def _of_json(text: str) -> Failure | None:
    for form in _json_like(text):
        decoder = json.JSONDecoder()
        for start in [found.start() for found in re.finditer(r"[{\[]", form)][:20]:
            try:
                body, _ = decoder.raw_decode(form, start)
            except (ValueError, RecursionError):
                continue
            body = body[0] if isinstance(body, list) and body else body
            if isinstance(body, dict) and (failure := _of_body(body)):
                return failure
    return None


def _json_like(text: str) -> Iterator[str]:
    """The text, then the text as it was before a log or a program wrote it down."""
    yield text
    if '\\"' in text:
        yield text.replace("\\\\", "\\").replace('\\"', '"')
    if "': " in text:
        yield _PYTHON_STRING.sub(lambda found: json.dumps(found.group(1)), text)


def _of_body(body: Mapping[str, Any]) -> Failure | None:
    for name in ("records", "errors", "ActivationPrerequisites"):
        inner = body.get(name)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            body = inner[0]
    if "ReasonCode" in body:  # of Cyclr's check before a cycle starts
        return Failure(
            stage=Stage.PARTNER,
            description=redact(str(body.get("Reason") or "")),
            error=f"ReasonCode {body['ReasonCode']}",
        )
    if body.get("Authenticated") is False and "Connector" in body:  # an installed connector of Cyclr
        return Failure(stage=Stage.PARTNER, error="ReasonCode 20")
    status = body.get("Status")
    if isinstance(status, str) and (body.keys() & {"LoginType", "LoginTime"} or _known_status(status)):
        return _history(status)
    names = ("error", "errorCode", "exceptionCode", "statusCode")
    error = next((body[name] for name in names if isinstance(body.get(name), str) and body[name]), None)
    if not isinstance(error, str):
        return None
    description = body.get("error_description") or body.get("message") or body.get("exceptionMessage") or ""
    if " " in error and not description:
        error, description = "", error
    if _CODE_LIKE.fullmatch(str(description)) and not _CODE_LIKE.fullmatch(error):
        error, description = str(description), error  # a program's own sentence, and Salesforce's word behind it
    return _placed(error, str(description), data="errorCode" in body)


def _of_xml(text: str) -> Failure | None:
    """The error element of an XML answer, as of the SOAP and Bulk APIs, and the message beside it."""
    errors, messages = (found.findall(text) for found in (_XML_ERROR, _XML_MESSAGE))
    names = [code.rpartition(":")[2] for code in errors]
    error = next((name for name in reversed(names) if _is_code(name) or name in codes()), "")
    if not error:
        return None
    return _placed(error, unescape(messages[-1]) if messages else "", data=True)


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
        if "ErrorCode" in fields:  # a login through another service, which the org's Auth. Provider started
            said = f"{fields['ErrorCode']}: {fields.get('ErrorDescription', '')}".strip(": ")
            return Failure(
                stage=Stage.AUTHORIZE,
                host=host,
                error="auth-provider-failed",
                description=redact(said),
                evidence={"address": address},
            )
        if len(found.group()) < len(text):
            continue
        if "error_code" in fields:  # as pages of Salesforce name it that belong to no login
            return _placed(fields["error_code"], "", host=host, address=address)
        if _SALESFORCE_HOST.match(found.group()) and "code" not in fields:
            return None  # a page of Salesforce: its path or its words may be known
        if "code" in fields:
            return Failure(stage=Stage.AUTHORIZE, error="address-holds-a-code", evidence={"address": address})
        if "oauth_error" not in fields:
            return Failure(stage=Stage.AUTHORIZE, error="callback-without-code", evidence={"address": address})
    return None


def _of_form(text: str) -> Failure | None:
    for found in _FORM.finditer(text):
        fields = _fields(found.group(1).replace("&oauth_error", "&error"))
        error, description = fields.get("error", "").strip(_BETWEEN), fields.get("error_description", "")
        if not (error or description):
            continue
        if not description and _is_code(error) and len(found.group(1)) < len(text):
            continue  # what surrounds it may describe it
        if description and not re.search(r"%20|\+", found.group(1)):
            description += text[found.end() :].partition("\n")[0]  # written down with its blanks, so it goes on
        if "::" in error:  # of the streaming API: a status and a sentence
            error, description = "", f"{error} {text[found.end() :]}"
        return _placed(error, description.strip(_BETWEEN))
    return None


def _of_login_history(text: str) -> Failure | None:
    """The Status among the cells of a line of Login History; a bare Success counts only in a line of it."""
    cells = [cell.strip() for cell in _CELL.split(re.sub(r"\bstatus\s*[:=]\s*", "\n", text, flags=re.IGNORECASE))]
    cells = [cell for cell in cells if cell]
    line = len(cells) == 1 or _HISTORY.search(text) is not None
    known = [cell for cell in cells if _known_status(cell) and (line or cell.lower().startswith(("failed:", "失敗:")))]
    known += [cell for cell in cells if line and re.fullmatch(r"failed: [^:]{3,80}", cell, re.IGNORECASE)]
    return _history(known[0]) if known else None


def _known_status(text: str) -> bool:
    listed = published(LOGIN_HISTORY, text)
    return any(pattern.search(text.strip()) for pattern in _statuses()) or (
        listed is not None and listed.kind in ("login-history", "japanese")
    )


@cache
def _statuses() -> tuple[re.Pattern[str], ...]:
    matches = (match for entry in rows().values() for match in entry.matches if LOGIN_HISTORY in match.errors)
    return tuple(match.description for match in matches if match.description)


def _history(status: str) -> Failure:
    return Failure(stage=Stage.AUTHORIZE, error=LOGIN_HISTORY, description=redact(status.strip()))


def _of_page(text: str) -> Failure | None:
    """A web page where data was expected; its words may announce maintenance."""
    if not _PAGE.search(text):
        return None
    words = " ".join(unescape(_TAG.sub(" ", text)).split())
    within = _of_words(words) if words else None
    if within is not None and _fit(within) and not (within.error == "" and within.stage is Stage.TRANSPORT):
        return within
    return Failure(stage=Stage.TRANSPORT, error="not-json", description=redact(words[:300] or "A web page."))


def _of_words(text: str) -> Failure:
    """An error code somewhere in a text, else a description that some row knows, else the text as it is."""
    for found in _WORD.finditer(text):
        if _is_code(found.group()):
            return _of_word(found, text)
    entry = rows().get(text)
    if entry is not None:
        return Failure(stage=entry.stage, error=entry.code)
    first, _, rest = text.partition(":")
    if _CODE_LIKE.fullmatch(first.strip()):
        return _placed(first.strip(), rest.strip())
    return _of_description(text) or Failure(stage=Stage.TOKEN, description=redact(text))


def _of_word(found: re.Match[str], text: str) -> Failure:
    """An error code within a text, described by what follows it, or by what precedes it where only that is known."""
    rest = text[found.end() :].strip(_BETWEEN) if found.end() < len(text) else ""
    whole = "" if found.start() == 0 else text
    after = _placed(found.group(), rest, text=whole)
    before = _placed(found.group(), text[: found.start()].strip(_BETWEEN), text=whole)
    if found.start() and after.description and not _fit(after) and not _fit(before):
        return _placed(found.group(), "", text=text)  # what surrounds it is prose, and describes nothing known
    if not before.description:
        return after
    better = _fit(before) > _fit(after) or (not after.description and _fit(before) == _fit(after))
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
    return _host_in(text) != "" or "force" in text.lower() or not _ADDRESS.search(text)


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


def _is_code(word: str) -> bool:
    """Whether a word in a text is an error code; plain words such as `timeout` are none."""
    if "_" in word:
        return word.lower() in _known_errors()
    return _SEVERAL_HUMPS.fullmatch(word) is not None and word in codes()


@cache
def _known_errors() -> frozenset[str]:
    errors = {error for entry in rows().values() for match in entry.matches for error in match.errors}
    return frozenset(error for error in errors | {code.lower() for code in codes()} if "_" in error)


def _fields(query: str) -> dict[str, str]:
    try:
        parsed = parse_qs(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in parsed.items()}

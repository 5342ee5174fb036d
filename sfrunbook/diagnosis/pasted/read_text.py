"""From whatever a user has at hand about an error - a code, a sentence, a body, an address - to a failure."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

from sfrunbook.core.model import Connection, Failure, Stage
from sfrunbook.core.secrets.controls import without_controls
from sfrunbook.core.secrets.redaction import redact, redact_unknown
from sfrunbook.diagnosis.catalogue import UNRECOGNISED, find
from sfrunbook.diagnosis.pasted.log_entries import LONGEST, choose, ends_of, entries_of, without_prefixes
from sfrunbook.diagnosis.pasted.shapes import PAGE, TAG, of_address, of_form, of_json, of_login_history, of_page, of_xml
from sfrunbook.diagnosis.pasted.speaker import speaker_of
from sfrunbook.diagnosis.pasted.words import BETWEEN, WORD, host_in, known_errors, of_words, placed
from sfrunbook.diagnosis.transport import OTHER, fault_in

__all__ = ["explain_text"]

#: read before that for secrets, since a name may be far in front of the end of its value
_FAR = 5 * LONGEST
#: an error code as only Salesforce's APIs write it
_SHOUTED = re.compile(r"\b[A-Z]{3,}(?:_[A-Z]+){2,}\b")
#: its name may be that of an error code
_TLS_ALERT = re.compile(r"\balert: \w+")
_STATUS = re.compile(
    r"\b(?:http(?:/\d(?:\.\d)?)?|status)(?:[ _-]?(?:status|code|error)){0,2}[\"']?\s*[:= ]\s*([45]\d\d)\b", re.I
)
#: codes whose message is that of the org's own automation, which may quote any other error
_QUOTES_OTHERS = re.compile(
    r"\b(CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY|CANNOT_EXECUTE_FLOW_TRIGGER|FIELD_CUSTOM_VALIDATION_EXCEPTION|APEX_ERROR)\b"
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


def explain_text(text: str, connection: Connection | None = None) -> Failure:
    """The failure that a pasted text shows, for `diagnose`; pure, total, and without the text's secrets.

    Understood are: an error code; `error: description`; the JSON object of OAuth and the JSON list of REST, also as a
    log or Python shows them; a bare `error=…&error_description=…`; a whole address that a browser was sent to,
    RemoteAccessErrorPage included; a Status or a line of Login History; a web page; a log line with any of
    these; the code of a catalogue row. Of an address, only host, path, `error` and `error_description` are used.
    `connection` supplies the host and the name, where the text has none.
    """
    text = ends_of(redact_unknown(_plain(ends_of(text.strip(), _FAR))))
    if "&#" in text or "&quot;" in text:  # only now: it opens tags that would end a secret's element
        text = redact_unknown(_plain(unescape(text)))
    if not text:
        return Failure(stage=Stage.AUTHORIZE, error="nothing-pasted")
    failure = _of_another_issuer(text) or _of_several(text) or _of_one(text)
    if (status := _STATUS.search(text)) and failure.http_status is None:
        failure = replace(failure, http_status=int(status.group(1)))
    if not failure.host and failure.stage not in (Stage.LOCAL, Stage.PARTNER):
        failure = replace(failure, host=host_in(text) or (urlsplit(connection.login_url).netloc if connection else ""))
    if connection is None:
        return failure
    return replace(failure, evidence={"connection": connection.name, **failure.evidence})


def _plain(text: str) -> str:
    """A text without control sequences; a carriage return is the end of a line."""
    return "\n".join(without_controls(text).splitlines())


def _of_one(text: str) -> Failure:
    """The error of a text; a code without a description says less than a status of Login History beside it."""
    failure = _first_in(text)
    if failure.error and not failure.description:
        return of_login_history(text) or failure
    return failure


def _first_in(text: str) -> Failure:
    return (
        _of_outer_error(text)
        or _of_transport(text)
        or of_json(text)
        or of_xml(text)
        or of_address(text)
        or of_form(text)
        or of_login_history(text)
        or of_page(text)
        or of_words(text)
    )


def _of_another_issuer(text: str) -> Failure | None:
    """A text of another service that issues OAuth errors too: its codes aren't Salesforce's."""
    speaker = speaker_of(text)
    beside = speaker.named_only and "salesforce" in text.lower()  # as in a log of the one about the other
    if not speaker.row and (not speaker.own_oauth or beside or host_in(text) or _SHOUTED.search(text)):
        return None
    return Failure(stage=Stage.LOCAL, error=speaker.row or UNRECOGNISED, description=redact(text))


def _of_several(text: str) -> Failure | None:
    """Of a log with several different errors, or of repeated attempts, the one that counts; the others are named."""
    chosen = (
        None
        if PAGE.search(text)
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
    return None if found is None else placed(found.group(1), text[found.end() :].strip(BETWEEN), data=True)


def _of_transport(text: str) -> Failure | None:
    """What a program says of a request that got no answer, where no error code is in its text."""
    words = WORD.finditer(_TLS_ALERT.sub("", text))
    if any(found.group().lower() in known_errors() for found in words):
        return None
    fault = fault_in(text)
    if fault is None:
        return None
    line = " ".join(TAG.sub(" ", fault.line).split()) if PAGE.search(fault.line) else fault.line
    evidence = {"runtime": fault.runtime or OTHER, "proxy": fault.proxy}
    return Failure(
        stage=Stage.TRANSPORT,
        host=fault.host,
        error=fault.code,
        description=redact(line),
        evidence={name: redact(value) for name, value in evidence.items() if value},
    )

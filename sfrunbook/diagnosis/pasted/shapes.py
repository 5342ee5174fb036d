"""The shapes in which an error comes: JSON, XML, an address, a form body, Login History, a web page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.diagnosis.catalogue import rows
from sfrunbook.diagnosis.pasted.words import (
    ADDRESS,
    BETWEEN,
    CODE_LIKE,
    SALESFORCE_HOST,
    fit,
    is_code,
    of_words,
    placed,
)
from sfrunbook.diagnosis.published import LOGIN_HISTORY, codes, published

__all__ = ["PAGE", "TAG", "of_address", "of_form", "of_json", "of_login_history", "of_page", "of_xml"]

#: also with a name put before it, as platforms do: `oauth_error=…&oauth_error_description=…`
_FORM = re.compile(r"(?:^|[\s?&#\"'`(\[{,]|oauth_)((?:error|error_description)=[^\s\"'<>`]*)")
#: strings as Python shows them, where JSON was expected
_PYTHON_STRING = re.compile(r"\bu?'((?:[^'\\\n]|\\.)*)'(?=\s*[:,}\]])")
_XML_ERROR = re.compile(r"<(?:\w+:)?(?:exceptionCode|errorCode|statusCode|faultcode)(?: [^>]*)?>\s*([\w:]+)\s*</")
_XML_MESSAGE = re.compile(r"<(?:\w+:)?(?:exceptionMessage|faultstring|message)(?: [^>]*)?>([^<]*)</")
PAGE = re.compile(r"<(?:!doctype|html|head|body|title|meta|div|table|td|span)\b", re.IGNORECASE)
TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"[\t\r\n|;\"\u201c\u201d\u2018\u2019]+|,(?=\S)|'|\s{2,}|\s(?=Failed: )")
_HISTORY = re.compile(
    r"\bremote access\b|^\s*status\s*$|\blogin ?(type|history|status|url|time)\b|\bstatus\s*[:=]",
    re.IGNORECASE | re.MULTILINE,
)


def of_json(text: str) -> Failure | None:
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
    if CODE_LIKE.fullmatch(str(description)) and not CODE_LIKE.fullmatch(error):
        error, description = str(description), error  # a program's own sentence, and Salesforce's word behind it
    return placed(error, str(description), data="errorCode" in body)


def of_xml(text: str) -> Failure | None:
    """The error element of an XML answer, as of the SOAP and Bulk APIs, and the message beside it."""
    errors, messages = (found.findall(text) for found in (_XML_ERROR, _XML_MESSAGE))
    names = [code.rpartition(":")[2] for code in errors]
    error = next((name for name in reversed(names) if is_code(name) or name in codes()), "")
    if not error:
        return None
    return placed(error, unescape(messages[-1]) if messages else "", data=True)


def of_address(text: str) -> Failure | None:
    for found in ADDRESS.finditer(text):
        try:
            parts = urlsplit(found.group())
        except ValueError:
            continue
        fields = _fields(parts.query) | _fields(parts.fragment)
        host = parts.netloc.rpartition("@")[2]
        address = redact(f"{parts.scheme}://{host}{parts.path}")
        if "error" in fields or "error_description" in fields:
            return placed(fields.get("error", ""), fields.get("error_description", ""), host=host, address=address)
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
            return placed(fields["error_code"], "", host=host, address=address)
        if SALESFORCE_HOST.match(found.group()) and "code" not in fields:
            return None  # a page of Salesforce: its path or its words may be known
        if "code" in fields:
            return Failure(stage=Stage.AUTHORIZE, error="address-holds-a-code", evidence={"address": address})
        if "oauth_error" not in fields:
            return Failure(stage=Stage.AUTHORIZE, error="callback-without-code", evidence={"address": address})
    return None


def of_form(text: str) -> Failure | None:
    for found in _FORM.finditer(text):
        fields = _fields(found.group(1).replace("&oauth_error", "&error"))
        error, description = fields.get("error", "").strip(BETWEEN), fields.get("error_description", "")
        if not (error or description):
            continue
        if not description and is_code(error) and len(found.group(1)) < len(text):
            continue  # what surrounds it may describe it
        if description and not re.search(r"%20|\+", found.group(1)):
            description += text[found.end() :].partition("\n")[0]  # written down with its blanks, so it goes on
        if "::" in error:  # of the streaming API: a status and a sentence
            error, description = "", f"{error} {text[found.end() :]}"
        return placed(error, description.strip(BETWEEN))
    return None


def of_login_history(text: str) -> Failure | None:
    """The Status among the cells of a line of Login History; a bare Success counts only in a line of it."""
    cells = [cell.strip() for cell in _CELL.split(re.sub(r"\bstatus\s*[:=]\s*", "\n", text, flags=re.IGNORECASE))]
    cells = [cell for cell in cells if cell]
    line = len(cells) == 1 or _HISTORY.search(text) is not None
    known = [
        cell
        for cell in cells
        if _known_status(cell) and (line or cell.lower().startswith("failed:") or not cell.isascii())
    ]
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


def of_page(text: str) -> Failure | None:
    """A web page where data was expected; its words may announce maintenance."""
    if not PAGE.search(text):
        return None
    words = " ".join(unescape(TAG.sub(" ", text)).split())
    within = of_words(words) if words else None
    if within is not None and fit(within) and not (within.error == "" and within.stage is Stage.TRANSPORT):
        return within
    return Failure(stage=Stage.TRANSPORT, error="not-json", description=redact(words[:300] or "A web page."))


def _fields(query: str) -> dict[str, str]:
    try:
        parsed = parse_qs(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in parsed.items()}

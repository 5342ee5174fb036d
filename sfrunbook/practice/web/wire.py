"""Requests and answers as the endpoints get and give them, and the exact headers that an org sends."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import python_multipart

from sfrunbook.practice.org.entities import Host

__all__ = [
    "NO_STORE",
    "Answer",
    "BadBasic",
    "Call",
    "basic_of",
    "bearer_of",
    "cookie_of",
    "form_text",
    "json_answer",
    "oauth_error",
    "redirect",
    "session_cookie",
    "text_answer",
    "with_parameters",
]

Header = tuple[bytes, bytes]

# Two Cache-Control lines on purpose: confirmed by a capture of the token endpoint.
NO_STORE: tuple[Header, ...] = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-xss-protection", b"1; mode=block"),
    (b"expires", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    (b"cache-control", b"no-cache, no-store"),
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
    (b"x-readonlymode", b"false"),
)
_JSON_HEADERS: tuple[Header, ...] = (*NO_STORE, (b"content-type", b"application/json;charset=UTF-8"))
_MOST_FIELDS = 1_000


@dataclass(slots=True, kw_only=True)
class Answer:
    """What goes back; `note` is a note for the journal and is not sent."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    note: str = ""


@dataclass(slots=True, kw_only=True)
class Call:
    """One request; header names are in lower case, `query` is raw, `found` holds the variables of the route."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    host: Host
    found: dict[str, str] = field(default_factory=dict)
    _parameters: dict[str, str] | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters of the query and of the form body, the body's first.

        Empty ones count as absent and the first of several wins (both guesses). The body is only read when its
        Content-Type names a form: without it Salesforce sees no grant_type (confirmed).
        """
        if self._parameters is None:
            self._parameters = self._read_parameters()
        return self._parameters

    def _read_parameters(self) -> dict[str, str]:
        pairs: list[tuple[str, str]] = []
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.body and kind == "application/x-www-form-urlencoded":
            pairs += _pairs(self.body.decode("utf-8", "replace"))
        elif self.body and kind == "multipart/form-data":
            pairs += _multipart_pairs(self.headers, self.body)
        if self.query:
            pairs += _pairs(self.query)
        parameters: dict[str, str] = {}
        for name, value in pairs:
            if value:
                parameters.setdefault(name, value)
        return parameters

    @property
    def wants_indented(self) -> bool:
        """The request header `X-PrettyPrint: 1` (confirmed)."""
        return self.headers.get("x-prettyprint") in ("1", "true")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


def _multipart_pairs(headers: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []

    def on_field(each: Any) -> None:  # noqa: ANN401 - a type of python_multipart
        name, value = each.field_name or b"", each.value or b""
        if len(pairs) < _MOST_FIELDS:
            pairs.append((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")))

    try:
        parser = python_multipart.create_form_parser(
            {"Content-Type": headers["content-type"].encode("latin-1")}, on_field, lambda _file: None
        )
        parser.write(body)
        parser.finalize()
    except (python_multipart.exceptions.FormParserError, ValueError):
        return []
    return pairs


class BadBasic(ValueError):  # noqa: N818 - reads as the fact
    """An Authorization header that begins with Basic and cannot be read."""


def basic_of(call: Call) -> tuple[str, str] | None:
    """Name and password of HTTP Basic, or `None` when the call has none; raises `BadBasic`."""
    scheme, _, rest = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise BadBasic from None
    name, colon, password = text.partition(":")
    if not colon or not name:
        raise BadBasic
    return name, password


def bearer_of(call: Call) -> str | None:
    """The token of an Authorization header of the schemes Bearer or OAuth, else `None`."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() in ("bearer", "oauth") else None


def cookie_of(call: Call, name: str) -> str:
    """The value of one cookie, or nothing."""
    for part in call.headers.get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


def session_cookie(call: Call, name: str, value: str) -> Header:
    """The header that sets a session cookie on this host."""
    secure = "; Secure" if call.host.origin.startswith("https:") else ""
    return (b"set-cookie", f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}".encode())


def json_answer(
    call: Call, value: object, status: int = 200, *, extra: tuple[Header, ...] = (), note: str = ""
) -> Answer:
    body = json.dumps(value, indent=2) if call.wants_indented else json.dumps(value, separators=(",", ":"))
    return Answer(status=status, headers=(*_JSON_HEADERS, *extra), body=body.encode(), note=note)


def text_answer(text: str, status: int, *, extra: tuple[Header, ...] = ()) -> Answer:
    headers = (*NO_STORE, (b"content-type", b"text/plain;charset=UTF-8"), *extra)
    return Answer(status=status, headers=headers, body=text.encode(), note=text[:40])


def oauth_error(call: Call, error: str, description: str, *, error_first: bool = True) -> Answer:
    """400 with `error` and `error_description`. Every captured refusal of the token endpoint has this status."""
    pair = {"error": error, "error_description": description}
    if not error_first:
        pair = dict(reversed(pair.items()))
    return json_answer(call, pair, 400, note=error)


def form_text(**pairs: str) -> str:
    """Pairs as the bare bodies encode them: a space is `%20` (confirmed)."""
    return urlencode(pairs, quote_via=quote)


def redirect(location: str, *, extra: tuple[Header, ...] = (), note: str = "") -> Answer:
    """302; the address is sent as bytes that no header can be smuggled into."""
    safe = quote(location, safe="!#$%&'()*+,/:;=?@[]~-._")
    headers = (*NO_STORE, (b"location", safe.encode("ascii")), (b"content-length", b"0"), *extra)
    return Answer(status=302, headers=headers, note=note)


def with_parameters(address: str, **pairs: str | None) -> str:
    """The address with these pairs added to its query; a space becomes `+`, as on callbacks (confirmed)."""
    text = urlencode({name: value for name, value in pairs.items() if value is not None})
    base, hash_sign, fragment = address.partition("#")
    joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
    return f"{base}{joint}{text}{hash_sign}{fragment}"

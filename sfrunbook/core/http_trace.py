"""What went over the wire, as it may be shown: every request and reply by name, and no secret value.

What may be shown is a list of names. A name that is not on it loses its value, so that a field Salesforce adds tomorrow
is not shown by mistake; what is left is redacted as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from sfrunbook.core.secrets.redaction import redact, shortened

__all__ = ["Exchange", "note", "request_text", "watching"]

#: replaces a value that is secret, or not needed
_HIDDEN = "***"
_LONGEST = 300
_SHOWN = frozenset(
    re.findall(
        r"\S+",
        """
        response_type redirect_uri scope prompt display code_challenge_method login_hint grant_type format
        instance_url api_instance_url id token_type issued_at sfdc_community_url sfdc_community_id user_id
        organization_id username display_name nick_name user_type language locale active asserted_user error
        error_description errorcode message iss
        """,
    )
)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and its reply in words that contain no secret."""

    method: str
    #: without query
    address: str
    request: str
    #: empty while there is none
    reply: str


_watcher: ContextVar[Callable[[Exchange], None] | None] = ContextVar("sfrunbook_wire_watcher", default=None)


@contextmanager
def watching(watcher: Callable[[Exchange], None]) -> Iterator[None]:
    """Call `watcher` with every exchange of this thread while the block runs."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def note(*, method: str, url: str, headers: Mapping[str, str], body: object, status: int, text: str) -> None:
    """Pass an exchange to the watcher of this thread; without a watcher it costs nothing."""
    watcher = _watcher.get()
    if watcher is None:
        return
    form = body.decode("utf-8", "replace") if isinstance(body, bytes) else body if isinstance(body, str) else ""
    fields = parse_qsl(urlsplit(url).query, keep_blank_values=True) + parse_qsl(form, keep_blank_values=True)
    carried = ["Authorization"] if "Authorization" in headers else []
    watcher(
        Exchange(
            method=method,
            address=_bare(url),
            request=request_text(method, url, fields, headers=carried),
            reply="\n".join([f"HTTP {status}", *_reply_lines(text)]),
        )
    )


def request_text(method: str, url: str, fields: Iterable[tuple[str, str]], *, headers: Iterable[str] = ()) -> str:
    """A request as it may be shown: a line for the address, one for each header and field."""
    lines = [f"{method} {_bare(url)}", *(f"{name}: {_HIDDEN}" for name in headers)]
    return redact("\n".join([*lines, *(f"{name} = {_value(name, value)}" for name, value in fields)]))


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _reply_lines(text: str) -> Iterator[str]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        yield f"({len(text)} characters that are not JSON)" if text else "(no body)"
        return
    records = body if isinstance(body, list) else [body]
    for record in records[:3]:
        if isinstance(record, dict):
            yield from (redact(f"{name} = {_value(name, value)}") for name, value in record.items())


def _value(name: str, value: object) -> str:
    if name == "client_id":
        return shortened(str(value))
    if name.lower() not in _SHOWN or not isinstance(value, str | int | float | bool):
        return _HIDDEN
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"

"""One call of the API as its handlers get it, and the error that is answered as `{"Message": sentence}`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sfrunbook.practice.cyclr.entities import Account, AccountConnector, ApiToken, Instance
from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["Asked", "Refused", "Route", "api_json", "as_utc", "check_uuid", "flag", "page_of", "text_of"]

_LONGEST_TEXT = 4_000
_MOST_ROWS = 1_000
NOT_VALID = "The request is invalid."


class Refused(Exception):  # noqa: N818 - reads as the fact
    """Answered with this status; the text is the Message, `more` stands beside it."""

    def __init__(self, status: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"Message": message, **more}


@dataclass(slots=True, kw_only=True)
class Asked:
    """`sent` is the JSON of the body (`None` for none); `account` is set at the account level only."""

    call: Call
    cyclr: Cyclr
    instance: Instance
    token: ApiToken
    sent: Any
    found: dict[str, str]
    account_or_none: Account | None = None
    query: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        assert self.account_or_none is not None  # noqa: S101 - the route says that it is at the account level
        return self.account_or_none

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object of the body, empty for none."""
        if self.sent is None:
            return {}
        if not isinstance(self.sent, dict):
            raise Refused(400, NOT_VALID)
        return self.sent

    def connector(self) -> AccountConnector:
        """The installed connector that the address names; 404 when it is not in this account."""
        found = self.instance.connector(self.found["id"])
        if found is None or found.account_id != self.account.account_id:
            raise Refused(404, "Account connector not found.")
        return found


@dataclass(frozen=True, kw_only=True)
class Route:
    """`level` is partner or account."""

    method: str
    path: str
    level: str
    handler: Callable[[Asked], Any]
    status: int = 200
    executes: bool = False
    looks_up: bool = False


def api_json(value: object, status: int = 200, *, note: str = "") -> Answer:
    headers = (
        (b"cache-control", b"no-cache"),
        (b"pragma", b"no-cache"),
        (b"content-type", b"application/json; charset=utf-8"),
    )
    body = json.dumps(value, separators=(",", ":"), default=str).encode("utf-8", "replace")
    return Answer(status=status, headers=headers, body=body, note=note)


def as_utc(at: float) -> str:
    """A time as the API writes it: UTC with Z."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}Z"


def text_of(sent: dict[str, Any], name: str, default: str = "") -> str:
    """A text of the body; 400 for anything else, or for one that is too long."""
    value = sent.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or any(0xD800 <= ord(each) < 0xE000 for each in value):
        raise Refused(400, NOT_VALID, ModelState={name: ["The value is not valid."]})
    return value


def flag(sent: dict[str, Any], name: str, *, default: bool = False) -> bool:
    """A true or false of the body."""
    value = sent.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refused(400, NOT_VALID, ModelState={name: ["The value is not valid."]})
    return value


def check_uuid(text: str) -> None:
    try:
        uuid.UUID(text)
    except ValueError:
        raise Refused(400, NOT_VALID) from None


def page_of(asked: Asked, rows: list[Any], size: int) -> list[Any]:
    """The rows of the page asked for; pages count from 1 (likely)."""
    number, size = _whole(asked.query, "page", 1), min(_whole(asked.query, "pageSize", size), _MOST_ROWS)
    return rows[(number - 1) * size : number * size]


def _whole(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name.lower(), "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) < 10**9 and len(text) < 10):
        raise Refused(400, NOT_VALID, ModelState={name: ["The value is not valid."]})
    return int(text)

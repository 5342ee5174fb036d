"""What a REST answer is made of: status, headers, JSON; and the errors as Salesforce words them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Answer", "RestError", "compact", "method_not_allowed", "not_found", "pretty"]


class RestError(Exception):
    """One error of the array that a refused call answers; `fields` is there only for errors about fields."""

    def __init__(self, status: int, code: str, message: str, fields: list[str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = fields or []
        self.headers: dict[str, str] = {}
        self._row: dict[str, Any] = {"message": message, "errorCode": code}
        if fields is not None:
            self._row["fields"] = fields

    def body(self) -> str:
        """`[{"message": ..., "errorCode": ...}]`."""
        return compact([self._row])


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A reply before its headers are completed; `body` is JSON text, empty for 204."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def compact(value: Any) -> str:  # noqa: ANN401 - anything json.dumps takes
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pretty(body: str) -> str:
    """The body as a caller with `X-PrettyPrint: 1` gets it."""
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2, separators=(",", " : "))


def not_found() -> RestError:
    """Likely; Source: https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.html."""
    return RestError(404, "NOT_FOUND", "The requested resource does not exist")


def method_not_allowed(method: str, allowed: tuple[str, ...]) -> RestError:
    """Likely; the words are those published by integrators who met them."""
    names = ",".join(sorted({*allowed, "HEAD"} if "GET" in allowed else set(allowed)))
    error = RestError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {names}")
    error.headers["Allow"] = names
    return error

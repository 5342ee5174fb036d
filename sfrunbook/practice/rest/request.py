"""One request as the REST API of a practice org sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sfrunbook.practice.rest.reply import RestError, method_not_allowed

__all__ = ["Request"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """`method` is in upper case, `headers` have lower-case names, `path` is decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def only(self, *allowed: str) -> None:
        """Refuse every other method; HEAD is allowed where GET is."""
        if self.method not in allowed and not (self.method == "HEAD" and "GET" in allowed):
            raise method_not_allowed(self.method, allowed)

    def fields(self) -> dict[str, Any]:
        """The JSON object of a request; refused as JSON_PARSER_ERROR (words likely)."""
        try:
            fields = json.loads(self.body.decode("utf-8")) if self.body.strip() else {}
        except (ValueError, RecursionError):
            text = "Unexpected character or end of input: the body is not valid JSON at [line:1, column:1]"
            raise RestError(400, "JSON_PARSER_ERROR", text) from None
        if not isinstance(fields, dict):
            raise RestError(400, "JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
        return fields

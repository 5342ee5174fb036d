"""One request as the REST half of a practice org sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Request"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """`method` is in upper case, `headers` have lower-case names, `path` is decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

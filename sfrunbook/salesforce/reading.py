"""Values out of JSON that another server sent; a value of the wrong type counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Reply
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Stage

__all__ = ["json_object", "objects_in", "text_of", "time_of"]


def json_object(reply: Reply, stage: Stage) -> Mapping[str, Any]:
    """The object of a 2xx reply; raises RunbookError for any other reply, such as a maintenance page."""
    body = reply.json()
    if not reply.ok or not isinstance(body, dict):
        raise RunbookError(failure_of(reply, stage))
    return body


def objects_in(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, none where there is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(record: Mapping[str, Any], name: str) -> str:
    """A text, empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def time_of(seconds: object) -> datetime | None:
    """The time of seconds since the epoch."""
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None

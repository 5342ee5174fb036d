"""The fields of a posted form, and times as the pages show them."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from sfrunbook.practice.web.wire import Call

__all__ = ["Sent", "moment"]

_MOST_FIELDS = 500


class Sent:
    """The fields of a posted form; every field may come several times, and an empty one is there too."""

    def __init__(self, call: Call) -> None:
        self._values: dict[str, list[str]] = {}
        kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if call.method == "POST" and kind == "application/x-www-form-urlencoded":
            try:
                text = call.body.decode("utf-8", "replace")
                pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            except ValueError:
                pairs = []
            for name, value in pairs:
                self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """The first value without blanks at its ends; empty when there is none."""
        return self._values.get(name, [""])[0].strip()

    def raw(self, name: str) -> str:
        """The first value of a text box of several lines, with one kind of line end."""
        return self._values.get(name, [""])[0].replace("\r\n", "\n").replace("\r", "\n")

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])


def moment(at: float) -> str:
    """A time as the pages show it, in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""

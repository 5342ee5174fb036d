"""How the runs of a connection went one after the other: a line of blocks, a picture, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sfrunbook.core.model import Status
from sfrunbook.report.templating import render
from sfrunbook.report.words import ICONS, WORDS, label_of
from sfrunbook.store.runs import Change, RunRecord, changes, last_passed

__all__ = ["Trend", "history_data", "history_page", "history_text", "trend_of"]

_WIDTH, _GAP, _HEIGHT = 14, 2, 48
_BLOCKS = "▁▂▃▄▅▆▇█"
#: lowest bar, so that a run of no time can still be seen
_LOWEST = 6
_TABLE_AT_MOST = 12


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One run in the picture: its outcome by colour, its duration by height."""

    x: int
    width: int
    height: int
    status: Status
    title: str


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The runs of one connection, oldest first, and what is said of them."""

    connection: str
    records: tuple[RunRecord, ...]
    bars: tuple[Bar, ...]
    sentence: str
    #: against the last run that passed, or against the run before where this one passed
    changes: tuple[Change, ...]
    caption: str

    @property
    def width(self) -> int:
        """Of the picture."""
        return max(1, len(self.bars) * (_WIDTH + _GAP))

    @property
    def height(self) -> int:
        """Of the highest bar."""
        return _HEIGHT

    @property
    def label(self) -> str:
        """The picture in words."""
        return f"The last {len(self.records)} runs, oldest first: " + ", ".join(
            WORDS[one.status] for one in self.records
        )

    @property
    def legend(self) -> str:
        """How to read the picture."""
        return (
            f"One bar for each of the last {len(self.records)} runs, the newest to the right; "
            "its height is how long the run took, its colour, and the sign beneath it, how it ended."
        )


def trend_of(records: Sequence[RunRecord], passed: RunRecord | None = None) -> Trend | None:
    """The trend of runs, oldest first; `passed` is the last one that passed where that is older. None without runs."""
    if not records:
        return None
    latest, good = records[-1], last_passed(records) or passed
    before = (records[-2] if len(records) > 1 else None) if good is latest else good
    return Trend(
        connection=latest.connection,
        records=tuple(records),
        bars=tuple(_bars(records)),
        sentence=_sentence(records, good),
        changes=changes(before, latest) if before else (),
        caption=f"What changed since {_moment(before.started_at)}" if before else "",
    )


def _bars(records: Sequence[RunRecord]) -> list[Bar]:
    longest = max(one.duration_seconds for one in records) or 1.0
    return [
        Bar(
            x=place * (_WIDTH + _GAP),
            width=_WIDTH,
            height=_LOWEST + round((_HEIGHT - _LOWEST) * one.duration_seconds / longest),
            status=one.status,
            title=f"{_moment(one.started_at)}: {WORDS[one.status]}, {one.duration_seconds:.1f} s, exit {one.exit_code}",
        )
        for place, one in enumerate(records)
    ]


def _sentence(records: Sequence[RunRecord], good: RunRecord | None) -> str:
    latest = records[-1]
    if good is latest:
        row = 0
        for one in reversed(records):
            if not one.passed:
                break
            row += 1
        since = f", as did the {row - 1} before it" if row > 2 else ", as did the one before it" if row == 2 else ""
        return f"The last run, {_moment(latest.started_at)}, passed{since}."
    if good is None:
        return f"The last run, {_moment(latest.started_at)}, did not pass, and none before it that is remembered did."
    return (
        f"The last run, {_moment(latest.started_at)}, did not pass. The last that did was {_moment(good.started_at)}."
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def history_text(trend: Trend) -> str:
    """The trend for a terminal: two lines of blocks, the newest runs, and what changed."""
    longest = max(one.duration_seconds for one in trend.records) or 1.0
    blocks = "".join(_BLOCKS[round(7 * one.duration_seconds / longest)] for one in trend.records)
    signs = "".join(ICONS[one.status] for one in trend.records)
    lines = [
        f"{trend.connection}: {trend.sentence}",
        "",
        f"  outcome   {signs}",
        f"  duration  {blocks}  up to {longest:.1f} s",
        "",
    ]
    for one in trend.records[: -_TABLE_AT_MOST - 1 : -1]:
        head = f"  {_moment(one.started_at)}  [{label_of(one.status)}]"
        lines.append(f"{head:<40} {one.duration_seconds:7.1f} s  exit {one.exit_code}  {one.headline}")
    if trend.changes:
        lines += ["", f"{trend.caption}:"]
        lines += [f"  {one.check}: {_word(one.before)} -> {_word(one.after)}{_code(one)}" for one in trend.changes]
    elif trend.caption:
        lines += ["", f"{trend.caption}: no check has another outcome."]
    return "\n".join(lines)


def _word(status: Status | None) -> str:
    return WORDS[status] if status else "not made"


def _code(change: Change) -> str:
    return f" ({change.code})" if change.code else ""


def history_page(trend: Trend) -> str:
    """The trend as a whole HTML page that needs nothing but itself."""
    return render("history_page.html.j2", trend=trend)


def history_data(trend: Trend) -> dict[str, Any]:
    """The trend as JSON has it: `{schema, version, connection, sentence, runs[], changes[]}`, oldest run first."""
    return {
        "schema": "sfrunbook-history",
        "version": 1,
        "connection": trend.connection,
        "sentence": trend.sentence,
        "runs": [
            {
                "started_at": one.started_at.isoformat(),
                "duration_seconds": round(one.duration_seconds, 3),
                "status": one.status.value,
                "exit_code": one.exit_code,
                "headline": one.headline,
                "notebooks": list(one.notebooks),
                "folder": one.folder,
            }
            for one in trend.records
        ],
        "changes": [
            {
                "check": one.check,
                "before": one.before.value if one.before else None,
                "after": one.after.value if one.after else None,
                "code": one.code,
            }
            for one in trend.changes
        ],
    }

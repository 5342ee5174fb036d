"""The runs of a connection over time: a line of blocks, a picture, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from typing import Any

from sfrunbook.core.model import Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.report.templating import render
from sfrunbook.report.words import ICONS, WORDS, label_of
from sfrunbook.store.runs import Change, RunRecord, changes, last_passed

__all__ = ["Trend", "history_data", "history_page", "history_text", "trend_of"]

_WIDTH, _GAP, _HEIGHT = 14, 2, 48
_BLOCKS = "▁▂▃▄▅▆▇█"
#: lowest bar, so that a run of 0 seconds is still visible
_LOWEST = 6
_TABLE_AT_MOST = 12


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A run in the picture: its outcome by colour, its duration by height."""

    x: int
    width: int
    height: int
    status: Status
    title: str


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The runs of a connection, oldest first, with the sentences about them."""

    connection: str
    records: tuple[RunRecord, ...]
    bars: tuple[Bar, ...]
    sentence: str
    #: against the last run that passed, or against the previous run where the last run passed
    changes: tuple[Change, ...]
    caption: str

    @property
    def width(self) -> int:
        return max(1, len(self.bars) * (_WIDTH + _GAP))

    @property
    def height(self) -> int:
        return _HEIGHT

    @property
    def label(self) -> str:
        """The picture in words."""
        outcomes = ", ".join(WORDS[record.status] for record in self.records)
        return f"The last {len(self.records)} runs, oldest first: {outcomes}"

    @property
    def legend(self) -> str:
        """How to read the picture."""
        return (
            f"The last {len(self.records)} runs, the newest to the right. "
            "Each bar's height shows how long the run took. Its color and the sign below it show the result."
        )


def trend_of(records: Sequence[RunRecord], passed: RunRecord | None = None) -> Trend | None:
    """The trend of runs, oldest first; `passed` is the last run that passed where that is older. None without runs."""
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
        caption=f"What changed since {local_and_utc(before.started_at)}" if before else "",
    )


def _bars(records: Sequence[RunRecord]) -> list[Bar]:
    longest = _longest(records)
    return [
        Bar(
            x=place * (_WIDTH + _GAP),
            width=_WIDTH,
            height=_LOWEST + round((_HEIGHT - _LOWEST) * run.duration_seconds / longest),
            status=run.status,
            title=f"{local_and_utc(run.started_at)}: {WORDS[run.status]}, "
            f"{run.duration_seconds:.1f} s, exit {run.exit_code}",
        )
        for place, run in enumerate(records)
    ]


def _longest(records: Sequence[RunRecord]) -> float:
    return max(record.duration_seconds for record in records) or 1.0


def _sentence(records: Sequence[RunRecord], good: RunRecord | None) -> str:
    latest = records[-1]
    if good is latest:
        before = len(list(takewhile(lambda record: record.passed, reversed(records)))) - 1
        since = f", as did the {before} before it" if before > 1 else ", as did the one before it" if before else ""
        return f"The last run, {local_and_utc(latest.started_at)}, passed{since}."
    if good is None:
        return f"The last run, {local_and_utc(latest.started_at)}, did not pass, and no earlier run on record passed."
    last, passed = local_and_utc(latest.started_at), local_and_utc(good.started_at)
    return f"The last run, {last}, did not pass. The last run that passed was {passed}."


def history_text(trend: Trend) -> str:
    """The trend for a terminal: two lines of blocks, the newest runs, and what changed."""
    longest = _longest(trend.records)
    blocks = "".join(_BLOCKS[round(7 * run.duration_seconds / longest)] for run in trend.records)
    signs = "".join(ICONS[run.status] for run in trend.records)
    lines = [
        f"{trend.connection}: {trend.sentence}",
        "",
        f"  outcome   {signs}",
        f"  duration  {blocks}  up to {longest:.1f} s",
        "",
    ]
    for run in trend.records[: -_TABLE_AT_MOST - 1 : -1]:
        head = f"  {local_and_utc(run.started_at)}  [{label_of(run.status)}]"
        lines.append(f"{head:<40} {run.duration_seconds:7.1f} s  exit {run.exit_code}  {run.headline}")
    if trend.changes:
        lines += ["", f"{trend.caption}:"]
        lines += [f"  {each.check}: {_word(each.before)} -> {_word(each.after)}{_code(each)}" for each in trend.changes]
    elif trend.caption:
        lines += ["", f"{trend.caption}: no check has another outcome."]
    return "\n".join(lines)


def _word(status: Status | None) -> str:
    return WORDS[status] if status else "not made"


def _code(change: Change) -> str:
    return f" ({change.code})" if change.code else ""


def history_page(trend: Trend) -> str:
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
                "started_at": run.started_at.isoformat(),
                "duration_seconds": round(run.duration_seconds, 3),
                "status": run.status.value,
                "exit_code": run.exit_code,
                "headline": run.headline,
                "notebooks": list(run.notebooks),
                "folder": run.folder,
            }
            for run in trend.records
        ],
        "changes": [asdict(change) for change in trend.changes],
    }

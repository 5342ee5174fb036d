"""Writes docs/diagnosis-matrix.md from tests/diagnosis/matrix.toml: how each scenario is explained.

Run it after a change of that.
With `--check` nothing is written, and the exit code is 1 where the page is not up to date.
The tests hold every line of that table against the product's real flows, so the totals are measured and not claimed.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["PAGE", "TABLE", "built", "main"]

PAGE = Path(__file__).with_name("diagnosis-matrix.md")
TABLE = Path(__file__).parents[1] / "tests" / "diagnosis" / "matrix.toml"
_FIRST = ("confirmed", "only", "possible")
_WORDS = {
    "confirmed": "right, confirmed by facts",
    "only": "right, the only cause that the error has",
    "possible": "right and first, not confirmed",
    "among": "right, but another possible cause comes first",
    "wrong": "wrong: the right one is ruled out, and another is named",
    "no fault": "no fault: the flow works",
    "not shown": "affects no flow in this table",
}
_HEAD = """<!-- Made from tests/diagnosis/matrix.toml by docs/build_matrix.py: change the table, then run that. -->

# How sfrunbook explains every fault of the practice org

A test turns on each scenario of the practice org, and the product runs its real flow: login, refresh, query, checks,
unattended grants. `tests/diagnosis/test_matrix.py` compares the result with this table: the row of the
[catalogue](errors/README.md), the first cause, and its fix as whole text (`tests/samples/matrix/`).
In the first table, the product may also read from another connection with an administrator's valid login. The second
table shows what this machine's own records explain without one.
The practice org is a model of Salesforce. What it guesses is marked in its [settings](practice-world.md).
"""


_ALONE = (
    "Without a login, the org's lists can't be read, and Salesforce returns one text for nine causes. Earlier records",
    "on this machine sort the causes. In lines with `checked before`, a login had read the app's policies earlier.",
    "In the other lines, no fact separates the right cause from the first one, so it stays a possible cause.",
)


def built() -> str:
    """The page."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["row"]
    asked = [row for row in rows if row.get("witness", True)]
    alone = [row for row in rows if not row.get("witness", True)]
    return (
        "\n".join(
            [
                _HEAD,
                *_totals(asked, alone),
                "",
                "## Lines",
                "",
                *_table(asked),
                "",
                "## Without another login",
                "",
                *_ALONE,
                "",
                *_table(alone),
                "",
                *_reasons(rows),
            ]
        )
        + "\n"
    )


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        return int(PAGE.read_text(encoding="utf-8") != built())
    PAGE.write_text(built(), encoding="utf-8")
    return 0


def _totals(rows: Sequence[Mapping[str, Any]], alone: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    count = Counter(row["outcome"] for row in rows)
    worst: dict[str, str] = {}
    for row in rows:
        worst[row["scenario"]] = max(worst.get(row["scenario"], "no fault"), row["outcome"], key=_severity)
    by_scenario = Counter(worst.values())
    yield "## Totals"
    yield ""
    yield f"{len(worst)} scenarios in {len(rows)} lines. {_summary(rows)}"
    yield ""
    yield f"Without another login: {_summary(alone)}"
    yield ""
    yield "| Outcome | Lines | Scenarios by their worst line |"
    yield "| --- | ---: | ---: |"
    for outcome in _WORDS:
        yield f"| {_WORDS[outcome]} | {count[outcome]} | {by_scenario[outcome]} |"


def _summary(rows: Sequence[Mapping[str, Any]]) -> str:
    faults = [row for row in rows if row["outcome"] in (*_FIRST, "among", "wrong")]
    first = sum(row["outcome"] in _FIRST for row in faults)
    among, wrong = (sum(row["outcome"] == outcome for row in faults) for outcome in ("among", "wrong"))
    return (
        f"{len(faults)} lines have a fault. The right cause comes first {first} times;\n"
        f"{among} times it is among the possible causes, {wrong} times it is ruled out."
    )


def _severity(outcome: str) -> int:
    """A fault that is told badly counts more than a line without any."""
    return ("no fault", "confirmed", "only", "possible", "among", "wrong", "not shown").index(outcome)


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| Scenario | Flow | Catalogue row | Right cause | Outcome |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        given = ", ".join(f"{name}={value}" for name, value in row.get("parameters", {}).items() if name != "user")
        scenario = f"{row['scenario']} ({given})" if given else row["scenario"]
        flow = " ".join(part for part in (row.get("flow", "none"), _connection(row)) if part)
        code = row.get("row", "")
        link = f"[{code}](errors/{code}.md)" if code else ""
        yield f"| {scenario} | {flow} | {link} | {row.get('cause', '')} | {row['outcome']} |"


def _connection(row: Mapping[str, Any]) -> str:
    variant, first = row.get("variant", ""), " ".join(row.get("first", ()))
    words = [f"({variant})" if variant else "", f"after {first}" if first else ""]
    if hours := row.get("after_hours"):
        words.append(f"{hours:g} hours later")
    if minutes := row.get("linger_minutes"):
        words.append(f"pasted {minutes:g} minutes later")
    if row.get("checked_before"):
        words.append("checked before")
    return " ".join(word for word in words if word)


def _reasons(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Why a cause isn't first, or no fault is shown"
    yield ""
    for row in rows:
        if why := row.get("why"):
            met = f" Met by `tests/{row['test']}`." if "test" in row else ""
            yield f"- {row['scenario']}, {row.get('flow', 'no flow')} ({row['outcome']}): {why}{met}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

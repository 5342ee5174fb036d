"""Writes docs/partner-causes.md from tests/partners/partner_causes.toml. Run it after a change of that.

With `--check` nothing is written, and the exit code is 1 where the page is not up to date.
The tests carry out every row.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["PAGE", "TABLE", "built", "main"]

PAGE = Path(__file__).with_name("partner-causes.md")
TABLE = Path(__file__).parents[1] / "tests" / "partners" / "partner_causes.toml"
_HEAD = """<!-- Made from tests/partners/partner_causes.toml by docs/build_partner_causes.py: change that, run it. -->

# Why a Salesforce connection fails at Cyclr, and when the runbook tells it

The commonest causes in order of how often people meet them (a judgement from public threads and guides). Each is
turned on in the practice world and the runbook goes its real way; `tests/partners/test_partner_causes.py` holds what it
tells against this table. *Foreseen* is told before anybody logs in for Cyclr, *diagnosed* after.
"""
_WHERE = {
    "foresee": "05_cyclr_setup, What Cyclr will send fits what is registered",
    "registration": "01_register_app",
    "credentials": "02_enter_credentials",
    "login": "the last page of the browser, by `explain`",
    "proof": "05_cyclr_setup, A method returns data and The connection lives on",
    "profile": "01_register_app, the form for a new app",
}


def built() -> str:
    """The page."""
    causes = tomllib.loads(TABLE.read_text(encoding="utf-8"))["cause"]
    return "\n".join([_HEAD, *_totals(causes), "", *_table(causes)]) + "\n"


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != built())
    PAGE.write_text(built(), encoding="utf-8")
    return 0


def _totals(causes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    foreseen = sum(one["when"] == "foreseen" for one in causes)
    yield f"Of {len(causes)} causes {foreseen} are foreseen and {len(causes) - foreseen} are diagnosed after."


def _table(causes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| Number | Cause | When | Where | What is told | Rehearsed by |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in causes:
        every = [one, *(one | more for more in one.get("also", ()))]
        told = dict.fromkeys(f"[{each['row']}](errors/{each['row']}.md)" for each in every if "row" in each)
        row = ", ".join(told) or "the External Client App form comes first"
        scenario = ", ".join(dict.fromkeys(f"`{each['scenario']}`" for each in every if "scenario" in each)) or "a test"
        yield f"| {one['number']} | {one['cause']} | {one['when']} | {_WHERE[one['look']]} | {row} | {scenario} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

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

# Fix a connection that fails at Cyclr

These are the 20 most common causes, the most frequent first (our judgment, from public threads and guides).
*Before* means that the runbook finds it before anyone logs in for Cyclr; *after*, that it explains it afterwards.
`tests/partners/test_partner_causes.py` turns each one on in the practice org and compares the result with this table.
"""
_WHEN = {"foreseen": "before", "diagnosed": "after"}
#: the section of the page
_WHERE = {
    "foresee": "Set up Cyclr",
    "registration": "Register the app",
    "credentials": "Enter the key and secret",
    "login": "`sfrunbook explain` with the last address in the browser",
    "proof": "Set up Cyclr, after the login",
    "profile": "Register the app, the form for a new app",
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
    after = len(causes) - foreseen
    yield f"The runbook finds {foreseen} of {len(causes)} before the login, and explains {after} after it."


def _table(causes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| Number | Cause | When | Section | Error | Scenario to rehearse it |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in causes:
        every = [one, *(one | more for more in one.get("also", ()))]
        told = dict.fromkeys(f"[{each['row']}](errors/{each['row']}.md)" for each in every if "row" in each)
        row = ", ".join(told) or "the External Client App form comes first"
        scenario = ", ".join(dict.fromkeys(f"`{each['scenario']}`" for each in every if "scenario" in each)) or "a test"
        when, where = _WHEN[one["when"]], _WHERE[one["look"]]
        yield f"| {one['number']} | {one['cause']} | {when} | {where} | {row} | {scenario} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

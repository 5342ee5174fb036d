"""Writes the picture of the house into CONTRIBUTING.md, from the import contracts in pyproject.toml.

Run it after a change of the contracts. With `--check` nothing is written, and the exit code is 1 where the picture is
not up to date.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- house: made by docs/build_house.py -->\n", "<!-- end of house -->\n"
#: the rooms that talk to Salesforce or a partner; in practice they talk to the practice org
OVER_HTTP = ("salesforce", "partners")


def layers() -> list[list[str]]:
    """The rooms of each floor, from the top down, as the contract names them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    product = next(one for one in contracts if one["type"] == "layers" and one["containers"] == ["sfrunbook"])
    return [[room.strip() for room in layer.split("|")] for layer in product["layers"]]


def picture() -> str:
    """A Mermaid flowchart: one row a floor, an arrow from each floor to the next, practice apart."""
    floors = layers()
    lines = ["```mermaid", "flowchart TD"]
    for number, rooms in enumerate(floors, 1):
        lines += [f'  subgraph floor{number}[" "]', "    direction LR", *(f"    {room}" for room in rooms), "  end"]
    lines += [f"  floor{number} --> floor{number + 1}" for number in range(1, len(floors))]
    lines += ["  practice([practice: a program of its own])"]
    lines += [f"  {room} -. HTTP .-> practice" for room in OVER_HTTP]
    return "\n".join([*lines, "```", ""])


def built(page: str) -> str:
    """The page with the picture of today."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + picture() + END + rest.partition(END)[2]


def main() -> int:
    old = PAGE.read_text("utf-8")
    new = built(old)
    if "--check" in sys.argv[1:]:
        return int(new != old)
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""CONTRIBUTING.md shows the house as it is, and every path that it names exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_the_picture_of_the_house_is_made_from_the_contracts() -> None:
    assert subprocess.run([sys.executable, ROOT / "docs" / "build_house.py", "--check"], check=False).returncode == 0


def test_every_room_has_a_line_and_no_other_has() -> None:
    rooms = {path.parent.name for path in (ROOT / "sfrunbook").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)/` \|", PAGE, re.MULTILINE)) == rooms


def test_every_path_that_it_names_exists() -> None:
    named = re.findall(r"(?:sfrunbook|tests|docs)/[\w./-]*\w", PAGE)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []

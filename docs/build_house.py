"""Writes docs/images/house.svg, the picture of the packages, from the import contracts in pyproject.toml.

Run it after a change of the contracts. With `--check` nothing is written, and the exit code is 1 where the picture is
not up to date. It is a picture and no Mermaid, so that the site needs no script from another host.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "house.svg"
#: the packages that talk to Salesforce or a partner; in practice they talk to the practice org
OVER_HTTP = ("salesforce", "partners")
_WIDTH, _HEIGHT, _GAP = 130, 34, 24
_MIDDLE, _PRACTICE = 180, 460


def layers() -> list[list[str]]:
    """The packages of each floor, from the top down, as the contract names them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    product = next(one for one in contracts if one["type"] == "layers" and one["containers"] == ["sfrunbook"])
    return [[room.strip() for room in layer.split("|")] for layer in product["layers"]]


def picture() -> str:
    """Boxes in rows, an arrow from each row to the next, practice beside them with dashed lines for HTTP."""
    floors = layers()
    height = len(floors) * (_HEIGHT + _GAP) + _GAP
    practice = (_PRACTICE, height // 2)
    parts: list[str] = []
    for number, rooms in enumerate(floors):
        y = _GAP + number * (_HEIGHT + _GAP)
        if number:
            parts.append(f'<path d="M{_MIDDLE} {y - _GAP} V{y - 4}" marker-end="url(#tip)"/>')
        for place, room in enumerate(rooms):
            x = _MIDDLE + (2 * place - len(rooms) + 1) * (_WIDTH + 14) // 2
            if room in OVER_HTTP:
                parts.append(
                    f'<path d="M{x + _WIDTH // 2} {y + _HEIGHT // 2} L{practice[0] - _WIDTH // 2} {practice[1]}"'
                    ' stroke-dasharray="5 4"/>'
                )
            parts.append(_box(x, y + _HEIGHT // 2, room))
    parts += [_box(*practice, "practice"), _label(practice[0], practice[1] + 36, "a program of its own")]
    parts.append(_label(_PRACTICE - 70, practice[1] + 66, "- - -  HTTP"))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 {height}" font-family="sans-serif" font-size="14">\n'
        "<title>Which package may import which</title>\n"
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="4" refY="4" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#555"/></marker></defs>\n'
        '<rect width="100%" height="100%" fill="#fff"/>\n<g fill="none" stroke="#555">\n'
    )
    return head + "\n".join(parts) + "\n</g>\n</svg>\n"


def _box(x: int, y: int, name: str) -> str:
    left, top = x - _WIDTH // 2, y - _HEIGHT // 2
    box = f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="#eef3fb"/>'
    return box + _label(x, y + 5, name)


def _label(x: int, y: int, words: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" fill="#222" stroke="none">{words}</text>'


def main() -> int:
    new = picture()
    if "--check" in sys.argv[1:]:
        return int(not PICTURE.exists() or PICTURE.read_text("utf-8") != new)
    PICTURE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

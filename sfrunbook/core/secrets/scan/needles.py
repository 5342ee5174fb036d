"""Search a text for known values: whole in any form, encoded, split, or a piece of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sfrunbook.core.secrets.patterns import Hit, forms_of
from sfrunbook.core.secrets.scan.decoding import decoded, squeezed, squeezed_places

__all__ = ["Needles", "needles_for"]

#: shorter values are not looked for across line ends: their letters come together by chance
_SHORTEST_SPLIT = 10
#: every piece of a value that is at least `_PIECE + _STEP - 1` characters long is found
_PIECE, _STEP = 12, 4
_LONG_LINE = 200_000
#: one run without marks of structure: a kept JSON document or an address is no value to be cut into pieces
_RANDOM = re.compile(r"""(?=(?:.*\d){2})[^\s{}\[\]<>"':,]+""")


class Needles:
    """What to look for, made once for a set of values."""

    def __init__(self, values: frozenset[str]) -> None:
        forms = [form for value in sorted(values) for form in forms_of(value) if form.text.strip("*")]
        self._forms = [(form.text, form.kind) for form in forms]
        self._plain = [value for value in values if len(value) >= 6 and value.strip("*")]
        split = [text for text, _ in self._forms] + [value[::-1] for value in self._plain]
        split += [value.replace("=", "=3D") for value in self._plain]  # quoted-printable breaks its lines anywhere
        self._split = sorted({one for text in split if len(one := squeezed(text)) >= _SHORTEST_SPLIT})
        self._pieces = sorted({piece for value in self._plain for piece in _pieces(value)})

    def __bool__(self) -> bool:
        return bool(self._forms)

    def find(self, text: str) -> Iterator[Hit]:
        """Every place where a known value stands, in the order of how surely it does; places may overlap."""
        for needle, kind in self._forms:
            yield from _all(text, needle, kind)
        for piece in self._pieces:
            yield from _all(text, piece, "piece of a known value")
        start = 0
        for line in text.split("\n"):
            if len(line) <= _LONG_LINE and any(self._has(one) for one in decoded(line)):
                yield Hit(start=start, end=start + len(line), kind="known value, encoded")
            start += len(line) + 1
        yield from self.find_split(text)

    def _has(self, text: str) -> bool:
        return any(value in text for value in self._plain) or any(piece in text for piece in self._pieces)

    def find_split(self, text: str) -> Iterator[Hit]:
        """The places where a value stands in pieces, one after the other, or written backwards or in capitals."""
        bare = squeezed(text)
        found = [(bare.find(needle), len(needle)) for needle in self._split if needle in bare]
        if not found:
            return
        places = squeezed_places(text)
        for at, length in found:
            yield Hit(start=places[at], end=places[at + length - 1] + 1, kind="known value, split or altered")


def _all(text: str, needle: str, kind: str) -> Iterator[Hit]:
    at = text.find(needle)
    while at >= 0:
        yield Hit(start=at, end=at + len(needle), kind=kind)
        at = text.find(needle, at + len(needle))


def _pieces(value: str) -> Iterator[str]:
    """Overlapping pieces of a value, of the part that is secret: not an org's id, a token's header, a key's prelude.

    A passphrase of words has none, since its words stand in ordinary text.
    """
    if "PRIVATE KEY" in value:
        body = [line for line in value.splitlines() if line and "-----" not in line][1:]
    elif value.startswith("eyJ"):
        body = [value.rpartition(".")[2]]
    else:
        body = [value.partition("!")[2] if value.startswith("00D") else value[7:] if value[:4] == "5Aep" else value]
    for one in body:
        if len(one) >= 2 * _PIECE and _RANDOM.fullmatch(one) and len(set(one)) >= _PIECE - 2:
            yield from (one[at : at + _PIECE] for at in range(0, len(one) - _PIECE + 1, _STEP))


@lru_cache(maxsize=8)
def needles_for(values: frozenset[str]) -> Needles:
    """The needles for a set of values, kept, since one set is looked for in many files."""
    return Needles(values)

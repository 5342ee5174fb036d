"""Search a text for known values: whole in any form, encoded, split, or a piece of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sfrunbook.core.secrets.patterns import Hit, forms_of_all
from sfrunbook.core.secrets.redaction import cut
from sfrunbook.core.secrets.scan.decoding import decoded, lines_of, squeezed, squeezed_places, without_numbers

__all__ = ["Needles", "needles_for"]

#: shorter values are not looked for across line ends: their letters come together by chance
_SHORTEST_SPLIT = 10
#: every piece of a value that is at least `_PIECE + _STEP - 1` characters long is found
_PIECE, _STEP = 12, 4
#: shorter ones are looked for in what a screen shows
_SHRED = 8
_LONG_LINE = 200_000
#: a run without marks of structure: a JSON document or an address is no value to be cut into pieces
_RANDOM = re.compile(r"""(?=(?:.*\d){2})[^\s{}\[\]<>"':,]+""")


class Needles:
    """The texts to look for, built once for a set of values."""

    def __init__(self, values: frozenset[str]) -> None:
        self._forms = forms_of_all(values)
        self._plain = [value for value in values if len(value) >= 6 and value.strip("*")]
        split = [form.text for form in self._forms] + [value[::-1] for value in self._plain]
        split += [value.replace("=", "=3D") for value in self._plain]  # quoted-printable breaks its lines anywhere
        self._split = sorted({bare for text in split if len(bare := squeezed(text)) >= _SHORTEST_SPLIT})
        self._pieces = sorted({piece for value in self._plain for piece in _pieces(value, _PIECE, _STEP)})
        self._shreds = frozenset(shred for value in self._plain for shred in _pieces(value, _SHRED, 1))

    def __bool__(self) -> bool:
        return bool(self._forms)

    def find(self, text: str) -> Iterator[Hit]:
        """Every place of a known value, the surest first; places may overlap."""
        for form in self._forms:
            yield from _all(text, form.text, form.kind)
        for piece in self._pieces:
            yield from _all(text, piece, "piece of a known value")
        for start, line in lines_of(text):
            if len(line) <= _LONG_LINE and any(map(self._has, decoded(line))):
                yield Hit(start=start, end=start + len(line), kind="known value, encoded")
        yield from self.find_split(text)

    def masked(self, text: str) -> str:
        """The text with every piece of a known value replaced, from eight characters on."""
        if not self._shreds:
            return text
        spans: list[tuple[int, int]] = []
        for at in range(len(text) - _SHRED + 1):
            if text[at : at + _SHRED] in self._shreds:
                joined = bool(spans) and at <= spans[-1][1]
                spans[-1:] = [(spans[-1][0], at + _SHRED)] if joined else [*spans[-1:], (at, at + _SHRED)]
        if len(text) <= _LONG_LINE:
            spans += [(hit.start, hit.end) for hit in self.find_split(text)]
        return cut(text, sorted(spans))

    def _has(self, text: str) -> bool:
        return any(value in text for value in self._plain) or any(piece in text for piece in self._pieces)

    def find_split(self, text: str) -> Iterator[Hit]:
        """The places of a value in pieces, one after the other, or written backwards or in capitals.

        The pieces may stand on lines with numbers.
        """
        for variant in dict.fromkeys((text, without_numbers(text))):
            yield from self._in_pieces(variant)

    def _in_pieces(self, text: str) -> Iterator[Hit]:
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


def _pieces(value: str, length: int, step: int) -> Iterator[str]:
    """Overlapping pieces of a value, of the part that is secret: not an org's id, a token's header, a key's prelude.

    A passphrase of words has none, since its words occur in ordinary text.
    """
    if "PRIVATE KEY" in value:
        body = [line for line in value.splitlines() if line and "-----" not in line][1:]
    elif value.startswith("eyJ"):
        body = [value.rpartition(".")[2]]
    else:
        body = [value.partition("!")[2] if value.startswith("00D") else value[7:] if value[:4] == "5Aep" else value]
    for part in body:
        if len(part) >= 2 * _PIECE and _RANDOM.fullmatch(part) and len(set(part)) >= _PIECE - 2:
            yield from (part[at : at + length] for at in range(0, len(part) - length + 1, step))


@lru_cache(maxsize=8)
def needles_for(values: frozenset[str]) -> Needles:
    """The needles for a set of values, cached, since the same set is looked for in many files."""
    return Needles(values)

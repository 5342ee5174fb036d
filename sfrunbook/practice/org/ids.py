"""Salesforce record ids: 15 case-sensitive characters, 18 with a checksum that survives a loss of case."""

from __future__ import annotations

__all__ = ["is_id", "make_id", "to18"]

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ALPHABET = frozenset(_BASE62)


def to18(id15: str) -> str:
    """The 18-character form; an id that has its checksum already gets the right one.

    Each chunk of five gives one character: bit i is set where character i is upper case. Raises `ValueError` for
    anything that is not 15 or 18 letters and digits. Source: https://www.theblogreaders.com (confirmed).
    """
    if len(id15) not in (15, 18) or not _ALPHABET.issuperset(id15):
        raise ValueError("a Salesforce id has 15 or 18 letters and digits")
    chunks = (id15[:5], id15[5:10], id15[10:15])
    return id15[:15] + "".join(
        _CHECKSUM[sum(1 << place for place, character in enumerate(chunk) if "A" <= character <= "Z")]
        for chunk in chunks
    )


def make_id(prefix: str, n: int, pod: str = "gK0") -> str:
    """The 18-character id number `n` of the object with this three-character key prefix, on the given instance."""
    digits = ""
    while n:
        n, digit = divmod(n, 62)
        digits = _BASE62[digit] + digits
    return to18(f"{prefix}{pod}{digits.rjust(12 - len(pod), '0')}")


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id; an 18-character id must carry the right checksum."""
    if len(text) not in (15, 18) or not _ALPHABET.issuperset(text):
        return False
    return len(text) == 15 or to18(text[:15])[15:].upper() == text[15:].upper()

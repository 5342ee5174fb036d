"""How far tests with a long tail go: a sample in `make test`, all of it in `make test-all`, which says `--long`."""

from __future__ import annotations

__all__ = ["is_long", "long_or", "set_long"]

_long = False


def set_long(whole: bool) -> None:
    """conftest says once, before any test is collected, which of the two this run is."""
    global _long
    _long = whole


def is_long() -> bool:
    """Whether this run takes the long tails."""
    return _long


def long_or(whole: int, sample: int) -> int:
    """A number of examples, steps or requests: the whole number in a long run, else that of the sample."""
    return whole if _long else sample

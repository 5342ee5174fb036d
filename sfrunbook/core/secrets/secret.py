"""A secret value that shows nothing of itself, and the registry of the values that must not be shown."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import NoReturn

__all__ = ["Secret", "known_values", "listen"]

# Plain and not weak: a text written while a Secret existed (a log line, a traceback, a saved output) still contains the
# value when the Secret itself is gone, and must be cleaned all the same. The set only grows until the process ends.
_known: set[str] = set()
_snapshot: frozenset[str] = frozenset()
_listeners: list[Callable[[str], None]] = []


def known_values() -> frozenset[str]:
    """Every value that a Secret of this process has contained; the same object until a new value is added."""
    global _snapshot  # noqa: PLW0603 - the one cache of the one registry
    if len(_snapshot) != len(_known):
        _snapshot = frozenset(_known)
    return _snapshot


def listen(listener: Callable[[str], None]) -> None:
    """Call `listener` with every value that this process knows, now and later, each once."""
    _listeners.append(listener)
    for value in tuple(_known):
        listener(value)


class Secret:
    """A string that must never be shown: no text form, no pickle, no JSON; `reveal()` is the only way out.

    Every value but the empty one is remembered (`known_values`) so that it can be removed from later texts.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value
        if value and value not in _known:
            _known.add(value)
            for listener in _listeners:
                listener(value)

    def reveal(self) -> str:
        """The value itself, for the line that sends or encrypts it."""
        return self.__value

    def fingerprint(self, key: bytes) -> str:
        """Eight hexadecimal digits that distinguish two values and reveal nothing else: HMAC-SHA256 under `key`."""
        return hmac.new(key, _bytes(self.__value), hashlib.sha256).hexdigest()[:8]

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __len__(self) -> int:
        return len(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self.__value), _bytes(other.reveal()))

    def __hash__(self) -> int:
        return hash(self.__value)

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written to disk: use a store of secrets")

    __getstate__ = __reduce__


def _bytes(text: str) -> bytes:
    """The text as bytes, even where no encoding allows it, such as bytes from the environment."""
    return text.encode("utf-8", "surrogatepass")

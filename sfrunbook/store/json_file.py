"""One JSON document on disk: typed, replaced as a whole, changed by one process at a time."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from sfrunbook.core.durable_file import disk, locked, make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.secrets.secret import Secret

__all__ = ["JsonFile", "from_json", "table_of", "to_json", "toml_rows"]

T = TypeVar("T")

_LOCK_SECONDS = 10


class JsonFile(Generic[T]):
    """The JSON object in `path` as a T: `parse` reads it and `dump` is the reverse.

    `default` is the content of a missing or damaged file for `load` and `change`. With `version` the object holds
    `"format": version`, and an object of another version is not read. Whether unknown fields survive a change is up to
    `parse`. Files that share a `lock` are written one at a time; the default is a lock for each file. What can be found
    out again may be lost with the power (`survives_power_cut`).
    """

    def __init__(
        self,
        path: Path,
        *,
        parse: Callable[[dict[str, Any]], T],
        dump: Callable[[T], Mapping[str, object]],
        default: T | None = None,
        version: int | None = None,
        lock: Path | None = None,
        unreadable: str = "store-unreadable",
        survives_power_cut: bool = True,
    ) -> None:
        self.path = path
        self._parse = parse
        self._dump = dump
        self._default: Any = default
        self._version = version
        self._lock = lock or path.with_name(f".{path.name}.lock")
        self._unreadable = unreadable
        self._survives_power_cut = survives_power_cut

    def read(self) -> T | None:
        """The content; None when there is no file.

        Raises the problem `unreadable`, by default `store-unreadable`, for a damaged file, and what `parse` raises.
        """
        try:
            document = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._damage(reason_of(error)) from None
        except ValueError:  # its message may quote the file
            raise self._damage("the file does not hold JSON") from None
        if not isinstance(document, dict):
            raise self._damage("the file does not hold a JSON object")
        if self._version is not None and document.get("format", self._version) != self._version:
            raise self._damage("another version of sfrunbook wrote it")
        try:
            return self._parse(document)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._damage("a field is missing or holds a wrong value") from None

    def load(self) -> T:
        """The content; the default when the file is missing or damaged."""
        content: T | None = None
        with contextlib.suppress(RunbookError):
            content = self.read()
        return self._default if content is None else content

    def write(self, content: T) -> None:
        """Replace the content. Raises the problem `store-unwritable`."""
        document = {} if self._version is None else {"format": self._version}
        text = json.dumps({**document, **self._dump(content)}, indent=2) + "\n"
        with disk(self.path):
            make_private_folder(self.path.parent)
            write_durably(self.path, text.encode(), survives_power_cut=self._survives_power_cut)

    def change(self, change: Callable[[T], T]) -> None:
        """Replace the content. Raises `store-unwritable`, also when another process holds the lock for too long."""
        with self.locked():
            self.write(change(self.load()))

    def try_change(self, change: Callable[[T], T]) -> None:
        """Like `change`, for what is worth less than the work it is noted in: a disk that fails costs the note."""
        with contextlib.suppress(RunbookError):
            self.change(change)

    def delete(self) -> None:
        """Delete the file; nothing happens without one. Raises the problem `store-unwritable`."""
        with disk(self.path):
            self.path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the file against changes by other processes. Raises the problem `store-unwritable`."""
        with disk(self.path), locked(self._lock, _LOCK_SECONDS):
            yield

    def _damage(self, reason: str) -> RunbookError:
        return problem(self._unreadable, path=self.path, reason=reason)


def to_json(value: object, *, reveal: bool = False) -> Any:  # noqa: ANN401 - JSON
    """A value for JSON: dataclasses as objects by field, enums by value, times as ISO 8601 in UTC.

    Secrets stay secrets, which json.dumps rejects, unless `reveal`: for a text that is encrypted before it is written.
    """
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name), reveal=reveal) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: to_json(item, reveal=reveal) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, reveal=reveal) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    return value.reveal() if reveal and isinstance(value, Secret) else value


def from_json(kind: Any, value: Any) -> Any:  # noqa: ANN401 - types and JSON
    """The reverse of `to_json` with `reveal`, for a dataclass and the types of its fields; ignores unknown fields.

    Raises TypeError, ValueError or AttributeError for a value of another shape.
    """
    if get_origin(kind) is UnionType:  # a type or None
        return None if value is None else from_json(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(from_json(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is Mapping:
        return {name: from_json(get_args(kind)[1], item) for name, item in value.items()}
    if types := _field_types(kind):
        return kind(**{name: from_json(types[name], item) for name, item in value.items() if name in types})
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(value) if issubclass(kind, Enum | Secret) else value


@cache
def _field_types(kind: type) -> dict[str, Any]:
    """The types of the fields of a dataclass, by name; empty for any other type."""
    return get_type_hints(kind) if is_dataclass(kind) else {}


def toml_rows(path: Path, name: str, kind: type[T]) -> tuple[T, ...]:
    """The tables called `name` in a TOML file of this package, each as a `kind`."""
    return tuple(from_json(kind, row) for row in tomllib.loads(path.read_text("utf-8"))[name])


def table_of(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The JSON object called `name` in a document; an empty object for anything else."""
    value = document.get(name)
    return value if isinstance(value, dict) else {}

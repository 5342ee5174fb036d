"""Named connections on disk, a JSON file without a secret for each, and the name of the current connection."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfrunbook.core.durable_file import disk, make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Connection
from sfrunbook.core.secrets.shape import commands_allowed, is_reference, looks_like_secret
from sfrunbook.store.json_file import JsonFile, to_json

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["CURRENT_NAME", "RESERVED_NAME", "ConnectionBook", "check_name", "home", "open_book"]

#: the name that notebooks use for the practice connection; no file may have it
RESERVED_NAME = "practice"
#: the name by which notebooks mean the connection that someone has chosen
CURRENT_NAME = "current"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
#: names that Windows keeps for devices, with any ending
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_FORMAT = 1
_FIELDS = tuple(field.name for field in fields(Connection))
_REFERENCES = ("client_secret", "private_key", "partner_client_secret")
#: not the Consumer Key: a connection is chosen before its app is registered
_REQUIRED_TEXTS = ("login_url", "redirect_uri", "profile")


def home(environ: Mapping[str, str]) -> Path:
    """The folder where sfrunbook stores everything: `SFRUNBOOK_HOME`, else the user's data folder of this system.

    Raises RunbookError: `home-relative`, since a kernel may start in another folder than this program and would find
    nothing there; `home-unknown` where this user has no home folder.
    """
    chosen = environ.get("SFRUNBOOK_HOME")
    try:
        if chosen:
            folder = Path(chosen).expanduser()
            if not folder.is_absolute():
                raise problem("home-relative", path=chosen, absolute=folder.absolute())
            return folder
        from platformdirs import user_data_path

        return user_data_path("sfrunbook", appauthor=False)
    except RuntimeError:  # of expanduser, where neither HOME nor the system names a home folder
        raise problem("home-unknown") from None


def check_name(name: str) -> None:
    """Raise the problem `connection-name-invalid` unless `name` is safe as a file name on every system."""
    if looks_like_secret(name):
        raise problem("connection-name-invalid", name="(not shown, it looks like a secret)")
    if not _NAME.fullmatch(name):
        raise problem("connection-name-invalid", name=name)


def open_book(environ: Mapping[str, str]) -> ConnectionBook:
    return ConnectionBook(home(environ))


class ConnectionBook:
    """The connections in `folder`, which is a `home`: `connections/NAME.json` each, and `current`, the chosen name.

    A file holds the fields of Connection by name, enums by value and times as ISO 8601 in UTC, and `"format": 1`.
    Fields that this version does not know are ignored when read and not written again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._folder = folder / "connections"

    def names(self) -> tuple[str, ...]:
        """Every connection's name in alphabetical order."""
        try:
            found = [path.stem for path in self._folder.iterdir() if path.suffix == ".json"]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise problem("connection-unreadable", path=self._folder, reason=reason_of(error)) from None
        return tuple(sorted(name for name in found if _NAME.fullmatch(name)))

    def readable(self) -> tuple[tuple[Connection, ...], tuple[str, ...]]:
        """Every connection that can be read, and the names of those that cannot."""
        known, damaged = [], []
        for name in self.names():
            try:
                known.append(self.get(name))
            except RunbookError:
                damaged.append(name)
        return tuple(known), tuple(damaged)

    def get(self, name: str) -> Connection:
        """The connection called `name`.

        Raises the problems connection-name-invalid, connection-not-found, connection-unreadable, connection-invalid
        and secret-reference-invalid.
        """
        connection = self._file(name).read()
        if connection is None:
            raise self._not_found(name)
        return connection

    def add(self, connection: Connection, replace: bool = False) -> None:
        """Write a new connection, or with `replace` replace the connection of the same name.

        Raises, beside those of `get`: connection-name-reserved, connection-name-of-device, connection-exists and
        store-unwritable.
        """
        file = self._file(connection.name)
        if connection.name.lower() in (RESERVED_NAME, CURRENT_NAME):
            raise problem("connection-name-reserved", name=connection.name)
        if _DEVICE.fullmatch(connection.name):
            raise problem("connection-name-of-device", name=connection.name)
        _check(connection)
        with file.locked():
            if not replace and file.path.exists():
                raise problem("connection-exists", name=connection.name)
            file.write(connection)

    def update(self, name: str, /, **changes: object) -> Connection:
        """Change fields of a connection and return it as it is now; its name cannot be changed."""
        file = self._file(name)
        for unknown in sorted(set(changes) - set(_FIELDS)):
            raise problem("connection-invalid", name=name, field=unknown, reason="a connection has no such field")
        if changes.get("name", name) != name:
            raise problem("connection-invalid", name=name, field="name", reason="the name of a connection can't change")
        with file.locked():
            changed = replace(self.get(name), **changes)  # type: ignore[arg-type]  # checked by the next line
            connection = _parsed(name, to_json(changed))
            file.write(connection)
        return connection

    def remove(self, name: str) -> None:
        """Delete a connection; if it is the current one, the practice connection is from now on.

        Its grant and secrets are deleted by `sfrunbook.store.secret_place.forget`.
        """
        file = self._file(name)
        with file.locked():
            if not file.path.exists():
                raise self._not_found(name)
            file.delete()
        if self.current() == name:
            with contextlib.suppress(OSError):
                self._current.unlink(missing_ok=True)

    def current(self) -> str:
        """The name of the connection that every notebook works with; the practice connection by default."""
        try:
            name = self._current.read_text("utf-8").strip()
            check_name(name)
        except (OSError, ValueError, RunbookError):
            return RESERVED_NAME
        return name

    def choose(self, name: str) -> None:
        """Make a connection the current one. Raises the problems `connection-name-invalid` and `store-unwritable`."""
        check_name(name)
        with disk(self._current):
            make_private_folder(self.folder)
            write_durably(self._current, name.encode())

    @property
    def _current(self) -> Path:
        return self.folder / CURRENT_NAME

    def _file(self, name: str) -> JsonFile[Connection]:
        check_name(name)
        return JsonFile(
            self._folder / f"{name}.json",
            parse=partial(_parsed, name),
            dump=to_json,
            version=_FORMAT,
            lock=self._folder / ".lock",
            unreadable="connection-unreadable",
        )

    def _not_found(self, name: str) -> RunbookError:
        """The problem, with the names that exist and the closest of them."""
        names = self.names()
        lower = {known.lower(): known for known in names}
        close = difflib.get_close_matches(name.lower(), lower, n=1)
        listed = ", ".join((*names, RESERVED_NAME))
        known = f"{listed} (closest: {lower[close[0]]})" if close else listed
        return problem("connection-not-found", name=name, known=known)


@cache
def _adapter() -> TypeAdapter[Connection]:
    from pydantic import TypeAdapter

    return TypeAdapter(Connection)


def _parsed(name: str, document: Mapping[str, Any]) -> Connection:
    """A Connection out of JSON; the file's name is the connection's name, whatever the JSON says."""
    from pydantic import ValidationError

    known = {key: value for key, value in document.items() if key in _FIELDS}
    try:
        connection = _adapter().validate_python({**known, "name": name})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise problem("connection-invalid", name=name, field=where, reason=fault["msg"]) from None
    _check(connection)
    return connection


def _check(connection: Connection) -> None:
    """Reject what must not be written: a secret in any field, an empty field, a time without its zone."""
    for field in _REFERENCES:
        reference = getattr(connection, field)
        is_command = reference is not None and reference.startswith("cmd:") and commands_allowed(os.environ)
        if not (reference is None or is_command or is_reference(reference)):
            raise problem("secret-reference-invalid", reference=f"(not shown) in {field}", reason="not a reference")
    for field, text in _texts(connection):
        if field not in _REFERENCES and looks_like_secret(text):
            reason = "this looks like a secret, which a connection must not contain"
            raise problem("connection-invalid", name=connection.name, field=field, reason=reason)
    for field in _REQUIRED_TEXTS:
        if not getattr(connection, field).strip():
            raise problem("connection-invalid", name=connection.name, field=field, reason="it is empty")
    if connection.registered_at is not None and connection.registered_at.tzinfo is None:
        reason = "a time needs its zone, such as 2026-11-23T09:00:00+00:00"
        raise problem("connection-invalid", name=connection.name, field="registered_at", reason=reason)


def _texts(connection: Connection) -> Iterator[tuple[str, str]]:
    for field in _FIELDS:
        value = getattr(connection, field)
        if isinstance(value, str):
            yield field, value
    for name, value in connection.variables.items():
        yield f"variables.{name}", str(value)

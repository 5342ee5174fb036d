"""Where a connection's secrets are kept, by the person's own choice: the system's keyring, a passphrase, this session.

The choice stands in `keeping.json` of a `home`; without one the store is opened with whatever key this machine offers,
as `wrapping_key` tells. A session is what `sfrunbook lab` opens: a private folder that goes with it, and a key that
only the environment of its kernels holds.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from sfrunbook.core.durable_file import make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.grants import GrantStore, open_store
from sfrunbook.store.wrapping_key import WrappingKey, real_keyring, wrapping_key

__all__ = [
    "SESSION_FOLDER",
    "SESSION_KEY",
    "Offer",
    "Place",
    "choose",
    "chosen",
    "forget",
    "offers",
    "open_kept",
    "passphrase_is_new",
    "session_environment",
    "unlock",
]

#: environment variables by which the kernels of one JupyterLab share what is kept for this session only
SESSION_FOLDER, SESSION_KEY = "SFRUNBOOK_SESSION", "SFRUNBOOK_SESSION_KEY"
_PASSPHRASE_KEY = "passphrase-key"  # noqa: S105 - the name of a record
_SHORTEST_PASSPHRASE = 12


class Place(StrEnum):
    """Where secrets can be kept."""

    MACHINE = "machine"
    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a place
    SESSION = "session"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A place as it can be chosen on this machine."""

    place: Place
    label: str
    #: what choosing it means, in sentences
    told: str
    available: bool = True


def offers(environ: Mapping[str, str]) -> tuple[Offer, ...]:
    """Every place, the best one that can be had first."""
    keyring = real_keyring()
    told = "This system has no keyring that keeps secrets safe, so this cannot be chosen here."
    if keyring:
        told = (
            f"Encrypted in a file; the key is in {keyring.name}, which opens with your login. Every notebook finds it."
        )
    from_machine = "Encrypted in a file, with the key file or the passphrase that this machine's set-up names."
    found = [
        Offer(place=Place.MACHINE, label="As this machine is set up", told=from_machine),
        Offer(place=Place.KEYRING, label="System keyring", told=told, available=keyring is not None),
        Offer(
            place=Place.PASSPHRASE,
            label="Encrypted file with a passphrase",
            told="Encrypted in a file; the passphrase is yours and is kept nowhere. You enter it once in each session.",
        ),
        Offer(
            place=Place.SESSION,
            label="Only this session",
            told="Gone when JupyterLab ends; then you enter the Consumer Secret and log in again."
            if SESSION_KEY in environ
            else "Gone when this notebook's kernel ends, and no other notebook finds it. Start with "
            "sfrunbook lab to share it among the notebooks.",
        ),
    ]
    set_up = any(environ.get(name) for name in ("SFRUNBOOK_KEY_FILE", "SFRUNBOOK_PASSPHRASE"))
    return tuple(one for one in found if one.available and (set_up or one.place is not Place.MACHINE)) + tuple(
        one for one in found if not one.available
    )


def chosen(folder: Path, name: str) -> Place:
    """The place chosen for a connection; `machine` until one is."""
    try:
        return Place(_choices(folder)[name])
    except (KeyError, ValueError):
        return Place.MACHINE


def choose(folder: Path, name: str, place: Place, environ: Mapping[str, str]) -> None:
    """Keep the choice; what was kept elsewhere is forgotten there.

    Raises RunbookError: `kept-elsewhere` while a grant is held in another place, since moving it could lose it, and
    `store-unwritable`.
    """
    before = chosen(folder, name)
    if before is place:
        return
    old = _without_key(folder if before is not Place.SESSION else _session_folder(environ))
    if old.holds(name):
        raise problem("kept-elsewhere", connection=name)
    old.delete_secret(name)
    _write(folder, {**_choices(folder), name: place.value})


def forget(folder: Path, name: str, environ: Mapping[str, str]) -> None:
    """Forget the choice, and what is kept for this session only."""
    with contextlib.suppress(RunbookError):
        if chosen(folder, name) is Place.SESSION:
            session = _without_key(_session_folder(environ))
            session.delete(name)
            session.delete_secret(name)
        if name in _choices(folder):
            _write(folder, {key: value for key, value in _choices(folder).items() if key != name})


def open_kept(folder: Path, name: str, environ: Mapping[str, str]) -> GrantStore:
    """The store in which the secrets of a connection are.

    Raises RunbookError: `passphrase-needed` until `unlock` was called in this session, and `no-wrapping-key`.
    """
    place = chosen(folder, name)
    if place is Place.SESSION:
        return _session_store(environ)
    if place is Place.KEYRING:
        return GrantStore(folder, wrapping_key(folder / "grants", {}))
    if place is Place.PASSPHRASE and not environ.get("SFRUNBOOK_PASSPHRASE"):
        kept = _session_store(environ).get_secret(_PASSPHRASE_KEY)
        if kept is None:
            raise problem("passphrase-needed", connection=name)
        return GrantStore(folder, WrappingKey(lambda: base64.b64decode(kept.reveal()), _TOLD_PASSPHRASE))
    if place is Place.PASSPHRASE:  # a run without a person has it from its environment
        return GrantStore(
            folder, wrapping_key(folder / "grants", {"SFRUNBOOK_PASSPHRASE": environ["SFRUNBOOK_PASSPHRASE"]})
        )
    return open_store(folder, environ)


def passphrase_is_new(folder: Path) -> bool:
    """Whether nothing is kept under a passphrase yet: a mistyped one would then be found out too late."""
    store = _without_key(folder)
    under = [name for name, place in _choices(folder).items() if place == Place.PASSPHRASE]
    return not any(store.holds(name) or store.holds_secret(name) for name in under)


_TOLD_PASSPHRASE = "Encrypted with a key made of your passphrase (scrypt)."  # noqa: S105 - a sentence about one


def unlock(folder: Path, passphrase: Secret, environ: Mapping[str, str]) -> None:
    """Make the key of a passphrase and keep that, and never the passphrase, until the session ends.

    Raises RunbookError: `passphrase-too-short`, and `passphrase-wrong` when what is there was kept with another.
    """
    if len(passphrase.reveal()) < _SHORTEST_PASSPHRASE:
        raise problem("passphrase-too-short", characters=_SHORTEST_PASSPHRASE)
    key = wrapping_key(folder / "grants", {"SFRUNBOOK_PASSPHRASE": passphrase.reveal()})
    store = GrantStore(folder, key)
    for name, place in _choices(folder).items():
        if place == Place.PASSPHRASE:
            _try_to_read(store, name)
    encoded = Secret(base64.b64encode(key.reveal()).decode())
    _session_store(environ).put_secret(_PASSPHRASE_KEY, encoded)


def _try_to_read(store: GrantStore, name: str) -> None:
    """What another passphrase has closed cannot be read with the key of this one."""
    try:
        store.load(name)
        store.get_secret(name)
    except RunbookError as error:
        if error.code == "wrapping-key-wrong":
            raise problem("passphrase-wrong", connection=name) from None
        raise


def session_environment(folder: Path) -> dict[str, str]:
    """What kernels need to share a session that lives in `folder`; the key is made here and is only in this answer."""
    return {SESSION_FOLDER: str(folder), SESSION_KEY: base64.b64encode(secrets.token_bytes(32)).decode()}


def _session_store(environ: Mapping[str, str]) -> GrantStore:
    encoded = environ.get(SESSION_KEY, "")
    key = base64.b64decode(encoded) if encoded else _own_key()
    return GrantStore(_session_folder(environ), WrappingKey(lambda: key, "Encrypted, and gone when this session ends."))


def _session_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ[SESSION_FOLDER]) if environ.get(SESSION_FOLDER) else Path(_own_folder().name)


@cache
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    """Where a kernel outside of `sfrunbook lab` keeps what is for its own life only."""
    return tempfile.TemporaryDirectory(prefix="sfrunbook-session-")


@cache
def _own_key() -> bytes:
    return secrets.token_bytes(32)


def _without_key(folder: Path) -> GrantStore:
    """A store for what needs no key: asking whether there is a record, and deleting one."""
    return GrantStore(folder, WrappingKey(bytes, ""))


def _choices(folder: Path) -> dict[str, str]:
    try:
        return {str(name): str(place) for name, place in json.loads(_file(folder).read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(folder: Path, choices: Mapping[str, str]) -> None:
    try:
        make_private_folder(folder)
        write_durably(_file(folder), json.dumps(choices, indent=1).encode())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise problem("store-unwritable", path=_file(folder), reason=reason) from None


def _file(folder: Path) -> Path:
    return folder / "keeping.json"

"""Where a connection's secrets are stored, as its user chose: the system's keyring, a passphrase, this session.

`open_store` is the only way to a store. The choices are in `keeping.json` of a `home`; without one the store is opened
with the key that `wrapping_key` finds on this machine. A session is what `sfrunbook lab` opens: a private folder that
is deleted with it, and a key that only the environment of its kernels holds.
"""

from __future__ import annotations

import base64
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.grant_record import StoredGrant
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.json_file import JsonFile
from sfrunbook.store.machine_id import machine_id
from sfrunbook.store.wrapping_key import WrappingKey, real_keyring, wrapping_key

__all__ = [
    "SESSION_FOLDER",
    "SESSION_KEY",
    "Offer",
    "Place",
    "choose",
    "chosen",
    "forget",
    "holds_grant",
    "offers",
    "open_store",
    "passphrase_is_new",
    "session_environment",
    "stored_grants",
    "unlock",
]

#: environment variables by which the kernels of one JupyterLab share what is stored for this session only
SESSION_FOLDER, SESSION_KEY = "SFRUNBOOK_SESSION", "SFRUNBOOK_SESSION_KEY"
_PASSPHRASE_KEY = "passphrase-key"  # noqa: S105 - the name of a record
_PASSPHRASE_PROTECTION = "Encrypted with a key made from your passphrase (scrypt)."  # noqa: S105 - a sentence
_SHORTEST_PASSPHRASE = 12


class Place(StrEnum):
    MACHINE = "machine"
    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a place
    SESSION = "session"


@dataclass(frozen=True, kw_only=True)
class Offer:
    place: Place
    label: str
    #: what choosing it means, in sentences
    meaning: str
    available: bool = True


def offers(environ: Mapping[str, str]) -> tuple[Offer, ...]:
    """Every place, the best available one first."""
    keyring = real_keyring()
    in_keyring = (
        f"Encrypted in a file; the key is in {keyring.name}, which opens with your login. Every notebook finds it."
        if keyring
        else "This system has no secure keyring, so you can't choose this here."
    )
    from_machine = "Encrypted in a file, with the key file or passphrase that is set on this machine."
    found = [
        Offer(place=Place.MACHINE, label="As this machine is set up", meaning=from_machine),
        Offer(place=Place.KEYRING, label="System keyring", meaning=in_keyring, available=keyring is not None),
        Offer(
            place=Place.PASSPHRASE,
            label="Encrypted file with a passphrase",
            meaning="Encrypted in a file. Your passphrase isn't stored: you enter it once in each session.",
        ),
        Offer(
            place=Place.SESSION,
            label="Only this session",
            meaning="Deleted when JupyterLab stops. Then enter the Consumer Secret and log in again."
            if SESSION_KEY in environ
            else "Deleted when this notebook's kernel stops, and no other notebook can use it. Start with  "
            "sfrunbook lab to share it among the notebooks.",
        ),
    ]
    set_up = any(environ.get(name) for name in ("SFRUNBOOK_KEY_FILE", "SFRUNBOOK_PASSPHRASE"))
    available = [offer for offer in found if offer.available and (set_up or offer.place is not Place.MACHINE)]
    return (*available, *(offer for offer in found if not offer.available))


def chosen(folder: Path, name: str) -> Place:
    """The place chosen for a connection; `machine` by default."""
    try:
        return Place(_choices(folder).load()[name])
    except (KeyError, ValueError):
        return Place.MACHINE


def choose(folder: Path, name: str, place: Place, environ: Mapping[str, str]) -> None:
    """Write the choice down; the Consumer Secret that was stored in another place is deleted there.

    Raises RunbookError: `kept-elsewhere` while a grant is stored in another place, since moving it could lose it, and
    `store-unwritable`.
    """
    before = chosen(folder, name)
    if before is place:
        return
    old = _without_key(_folder_of(before, folder, environ))
    if old.holds(name):
        raise problem("kept-elsewhere", connection=name)
    old.delete_secret(name)
    _choices(folder).change(lambda choices: {**choices, name: place.value})


def forget(folder: Path, name: str, environ: Mapping[str, str], *, other_secrets: Iterable[str] = ()) -> None:
    """Delete the grant of a connection, its Consumer Secret and these other secrets, and the choice of their place.

    Raises RunbookError `store-unwritable`.
    """
    for records in {folder, _folder_of(chosen(folder, name), folder, environ)}:
        store = _without_key(records)
        store.delete(name)
        for secret in (name, *other_secrets):
            store.delete_secret(secret)
    choices = _choices(folder)
    if name in choices.load():
        choices.change(lambda known: {key: place for key, place in known.items() if key != name})


def open_store(folder: Path, name: str, environ: Mapping[str, str]) -> GrantStore:
    """The store of the connection `name` of a `home`, in the place that was chosen for it.

    Raises RunbookError: `passphrase-needed` until `unlock` was called in this session, and `no-wrapping-key`.
    """
    place = chosen(folder, name)
    key = _key_of(place, folder, name, environ)
    return GrantStore(_folder_of(place, folder, environ), key, machine=machine_id(environ))


def holds_grant(folder: Path, name: str, environ: Mapping[str, str]) -> bool:
    """Whether a grant of the connection is stored, readable or not; needs no key."""
    return _without_key(_folder_of(chosen(folder, name), folder, environ)).holds(name)


def stored_grants(folder: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, StoredGrant | RunbookError]]:
    """Every connection with a grant, by name, and its record, or why that cannot be read."""
    folders = [folder, *([_session_folder(environ)] if SESSION_FOLDER in environ else [])]
    stores: dict[Place, GrantStore] = {}
    for name in sorted({name for records in folders for name in _without_key(records).names()}):
        place = chosen(folder, name)
        try:
            if place not in stores:  # a key is fetched once: a keyring may ask for it
                stores[place] = open_store(folder, name, environ)
            record = stores[place].record(name)
        except RunbookError as error:
            yield name, error
        else:
            if record is not None:
                yield name, record


def passphrase_is_new(folder: Path) -> bool:
    """Whether nothing is stored under a passphrase yet, so that a typing mistake would show too late."""
    store = _without_key(folder)
    return not any(store.holds(name) or store.holds_secret(name) for name in _under_passphrase(folder))


def unlock(folder: Path, passphrase: Secret, environ: Mapping[str, str]) -> None:
    """Derive the key from a passphrase and store the key, never the passphrase, until the session ends.

    Raises RunbookError: `passphrase-too-short`, and `passphrase-wrong` when another one protects what is stored.
    """
    if len(passphrase.reveal()) < _SHORTEST_PASSPHRASE:
        raise problem("passphrase-too-short", characters=_SHORTEST_PASSPHRASE)
    key = wrapping_key(folder / "grants", {"SFRUNBOOK_PASSPHRASE": passphrase.reveal()})
    store = GrantStore(folder, key, machine=machine_id(environ))
    for name in _under_passphrase(folder):
        _check_readable(store, name)
    encoded = Secret(base64.b64encode(key.reveal()).decode())
    _session_store(environ).put_secret(_PASSPHRASE_KEY, encoded)


def _check_readable(store: GrantStore, name: str) -> None:
    """Raise `passphrase-wrong` for a record that another passphrase protects."""
    try:
        store.load(name)
        store.get_secret(name)
    except RunbookError as error:
        if error.code == "wrapping-key-wrong":
            raise problem("passphrase-wrong", connection=name) from None
        raise


def session_environment(folder: Path) -> dict[str, str]:
    """The variables by which kernels share a session in `folder`, with a new key that exists nowhere else."""
    return {SESSION_FOLDER: str(folder), SESSION_KEY: base64.b64encode(secrets.token_bytes(32)).decode()}


def _key_of(place: Place, folder: Path, name: str, environ: Mapping[str, str]) -> WrappingKey:
    if place is Place.SESSION:
        return _session_key(environ)
    if place is Place.MACHINE:
        return wrapping_key(folder / "grants", environ)
    if place is Place.KEYRING:
        return wrapping_key(folder / "grants", {})
    if passphrase := environ.get("SFRUNBOOK_PASSPHRASE"):  # an unattended run gets it from its environment
        return wrapping_key(folder / "grants", {"SFRUNBOOK_PASSPHRASE": passphrase})
    encoded = _session_store(environ).get_secret(_PASSPHRASE_KEY)
    if encoded is None:
        raise problem("passphrase-needed", connection=name)
    return WrappingKey(lambda: base64.b64decode(encoded.reveal()), _PASSPHRASE_PROTECTION)


def _folder_of(place: Place, folder: Path, environ: Mapping[str, str]) -> Path:
    return _session_folder(environ) if place is Place.SESSION else folder


def _under_passphrase(folder: Path) -> list[str]:
    return [name for name, place in _choices(folder).load().items() if place == Place.PASSPHRASE]


def _session_store(environ: Mapping[str, str]) -> GrantStore:
    return GrantStore(_session_folder(environ), _session_key(environ), machine=machine_id(environ))


def _session_key(environ: Mapping[str, str]) -> WrappingKey:
    encoded = environ.get(SESSION_KEY, "")
    key = base64.b64decode(encoded) if encoded else _own_key()
    return WrappingKey(lambda: key, "Encrypted, and deleted after this session.")


def _session_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ[SESSION_FOLDER]) if environ.get(SESSION_FOLDER) else Path(_own_folder().name)


@cache
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    """The folder of a kernel outside of `sfrunbook lab`; it is deleted when the kernel ends."""
    return tempfile.TemporaryDirectory(prefix="sfrunbook-session-")


@cache
def _own_key() -> bytes:
    return secrets.token_bytes(32)


def _without_key(folder: Path) -> GrantStore:
    """A store for what needs no key: whether there is a record, and deleting it."""
    return GrantStore(folder, WrappingKey(bytes, ""), machine="")


def _choices(folder: Path) -> JsonFile[dict[str, str]]:
    return JsonFile(
        folder / "keeping.json",
        parse=lambda document: {name: str(place) for name, place in document.items()},
        dump=lambda choices: choices,
        default={},
    )

"""Secrets by reference: a name that may be shown and stored, resolved to a Secret at the last moment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sfrunbook.credential_shape import is_reference, looks_like_secret
from sfrunbook.diagnose import problem
from sfrunbook.grant_store import GrantStore
from sfrunbook.secret import Secret
from sfrunbook.wrapping_key import read_private_file

__all__ = ["check_reference", "looks_like_secret", "resolve"]

_FORMS = "store:NAME, env:NAME, keyring:service/name or file:/path"


def check_reference(text: str) -> None:
    """Raise the problem `secret-reference-invalid` unless `text` is a reference; the text itself is never repeated.

    Commands (`cmd:`) are refused: a reference is read from files and parameters that others may write, and running
    what stands there would hand them this machine.
    """
    scheme = text.partition(":")[0]
    if scheme == "cmd":
        reason = f"commands are not run; put what the command prints where one of these finds it: {_FORMS}"
        raise problem("secret-reference-invalid", reference="cmd:…", reason=reason)
    if not is_reference(text):
        shown = f"{scheme}:…" if scheme in {"store", "env", "keyring", "file"} else "(not shown)"
        raise problem("secret-reference-invalid", reference=shown, reason=f"it is none of {_FORMS}")


def resolve(reference: str, store: GrantStore | None, environ: Mapping[str, str] = os.environ) -> Secret:
    """The secret that `reference` names.

    Raises the problems `secret-reference-invalid`, `secret-not-found` and, for a file that others may read,
    `secret-file-open`.
    """
    check_reference(reference)
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        return _found(reference, environ.get(rest), "the environment variable is not set, or is empty")
    if scheme == "file":
        return _from_file(reference, Path(rest).expanduser())
    if scheme == "keyring":
        return _from_keyring(reference, *rest.split("/", 1))
    secret = store.get_secret(rest) if store else None
    return _found(reference, secret.reveal() if secret else None, "the grant store holds nothing under this name")


def _found(reference: str, value: str | None, reason: str) -> Secret:
    if not value:
        raise problem("secret-not-found", reference=reference, reason=reason)
    return Secret(value)


def _from_file(reference: str, path: Path) -> Secret:
    try:
        text = read_private_file(path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise problem("secret-not-found", reference=reference, reason=reason) from None
    except ValueError as error:
        raise problem("secret-not-found", reference=reference, reason=str(error)) from None
    return _found(reference, text.rstrip("\r\n"), "the file is empty")


def _from_keyring(reference: str, service: str, name: str) -> Secret:
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        value = keyring.get_password(service, name)
    except NoKeyringError:
        raise problem("secret-not-found", reference=reference, reason="this system has no keyring") from None
    except (KeyringError, RuntimeError, OSError) as error:
        reason = f"the keyring refused ({type(error).__name__})"
        raise problem("secret-not-found", reference=reference, reason=reason) from None
    return _found(reference, value, "the keyring has no such entry")

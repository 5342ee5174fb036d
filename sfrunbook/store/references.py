"""Secrets by reference: a name that may be shown and stored, resolved to a Secret at the last moment."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sfrunbook.core.errors import problem, reason_of
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.core.secrets.shape import COMMANDS_VARIABLE, commands_allowed, is_reference
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.wrapping_key import read_private_file

__all__ = ["check_reference", "resolve"]

_COMMAND_SECONDS = 15
_LONGEST_OUTPUT = 64 * 1024
_FORMS = "store:NAME, env:NAME, keyring:service/name or file:/path"


def check_reference(text: str, environ: Mapping[str, str] = os.environ) -> None:
    """Raise the problem `secret-reference-invalid` unless `text` is a reference; the text itself is never repeated.

    Commands (`cmd:`) are refused unless the environment says SFRUNBOOK_ALLOW_COMMANDS=1: a reference is read from files
    and parameters that others may write, and running what they wrote would give them this machine.
    """
    scheme, _, rest = text.partition(":")
    if scheme == "cmd":
        if commands_allowed(environ) and _words_of(rest):
            return
        reason = (
            f"commands aren't allowed; store the output of the command and name it in one of these forms: {_FORMS}. "
            f"To allow commands, set {COMMANDS_VARIABLE}=1 in the environment of the program"
        )
        raise problem("secret-reference-invalid", reference="cmd:…", reason=reason)
    if not is_reference(text):
        shown = f"{scheme}:…" if scheme in {"store", "env", "keyring", "file"} else "(not shown)"
        raise problem("secret-reference-invalid", reference=shown, reason=f"it is none of {_FORMS}")


def resolve(reference: str, store: GrantStore | None, environ: Mapping[str, str] = os.environ) -> Secret:
    """The secret that `reference` names.

    Raises the problems `secret-reference-invalid`, `secret-not-found` and, for a file that others may read,
    `secret-file-open`.
    """
    check_reference(reference, environ)
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        return _found(reference, environ.get(rest), "the environment variable is not set, or is empty")
    if scheme == "file":
        return _from_file(reference, Path(rest).expanduser())
    if scheme == "cmd":
        return _from_command(rest)
    if scheme == "keyring":
        return _from_keyring(reference, *rest.split("/", 1))
    secret = store.get_secret(rest) if store else None
    return _found(reference, secret.reveal() if secret else None, "nothing is stored under this name")


def _words_of(command: str) -> list[str]:
    try:
        return shlex.split(command, posix=os.name == "posix")
    except ValueError:  # an open quote
        return []


def _from_command(command: str) -> Secret:
    """What a command prints; no shell, no terminal, a time limit; neither the command nor its output is repeated."""
    try:
        done = subprocess.run(  # noqa: S603 - allowed by whoever started this program
            _words_of(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = f"the command did not end within {_COMMAND_SECONDS} seconds"
        raise problem("secret-not-found", reference="cmd:…", reason=reason) from None
    except (OSError, ValueError) as error:
        reason = f"the command cannot be started ({type(error).__name__})"
        raise problem("secret-not-found", reference="cmd:…", reason=reason) from None
    if done.returncode:
        reason = f"the command ended with exit code {done.returncode}"
        raise problem("secret-not-found", reference="cmd:…", reason=reason)
    text = done.stdout[:_LONGEST_OUTPUT].decode("utf-8", "replace").rstrip("\r\n")
    return _found("cmd:…", text, "the command printed nothing")


def _found(reference: str, value: str | None, reason: str) -> Secret:
    if not value:
        raise problem("secret-not-found", reference=reference, reason=reason)
    return Secret(value)


def _from_file(reference: str, path: Path) -> Secret:
    try:
        text = read_private_file(path)
    except OSError as error:
        raise problem("secret-not-found", reference=reference, reason=reason_of(error)) from None
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
        reason = f"the keyring returned an error ({type(error).__name__})"
        raise problem("secret-not-found", reference=reference, reason=reason) from None
    return _found(reference, value, "the keyring has no such entry")

"""The answer of a login, and which login's answer was used, so that a second use is explained."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.moments import local_and_utc
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.callback import Callback, parse_address
from sfrunbook.salesforce.oauth.pending import PendingLogin

__all__ = ["read_answer", "remember_used"]

#: name of the secret with a digest of the state of the login that was answered last
_ANSWERED = "answered-login:{}"


def read_answer(opened: OpenConnection, address: Secret) -> Callback:
    """The answer in a pasted address for the login that waits.

    Raises RunbookError: those of `parse_address`, `pending-login-lost`, and `login-answer-used` for the address of a
    login that is over.
    """
    text = _unwrapped(address.reveal())
    try:
        return parse_address(text, opened.login.pending())
    except RunbookError as error:
        if error.code in {"pending-login-lost", "state-mismatch"} and (at := _used_at(opened, text)):
            raise problem("login-answer-used", at=at, connection=opened.connection.name) from None
        raise


def remember_used(opened: OpenConnection, pending: PendingLogin) -> None:
    """Remember that the code of this login was spent, whatever came of it."""
    mark = {"digest": _digest(pending.state), "at": local_and_utc(opened.now())}
    opened.store.put_secret(_ANSWERED.format(opened.connection.name), Secret(json.dumps(mark)))


def _used_at(opened: OpenConnection, text: str) -> str | None:
    stored = opened.store.get_secret(_ANSWERED.format(opened.connection.name))
    query = urlsplit("".join(text.split())).query if "?" in text else "".join(text.split())
    states = parse_qs(query).get("state", [])
    mark = json.loads(stored.reveal()) if stored else {}
    return str(mark["at"]) if len(states) == 1 and mark.get("digest") == _digest(states[0]) else None


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _unwrapped(text: str) -> str:
    """The address inside the one that some browsers show for a page that cannot be reached: `about:neterror?…&u=…`."""
    stripped = text.strip()
    if not stripped.startswith("about:neterror?"):
        return text
    return next(iter(parse_qs(stripped.partition("?")[2]).get("u", [])), text)

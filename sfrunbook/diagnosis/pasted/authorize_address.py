"""The address that starts a login: what it asks Salesforce for, and where that differs from a connection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from sfrunbook.core.model import Connection, Failure, Known, Stage
from sfrunbook.core.secrets.redaction import redact, shortened
from sfrunbook.diagnosis.pasted.log_entries import ends_of

__all__ = ["Needs", "asked_differently", "asks_to_log_in"]

_ADDRESS = re.compile(
    r"https?:/{1,2}[^\s\"'<>]{1,300}?/services/oauth2/authorize(?:/[\w.-]+)?\?[^\s\"'<>`]*", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,40}|\S+://\S+|\S+:/\S+")


class Needs(Protocol):
    """What a partner profile says that an app must allow."""

    @property
    def scopes(self) -> tuple[str, ...]: ...
    def callback_urls(self, variables: Mapping[str, str]) -> tuple[str, ...]: ...


def asks_to_log_in(text: str) -> Failure | None:
    """The login that an address in the text starts, as a failure without its outcome; None without such an address.

    Pure, and without the text's secrets: of the address only host, client_id, redirect_uri, scope and the presence of a
    code challenge are used.
    """
    found = _request(text)
    if found is None:
        return None
    host, asked = found
    key, callback, scopes = (asked.get(name, "") for name in ("client_id", "redirect_uri", "scope"))
    evidence = {
        "key": f"Consumer Key {shortened(key)}" if key else "no Consumer Key",
        "callback": f"Callback URL {_shown(callback)}" if callback else "no Callback URL",
        "scopes": f"the scopes {_listed(scopes.split())}" if scopes else "no scope, so it gets all of the app's",
        "challenge": "a code challenge" if asked.get("code_challenge") else "no code challenge",
    }
    return Failure(stage=Stage.AUTHORIZE, host=redact(host), error="authorize-address", evidence=evidence)


def asked_differently(
    text: str, connection: Connection | None = None, needs: Needs | None = None
) -> Mapping[str, Known]:
    """Facts on what the address asks for, compared with a connection and its partner's needs as far as they are known.

    Raises the problems of `callback_urls`.
    """
    found = _request(text)
    return dict(_differences(*found, connection, needs)) if found else {}


def _differences(
    host: str, asked: Mapping[str, str], connection: Connection | None, needs: Needs | None
) -> Iterator[tuple[str, Known]]:
    key, callback = asked.get("client_id", ""), asked.get("redirect_uri", "")
    if asked.get("code_challenge"):
        yield "asked_with_challenge", Known(value=True, how="")
    if connection is None:
        return
    own = urlsplit(connection.login_url).netloc
    yield "asked_host_differs", _known(not _same_host(host, own), f"{host}, and the connection's is {own}")
    shown = f"{shortened(key) if key else 'none'}, and the connection's is {shortened(connection.client_id)}"
    yield "asked_key_differs", _known(key != connection.client_id, shown)
    if needs is None:
        return
    callbacks = (*needs.callback_urls(connection.variables), connection.redirect_uri)
    shown = f"{_shown(callback) or 'none'}, and the connection has {_listed(map(_shown, callbacks))}"
    yield "asked_callback_differs", _known(callback not in callbacks, shown)
    lacking = _missing(needs.scopes, asked.get("scope", ""))
    yield "asked_scope_lacks", _known(bool(lacking), _listed(lacking))


def _known(differs: bool, how: str) -> Known:
    return Known(value=differs, how=redact(how) if differs else "")


def _request(text: str) -> tuple[str, Mapping[str, str]] | None:
    """Host and fields of the last address that starts a login."""
    for address in reversed(_ADDRESS.findall(ends_of(text))):
        try:
            parts = urlsplit(unescape(address.replace("\\u0026", "&")))
            fields = parse_qs(parts.query, max_num_fields=100)
        except ValueError:
            continue
        return parts.netloc.rpartition("@")[2].lower(), {name: values[0] for name, values in fields.items()}
    return None


def _same_host(one: str, other: str) -> bool:
    """Whether both serve the same login: a shared host stands for the orgs of its kind."""
    from sfrunbook.salesforce.oauth.hosts import HostKind, classify  # slow, and only an address like this needs it

    kinds = [classify(f"https://{host}") for host in (one, other)]
    tests = [kind.kind in (HostKind.TEST, HostKind.SANDBOX, HostKind.SCRATCH) for kind in kinds]
    shared = any(kind.kind in (HostKind.LOGIN, HostKind.TEST) for kind in kinds)
    return one == other or (shared and all(kind.can_log_in for kind in kinds) and tests[0] == tests[1])


def _missing(wanted: Sequence[str], asked: str) -> tuple[str, ...]:
    """The wanted scopes that are not asked for; an address without scopes asks for all of the app's."""
    from sfrunbook.salesforce.oauth.grants import missing_scopes

    return missing_scopes(tuple(wanted), tuple(asked.split())) if asked else ()


def _shown(address: str) -> str:
    """An address without its user and query."""
    head = re.split(r"[?#]", address, maxsplit=1)[0]
    return redact(re.sub(r"//[^/@]*@", "//", head))


def _listed(words: Iterable[str]) -> str:
    """Scopes or addresses as a list in a sentence; anything else is left out."""
    return ", ".join(redact(word) for word in words if _WORD.fullmatch(word)) or "none"

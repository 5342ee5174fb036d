"""Reads the answer of the login page out of an address; pure."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.pending import PendingLogin

__all__ = ["Callback", "has_state_of", "parse_address"]


@dataclass(frozen=True, kw_only=True)
class Callback:
    """An answer with a code and the state of this login."""

    code: Secret
    #: issuer in the answer (RFC 9207), if there is one
    issuer: str | None = None
    #: whether it came to the listener on this machine
    received: bool = False


def parse_address(text: str, pending: PendingLogin) -> Callback:
    """Read a full address, or its query alone, that the user copied from the address bar, on any page.

    An error is raised wherever it arrived: our own callback, a partner's, or Salesforce's RemoteAccessErrorPage,
    which does not repeat the state. A code is taken only from the callback and with the state of this login.
    Raises RunbookError: the diagnosis of the error in it (stage authorize), or `nothing-pasted`,
    `callback-without-code`, `callback-for-another-address`, `state-mismatch`, `issuer-mismatch`.
    Source: https://www.rfc-editor.org/rfc/rfc9700 and https://www.rfc-editor.org/rfc/rfc9207
    """
    address = "".join(text.split()).strip("<>\"'")
    if not address:
        raise problem("nothing-pasted")
    place, query = _split(address)
    if not query and re.fullmatch(r"OAUTH_[A-Z_]+", address):
        query = f"error={address}"
    # decoded once: a code often ends in == and arrives as %3D%3D
    fields = parse_qs(query, keep_blank_values=True)
    if "error" in fields:
        raise RunbookError(_failure_of(fields, place, pending))
    return _callback_of(fields, place, pending)


def _split(address: str) -> tuple[str, str]:
    """Address without query (empty when only a query was given), and the query."""
    if "://" not in address.split("?", 1)[0]:
        head, mark, tail = address.partition("?")
        return "", tail if mark else head if "=" in head else ""
    try:
        parts = urlsplit(address)
        return f"{origin_of(address)}{parts.path}", parts.query
    except ValueError:
        raise problem("callback-without-code") from None


def _failure_of(fields: dict[str, list[str]], place: str, pending: PendingLogin) -> Failure:
    if "state" in fields:
        _check_state(fields["state"], pending)
    delivered = "error page" if place.endswith("/RemoteAccessErrorPage.apexp") else "callback" if place else "unknown"
    return Failure(
        stage=Stage.AUTHORIZE,
        host=urlsplit(pending.issuer).netloc,
        error=fields["error"][0],
        description=fields.get("error_description", [""])[0],
        evidence={
            "delivered": delivered,
            "address": place,
            "callback": pending.redirect_uri,
            "scopes": " ".join(pending.scopes),
        },
    )


def _callback_of(fields: dict[str, list[str]], place: str, pending: PendingLogin) -> Callback:
    codes = fields.get("code", [])
    if len(codes) != 1 or not codes[0]:
        raise problem("callback-without-code", address=place or None)
    expected = f"{origin_of(pending.redirect_uri)}{urlsplit(pending.redirect_uri).path}"
    if place and place != expected:
        raise problem("callback-for-another-address", expected=expected, seen=place)
    _check_state(fields.get("state", []), pending)
    issuers = fields.get("iss", [])
    for issuer in issuers:
        if issuer.rstrip("/") != pending.issuer:
            raise problem("issuer-mismatch", expected=pending.issuer, seen=issuer)
    return Callback(code=Secret(codes[0]), issuer=issuers[0] if issuers else None)


def has_state_of(query: str, pending: PendingLogin) -> bool:
    """Whether a query carries exactly one state, and it is this login's; compared in constant time."""
    return _is_state(parse_qs(query, keep_blank_values=True).get("state", []), pending)


def _is_state(states: list[str], pending: PendingLogin) -> bool:
    return len(states) == 1 and hmac.compare_digest(states[0].encode(), pending.state.encode())


def _check_state(states: list[str], pending: PendingLogin) -> None:
    if not _is_state(states, pending):
        raise problem("state-mismatch")

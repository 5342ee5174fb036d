"""Reads what Cyclr sends to Salesforce from its own redirect, before anyone logs in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from sfrunbook.core.errors import problem
from sfrunbook.core.http import Reply, origin_of, send
from sfrunbook.core.model import Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.hosts import classify

__all__ = ["AuthorizeRequest", "Destination", "read_redirect"]

_AUTHORIZE_PATH = "/services/oauth2/authorize"
_LOGIN_WORDS = ("login", "signin", "sign-in")


class Destination(StrEnum):
    """Where the answer to a sign-in link leads."""

    SALESFORCE = "salesforce"
    CYCLR_LOGIN = "cyclr_login"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True)
class AuthorizeRequest:
    """Where a sign-in link leads; the fields below `reason` are set only when it leads to Salesforce."""

    destination: Destination
    #: one sentence about the answer
    reason: str
    #: origin of the login host
    login_url: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    #: empty when Cyclr asks for none, which leaves them to the app
    scopes: tuple[str, ...] = ()
    sends_challenge: bool = False


def read_redirect(http: requests.Session, link: Secret, service_url: str) -> AuthorizeRequest:
    """Open a sign-in link without a browser and read where it leads; nothing is followed and no one is logged in.

    It uses the link up, so the user needs another. That a plain GET is answered with the redirect is a guess: an
    answer that is not understood is unreadable, never a verdict.
    Raises RunbookError `cyclr-link-leads-elsewhere` when link or answer belongs to another host than expected.
    """
    address = link.reveal()
    if origin_of(address) != origin_of(service_url):
        raise problem(
            "cyclr-link-leads-elsewhere", seen=urlsplit(address).netloc, expected=urlsplit(service_url).netloc
        )
    return _judged(send(http, Stage.PARTNER, "GET", address), service_url)


def _judged(reply: Reply, service_url: str) -> AuthorizeRequest:
    location = urljoin(reply.url, reply.headers.get("Location", "")) if 300 <= reply.status < 400 else ""
    parts = urlsplit(location)
    if parts.path.rstrip("/").endswith(_AUTHORIZE_PATH):
        return _authorize_request(location)
    destination = Destination.UNREADABLE
    if location:
        reason = f"Cyclr sends the browser to {parts.netloc}."
        if origin_of(location) == origin_of(service_url) and any(word in parts.path.lower() for word in _LOGIN_WORDS):
            destination, reason = Destination.CYCLR_LOGIN, "Cyclr sends the browser to its own login page."
    else:
        reason = f"Cyclr replied with status {reply.status} and no redirect."
        page = reply.text[:20_000].lower()
        if 200 <= reply.status < 300 and ('type="password"' in page or "type=password" in page):
            destination, reason = Destination.CYCLR_LOGIN, "Cyclr replied with its own login page."
    return AuthorizeRequest(destination=destination, reason=reason)


def _authorize_request(location: str) -> AuthorizeRequest:
    host = classify(location)
    if not host.can_log_in:
        raise problem("cyclr-link-leads-elsewhere", seen=urlsplit(location).netloc, expected="a Salesforce login host")
    fields = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    return AuthorizeRequest(
        destination=Destination.SALESFORCE,
        reason=f"Cyclr sends the browser to {urlsplit(location).netloc}.",
        login_url=host.origin,
        client_id=fields.get("client_id", ""),
        redirect_uri=fields.get("redirect_uri", ""),
        scopes=tuple(fields.get("scope", "").split()),
        sends_challenge=bool(fields.get("code_challenge")),
    )

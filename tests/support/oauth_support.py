"""A connection to a practice org and a login to it, as the product would do them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Connection, Grant
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.practice.visitor import visit
from sfrunbook.salesforce.oauth.callback import parse_address
from sfrunbook.salesforce.oauth.grants import AuthorizationCode
from sfrunbook.salesforce.oauth.pending import PendingLogin
from sfrunbook.salesforce.oauth.session import authorize_url

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SCOPES = ("full", "refresh_token")
MY_DOMAIN = "https://acme.my.salesforce.com"
TOKEN = "/services/oauth2/token"
GOOD = {
    "access_token": "00Dcanary!fresh",
    "instance_url": MY_DOMAIN,
    "id": f"{MY_DOMAIN}/id/00D000000000001AAA/005000000000001AAA",
    "token_type": "Bearer",
    "issued_at": "1795435200123",
    "scope": "refresh_token full",
}


def connection_to(
    world: Any, *, org: str = "first", kind: str = "external_client_app", **changes: Any
) -> tuple[Connection, Secret]:
    app = world.app(org, kind)
    given = {
        "name": f"{org}-{kind}",
        "login_url": world.my_domain(org),
        "client_id": app["client_id"],
        "app_kind": AppKind(app["kind"]),
        "ca_file": world.ca_file,
        "redirect_uri": next((url for url in app["callback_urls"] if "localhost" in url), app["callback_urls"][0]),
    }
    return Connection(**(given | changes)), Secret(app["client_secret"])


def landing_of(world: Any, grant: AuthorizationCode, pending: PendingLogin, *, org: str = "first", allow: bool = True):
    """The address that a person's browser ends at."""
    user = world.user(org)
    return visit(authorize_url(pending), user["username"], user["password"], allow=allow, ca_file=world.ca_file)


def log_in(world: Any, *, org: str = "first", kind: str = "external_client_app", scopes=SCOPES, **changes: Any):
    """Connection, client secret and a fresh grant."""
    connection, secret = connection_to(world, org=org, kind=kind, **changes)
    web = AuthorizationCode(connection=connection, client_secret=secret)
    pending = web.begin(scopes)
    callback = parse_address(landing_of(world, web, pending, org=org), pending)
    return connection, secret, web.request(pending, callback.code)


def pending_login(**changes: Any) -> PendingLogin:
    given = {
        "connection": "acme",
        "issuer": MY_DOMAIN,
        "client_id": "3MVG9canary",
        "redirect_uri": "http://localhost:17171/callback",
        "scopes": SCOPES,
        "state": "state-of-this-login",
        "verifier": Secret("v" * 64),
        "started_at": NOW,
    }
    return PendingLogin(**(given | changes))


def grant_at(origin: str, **changes: Any) -> Grant:
    """A grant that no server has issued, for hosts that answer from a script."""
    from sfrunbook.core.model import GrantKind

    given = {
        "connection": "acme",
        "kind": GrantKind.AUTHORIZATION_CODE,
        "issuer": origin,
        "client_id": "3MVG9canary",
        "access_token": Secret("00Dcanary!access"),
        "refresh_token": Secret("5Aep861canary-refresh"),
        "instance_url": origin,
        "identity_url": f"{origin}/id/00D000000000001AAA/005000000000001AAA",
        "scopes": SCOPES,
        "org_id": "00D000000000001AAA",
        "user_id": "005000000000001AAA",
        "issued_at": NOW,
        "approved_at": NOW,
    }
    return Grant(**(given | changes))


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def code_of(error: pytest.ExceptionInfo[RunbookError]) -> str:
    return diagnosis_of(error.value).code

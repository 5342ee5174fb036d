"""One class per OAuth grant, each with `request(...) -> Grant`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import jwt

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import origin_of, send
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import AppKind, Connection, Failure, Grant, GrantKind, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.salesforce.oauth.pending import Clock, PendingLogin, new_verifier, utc_now
from sfrunbook.salesforce.oauth.session import exchange_code, refresh_tokens
from sfrunbook.salesforce.oauth.token_reply import (
    TokenReply,
    check_org,
    claimed_identity,
    identity_of,
    read_token_reply,
)
from sfrunbook.store.grant_record import Quarantined

__all__ = ["AuthorizationCode", "ClientCredentials", "JwtBearer", "RefreshToken", "audience_of", "missing_scopes"]

_ASSERTION_LIFE = timedelta(minutes=2)
#: Salesforce's two names for the same scope
_SAME_SCOPE = {"offline_access": "refresh_token"}
#: what `full` does not include; source:
#: https://developer.salesforce.com/docs/platform/mobile-sdk/guide/oauth-scope-parameter-values.html
_BESIDE_FULL = frozenset({"refresh_token", "openid"})


def missing_scopes(requested: tuple[str, ...], granted: tuple[str, ...]) -> tuple[str, ...]:
    """What was asked for and not granted, in the order asked; order and extra scopes do not matter.

    `offline_access` and `refresh_token` are the same scope, and `full` includes all others but these and `openid`.
    """
    have = {_SAME_SCOPE.get(scope, scope) for scope in granted}

    def is_there(scope: str) -> bool:
        name = _SAME_SCOPE.get(scope, scope)
        return name in have or ("full" in have and name not in _BESIDE_FULL)

    return tuple(scope for scope in requested if not is_there(scope))


@dataclass(frozen=True, kw_only=True)
class AuthorizationCode:
    """The web server flow with PKCE: `begin`, show its `authorize_url`, receive the code, `request`.

    `client_secret` None means a public client, which must not send one.
    """

    connection: Connection
    client_secret: Secret | None
    clock: Clock = utc_now

    def begin(self, scopes: tuple[str, ...], *, prompt: str = "") -> PendingLogin:
        """A fresh login with its own state and verifier; store it before the address is shown."""
        return PendingLogin(
            connection=self.connection.name,
            issuer=origin_of(self.connection.login_url),
            client_id=self.connection.client_id,
            redirect_uri=self.connection.redirect_uri,
            scopes=scopes,
            state=secrets.token_urlsafe(32),
            verifier=new_verifier(),
            started_at=self.clock(),
            prompt=prompt,
        )

    def request(self, pending: PendingLogin, code: Secret) -> Grant:
        """Spend the code, once. A scope that is missing is in `Grant.missing_scopes` and raises nothing.

        Raises RunbookError: the diagnosis of a refusal, `wrong-org`, `pending-login-lost`, or a transport fault.
        """
        now = self.clock()
        pending.check_alive(now)
        reply = exchange_code(pending, code, self.client_secret, self.connection.ca_file)
        tokens = read_token_reply(reply, Stage.TOKEN)
        grant = _first_grant(
            self.connection, GrantKind.AUTHORIZATION_CODE, pending.issuer, tokens, self.client_secret, now
        )
        return replace(grant, missing_scopes=missing_scopes(pending.scopes, grant.scopes))


@dataclass(frozen=True, kw_only=True)
class RefreshToken:
    """The refresh of a grant; hold the grant store's lock around it and read the grant inside the lock."""

    client_secret: Secret | None
    ca_file: str | None = None
    clock: Clock = utc_now

    def request(self, grant: Grant, *, save: Callable[[Grant | Quarantined], None]) -> Grant:
        """The next generation of `grant`, handed to `save` before it is returned.

        New tokens of a reply that fails the org check are handed to `save` too, quarantined, since the old refresh
        token is spent: they are the last that the approval has.

        Never repeats a request that was sent: with rotation a repeat revokes the whole grant.
        Source: https://help.salesforce.com/s/articleView?id=005316711 (confirmed).
        Raises RunbookError: `no-refresh-token`, `refresh-outcome-unknown` when no readable answer came back, the
        diagnosis of a refusal, `tokens-of-another-org` or `tokens-without-org`.
        """
        if grant.refresh_token is None:
            raise problem("no-refresh-token", connection=grant.connection)
        tokens = self._spend(grant, grant.refresh_token)
        refreshed = self._refreshed(grant, grant.refresh_token, tokens)
        org_id, user_id = claimed_identity(tokens)
        try:
            if not org_id:
                raise problem("tokens-without-org", expected=grant.org_id, connection=grant.connection)
            check_org(grant.org_id, org_id, code="tokens-of-another-org", access_token=tokens.access_token)
        except RunbookError:
            if refreshed.rotates:
                save(Quarantined(at=self.clock(), grant=refreshed, claimed_org_id=org_id, claimed_user_id=user_id))
            raise
        fresh = _relocated(refreshed, user_id, tokens)
        save(fresh)
        return fresh

    def _spend(self, grant: Grant, refresh_token: Secret) -> TokenReply:
        try:
            reply = refresh_tokens(grant, refresh_token, self.client_secret, self.ca_file)
        except RunbookError as error:
            failure = error.failure
            if failure.stage is Stage.TRANSPORT and failure.evidence.get("phase") == "read":
                raise problem("refresh-outcome-unknown", connection=grant.connection) from error
            raise
        try:
            return read_token_reply(reply, Stage.REFRESH)
        except RunbookError as error:
            if reply.ok or reply.status in {502, 504}:
                raise problem("refresh-outcome-unknown", connection=grant.connection) from error
            raise

    def _refreshed(self, grant: Grant, sent: Secret, tokens: TokenReply) -> Grant:
        """The grant with its new tokens, at the same org, user and addresses as before."""
        return replace(
            grant,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or sent,
            scopes=tokens.scopes or grant.scopes,
            issued_at=tokens.issued_at or self.clock(),
            generation=grant.generation + 1,
            moved_from="",
            rotates=tokens.refresh_token is not None and tokens.refresh_token != sent,
            signature_valid=tokens.signature_valid(self.client_secret),
        )


def _relocated(grant: Grant, user_id: str, tokens: TokenReply) -> Grant:
    """The grant at the addresses that its refresh brought, which an org's migration changes."""
    instance_url = tokens.instance_url or grant.instance_url
    return replace(
        grant,
        instance_url=instance_url,
        identity_url=tokens.identity_url or grant.identity_url,
        user_id=user_id or grant.user_id,
        moved_from=grant.instance_url if instance_url != grant.instance_url else "",
    )


@dataclass(frozen=True, kw_only=True)
class ClientCredentials:
    """The unattended grant of an app and its Run As user; works at a My Domain only and has no refresh token."""

    connection: Connection
    client_secret: Secret | None
    clock: Clock = utc_now

    def request(self) -> Grant:
        """A new access token; raises RunbookError `secret-missing`, a refusal, `wrong-org` or a transport fault."""
        if not self.client_secret:
            raise problem("secret-missing", connection=self.connection.name)
        body = {
            "grant_type": "client_credentials",
            "client_id": self.connection.client_id,
            "client_secret": self.client_secret.reveal(),
        }
        return _post_for_grant(self.connection, GrantKind.CLIENT_CREDENTIALS, body, self.client_secret, self.clock())


@dataclass(frozen=True, kw_only=True)
class JwtBearer:
    """The unattended grant of a user, proved by a signature; has no refresh token."""

    connection: Connection
    #: PEM of an RSA key whose certificate is uploaded to the app
    private_key: Secret | None
    clock: Clock = utc_now

    def assertion(self) -> Secret:
        """The signed claims, good for two minutes (Salesforce takes three to five)."""
        if not self.private_key:
            raise problem("secret-missing", connection=self.connection.name)
        claims = {
            "iss": self.connection.client_id,
            "sub": self.connection.username or "",
            "aud": audience_of(self.connection),
            "exp": int((self.clock() + _ASSERTION_LIFE).timestamp()),
        }
        try:
            return Secret(jwt.encode(claims, self.private_key.reveal(), algorithm="RS256"))
        except (jwt.PyJWTError, ValueError, TypeError):
            failure = Failure(stage=Stage.LOCAL, error="private-key-unreadable", description="Not an RSA key in PEM.")
            raise RunbookError(failure) from None

    def request(self) -> Grant:
        """A new access token; raises RunbookError `secret-missing`, a refusal, `wrong-org` or a transport fault."""
        body = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self.assertion().reveal()}
        return _post_for_grant(self.connection, GrantKind.JWT_BEARER, body, None, self.clock())


def audience_of(connection: Connection) -> str:
    """The `aud` claim of a JWT for this connection (likely).

    External Client Apps refuse the shared hosts and are addressed by their My Domain; Connected Apps are addressed by
    `login.` or `test.`.
    Source: https://github.com/n8n-io/n8n/issues/28990 and https://github.com/Talend/components/issues/1423
    """
    host = classify(connection.login_url)
    if connection.app_kind is AppKind.EXTERNAL_CLIENT_APP or not host.is_my_domain:
        return host.origin
    shared = "test" if host.kind in {HostKind.SANDBOX, HostKind.SCRATCH} else "login"
    return f"https://{shared}.{host.origin.rpartition('.my.')[2]}"


def _post_for_grant(
    connection: Connection, kind: GrantKind, body: Mapping[str, str], client_secret: Secret | None, now: datetime
) -> Grant:
    issuer = origin_of(connection.login_url)
    with open_session(connection.ca_file) as session:
        reply = send(session, Stage.TOKEN, "POST", f"{issuer}/services/oauth2/token", data=body)
    return _first_grant(connection, kind, issuer, read_token_reply(reply, Stage.TOKEN), client_secret, now)


def _first_grant(
    connection: Connection,
    kind: GrantKind,
    issuer: str,
    tokens: TokenReply,
    client_secret: Secret | None,
    now: datetime,
) -> Grant:
    org_id, user_id = identity_of(tokens.identity_url)
    code = "wrong-org" if kind is GrantKind.AUTHORIZATION_CODE else "tokens-of-another-org"
    check_org(connection.org_id, org_id, code=code, access_token=tokens.access_token)
    issued_at = tokens.issued_at or now
    return Grant(
        connection=connection.name,
        kind=kind,
        issuer=issuer,
        client_id=connection.client_id,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        instance_url=tokens.instance_url or issuer,
        identity_url=tokens.identity_url,
        scopes=tokens.scopes,
        org_id=org_id,
        user_id=user_id,
        issued_at=issued_at,
        approved_at=issued_at,
        signature_valid=tokens.signature_valid(client_secret),
    )

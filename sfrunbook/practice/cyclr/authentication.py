"""Cyclr as an OAuth client of Salesforce: sends the browser, takes the code, exchanges it, refreshes.

Settings decide what it sends where that is not known. Each refresh presents the pair that it logged in with.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import AccountConnector, Instance, PendingLogin, Tokens
from sfrunbook.practice.cyclr.library import CREDENTIALS, INSTANCE_URL, IS_SANDBOX, library_of
from sfrunbook.practice.cyclr.outbound import LOOPBACK, Reply
from sfrunbook.practice.cyclr.seed import CALLBACK_PATH
from sfrunbook.practice.cyclr.state import value_of
from sfrunbook.practice.org.tokens import challenge_of
from sfrunbook.practice.org.world import keep_newest

__all__ = ["Authentication", "CannotStart"]

_PENDING_KEPT = 1_000
_TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address


class CannotStart(Exception):  # noqa: N818 - reads as the fact
    """The login cannot begin; the text is a sentence for the person."""


class Authentication:
    """Logins and refreshes of installed connectors."""

    def __init__(self, desk: CyclrDesk) -> None:
        self._desk = desk
        self._refreshing: dict[tuple[str, int], asyncio.Lock] = {}

    # the way to Salesforce

    def begin(
        self,
        instance: Instance,
        connector: AccountConnector,
        *,
        target_origin: str = "",
        callback_message: str = "",
        back_to: str = "",
    ) -> str:
        """The authorize address for this connector; raises `CannotStart`.

        A Template Connector comes back to the console host, an account's connector to the service domain (likely: the
        original guide registers both).
        """
        library = library_of(instance, connector)
        if library.family != "salesforce":
            raise CannotStart("This practice Cyclr logs in to Salesforce only.")
        client_id, client_secret = self._credentials(instance, connector)
        if not client_id:
            raise CannotStart(
                f"The connector {library.name} has no Client ID: neither in the Console nor in this account."
            )
        host = "service" if connector.account_id else "console"
        origin = instance.service_url if connector.account_id else instance.console_url
        settings, mint = self._desk.settings, self._desk.cyclr.mint
        pending = PendingLogin(
            connector_number=connector.number,
            host=host,
            redirect_uri=origin + CALLBACK_PATH,
            login_url=self._login_url(connector),
            client_id=client_id,
            client_secret=client_secret,
            verifier=mint.opaque(64) if settings.cyclr_sends_pkce else "",
            expires=self._desk.now() + settings.cyclr_state_seconds,
            target_origin=target_origin,
            callback_message=callback_message,
            back_to=back_to,
        )
        state = mint.opaque(40)
        instance.pending[state] = pending
        keep_newest(instance.pending, _PENDING_KEPT)
        return self._authorize_address(pending, state)

    def _authorize_address(self, pending: PendingLogin, state: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": pending.client_id,
            "redirect_uri": pending.redirect_uri,
            "state": state,
        }
        if self._desk.settings.cyclr_scope_asked:
            asked["scope"] = self._desk.settings.cyclr_scope_asked
        if pending.verifier:
            asked |= {"code_challenge": challenge_of(pending.verifier), "code_challenge_method": "S256"}
        return f"{pending.login_url}/services/oauth2/authorize?{urlencode(asked)}"

    def _credentials(self, instance: Instance, connector: AccountConnector) -> tuple[str, str]:
        """Client ID and Client Secret, each from the account or the Console; which wins is a setting (guess)."""
        library, settings = library_of(instance, connector), self._desk.settings
        console = (library.client_id, library.client_secret)
        if settings.cyclr_console_change_counts == "new_installs" and connector.account_id:
            console = connector.credentials_seen
        account = (value_of(connector, CREDENTIALS[0]), value_of(connector, CREDENTIALS[1]))
        first, second = (account, console) if settings.cyclr_credentials_precedence == "account" else (console, account)
        return first[0] or second[0], first[1] or second[1]

    def _login_url(self, connector: AccountConnector) -> str:
        """Its My Domain where Instance URL names one; else login or test, as Is Sandbox? says (absent: no, guess)."""
        own = value_of(connector, INSTANCE_URL).strip().rstrip("/")
        if own:
            try:
                parts = urlsplit(own)
                host = parts.hostname
            except ValueError:
                host = None
            if host not in LOOPBACK or parts.scheme not in ("http", "https"):
                raise CannotStart(f"Instance URL is not an address of the practice orgs: {own[:200]}")
            return f"{parts.scheme}://{parts.netloc}"
        sandbox = value_of(connector, IS_SANDBOX).strip().lower() == "true"
        return self._desk.world.host_of("test" if sandbox else "login").origin

    # back from Salesforce

    def take_pending(self, instance: Instance, host: str, state: str) -> PendingLogin | None:
        """The login that waits for this state on this host, once."""
        found = instance.pending.get(state)
        if found is None or found.host != host:
            return None
        del instance.pending[state]
        return found if found.expires > self._desk.now() else None

    async def exchange(self, region: str, pending: PendingLogin, code: str) -> Reply:
        """Exchange the code; with a good reply the connector is authenticated."""
        by_basic = self._desk.settings.cyclr_exchange_credentials == "basic"
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect_uri,
            "code_verifier": pending.verifier,
        }
        if not by_basic:
            form |= {"client_id": pending.client_id, "client_secret": pending.client_secret}
        options: dict[str, Any] = {"data": {name: value for name, value in form.items() if value}}
        if by_basic:
            options["auth"] = (pending.client_id.encode(), pending.client_secret.encode())
        reply = await self._post(region, pending.login_url, options)
        connector = self._desk.connector(region, pending.connector_number)
        if connector is None:  # taken away in the meantime
            return reply
        if not reply.field("access_token"):
            connector.last_error = reply.raw
            if not self._desk.settings.cyclr_failed_login_keeps:
                connector.tokens, connector.authenticated = None, False
            return reply
        connector.tokens = Tokens(
            access_token=reply.field("access_token"),
            refresh_token=reply.field("refresh_token"),
            instance_url=reply.field("instance_url"),
            identity_url=reply.field("id"),
            login_url=pending.login_url,
            client_id=pending.client_id,
            client_secret=pending.client_secret,
        )
        connector.authenticated, connector.last_error = True, ""
        return reply

    async def refresh(self, region: str, number: int, stale: str) -> Reply | None:
        """Refresh once for all who found this access token stale; `None` when there is a good one now.

        One at a time for each connector. The refusal is given back as it came.
        """
        lock = self._refreshing.setdefault((region, number), asyncio.Lock())
        async with lock:
            connector = self._desk.connector(region, number)
            tokens = connector.tokens if connector is not None else None
            if tokens is None:
                return Reply(status=0, text="The connector is not authenticated.")
            if tokens.access_token != stale:
                return None
            if not tokens.refresh_token:
                return Reply(status=0, text="There is no refresh token: the login returned none.")
            settings = self._desk.settings
            form = {
                "grant_type": "refresh_token",
                "refresh_token": tokens.refresh_token,
                "client_id": tokens.client_id,
            }
            if settings.cyclr_refresh_sends_secret and tokens.client_secret:
                form["client_secret"] = tokens.client_secret
            reply = await self._post(region, tokens.login_url, {"data": form})
            connector = self._desk.connector(region, number)
            if connector is None or connector.tokens is not tokens:
                return reply
            if not reply.field("access_token"):
                connector.last_error = reply.raw
                if self._desk.settings.cyclr_failed_refresh_clears:
                    connector.authenticated = False
                return reply
            rotated = reply.field("refresh_token") if self._desk.settings.cyclr_keeps_rotated_token else ""
            connector.tokens = replace(
                tokens,
                access_token=reply.field("access_token"),
                refresh_token=rotated or tokens.refresh_token,
                instance_url=reply.field("instance_url") or tokens.instance_url,
            )
            return None

    async def _post(self, region: str, login_url: str, options: dict[str, Any]) -> Reply:
        address = self._desk.cyclr.instances[region].outbound_ip
        return await self._desk.outbound.send("POST", login_url + _TOKEN_PATH, claims=address, **options)

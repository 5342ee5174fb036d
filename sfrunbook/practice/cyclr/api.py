"""The API host: its token address, and the front of /v1.0 that checks token, account and address of the caller.

Sources: docs.cyclr.com/cyclr-api-authentication and docs.cyclr.com/api/ip-restriction (confirmed), Cyclr's public API
tests for shapes (likely to be current). Words of 401, 404 and 405 are those of ASP.NET, as the form of the errors is
(guess).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any

from starlette.routing import compile_path

from sfrunbook.practice.cyclr.api_accounts import account_routes
from sfrunbook.practice.cyclr.api_connectors import connector_routes
from sfrunbook.practice.cyclr.api_cycles import cycle_routes
from sfrunbook.practice.cyclr.api_installed import installed_routes
from sfrunbook.practice.cyclr.api_methods import method_routes
from sfrunbook.practice.cyclr.asked import Asked, Refused, Route, api_json
from sfrunbook.practice.cyclr.calls import Calls
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import Account, ApiToken, Instance
from sfrunbook.practice.cyclr.runs import Runs
from sfrunbook.practice.org.ip_ranges import in_ranges
from sfrunbook.practice.org.world import keep_newest
from sfrunbook.practice.web.wire import Answer, Call, bearer_of

__all__ = ["VERSION", "Api"]

VERSION = "/v1.0"
_TOKENS_KEPT = 2_000
_ACCOUNT_SCOPE = "account:"
_BLOCKED = "Unknown client IP Address: contact support to request access for this IP address"
_DENIED = "Authorization has been denied for this request."


class Api:
    """Serves the API hosts of all regions; which one is the host of the call."""

    def __init__(self, desk: CyclrDesk, calls: Calls) -> None:
        self._desk = desk
        table = (
            *account_routes(desk),
            *connector_routes(desk),
            *installed_routes(desk),
            *method_routes(desk, calls),
            *cycle_routes(desk, Runs(desk, calls)),
        )
        self._exact: dict[str, dict[str, Route]] = {}
        patterns: dict[str, dict[str, Route]] = {}
        for each in table:
            target = patterns if "{" in each.path else self._exact
            target.setdefault(each.path, {})[each.method] = each
        self._patterns = [(compile_path(path)[0], routes) for path, routes in patterns.items()]

    def routes(self) -> dict[str, Callable[[Call], Any]]:
        return {"/oauth/token": self.token, VERSION + "/{rest:path}": self.front, "/docs/index": self.docs}

    def docs(self, call: Call) -> Answer:
        """A short word where the real hosts have their reference."""
        return api_json({"Message": f"Practice Cyclr API of {call.host.region}; version prefix {VERSION}."})

    # POST /oauth/token

    def token(self, call: Call) -> Answer:
        """The client_credentials grant; its reply is confirmed, its refusals are guesses with settings."""
        if call.method != "POST":
            return api_json({"Message": _no_method(call.method)}, 405)
        instance, sent = self._desk.instance(call), call.parameters
        if sent.get("grant_type") != "client_credentials":
            return self._token_refused("unsupported_grant_type")
        client = next((each for each in instance.api_clients if each.client_id == sent.get("client_id")), None)
        secret = sent.get("client_secret", "").encode("utf-8", "replace")
        if client is None or not hmac.compare_digest(secret, client.client_secret.encode()):
            return self._token_refused("invalid_client")
        account_id = ""
        if scope := sent.get("scope", "").strip():
            account_id = scope.removeprefix(_ACCOUNT_SCOPE)
            if not scope.startswith(_ACCOUNT_SCOPE) or account_id not in instance.accounts:
                return self._token_refused("invalid_scope")
        account_id = self._desk.settings.cyclr_tokens_for_account or account_id
        now, seconds = self._desk.now(), self._desk.settings.cyclr_token_seconds
        text = self._desk.cyclr.mint.opaque(180)
        instance.tokens[text] = ApiToken(client_id=client.client_id, account_id=account_id, expires=now + seconds)
        keep_newest(instance.tokens, _TOKENS_KEPT)
        reply: dict[str, Any] = {
            "access_token": text,
            "token_type": "bearer",
            "expires_in": max(int(seconds) - 1, 0),
            "clientId": client.client_id,
        }
        if self._desk.settings.cyclr_token_expires_date:
            reply |= {".issued": _http_date(now), ".expires": _http_date(now + seconds)}
        return api_json(reply, note="client_credentials")

    def _token_refused(self, error: str) -> Answer:
        settings = self._desk.settings
        body = {"error": error} if settings.cyclr_refused_grant_body == "oauth" else {"Message": error}
        return api_json(body, settings.cyclr_refused_grant_status, note=error)

    # /v1.0

    async def front(self, call: Call) -> Answer:
        try:
            route, found = self._route(call)
            asked = self._asked(call, route, found)
            result = route.handler(asked)
            if isawaitable(result):
                result = await result
        except Refused as refused:
            return api_json(refused.body, refused.status, note=str(refused.body["Message"])[:60])
        return api_json(result, route.status)

    def _route(self, call: Call) -> tuple[Route, dict[str, str]]:
        path = call.path.removeprefix(VERSION).rstrip("/") or "/"
        routes, found = self._exact.get(path), {}
        if routes is None:
            for pattern, candidates in self._patterns:
                match = pattern.match(path)
                if match and (routes is None or (call.method in candidates and call.method not in routes)):
                    routes, found = candidates, match.groupdict()
        if routes is None:
            raise Refused(
                404, f"No HTTP resource was found that matches the request URI '{call.host.origin}{call.path}'."
            )
        if call.method not in routes:
            raise Refused(405, _no_method(call.method))
        return routes[call.method], found

    def _asked(self, call: Call, route: Route, found: dict[str, str]) -> Asked:
        instance = self._desk.instance(call)
        token = instance.tokens.get(bearer_of(call) or "")
        if token is None or token.expires <= self._desk.now():
            raise Refused(401, _DENIED)
        asked = Asked(
            call=call,
            cyclr=self._desk.cyclr,
            instance=instance,
            token=token,
            sent=None,
            found=found,
            query={name.lower(): value for name, value in call.parameters.items()},
        )
        if route.level == "account":
            asked.account_or_none = self._account(call, instance, token)
        if route.executes or (route.looks_up and self._desk.settings.cyclr_ip_block_covers_triggers):
            self._check_address(call)
        asked.sent = _json_of(call)
        return asked

    def _account(self, call: Call, instance: Instance, token: ApiToken) -> Account:
        wanted = call.headers.get("x-cyclr-account", "").strip()
        if not wanted:
            raise Refused(self._desk.settings.cyclr_no_account_status, "The X-Cyclr-Account header is missing.")
        if token.account_id and token.account_id != wanted:
            raise Refused(self._desk.settings.cyclr_restricted_status, "This token is restricted to another account.")
        if wanted not in instance.accounts:
            raise Refused(404, "Account not found.")
        return instance.accounts[wanted]

    def _check_address(self, call: Call) -> None:
        """The block of execute and test (confirmed, with its words)."""
        world = self._desk.world
        if not in_ranges(world.client_ip(call.headers), world.settings.cyclr_allowed_ips):
            raise Refused(403, _BLOCKED)


def _json_of(call: Call) -> Any:  # noqa: ANN401 - JSON
    if not call.body.strip():
        return None
    try:
        return json.loads(call.body)
    except (ValueError, RecursionError):
        raise Refused(400, "The request is invalid.") from None


def _no_method(method: str) -> str:
    return f"The requested resource does not support http method '{method}'."


def _http_date(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%a, %d %b %Y %H:%M:%S} GMT"

"""The endpoints for a token that was issued: revoke, introspect, and singleaccess, which opens a browser session."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from sfrunbook.practice.oauth.token_endpoint import Refused, client_of, refusal_answer
from sfrunbook.practice.org.entities import AccessToken, App, Approval
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.token_policies import idle_limit, refresh_expired
from sfrunbook.practice.org.tokens import order_scopes
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.pages import local_path
from sfrunbook.practice.web.wire import NO_STORE, Answer, Call, bearer_of, form_text, json_answer, text_answer

__all__ = ["TokenCare"]

_CALLBACK_NAME = re.compile(r"[A-Za-z_$][\w.$]{0,99}")


class TokenCare:
    """Revoke, introspect and singleaccess."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger

    def revoke(self, call: Call) -> Answer:
        """200 and nothing on success. A refresh token takes its access tokens along, an access token only itself.

        All confirmed; that the error body is form-encoded is likely (a client parses it so). A spent refresh token of a
        rotated family is unknown here. Failure texts are guesses.
        """
        token = call.parameters.get("token", "")
        error = None if token and self._revoke(call, token) else ("invalid_token", "invalid token")
        if not token:
            error = ("unsupported_token_type", "this token type is not supported")
        function = call.parameters.get("callback", "") if call.method == "GET" else ""
        if function and _CALLBACK_NAME.fullmatch(function):
            value = json.dumps({"error": error[0]} if error else {}, separators=(",", ":"))
            headers = (*NO_STORE, (b"content-type", b"application/javascript;charset=UTF-8"))
            return Answer(status=200, headers=headers, body=f"{function}({value});".encode(), note="revoke")
        if error is None:
            return Answer(status=200, headers=NO_STORE, note="revoke")
        kind = self._world.settings.revoke_error_content_type.encode()
        headers = (*NO_STORE, (b"content-type", kind))
        body = form_text(error=error[0], error_description=error[1]).encode()
        return Answer(status=400, headers=headers, body=body, note=error[0])

    def _revoke(self, call: Call, token: str) -> bool:
        approval = self._ledger.approval_of(token) or self._ledger.approval_to_delete(token)
        if approval is not None:
            if not self._world.serves(call.host, self._world.users[approval.user_id].org_id):
                return False
            self._ledger.revoke(approval)
            return True
        access = self._ledger.access(token)
        if access is None or not self._world.serves(call.host, self._world.users[access.user_id].org_id):
            return False
        return self._ledger.end_access(token)

    def introspect(self, call: Call) -> Answer:
        """RFC 7662 for the app's own tokens; unknown, foreign and unsuitable ones are just not active (confirmed)."""
        try:
            if call.method != "POST":
                raise Refused("invalid_request", "must use HTTP POST")
            app = client_of(self._world, call)
        except Refused as refused:
            return refusal_answer(call, self._world, refused)
        return json_answer(call, self._introspected(app, call.parameters.get("token", "")), note="introspect")

    def _introspected(self, app: App, token: str) -> dict[str, Any]:
        found = self._ledger.approval_of(token) or self._ledger.access(token)
        if found is None or (self._world.settings.introspection == "none" and not app.introspects_all):
            return {"active": False}
        if found.client_id != app.client_id and not app.introspects_all:
            return {"active": False}
        user, owner = self._world.users[found.user_id], self._world.apps.get(found.client_id)
        if owner is None or not user.is_active or (isinstance(found, Approval) and self._ended(owner, found)):
            return {"active": False}
        kind, issued, ends = self._times(found)
        facts: dict[str, Any] = {
            "active": True,
            "scope": " ".join(order_scopes(frozenset(found.scopes))),
            "client_id": found.client_id,
            "username": user.username,
            "sub": self._world.identity_url(user),
            "token_type": kind,
        }
        if ends is not None:
            facts["exp"] = ends
        return {**facts, "iat": issued, "nbf": issued}

    def _ended(self, app: App, approval: Approval) -> bool:
        now = self._world.clock.time()
        from_rotation = self._world.settings.lifetime_counts_from == "rotation"
        return refresh_expired(app, approval, now, from_rotation=from_rotation)

    def _times(self, found: Approval | AccessToken) -> tuple[str, int, int | None]:
        if isinstance(found, AccessToken):
            return "access_token", int(found.issued), int(found.last_activity + found.timeout_seconds)
        app = self._world.apps[found.client_id]
        idle, lifetime = idle_limit(app), app.refresh_lifetime_seconds
        ends = [found.last_refreshed + idle] if idle is not None else []
        ends += [found.created + lifetime] if lifetime is not None else []
        return "refresh_token", int(found.created), int(min(ends)) if ends else None

    def single_access(self, call: Call) -> Answer:
        """An address that opens a browser session for the bearer of a token with `web` or `full` (confirmed).

        A session that no app has, from SOAP login(), opens none (confirmed).
        """
        token = bearer_of(call) or call.parameters.get("access_token", "")
        access = self._ledger.use_access(token) if token else None
        user = self._world.users[access.user_id] if access is not None else None
        if access is None or user is None or not access.client_id or not access.scopes & {"web", "full"}:
            return text_answer("Bad_OAuth_Token" if token else "Missing_OAuth_Token", 403)
        target = local_path(f"/{call.parameters.get('redirect_uri', '').removeprefix('/')}")
        otp = {"otp": self._world.one_time_login(user), "startURL": target}
        base = self._world.orgs[user.org_id].my_domain_url
        return json_answer(call, {"frontdoor_uri": f"{base}/secur/frontdoor.jsp?{urlencode(otp)}"}, note="singleaccess")

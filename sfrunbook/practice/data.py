"""The bearer check in front of `/services/data`, and the way from a request to the REST half of its org."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from sfrunbook.practice.facts import Caller, OrgFacts, UserFacts
from sfrunbook.practice.wire import Answer, bearer_of, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfrunbook.practice.ledger import Ledger
    from sfrunbook.practice.wire import Call
    from sfrunbook.practice.world import World

__all__ = ["DataDoor"]

_API_SCOPES = frozenset({"api", "full"})
_EXPIRED = "Session expired or invalid"
_NOT_FOR_REST = "This session is not valid for use with the REST API"


class RestHalf(Protocol):
    """What `sfrunbook.practice.rest.RestApi` offers."""

    def answer(
        self, method: str, path: str, query: dict[str, str], headers: Mapping[str, str], body: bytes, caller: Caller
    ) -> tuple[int, dict[str, str], bytes]: ...


class DataDoor:
    """Everything under `/services/data` of all hosts; only a My Domain has data."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger
        self._halves: dict[str, RestHalf] = {}
        self._nobody = Caller(user_id="", profile="", scopes=frozenset(), client_id="", app_name="")

    def __call__(self, call: Call) -> Answer:
        org_id = call.host.org_id
        if not org_id:
            return self.unauthorized(call, _EXPIRED)
        if call.path.rstrip("/") == "/services/data" and call.method in ("GET", "HEAD"):
            return self._pass_on(call, org_id, self._nobody)
        given = call.headers.get("authorization", "")
        token = bearer_of(call)
        if not token:
            if given:
                return self.unauthorized(call, "INVALID_HEADER_TYPE", code="INVALID_AUTH_HEADER")
            return self.unauthorized(call, _EXPIRED)
        access = self._ledger.use_access(token)
        if access is None:
            return self.unauthorized(call, _EXPIRED)
        user = self._world.users[access.user_id]
        if user.org_id != org_id:
            return self.unauthorized(call, _EXPIRED)
        if not access.scopes & _API_SCOPES:
            return self.unauthorized(call, _NOT_FOR_REST)
        if not user.api_enabled:
            refusal = [{"message": "API is disabled for this User", "errorCode": "API_CURRENTLY_DISABLED"}]
            return json_answer(call, refusal, 403, note="API_CURRENTLY_DISABLED")
        app = self._world.apps.get(access.client_id)
        caller = Caller(
            user_id=user.user_id,
            profile=user.profile,
            scopes=access.scopes,
            client_id=access.client_id,
            app_name=app.name if app else "",
        )
        return self._pass_on(call, org_id, caller)

    def unauthorized(self, call: Call, message: str, code: str = "INVALID_SESSION_ID") -> Answer:
        """401 and a JSON array of one (confirmed by fixtures); the header's value is a setting."""
        extra: tuple[tuple[bytes, bytes], ...] = ()
        if self._world.settings.www_authenticate:
            extra = ((b"www-authenticate", self._world.settings.www_authenticate.encode()),)
        return json_answer(call, [{"message": message, "errorCode": code}], 401, extra=extra, note=code)

    def _pass_on(self, call: Call, org_id: str, caller: Caller) -> Answer:
        query = dict(parse_qsl(call.query, keep_blank_values=True)) if call.query else {}
        status, headers, body = self._half(org_id).answer(
            call.method, call.path, query, call.headers, call.body, caller
        )
        raw = tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
        return Answer(status=status, headers=raw, body=body, note="rest")

    def _half(self, org_id: str) -> RestHalf:
        found = self._halves.get(org_id)
        if found is None:
            rest: Any = import_module("sfrunbook.practice.rest")  # its records are only made when data is asked for
            seed = self._world.seed + list(self._world.orgs).index(org_id)
            found = self._halves[org_id] = rest.RestApi(seed, self._org_facts(org_id), self._world.clock.now)
        return found

    def forget(self) -> None:
        """Make the REST halves anew at their next use, with the users as they are then."""
        self._halves.clear()

    def _org_facts(self, org_id: str) -> OrgFacts:
        org = self._world.orgs[org_id]
        users = tuple(
            UserFacts(
                user_id=user.user_id,
                username=user.username,
                name=user.name,
                email=user.email,
                profile=user.profile,
                is_active=user.is_active,
            )
            for user in self._world.users.values()
            if user.org_id == org_id
        )
        return OrgFacts(
            org_id=org.org_id,
            name=org.company,
            edition=org.edition,
            is_sandbox=org.kind == "sandbox",
            instance_name=org.instance_name,
            instance_url=org.my_domain_url,
            users=users,
        )

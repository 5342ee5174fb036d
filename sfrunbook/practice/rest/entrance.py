"""The bearer check in front of `/services/data`, and the REST API of each org behind it."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from sfrunbook.practice.org.access import admits_by_api_access_control, ip_refused
from sfrunbook.practice.org.entities import App, User
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World
from sfrunbook.practice.records.org_facts import Caller, OrgFacts
from sfrunbook.practice.records.setup_rows import SetupRows
from sfrunbook.practice.records.visibility import visibility_of
from sfrunbook.practice.rest.api import RestApi
from sfrunbook.practice.rest.apps import AppsResource
from sfrunbook.practice.rest.limits import daily_calls
from sfrunbook.practice.web.wire import Answer, Call, bearer_of, json_answer

__all__ = ["DataEntrance"]

_API_SCOPES = frozenset({"api", "full"})
_EXPIRED = "Session expired or invalid"
_NOT_FOR_REST = "This session is not valid for use with the REST API"


class DataEntrance:
    """Everything under `/services/data` of all hosts; only a My Domain has data.

    `apis` has the REST API of each org that was called so far.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger
        self.apis: dict[str, RestApi] = {}
        self._known: dict[str, int] = {}
        self._no_caller = Caller(user_id="", profile="", scopes=frozenset(), client_id="", app_name="")

    def __call__(self, call: Call) -> Answer:
        org_id = call.host.org_id
        if not org_id:
            return self.unauthorized(call, _EXPIRED)
        if call.path.rstrip("/") == "/services/data" and call.method in ("GET", "HEAD"):
            return self._pass_on(call, org_id, self._no_caller)
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
        app = self._world.apps.get(access.client_id)
        refusal = self._refusal(call, user, app)
        if refusal is not None:
            return refusal
        caller = Caller(
            user_id=user.user_id,
            profile=user.profile,
            scopes=access.scopes,
            client_id=access.client_id,
            app_name=app.name if app else "",
            visibility=visibility_of(user, views_all_data=self._world.may(user, "ViewAllData")),
        )
        return self._pass_on(call, org_id, caller)

    def _refusal(self, call: Call, user: User, app: App | None) -> Answer | None:
        """What policies say of a session that is alive; codes, statuses and texts confirmed, their order a guess."""
        world, org = self._world, self._world.orgs[user.org_id]
        settings = world.settings
        if org.instance_url and call.headers.get("host", "") != org.instance_url.partition("://")[2]:
            return self.unauthorized(call, _EXPIRED)
        if not org.api_enabled:
            return _forbidden(call, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
        if not user.api_enabled:
            return _forbidden(call, "API_CURRENTLY_DISABLED", "API is disabled for this User")
        if org.switches.api_access_control and (app is None or not admits_by_api_access_control(world, app, user)):
            return self.unauthorized(call, _NOT_FOR_REST)
        if (
            settings.login_ip_on_every_request
            and app is not None
            and ip_refused(app, user, world.client_ip(call.headers), "data")
        ):
            return self.unauthorized(call, settings.ip_refused_data_message)
        if settings.daily_limit_reached:
            most = str(daily_calls(self._org_facts(org.org_id))).encode()
            used = ((b"sforce-limit-info", b"api-usage=" + most + b"/" + most),)
            return _forbidden(call, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", extra=used)
        return None

    def unauthorized(self, call: Call, message: str, code: str = "INVALID_SESSION_ID") -> Answer:
        """401 and a JSON array of one (confirmed by fixtures); the header's value is a setting."""
        extra: tuple[tuple[bytes, bytes], ...] = ()
        if self._world.settings.www_authenticate:
            extra = ((b"www-authenticate", self._world.settings.www_authenticate.encode()),)
        return json_answer(call, [{"message": message, "errorCode": code}], 401, extra=extra, note=code)

    def _pass_on(self, call: Call, org_id: str, caller: Caller) -> Answer:
        query = dict(parse_qsl(call.query, keep_blank_values=True)) if call.query else {}
        status, headers, body = self.api(org_id).answer(call.method, call.path, query, call.headers, call.body, caller)
        raw = tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
        return Answer(status=status, headers=raw, body=body, note="rest")

    def api(self, org_id: str) -> RestApi:
        """The REST API of this org, made at its first use, with its users as they are now."""
        found = self.apis.get(org_id)
        if found is None:
            rest: Any = import_module("sfrunbook.practice.rest.api")  # its records are only made when data is asked for
            seed = self._world.seed + list(self._world.orgs).index(org_id)
            parts = (self._world, self._ledger, org_id)
            found = rest.RestApi(
                seed,
                self._org_facts(org_id),
                self._world.clock.now,
                setup_rows=SetupRows(*parts),
                apps=AppsResource(*parts),
            )
            self.apis[org_id] = found
            self._known[org_id] = self._world.people_version
        elif (
            self._known[org_id] != self._world.people_version
            or found.org.time_zone != self._world.settings.org_time_zone
        ):
            found.know(self._org_facts(org_id))
            self._known[org_id] = self._world.people_version
        return found

    def forget(self, org_id: str = "") -> None:
        """Make the data of this org (none named: of all) anew at its next use."""
        for each in [org_id] if org_id else list(self.apis):
            self.apis.pop(each, None)

    def _org_facts(self, org_id: str) -> OrgFacts:
        org = self._world.orgs[org_id]
        users = tuple(user for user in self._world.users.values() if user.org_id == org_id)
        return OrgFacts(
            org_id=org.org_id,
            name=org.company,
            edition=org.edition,
            is_sandbox=org.kind == "sandbox",
            instance_name=org.instance_name,
            instance_url=org.my_domain_url,
            time_zone=self._world.settings.org_time_zone,
            users=users,
        )


def _forbidden(call: Call, code: str, message: str, *, extra: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
    return json_answer(call, [{"message": message, "errorCode": code}], 403, extra=extra, note=code)

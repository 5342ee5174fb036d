"""The control API, by which tests and trainers change a practice world from outside. It has its own listener."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, asdict, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from sfrunbook.practice.control.cyclr import CYCLR_ROUTES, CyclrControl
from sfrunbook.practice.control.fields import app_fields, org_fields, permission_set_fields, sent_object, user_fields
from sfrunbook.practice.control.state import StateControl
from sfrunbook.practice.org.entities import App, Org, PermissionSet
from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.org.sandbox import refresh_sandbox
from sfrunbook.practice.org.settings import Settings, changed
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.web.faults import Faults
from sfrunbook.practice.web.site import Site
from sfrunbook.practice.web.wire import Answer, Call, json_answer

__all__ = ["application"]

_ROUTES = {
    "/": "GET: this list",
    "/world": "GET: the ready line, up to date",
    "/settings": "GET: every setting with its value and reason; PUT {name: value, ...}: change some",
    "/clock": 'GET: the practice time; POST {"advance_seconds": n} or {"set": "2026-12-24T08:00:00Z"}',
    "/journal": "GET: the last requests, redacted; DELETE: delete them",
    "/reset": "POST: reset everything; addresses, keys and passwords stay the same",
    "/apps": 'POST {"org": name or id, "name": ..., "kind": ..., ...}: a new app; GET: the apps with their policies',
    "/apps/{client_id}": "GET, POST {field: value, ...}: policies, callbacks, scopes, secret, keys; DELETE: the app",
    "/users/{username}": "GET, POST {field: value, ...}: is_active, is_frozen, api_enabled, password, "
    "password_expired, profile, email, permission_sets, login_ip_ranges, unreadable_objects, unreadable_fields, "
    "unshared_objects",
    "/approvals": "GET: current approvals; DELETE {approval_id}: revoke one",
    "/logins": "GET: login history",
    "/orgs/{org}": "GET, POST {field: value, ...}: api_enabled and the settings in Setup",
    "/orgs/{org}/refresh": "POST: refresh the sandbox: it gets a new org ID and loses its apps and tokens",
    "/permission-sets": 'GET; POST {"org": ..., "name": ..., "label": ..., "permissions": [...]}: add or replace one',
    "/scenarios": "GET: every scenario, its parameters and whether it is on; DELETE: undo all",
    "/scenarios/{name}": "GET; POST {parameter: value, ...}: start it; DELETE: undo it",
    "/snapshots": 'GET: their names; POST {"name": ...}: save the state under this name',
    "/snapshots/{name}": "POST: restore this state; DELETE: delete it",
    "/tokens/expire": 'POST {"client_id": ..., "username": ...}, both optional: expire access tokens',
    **CYCLR_ROUTES,
}


def application(practice: PracticeWorld, origin: str) -> Site:
    """The ASGI application of the host at this address: that of the control API, or one of the world's."""
    control = practice.world.host_of("control")
    if origin != control.origin:
        return practice.site(origin)
    return Site(lambda: control, _Control(practice).routes(), practice.journal, Faults())


class _Control:
    """Answers JSON; what cannot be done gives 400 or 404 with `{"error": sentence}`."""

    def __init__(self, practice: PracticeWorld) -> None:
        self._practice = practice

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        """One method per route."""
        handlers = {
            "/": self._list,
            "/world": self._world,
            "/settings": self._settings,
            "/clock": self._clock,
            "/journal": self._journal,
            "/reset": self._reset,
            "/apps": self._apps,
            "/apps/{client_id}": self._app,
            "/users/{username}": self._user,
            "/approvals": self._approvals,
            "/logins": self._logins,
            "/tokens/expire": self._expire,
            "/orgs/{org}": self._org,
            "/orgs/{org}/refresh": self._refresh_org,
            "/permission-sets": self._permission_sets,
            **StateControl(self._practice).handlers(),
            **CyclrControl(self._practice).handlers(),
        }
        return {path: self._guarded(path, handler) for path, handler in handlers.items()}

    def _guarded(self, path: str, handler: Callable[[Call, dict[str, Any]], Any]) -> Callable[[Call], Answer]:
        allowed = {word for word in ("GET", "POST", "PUT", "DELETE") if word in _ROUTES[path].replace(",", " ")}

        def handle(call: Call) -> Answer:
            if call.method not in allowed:
                return json_answer(call, {"error": f"{call.method} is not possible on {path}"}, 405)
            try:
                return json_answer(call, handler(call, sent_object(call.body)))
            except LookupError as missing:
                return json_answer(call, {"error": str(missing.args[0])}, 404)
            except ValueError as wrong:
                return json_answer(call, {"error": str(wrong)}, 400)

        return handle

    def _list(self, _call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return {"routes": _ROUTES}

    def _world(self, _call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self._practice.ready_line()

    def _settings(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world = self._practice.world
        if call.method == "PUT":
            world.settings = changed(world.settings, sent)
        rows = {}
        for each in fields(Settings):
            default = None if each.default is MISSING else each.default
            value = getattr(world.settings, each.name)
            rows[each.name] = {"value": value, "default": default, "why": each.metadata["why"]}
        return rows

    def _clock(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        clock = self._practice.clock
        if call.method == "POST":
            ahead, moment = sent.get("advance_seconds"), sent.get("set")
            if isinstance(ahead, int | float) and not isinstance(ahead, bool) and moment is None:
                clock.advance(ahead)
            elif isinstance(moment, str) and ahead is None:
                clock.set(datetime.fromisoformat(moment))
            else:
                raise ValueError("send either advance_seconds, a number, or set, a time such as 2026-12-24T08:00:00Z")
        return {"now": clock.now().isoformat()}

    def _journal(self, call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        journal = self._practice.journal
        if call.method == "DELETE":
            journal.clear()
        return {"requests_since_start": journal.count, "requests": journal.rows()}

    def _reset(self, _call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        self._practice.reset()
        return self._practice.ready_line()

    def _apps(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world = self._practice.world
        if call.method == "GET":
            return [asdict(app) for app in world.apps.values()]
        wanted = sent.pop("org", "")
        org = self._org_named(wanted)
        given = {"kind": "external_client_app", "callback_urls": [], "scopes": ["full", "refresh_token"], **sent}
        values = app_fields(given)
        if "name" not in values:
            raise ValueError("an app needs a name")
        values.setdefault("client_secret", world.mint.consumer_secret())
        values["visible_from"] = self._practice.clock.time()
        app = App(client_id=world.mint.consumer_key(), org_id=org.org_id, **values)
        return asdict(world.add_app(app))

    def _app(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world, client_id = self._practice.world, unquote(call.found["client_id"])
        if client_id not in world.apps:
            raise LookupError("no app has this consumer key")
        if call.method == "POST":
            world.change_app(client_id, **app_fields(sent))
        elif call.method == "DELETE":
            gone = asdict(world.apps[client_id])
            world.remove_app(client_id)
            return gone
        return asdict(world.apps[client_id])

    def _user(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world, username = self._practice.world, unquote(call.found["username"])
        user = world.user_named(username)
        if user is None:
            raise LookupError(f"no user named {username!r}")
        if call.method == "POST":
            user = world.change_user(user.user_id, **user_fields(sent))
        return {**asdict(user), "password": None}

    def _org_named(self, wanted: object) -> Org:
        found = next((each for each in self._practice.world.orgs.values() if wanted in (each.name, each.org_id)), None)
        if found is None:
            raise LookupError(f"no org named {wanted!r}")
        return found

    def _org(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        org = self._org_named(unquote(call.found["org"]))
        if call.method == "POST":
            own, switches = org_fields(sent)
            changed_switches = replace(org.switches, **switches)
            org = self._practice.world.change_org(org.org_id, switches=changed_switches, **own)
        return asdict(org)

    def _refresh_org(self, call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        practice = self._practice
        lost = refresh_sandbox(practice.world, practice.ledger, self._org_named(unquote(call.found["org"])))
        practice.data.forget(lost.old_id)
        return practice.ready_line()

    def _permission_sets(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world = self._practice.world
        if call.method == "POST":
            org = self._org_named(sent.pop("org", ""))
            given = permission_set_fields(sent)
            same = (s for s in world.permission_sets.values() if (s.org_id, s.name) == (org.org_id, given["name"]))
            old = next(same, None)
            number = make_id("0PS", 100 + world.next_serial(), org.org_id[3:6])
            set_id = old.permission_set_id if old else number
            world.permission_sets[set_id] = PermissionSet(permission_set_id=set_id, org_id=org.org_id, **given)
        return [asdict(each) for each in world.permission_sets.values()]

    def _approvals(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world, ledger = self._practice.world, self._practice.ledger
        if call.method == "DELETE":
            doomed = ledger.approvals.get(str(sent.get("approval_id", "")))
            if doomed is None:
                raise LookupError("no approval has this approval_id")
            ledger.revoke(doomed)
        return [
            {
                "approval_id": each.approval_id,
                "username": world.users[each.user_id].username,
                "client_id": each.client_id,
                "scopes": list(each.scopes),
                "created": each.created,
                "last_used": each.last_used,
                "use_count": each.use_count,
            }
            for each in ledger.approvals.values()
        ]

    def _logins(self, _call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return [asdict(each) for each in self._practice.world.logins]

    def _expire(self, _call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        user = self._practice.world.user_named(str(sent.get("username", "")))
        if sent.get("username") and user is None:
            raise LookupError(f"no user named {sent['username']!r}")
        client_id, user_id = str(sent.get("client_id", "")), user.user_id if user else ""
        return {"expired": self._practice.ledger.expire_access(client_id=client_id, user_id=user_id)}

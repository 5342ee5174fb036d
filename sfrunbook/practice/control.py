"""The control API: what tests and trainers turn in a practice world from outside. It is on a listener of its own."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sfrunbook.practice.entities import App, User
from sfrunbook.practice.jwt_bearer import public_key_of
from sfrunbook.practice.settings import Settings, changed
from sfrunbook.practice.wire import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfrunbook.practice.practice_world import PracticeWorld
    from sfrunbook.practice.wire import Answer, Call

__all__ = ["Control"]

_ROUTES = {
    "/": "GET: this list",
    "/world": "GET: the ready line as it would be printed now",
    "/settings": "GET: every setting with its value and reason; PUT {name: value, ...}: change some",
    "/clock": 'GET: the practice time; POST {"advance_seconds": n} or {"set": "2026-12-24T08:00:00Z"}',
    "/journal": "GET: the last requests, redacted; DELETE: forget them",
    "/reset": "POST: the first day again, with the same addresses, keys and passwords",
    "/apps": 'POST {"org": name or id, "name": ..., "kind": ..., ...}: a new app; GET: the apps with their policies',
    "/apps/{client_id}": "GET, POST {field: value, ...}: change policies, callbacks, scopes, secret, keys",
    "/users/{username}": "GET, POST {field: value, ...}: is_active, is_frozen, api_enabled, password, profile, email",
    "/approvals": "GET: live approvals; DELETE {approval_id}: revoke one",
    "/logins": "GET: login history",
    "/tokens/expire": 'POST {"client_id": ..., "username": ...}, both optional: expire access tokens',
}
_APP_FIXED = frozenset({"client_id", "org_id", "everywhere"})
_USER_FREE = frozenset({"is_active", "is_frozen", "api_enabled", "password", "profile", "email"})
_CHOICES = {
    "kind": ("external_client_app", "connected_app"),
    "distribution": ("local", "packaged"),
    "permitted_users": ("self", "admin"),
}


class Control:
    """Answers JSON; what cannot be done gives 400 or 404 with `{"error": sentence}`."""

    def __init__(self, practice: PracticeWorld) -> None:
        self._practice = practice

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        """One method per route; scenarios will be further routes here."""
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
        }
        return {path: self._guarded(path, handler) for path, handler in handlers.items()}

    def _guarded(self, path: str, handler: Callable[[Call, dict[str, Any]], Any]) -> Callable[[Call], Answer]:
        allowed = {word for word in ("GET", "POST", "PUT", "DELETE") if word in _ROUTES[path].replace(",", " ")}

        def handle(call: Call) -> Answer:
            if call.method not in allowed:
                return json_answer(call, {"error": f"{call.method} is not possible on {path}"}, 405)
            try:
                return json_answer(call, handler(call, _sent(call)))
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
        org = next((each for each in world.orgs.values() if wanted in (each.name, each.org_id)), None)
        if org is None:
            raise LookupError(f"no org named {wanted!r}")
        given = {"kind": "external_client_app", "callback_urls": [], "scopes": ["full", "refresh_token"], **sent}
        values = _app_fields(given)
        if "name" not in values:
            raise ValueError("an app needs a name")
        values.setdefault("client_secret", world.mint.consumer_secret())
        values["visible_from"] = self._practice.clock.time()
        app = App(client_id=world.mint.consumer_key(), org_id=org.org_id, **values)
        world.apps[app.client_id] = app
        return asdict(app)

    def _app(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world, client_id = self._practice.world, unquote(call.found["client_id"])
        if client_id not in world.apps:
            raise LookupError("no app has this consumer key")
        if call.method == "POST":
            world.change_app(client_id, **_app_fields(sent))
        return asdict(world.apps[client_id])

    def _user(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        world, username = self._practice.world, unquote(call.found["username"])
        user = world.user_named(username)
        if user is None:
            raise LookupError(f"no user named {username!r}")
        if call.method == "POST":
            foreign = sorted(set(sent) - _USER_FREE)
            if foreign:
                raise ValueError(f"cannot be changed: {', '.join(foreign)}")
            user = world.change_user(user.user_id, **{name: _fit(User, name, value) for name, value in sent.items()})
            self._practice.data.forget()
        return {**asdict(user), "password": None}

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
        return [each.facts() for each in self._practice.world.logins]

    def _expire(self, _call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        user = self._practice.world.user_named(str(sent.get("username", "")))
        if sent.get("username") and user is None:
            raise LookupError(f"no user named {sent['username']!r}")
        client_id, user_id = str(sent.get("client_id", "")), user.user_id if user else ""
        return {"expired": self._practice.ledger.expire_access(client_id=client_id, user_id=user_id)}


def _sent(call: Call) -> dict[str, Any]:
    if not call.body:
        return {}
    try:
        value = json.loads(call.body)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair could not be sent on
    except (ValueError, RecursionError):
        raise ValueError("send a JSON object") from None
    if not isinstance(value, dict):
        raise ValueError("send a JSON object")
    return value


def _app_fields(sent: dict[str, Any]) -> dict[str, Any]:
    known = {each.name for each in fields(App)} - _APP_FIXED
    foreign = sorted(set(sent) - known)
    if foreign:
        raise ValueError(f"cannot be set on an app: {', '.join(foreign)}")
    values = {name: _fit(App, name, value) for name, value in sent.items()}
    for pem in values.get("jwt_keys", ()):
        public_key_of(pem)
    return values


def _fit(kind: type, name: str, value: Any) -> Any:  # noqa: ANN401 - JSON in, field value out
    """A JSON value as this field takes it; the fields' annotations are texts because of the future import."""
    wanted = str(kind.__dataclass_fields__[name].type)  # type: ignore[attr-defined]
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}")
        return value
    if wanted.startswith("tuple"):
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise ValueError(f"{name} is a list of texts")
    if wanted.startswith("float"):
        if value is None and "None" in wanted:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e10:
            return float(value)
        raise ValueError(f"{name} is a number of seconds")
    if type(value).__name__ != wanted:
        raise ValueError(f"{name} is a {wanted}")
    return value

"""The REST resources below `apps/oauth`: usage, credentials, and the staged pair of an External Client App."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sfrunbook.practice.org.credentials import consumer_id, drop_staged, rotate_staged, stage, staged_pairs
from sfrunbook.practice.org.entities import App, StagedCredentials
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World
from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.rest.reply import Answer, RestError, compact, not_found
from sfrunbook.practice.rest.request import Request

__all__ = ["AppsResource"]

_CREDENTIALS_FROM, _STAGED_FROM = 60, 65
_PARTS = {"key": ("key",), "secret": ("secret",), "keyandsecret": ("key", "secret")}


class AppsResource:
    """Answers below `/services/data/vNN.0/apps/oauth` of one org.

    Confirmed: the resources, their first versions, `part`, the verb rotate, and that credentials need the setting
    "Allow access to External Client App consumer secrets via REST API" with two permissions. Shapes are likely where a
    published program reads them, else guesses; so is which permission `usage` needs.
    Sources: https://developer.salesforce.com/docs/atlas.en-us.256.0.chatterapi.meta/chatterapi/
    connect_resources_credentials_by_app_id.htm and
    https://help.salesforce.com/s/articleView?id=xcloud.eca_stage_oauth_credentials.htm
    """

    def __init__(self, world: World, ledger: Ledger, org_id: str) -> None:
        self._world = world
        self._ledger = ledger
        self._org_id = org_id

    def answer(self, request: Request, version: str, parts: list[str], caller: Caller) -> Answer:
        """`parts` is the path after `apps/oauth`; raises `RestError`."""
        number = int(version.partition(".")[0])
        match parts:
            case ["usage"]:
                request.only("GET")
                return self._usage(version, caller)
            case ["credentials", app_id, *rest] if number >= _CREDENTIALS_FROM:
                app = self._app(app_id)
                self._require(caller)
                base = f"/services/data/v{version}/apps/oauth/credentials/{app.app_id}"
                return self._credentials(request, number, base, app, rest, caller)
        raise not_found()

    def _usage(self, version: str, caller: Caller) -> Answer:
        world = self._world
        if not world.may(world.users[caller.user_id], "ManageConnectedApps"):
            raise _forbidden("INSUFFICIENT_ACCESS", "You do not have access to app usage.")
        base = f"/services/data/v{version}/apps/oauth/credentials"
        rows = []
        for app in world.apps.values():
            users, tokens = self._tokens(app)
            if app.org_id != self._org_id and not tokens:
                continue
            rows.append(
                {
                    "identifier": app.app_id,
                    "developerName": app.api_name,
                    "label": app.name,
                    "type": "ExternalClientApp" if app.kind == "external_client_app" else "ConnectedApp",
                    "isBlocked": world.is_blocked(app, self._org_id),
                    "isInstalled": world.is_installed(app, self._org_id),
                    "userCount": users,
                    "tokenCount": tokens,
                    "credentialsUrl": f"{base}/{app.app_id}",
                }
            )
        return Answer(body=compact({"apps": rows}))

    def _tokens(self, app: App) -> tuple[int, int]:
        users = self._world.users
        own = [
            each.user_id
            for each in self._ledger.approvals.values()
            if each.client_id == app.client_id and users[each.user_id].org_id == self._org_id
        ]
        return len(set(own)), len(own)

    def _app(self, app_id: str) -> App:
        found = next(
            (
                app
                for app in self._world.apps.values()
                if app.app_id[:15] == app_id[:15] and app.org_id == self._org_id and app.kind == "external_client_app"
            ),
            None,
        )
        if found is None:
            raise not_found()
        return found

    def _require(self, caller: Caller) -> None:
        world = self._world
        user = world.users[caller.user_id]
        if not world.orgs[self._org_id].switches.secrets_by_rest:
            text = "Allow access to External Client App consumer secrets via REST API is not enabled."
            raise _forbidden("FUNCTIONALITY_NOT_ENABLED", text)
        if not (world.may(user, "ExternalClientAppDeveloper") and world.may(user, "ViewClientSecret")):
            raise _forbidden("INSUFFICIENT_ACCESS", "You do not have access to consumer credentials.")

    def _credentials(
        self, request: Request, number: int, base: str, app: App, rest: list[str], caller: Caller
    ) -> Answer:
        if not rest:
            request.only("GET")
            return Answer(body=compact({"consumers": [self._consumer(base, app, ("key",))]}))
        if rest[0] != consumer_id(app):
            raise not_found()
        match rest[1:]:
            case []:
                request.only("GET")
                part = request.query.get("part", "key").lower()
                if part not in _PARTS:
                    raise RestError(400, "INVALID_PARAMETER", "part is key, secret or keyandsecret")
                return Answer(body=compact(self._consumer(base, app, _PARTS[part])))
            case ["staged", *more] if number >= _STAGED_FROM:
                return self._staged(request, f"{base}/{rest[0]}/staged", app, more, caller)
        raise not_found()

    def _consumer(self, base: str, app: App, parts: tuple[str, ...]) -> dict[str, Any]:
        url = f"{base}/{consumer_id(app)}"
        values = {"key": app.client_id, "secret": app.client_secret}
        shown = {name: values[name] for name in parts}
        return {"id": consumer_id(app), "name": app.name, **shown, "stagedCredentialsUrl": f"{url}/staged", "url": url}

    def _staged(self, request: Request, base: str, app: App, more: list[str], caller: Caller) -> Answer:
        world = self._world
        try:
            match more:
                case []:
                    request.only("GET", "POST")
                    if request.method == "POST":
                        pair = stage(world, app, caller.user_id)
                        return Answer(body=compact(_shown(base, pair)), status=201)
                    return Answer(
                        body=compact({"stagedCredentials": [_shown(base, each) for each in staged_pairs(world, app)]})
                    )
                case [staged_id]:
                    request.only("GET", "PATCH", "DELETE")
                    return self._one_staged(request, base, app, staged_id)
        except LookupError:
            raise not_found() from None
        except ValueError as wrong:
            raise RestError(400, "INVALID_OPERATION", str(wrong)) from None
        raise not_found()

    def _one_staged(self, request: Request, base: str, app: App, staged_id: str) -> Answer:
        world = self._world
        if request.method == "DELETE":
            drop_staged(world, app, staged_id)
            return Answer(status=204)
        if request.method == "PATCH":
            if request.fields().get("command") != "rotate":
                raise RestError(400, "INVALID_PARAMETER", "command is rotate")
            return Answer(body=compact(_shown(base, rotate_staged(world, app, staged_id))))
        found = next((each for each in staged_pairs(world, app) if each.staged_id == staged_id), None)
        if found is None:
            raise not_found()
        return Answer(body=compact(_shown(base, found)))


def _shown(base: str, pair: StagedCredentials) -> dict[str, Any]:
    return {
        "createdBy": pair.created_by,
        "createdDate": _moment(pair.created_at),
        "expirationDate": _moment(pair.expires_at),
        "id": pair.staged_id,
        "key": pair.client_id,
        "secret": pair.client_secret,
        "stagedCredentialsUrl": base,
        "state": pair.state,
        "url": f"{base}/{pair.staged_id}",
    }


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _forbidden(code: str, text: str) -> RestError:
    return RestError(403, code, text)

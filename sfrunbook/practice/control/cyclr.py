"""The part of the control API for the practice Cyclr: its library, API clients and webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sfrunbook.practice.cyclr.entities import AccountConnector, Instance, LibraryConnector, Webhook
from sfrunbook.practice.cyclr.library import find_library
from sfrunbook.practice.cyclr.seed import api_client_line
from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.web.wire import Call

__all__ = ["CYCLR_ROUTES", "CyclrControl"]

CYCLR_ROUTES = {
    "/cyclr": "GET: every region of the practice Cyclr with its library, accounts and installed connectors",
    "/cyclr/library/{connector}": 'GET; POST {"client_id": ..., "client_secret": ..., "release": "Live" or "Draft"}: '
    "a connector by name or number, like Save Changes in the Console",
    "/cyclr/api-clients": 'GET; POST {"description": ...}: a new set; DELETE {"client_id": ...}: delete one',
    "/cyclr/webhook": 'GET: calls of the error webhooks; POST {"url": ..., "enabled": true}: the Console\'s; '
    "DELETE: delete the calls",
}


class CyclrControl:
    """Handlers as those of `Control`; they speak of the region that the partner is on."""

    def __init__(self, practice: PracticeWorld) -> None:
        self._practice = practice

    def handlers(self) -> dict[str, Callable[[Call, dict[str, Any]], Any]]:
        handlers = (self._all, self._library, self._api_clients, self._webhook)
        return dict(zip(CYCLR_ROUTES, handlers, strict=True))

    @property
    def _cyclr(self) -> Cyclr:
        cyclr = self._practice.cyclr
        if cyclr is None:
            raise LookupError("no practice Cyclr was started")
        return cyclr

    def _all(self, _call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return [_region_line(each) for each in self._cyclr.instances.values()]

    def _library(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        wanted = unquote(call.found["connector"])
        found = find_library(self._cyclr.home, wanted)
        if not found:
            raise LookupError(f"no connector named {wanted!r}")
        if call.method == "POST":
            foreign = sorted(set(sent) - {"client_id", "client_secret", "release"})
            if foreign or not all(isinstance(each, str) for each in sent.values()):
                raise ValueError(f"cannot be set on a connector: {', '.join(foreign) or 'values that are not texts'}")
            if sent.get("release", "Live") not in ("Live", "Draft"):
                raise ValueError("release is one of Live, Draft")
            for name, value in sent.items():
                setattr(found[0], name, value)
        return _library_line(found[0])

    def _api_clients(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        home = self._cyclr.home
        if call.method == "POST":
            self._cyclr.add_api_client(home, str(sent.get("description", "")), self._practice.clock.time())
        elif call.method == "DELETE" and not self._cyclr.drop_api_client(home, str(sent.get("client_id", ""))):
            raise LookupError("no API client has this client_id")
        return [api_client_line(each) for each in home.api_clients]

    def _webhook(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        home = self._cyclr.home
        if call.method == "POST":
            url, enabled = sent.get("url", ""), sent.get("enabled", True)
            if not isinstance(url, str) or not isinstance(enabled, bool):
                raise ValueError("url is a text and enabled is true or false")
            home.webhook = Webhook(enabled=enabled, url=url, include_warnings=False)
        elif call.method == "DELETE":
            home.deliveries.clear()
        calls = [{"url": each.url, "outcome": each.outcome, "body": each.body} for each in home.deliveries]
        return {"url": home.webhook.url, "enabled": home.webhook.enabled, "calls": calls}


def _region_line(instance: Instance) -> dict[str, Any]:
    return {
        "region": instance.region,
        "library": [_library_line(each) for each in instance.library],
        "accounts": [{"id": each.account_id, "name": each.name} for each in instance.accounts.values()],
        "connectors": [_connector_line(each) for each in instance.connectors.values()],
    }


def _library_line(connector: LibraryConnector) -> dict[str, Any]:
    names = ("connector_id", "name", "version", "release", "client_id", "client_secret")
    return {name: getattr(connector, name) for name in names}


def _connector_line(connector: AccountConnector) -> dict[str, Any]:
    """`client_id`, `identity_url` and `refreshes` describe its login; they are empty without one."""
    tokens = connector.tokens
    return {
        "id": connector.number,
        "account": connector.account_id,
        "connector": connector.library_name,
        "name": connector.name,
        "authenticated": connector.authenticated,
        "properties": {each.name: each.value for each in connector.properties},
        "client_id": tokens.client_id if tokens else "",
        "identity_url": tokens.identity_url if tokens else "",
        "refreshes": bool(tokens and tokens.refresh_token),
        "last_error": connector.last_error,
    }

"""Account level of the API: the library as an account sees it, and the installing of a connector."""

from __future__ import annotations

import uuid
from typing import Any

from sfrunbook.practice.cyclr.asked import Asked, Refused, Route, check_uuid, page_of, text_of
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import AccountConnector, Instance, LibraryConnector, Property
from sfrunbook.practice.cyclr.library import (
    CREDENTIALS,
    find_library,
    find_method,
    method_json,
    methods_of,
    property_kinds,
    triggers_of,
)
from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.org.settings import Settings

__all__ = ["connector_routes", "install", "library_json", "take_property"]

_INSTALLED_AT_MOST = 2_000
_PROPERTIES_AT_MOST = 50


def connector_routes(desk: CyclrDesk) -> tuple[Route, ...]:
    library = _Library(desk)
    account = "account"
    return (
        Route(method="GET", path="/connectors", level=account, handler=library.search),
        Route(method="GET", path="/connectors/{wanted}", level=account, handler=library.get),
        Route(method="GET", path="/connectors/{wanted}/methods", level=account, handler=library.methods),
        Route(method="POST", path="/connectors/{wanted}/install", level=account, handler=library.install),
        Route(method="GET", path="/connectors/{wanted}/{version}", level=account, handler=library.get),
        Route(method="GET", path="/connectors/{wanted}/{version}/methods", level=account, handler=library.methods),
        Route(method="GET", path="/methods/{method}", level=account, handler=library.method),
    )


class _Library:
    def __init__(self, desk: CyclrDesk) -> None:
        self._desk = desk

    def search(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        text, category = asked.query.get("query", "").casefold(), asked.query.get("category", "").casefold()
        with_custom = asked.query.get("includecustomconnectors", "").lower() == "true"
        rows = [
            each
            for each in asked.instance.library
            if text in each.name.casefold()
            and category in ("", each.category.casefold())
            and (with_custom or not each.custom)
        ]
        rows.sort(key=lambda each: each.name.casefold(), reverse=asked.query.get("sortorderasc") == "false")
        settings = self._desk.settings
        return [library_json(each, settings) for each in page_of(asked, rows, settings.cyclr_page_size)]

    def _named(self, asked: Asked) -> list[LibraryConnector]:
        found = find_library(asked.instance, asked.found["wanted"])
        version = asked.found.get("version")
        found = [each for each in found if version in (None, each.version)]
        if not found:
            raise Refused(404, "Connector not found.")
        return found

    def get(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """The forms with a name give an array, the one with a number an object (confirmed)."""
        rows = [library_json(each, self._desk.settings) for each in self._named(asked)]
        return rows[0] if asked.found["wanted"].isdigit() else rows

    def methods(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        connector = self._named(asked)[0]
        text, category = asked.query.get("query", "").casefold(), asked.query.get("category", "").casefold()
        return [
            method_json(connector, each)
            for each in methods_of(connector)
            if text in each.name.casefold() and category in ("", each.category.casefold())
        ]

    def method(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        for connector in asked.instance.library:
            found = find_method(connector, asked.found["method"])
            if found is not None:
                return method_json(connector, found)
        raise Refused(404, "Method not found.")

    def install(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """All fields are optional, but there must be a body (confirmed)."""
        connector = self._named(asked)[0]
        if asked.sent is None:
            raise Refused(self._desk.settings.cyclr_empty_install_status, "An error has occurred.")
        sent = asked.body
        _check_authentication(connector, text_of(sent, "AuthenticationId"))
        installed = install(
            self._desk,
            asked.instance,
            connector,
            account_id=asked.account.account_id,
            name=text_of(sent, "Name"),
            description=text_of(sent, "Description"),
            properties=_sent_properties(sent),
        )
        return {
            "Id": installed.number,
            "Name": installed.name,
            "Description": installed.description,
            "AuthValue": None,
            "Authenticated": installed.authenticated,
            "Connector": library_json(connector, self._desk.settings),
        }


def install(
    desk: CyclrDesk,
    instance: Instance,
    connector: LibraryConnector,
    *,
    account_id: str,
    name: str = "",
    description: str = "",
    properties: list[tuple[str, str]] | None = None,
) -> AccountConnector:
    """Install a connector, not authenticated, in an account or (with no account) in the Console; may raise `Refused`.

    A draft is refused (confirmed words).
    """
    if connector.release == "Draft":
        raise Refused(400, f"Connector {connector.connector_id} is a draft and cannot be installed.")
    if len(instance.connectors) >= _INSTALLED_AT_MOST:
        raise Refused(400, "This practice Cyclr can't store more connectors.")
    installed = AccountConnector(
        number=desk.cyclr.mint.number(),
        account_id=account_id,
        library_name=connector.name,
        name=name.strip() or connector.name,
        description=description,
        installed=desk.now(),
        credentials_seen=(connector.client_id, connector.client_secret),
    )
    for key, value in properties or ():
        take_property(desk.cyclr, connector, installed, key, value, desk.settings)
    instance.connectors[installed.number] = installed
    return installed


def take_property(
    cyclr: Cyclr, connector: LibraryConnector, installed: AccountConnector, name: str, value: str, settings: Settings
) -> Property:
    """Set a property, new or not; may raise `Refused` (confirmed words).

    ClientId and ClientSecret may always be set on an account's connector (confirmed).
    """
    kinds = {each.name: each for each in property_kinds(connector, settings)}
    if name not in kinds and not (connector.family == "salesforce" and name in CREDENTIALS):
        raise Refused(400, f"There is not a connector property that matches name '{name}'.")
    if name in kinds and not kinds[name].on_account:
        raise Refused(400, f"Connector property name '{name}' is not an account connector property.")
    found = next((each for each in installed.properties if each.name == name), None)
    if found is None:
        if len(installed.properties) >= _PROPERTIES_AT_MOST:
            raise Refused(400, "The request is invalid.")
        found = Property(property_id=cyclr.mint.number(), name=name, value=value)
        installed.properties.append(found)
    found.value = value.strip() if settings.cyclr_trims_credentials and name in CREDENTIALS else value
    return found


def _sent_properties(sent: dict[str, Any]) -> list[tuple[str, str]]:
    rows = sent.get("Properties")
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise Refused(400, "The request is invalid.")
    return [(text_of(each, "Name"), text_of(each, "Value")) for each in rows]


def _check_authentication(connector: LibraryConnector, wanted: str) -> None:
    if not wanted:
        return
    check_uuid(wanted)
    if wanted.lower() != _authentication_id(connector):
        raise Refused(400, "There is not a connector authentication that matches the AuthenticationId.")


def _authentication_id(connector: LibraryConnector) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{connector.connector_id}.connector.practice.example"))


def library_json(connector: LibraryConnector, settings: Settings) -> dict[str, Any]:
    oauth = {"AuthType": "OAuth2", "OAuth2Type": "AuthorisationCode", "AuthScheme": "Bearer"}
    return {
        "Id": connector.connector_id,
        "Name": connector.name,
        "Description": connector.description,
        "Status": "Approved" if connector.release == "Live" else "Draft",
        "Version": connector.version,
        "Icon": "",
        "Categories": [connector.category],
        **oauth,
        "Parameters": [
            {
                "IsAccountConnectorProperty": each.on_account,
                "TargetType": "Script",
                "TargetName": each.name,
                "IsSensitive": each.sensitive,
                "Id": connector.connector_id * 1_000 + each.number,
                "Name": each.label,
                "IsOptional": each.optional,
                "DataType": "Text",
                "TriggerName": None,
                "Values": list(each.values) or None,
            }
            for each in property_kinds(connector, settings)
        ],
        "Authentication": [{"Id": _authentication_id(connector), "Name": "OAuth 2.0", **oauth}],
        "Triggers": triggers_of(connector),
    }

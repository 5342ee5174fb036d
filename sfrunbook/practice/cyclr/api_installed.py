"""Account level of the API: installed connectors, their properties, and the calls of their methods."""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.cyclr.api_connectors import library_json, take_property
from sfrunbook.practice.cyclr.asked import Asked, Refused, Route, page_of, text_of
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import AccountConnector, Instance, Property
from sfrunbook.practice.cyclr.library import library_of
from sfrunbook.practice.org.settings import Settings

__all__ = ["installed_routes"]

_ONE = "/account/connectors/{id}"


def installed_routes(desk: CyclrDesk) -> tuple[Route, ...]:
    installed = _Installed(desk)
    account, one_property = "account", f"{_ONE}/properties/{{property}}"
    return (
        Route(method="GET", path="/account/connectors", level=account, handler=installed.list),
        Route(method="GET", path=_ONE, level=account, handler=installed.get),
        Route(method="PUT", path=_ONE, level=account, handler=installed.update),
        Route(method="DELETE", path=_ONE, level=account, handler=installed.delete),
        Route(method="PUT", path=f"{_ONE}/deauthenticate", level=account, handler=installed.deauthenticate),
        Route(method="GET", path=f"{_ONE}/properties", level=account, handler=installed.properties),
        Route(method="POST", path=f"{_ONE}/properties", level=account, handler=installed.add_property),
        Route(method="GET", path=one_property, level=account, handler=installed.property),
        Route(method="PUT", path=one_property, level=account, handler=installed.change_property),
        Route(method="DELETE", path=one_property, level=account, handler=installed.drop_property),
    )


class _Installed:
    def __init__(self, desk: CyclrDesk) -> None:
        self._desk = desk

    def list(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        account_id = asked.account.account_id
        rows = [each for each in asked.instance.connectors.values() if each.account_id == account_id]
        shown = page_of(asked, rows, self._desk.settings.cyclr_page_size)
        return [_installed_json(asked.instance, each, self._desk.settings) for each in shown]

    def get(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return _installed_json(asked.instance, asked.connector(), self._desk.settings)

    def update(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """Name and Description; AuthValue, with tokens of one's own, is refused (its use for Salesforce: guess)."""
        connector, sent = asked.connector(), asked.body
        if text_of(sent, "AuthValue"):
            raise Refused(400, "This practice Cyclr doesn't accept AuthValue for Salesforce.")
        name, description = text_of(sent, "Name", connector.name), text_of(sent, "Description", connector.description)
        connector.name, connector.description = name.strip() or connector.name, description
        return self.get(asked)

    def delete(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        before = self.get(asked)
        del asked.instance.connectors[asked.connector().number]
        return before

    def deauthenticate(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """Forgets the tokens. It does not revoke them at Salesforce (guess: not documented)."""
        connector = asked.connector()
        connector.authenticated, connector.tokens = False, None
        return {"Message": f"Connector '{connector.name}' successfully de-authenticated."}

    # properties

    def properties(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        connector = asked.connector()
        return [_property_json(connector, each) for each in connector.properties]

    def add_property(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        connector, sent = asked.connector(), asked.body
        library = library_of(asked.instance, connector)
        name, value = text_of(sent, "Name"), text_of(sent, "Value")
        added = take_property(asked.cyclr, library, connector, name, value, self._desk.settings)
        return _property_json(connector, added)

    def _property(self, asked: Asked) -> Property:
        wanted = asked.found["property"]
        found = next((each for each in asked.connector().properties if str(each.property_id) == wanted), None)
        if found is None:
            raise Refused(404, "Connector property not found.")
        return found

    def property(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return _property_json(asked.connector(), self._property(asked))

    def change_property(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        property, connector, sent = self._property(asked), asked.connector(), asked.body
        if text_of(sent, "Name", property.name) != property.name:
            raise Refused(400, "The name of a property cannot be changed.")
        library, value = library_of(asked.instance, connector), text_of(sent, "Value")
        return _property_json(
            connector, take_property(asked.cyclr, library, connector, property.name, value, self._desk.settings)
        )

    def drop_property(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        property, connector = self._property(asked), asked.connector()
        connector.properties.remove(property)
        return _property_json(connector, property)


def _installed_json(instance: Instance, connector: AccountConnector, settings: Settings) -> dict[str, Any]:
    return {
        "Id": connector.number,
        "Name": connector.name,
        "Description": connector.description,
        "AuthValue": None,
        "Authenticated": connector.authenticated,
        "IsPartnerIntegrationConnector": False,
        "Properties": [_property_json(connector, each) for each in connector.properties],
        "CustomFields": [],
        "Connector": library_json(library_of(instance, connector), settings),
    }


def _property_json(connector: AccountConnector, property: Property) -> dict[str, Any]:
    """A secret's value is masked (guess)."""
    value = "********" if property.name == "ClientSecret" and property.value else property.value
    return {"Id": property.property_id, "AccountConnectorId": connector.number, "Name": property.name, "Value": value}

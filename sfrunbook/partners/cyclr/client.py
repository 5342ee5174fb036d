"""A partner's Cyclr through its API: accounts, connectors, methods, sign-in links and cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from sfrunbook.core.errors import problem
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr.api import Api
from sfrunbook.partners.cyclr.records import (
    AccountConnector,
    Incident,
    LibraryConnector,
    Method,
    Named,
    Property,
    Transaction,
    id_of,
)
from sfrunbook.salesforce.reading import objects_in, text_of

__all__ = ["Cyclr", "sign_in_link"]

_PAGE = 100
_PAGES_AT_MOST = 50
_LINK_PATH = "/connectorauth/updateaccountconnectoroauth"


class Cyclr:
    """A partner's Cyclr; account-level calls name the account by its API ID. Every rejected request is a RunbookError.

    Source: https://docs.cyclr.com and https://github.com/sophia-cyclr/cyclr_api_testing (shapes, confirmed in 2023).
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    # accounts

    def accounts(self) -> tuple[Named, ...]:
        return tuple(Named.of(row) for row in self._pages("/accounts"))

    def account(self, account_id: str) -> Named:
        return Named.of(self._object("GET", f"/accounts/{_in_path(account_id)}"))

    # the library, and what is installed

    def search(self, account_id: str, words: str) -> tuple[LibraryConnector, ...]:
        """Library connectors whose name contains `words`, custom connectors too."""
        query = {"query": words, "includeCustomConnectors": "true"}
        return tuple(LibraryConnector.of(row) for row in self._pages("/connectors", account_id, query))

    def methods(self, account_id: str, connector_id: str) -> tuple[Method, ...]:
        path = f"/connectors/{_in_path(connector_id)}/methods"
        return tuple(Method.of(row) for row in self._list(path, account_id))

    def install(
        self, account_id: str, connector_id: str, *, name: str, properties: Mapping[str, str | Secret] | None = None
    ) -> AccountConnector:
        """Install a library connector in an account, with these properties, not authenticated.

        Raises `cyclr-connector-property-refused` and `cyclr-connector-is-draft`.
        """
        values = [{"Name": key, "Value": _plain(value)} for key, value in (properties or {}).items()]
        body = {"Name": name, "Description": "Installed by sfrunbook", "Properties": values}
        path = f"/connectors/{_in_path(connector_id)}/install"
        return AccountConnector.of(self._object("POST", path, account_id, body))

    def installed(self, account_id: str) -> tuple[AccountConnector, ...]:
        return tuple(AccountConnector.of(row) for row in self._pages("/account/connectors", account_id))

    def properties(self, account_id: str, number: str) -> tuple[Property, ...]:
        return tuple(Property.of(row) for row in self._list(f"{_installed(number)}/properties", account_id))

    def set_property(self, account_id: str, number: str, name: str, value: str | Secret) -> None:
        """Add or change a property of an installed connector."""
        there = next((entry for entry in self.properties(account_id, number) if entry.name == name), None)
        path, body = f"{_installed(number)}/properties", {"Name": name, "Value": _plain(value)}
        if there is None:
            self._api.ask("POST", path, account=account_id, body={**body, "Id": 0})
        else:
            self._api.ask("PUT", f"{path}/{_in_path(there.number)}", account=account_id, body=body)

    # methods, from addresses that Cyclr allows only

    def execute(self, account_id: str, number: str, method: str, parameters: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """The answer of a method, in the other side's shape. Raises `cyclr-address-not-allowed`."""
        path = f"{_installed(number)}/methods/{_in_path(method)}"
        return self._api.ask("POST", path, account=account_id, body={"Parameters": dict(parameters or {})})

    # browsers

    def sign_in(self, account_id: str, username: str) -> Secret:
        """A token that signs a browser in, once, for five minutes (confirmed).

        It is for a user of Cyclr in the account, whom Cyclr adds if there is none of that name.
        """
        path = f"/accounts/{_in_path(account_id)}/signintoken"
        return Secret(text_of(self._object("POST", path, body={"Username": username}), "Token"))

    def service_domain(self, account_id: str) -> str:
        """The Service Domain, from a LAUNCH link of an account that is there.

        LAUNCH adds an account for an id that it does not know, so the account is requested first.
        """
        self.account(account_id)
        launch = self._object("POST", f"/accounts/{_in_path(account_id)}/launch", body={"AutoInstall": False})
        found = urlsplit(text_of(launch, "LaunchUrl")).netloc
        if not found:
            raise self._unreadable("launch")
        return found.lower()

    # cycles

    def templates(self) -> tuple[Named, ...]:
        return tuple(Named.of(row) for row in self._pages("/templates"))

    def install_template(self, account_id: str, template_id: str) -> Named:
        return Named.of(self._object("POST", f"/templates/{_in_path(template_id)}/install", account_id, {}))

    def cycles(self, account_id: str) -> tuple[Named, ...]:
        return tuple(Named.of(row) for row in self._pages("/cycles", account_id))

    def connectors_of(self, account_id: str, cycle_id: str) -> tuple[str, ...]:
        """Ids of the installed connectors that a cycle's steps use, as far as the steps name them."""
        steps = self._list(f"/cycles/{_in_path(cycle_id)}/steps", account_id)
        connectors = objects_in([step.get("AccountConnector") for step in steps])
        return tuple(number for connector in connectors if (number := id_of(connector)))

    def run_once(self, account_id: str, cycle_id: str) -> None:
        """Start a cycle for one run. Raises `cyclr-cycle-is-running`."""
        body = {"StartTime": None, "Interval": 60, "RunOnce": True}
        self._api.ask("PUT", f"/cycles/{_in_path(cycle_id)}/activate", account=account_id, body=body)

    def transactions(self, account_id: str, cycle_id: str) -> tuple[Transaction, ...]:
        path = f"/cycles/{_in_path(cycle_id)}/transactions"
        return tuple(Transaction.of(row) for row in self._pages(path, account_id))

    def incidents(self, account_id: str, cycle_id: str) -> tuple[Incident, ...]:
        path = f"/cycles/{_in_path(cycle_id)}/incidents"
        return tuple(Incident.of(row) for row in self._pages(path, account_id))

    # reading

    def _object(
        self, method: str, path: str, account_id: str = "", body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        answer = self._api.ask(method, path, account=account_id, body=body)
        if not isinstance(answer, dict):
            raise self._unreadable(path)
        return answer

    def _list(self, path: str, account_id: str, query: Mapping[str, str] | None = None) -> list[Mapping[str, Any]]:
        answer = self._api.ask("GET", path, account=account_id, query=query)
        if isinstance(answer, dict):  # some lists come as {"items": [...]}
            answer = next((value for value in answer.values() if isinstance(value, list)), None)
        if not isinstance(answer, list):
            raise self._unreadable(path)
        return objects_in(answer)

    def _pages(
        self, path: str, account_id: str = "", query: Mapping[str, str] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Every row of a list, page after page; a page that repeats the one before ends it."""
        before: list[Mapping[str, Any]] = []
        for page in range(1, _PAGES_AT_MOST + 1):
            rows = self._list(path, account_id, {**(query or {}), "page": str(page), "pageSize": str(_PAGE)})
            if rows == before:
                return
            yield from rows
            if len(rows) < _PAGE:
                return
            before = rows

    def _unreadable(self, path: str) -> Exception:
        return problem("cyclr-answer-unreadable", host=urlsplit(self._api.url).netloc, asked=path)


def sign_in_link(service_url: str, number: str, token: Secret, target: str) -> Secret:
    """The address that sends a browser to Salesforce for an installed connector, and back to `target` afterwards.

    It is a secret while it is valid, for five minutes, since the first browser that opens it is signed in.
    Source: https://docs.cyclr.com/api/oauth-authentication (confirmed).
    """
    query = urlencode({"id": number, "token": token.reveal(), "targetOrigin": target})
    return Secret(f"{service_url}{_LINK_PATH}?{query}")


def _installed(number: str) -> str:
    return f"/account/connectors/{_in_path(number)}"


def _in_path(value: str) -> str:
    return quote(value, safe="")


def _plain(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value

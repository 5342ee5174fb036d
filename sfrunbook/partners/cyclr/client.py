"""What can be asked of a partner's Cyclr and done there: accounts, connectors, methods, sign-in links and cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from sfrunbook.core.errors import problem
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr.api import Api
from sfrunbook.partners.cyclr.records import (
    Account,
    AccountConnector,
    Cycle,
    Incident,
    LibraryConnector,
    Method,
    Property,
    SignIn,
    Template,
    Transaction,
    text,
)
from sfrunbook.partners.cyclr.records import number as number_in

__all__ = ["Cyclr", "sign_in_link"]

_PAGE = 100
_PAGES_AT_MOST = 50
_LINK_PATH = "/connectorauth/updateaccountconnectoroauth"


class Cyclr:
    """A partner's Cyclr; account-level calls name the account by its API ID. Every refusal is a RunbookError.

    Source: https://docs.cyclr.com and https://github.com/sophia-cyclr/cyclr_api_testing (shapes, confirmed in 2023).
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    # accounts

    def accounts(self) -> tuple[Account, ...]:
        """Every account of the partner."""
        return tuple(Account.of(one) for one in self._pages("/accounts"))

    def account(self, account_id: str) -> Account:
        """One account by its API ID."""
        return Account.of(self._object("GET", f"/accounts/{_in_path(account_id)}"))

    def create_account(self, account_id: str, name: str) -> Account:
        """A new account; raises `cyclr-name-taken` when there is one of this id."""
        return Account.of(self._object("POST", "/accounts", body={"Id": account_id, "Name": name}))

    # the library, and what is installed

    def search(self, account_id: str, words: str) -> tuple[LibraryConnector, ...]:
        """Library connectors whose name holds `words`, custom ones too."""
        query = {"query": words, "includeCustomConnectors": "true"}
        return tuple(LibraryConnector.of(one) for one in self._pages("/connectors", account_id, query))

    def methods(self, account_id: str, connector_id: str) -> tuple[Method, ...]:
        """The methods of a library connector."""
        path = f"/connectors/{_in_path(connector_id)}/methods"
        return tuple(Method.of(one) for one in self._list(path, account_id))

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
        """Every connector that is installed in an account."""
        return tuple(AccountConnector.of(one) for one in self._pages("/account/connectors", account_id))

    def account_connector(self, account_id: str, number: str) -> AccountConnector:
        """One installed connector as it is now."""
        return AccountConnector.of(self._object("GET", _installed(number), account_id))

    def properties(self, account_id: str, number: str) -> tuple[Property, ...]:
        """What is set on an installed connector."""
        return tuple(Property.of(one) for one in self._list(f"{_installed(number)}/properties", account_id))

    def set_property(self, account_id: str, number: str, name: str, value: str | Secret) -> None:
        """Set a property of an installed connector, new or anew."""
        there = next((one for one in self.properties(account_id, number) if one.name == name), None)
        path, body = f"{_installed(number)}/properties", {"Name": name, "Value": _plain(value)}
        if there is None:
            self._api.ask("POST", path, account=account_id, body={**body, "Id": 0})
        else:
            self._api.ask("PUT", f"{path}/{_in_path(there.number)}", account=account_id, body=body)

    def deauthenticate(self, account_id: str, number: str) -> None:
        """Take an installed connector's tokens away; integrations that use it stop."""
        self._api.ask("PUT", f"{_installed(number)}/deauthenticate", account=account_id, body={})

    def remove(self, account_id: str, number: str) -> None:
        """Take an installed connector out of its account."""
        self._api.ask("DELETE", _installed(number), account=account_id)

    # methods, from addresses that Cyclr allows only

    def execute(self, account_id: str, number: str, method: str, parameters: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """What a method answers, as the other side or the connector shaped it. Raises `cyclr-address-not-allowed`."""
        path = f"{_installed(number)}/methods/{_in_path(method)}"
        return self._api.ask("POST", path, account=account_id, body={"Parameters": dict(parameters or {})})

    def test(self, account_id: str, number: str, method: str) -> Any:  # noqa: ANN401 -- JSON
        """The same by the test address, whose answer is not documented. Raises `cyclr-address-not-allowed`."""
        path = f"{_installed(number)}/test/{_in_path(method)}"
        return self._api.ask("POST", path, account=account_id, body={"Parameters": {}})

    # browsers

    def sign_in(self, account_id: str, username: str) -> SignIn:
        """A sign-in token of an account for a user of Cyclr, who is made if there is none of that name."""
        path = f"/accounts/{_in_path(account_id)}/signintoken"
        return SignIn.of(self._object("POST", path, body={"Username": username}))

    def service_domain(self, account_id: str) -> str:
        """The Service Domain, learnt from a LAUNCH link of an account that is there.

        LAUNCH makes an account for an id that it does not know, so the account is asked for first.
        """
        self.account(account_id)
        said = self._object("POST", f"/accounts/{_in_path(account_id)}/launch", body={"AutoInstall": False})
        found = urlsplit(text(said, "LaunchUrl")).netloc
        if not found:
            raise problem("cyclr-answer-unreadable", host=urlsplit(self._api.url).netloc, asked="launch")
        return found.lower()

    # cycles

    def templates(self) -> tuple[Template, ...]:
        """The partner's templates."""
        return tuple(Template.of(one) for one in self._pages("/templates"))

    def install_template(self, account_id: str, template_id: str) -> Cycle:
        """A cycle of a template in an account."""
        return Cycle.of(self._object("POST", f"/templates/{_in_path(template_id)}/install", account_id, {}))

    def cycles(self, account_id: str) -> tuple[Cycle, ...]:
        """The cycles of an account."""
        return tuple(Cycle.of(one) for one in self._pages("/cycles", account_id))

    def connectors_of(self, account_id: str, cycle_id: str) -> tuple[str, ...]:
        """Ids of the installed connectors that a cycle's steps use, as far as the steps tell them."""
        steps = self._list(f"/cycles/{_in_path(cycle_id)}/steps", account_id)
        found = (one.get("AccountConnector") for one in steps)
        return tuple(number_in(one, "Id") for one in found if isinstance(one, dict) and number_in(one, "Id"))

    def run_once(self, account_id: str, cycle_id: str) -> None:
        """Start a cycle for one run. Raises `cyclr-cycle-is-running`."""
        body = {"StartTime": None, "Interval": 60, "RunOnce": True}
        self._api.ask("PUT", f"/cycles/{_in_path(cycle_id)}/activate", account=account_id, body=body)

    def transactions(self, account_id: str, cycle_id: str) -> tuple[Transaction, ...]:
        """The runs of a cycle."""
        path = f"/cycles/{_in_path(cycle_id)}/transactions"
        return tuple(Transaction.of(one) for one in self._pages(path, account_id))

    def transaction(self, account_id: str, cycle_id: str, transaction_id: str) -> Mapping[str, Any]:
        """One run with whatever is kept of it."""
        path = f"/cycles/{_in_path(cycle_id)}/transactions/{_in_path(transaction_id)}"
        return self._object("GET", path, account_id)

    def incidents(self, account_id: str, cycle_id: str) -> tuple[Incident, ...]:
        """The faults of a cycle."""
        path = f"/cycles/{_in_path(cycle_id)}/incidents"
        return tuple(Incident.of(one) for one in self._pages(path, account_id))

    # reading

    def _object(
        self, method: str, path: str, account_id: str = "", body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        said = self._api.ask(method, path, account=account_id, body=body)
        if not isinstance(said, dict):
            raise self._unreadable(path)
        return said

    def _list(self, path: str, account_id: str, query: Mapping[str, str] | None = None) -> list[Mapping[str, Any]]:
        said = self._api.ask("GET", path, account=account_id, query=query)
        if isinstance(said, dict):  # some lists come as {"items": [...]}
            said = next((value for value in said.values() if isinstance(value, list)), None)
        if not isinstance(said, list):
            raise self._unreadable(path)
        return [one for one in said if isinstance(one, dict)]

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


def sign_in_link(service_url: str, number: str, sign_in: SignIn, target: str) -> Secret:
    """The address that sends a browser to Salesforce for an installed connector, and back to `target` afterwards.

    It is a secret for the five minutes that it lives, since whoever opens it first is signed in.
    Source: https://docs.cyclr.com/api/oauth-authentication (confirmed).
    """
    query = urlencode({"id": number, "token": sign_in.token.reveal(), "targetOrigin": target})
    return Secret(f"{service_url}{_LINK_PATH}?{query}")


def _installed(number: str) -> str:
    return f"/account/connectors/{_in_path(number)}"


def _in_path(value: str) -> str:
    return quote(value, safe="")


def _plain(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value

"""Cyclr's side of one connection as checks and notebooks look at it: each thing asked once, until it is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests

from sfrunbook.core.errors import problem
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr.client import Cyclr, sign_in_link
from sfrunbook.partners.cyclr.records import Account, AccountConnector, LibraryConnector, Method
from sfrunbook.partners.cyclr.redirect import AuthorizeRequest, read_redirect
from sfrunbook.partners.cyclr.regions import Places
from sfrunbook.partners.cyclr.response import MethodResponse, judge_response

__all__ = ["CREDENTIALS", "CyclrSide", "MethodRun"]

#: properties by which an account uses an app of its own (confirmed)
CREDENTIALS = ("ClientId", "ClientSecret")
#: whom sign-in tokens are asked for; Cyclr makes this user where there is none
_USERNAME = "sfrunbook"
#: what a method lists, by its name, since Cyclr does not tell the object (guess)
_LISTED = {
    "Accounts": "Account",
    "Campaigns": "Campaign",
    "Cases": "Case",
    "Contacts": "Contact",
    "Events": "Event",
    "Leads": "Lead",
    "Opportunities": "Opportunity",
    "Products": "Product2",
    "Tasks": "Task",
    "Users": "User",
}
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class MethodRun:
    """A method that ran and what came back, without the rows."""

    method: str
    response: MethodResponse

    @property
    def query(self) -> str:
        """A query for one of the records that the method lists; empty where its name tells no object."""
        name = _LISTED.get(self.method.removeprefix("List ").removeprefix("Get "))
        return f"SELECT Id FROM {name} LIMIT 1" if name else ""  # noqa: S608 -- SOQL, and the name is one of ours


class CyclrSide:
    """One account of a partner's Cyclr, and the Salesforce connector in it."""

    def __init__(
        self, cyclr: Cyclr, places: Places, http: requests.Session, *, account_id: str, connector_name: str
    ) -> None:
        self.cyclr = cyclr
        self.places = places
        self.account_id = account_id
        self.connector_name = connector_name
        self._http = http
        self._seen: dict[str, Any] = {}

    def forget(self) -> None:
        """Ask everything anew from now on, since something was changed."""
        self._seen.clear()

    def _once(self, name: str, ask: Callable[[], _T]) -> _T:
        if name not in self._seen:
            self._seen[name] = ask()
        found: _T = self._seen[name]
        return found

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account that these API credentials see."""
        return self._once("accounts", self.cyclr.accounts)

    @property
    def account(self) -> Account:
        """The account."""
        return self._once("account", lambda: self.cyclr.account(self.account_id))

    @property
    def service_domain(self) -> str:
        """Host of the Service Domain, with its port on this machine."""
        return self._once("service_domain", lambda: self.cyclr.service_domain(self.account_id))

    @property
    def library(self) -> LibraryConnector:
        """The library entry of exactly this name; raises `cyclr-connector-not-in-library`."""
        found = self._once("library", lambda: self.cyclr.search(self.account_id, self.connector_name))
        named = [one for one in found if one.name.casefold() == self.connector_name.casefold()]
        if not named:
            raise problem("cyclr-connector-not-in-library", connector=self.connector_name)
        return named[-1]

    @property
    def connectors(self) -> tuple[AccountConnector, ...]:
        """The account's installed connectors of this name."""
        found = self._once("installed", lambda: self.cyclr.installed(self.account_id))
        return tuple(one for one in found if one.connector.casefold() == self.connector_name.casefold())

    @property
    def installed(self) -> AccountConnector:
        """The connector of the account, the newest where there are several; raises `cyclr-connector-not-installed`."""
        if not self.connectors:
            raise problem("cyclr-connector-not-installed", connector=self.connector_name)
        return max(self.connectors, key=lambda one: (len(one.number), one.number))

    @property
    def missing_properties(self) -> tuple[str, ...]:
        """Labels of what the installed connector requires and does not have, credentials left aside."""
        held = {one.name for one in self.installed.properties if one.is_set}
        wanted = (one for one in self.library.parameters if one.on_account and not one.optional)
        return tuple(one.label or one.key for one in wanted if one.key not in held and one.key not in CREDENTIALS)

    @property
    def missing_credentials(self) -> tuple[str, ...]:
        """Which of Client ID and Client Secret neither the Console nor the account has.

        That the library lists them as required while the Console's are blank is a guess.
        """
        held = {one.name for one in self.installed.properties if one.is_set} if self.connectors else frozenset()
        return tuple(one for one in CREDENTIALS if self.library.requires(one) and one not in held)

    @property
    def account_client_id(self) -> str:
        """The Client ID of the account's own, empty where it uses the Console's."""
        own = self.installed.property(CREDENTIALS[0])
        return own.value if own else ""

    @property
    def redirect(self) -> AuthorizeRequest:
        """What Cyclr sends to Salesforce for the installed connector; uses up one sign-in token of its own."""
        return self._once("redirect", lambda: read_redirect(self._http, self.new_link(), self.places.service_url))

    def new_link(self) -> Secret:
        """A link that sends one browser to Salesforce, once, within five minutes."""
        token = self.cyclr.sign_in(self.account_id, _USERNAME)
        return sign_in_link(self.places.service_url, self.installed.number, token, self.places.console_url)

    def install(self, properties: Mapping[str, str | Secret]) -> AccountConnector:
        """Install the connector, or set the properties on the one that is there; of those, only what it knows."""
        known = {one.key for one in self.library.parameters if one.on_account}
        wanted = {key: value for key, value in properties.items() if key in known}
        if not self.connectors:
            self.cyclr.install(self.account_id, self.library.connector_id, name=self.connector_name, properties=wanted)
        else:
            for key, value in wanted.items():
                self.cyclr.set_property(self.account_id, self.installed.number, key, value)
        self.forget()
        return self.installed

    @property
    def read_method(self) -> Method | None:
        """A method that lists or gets something and needs nothing; lists come first."""
        methods = self._once("methods", lambda: self.cyclr.methods(self.account_id, self.library.connector_id))
        reading = [one for one in methods if one.only_reads]
        return min(reading, key=lambda one: (not one.name.startswith("List "), one.name), default=None)

    def run_method(self, account_id: str = "", number: str = "") -> MethodRun:
        """Execute the reading method, of another account's connector where one is named.

        Raises `cyclr-address-not-allowed` and what Salesforce or Cyclr refuse.
        """
        method = self.read_method
        if method is None:
            raise problem("cyclr-connector-not-in-library", connector=f"{self.connector_name} with a method that lists")
        said = self.cyclr.execute(
            account_id or self.account_id, number or self.installed.number, method.unique_identifier
        )
        return MethodRun(method=method.name, response=judge_response(said))

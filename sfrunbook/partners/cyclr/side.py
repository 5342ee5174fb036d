"""Cyclr's side of a connection for checks and notebooks; everything is requested once, until `forget`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import requests

from sfrunbook.core.errors import problem
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr.client import Cyclr, sign_in_link
from sfrunbook.partners.cyclr.records import AccountConnector, LibraryConnector, Method, Named
from sfrunbook.partners.cyclr.redirect import AuthorizeRequest, read_redirect
from sfrunbook.partners.cyclr.regions import Places
from sfrunbook.partners.cyclr.response import MethodResponse, judge_response

__all__ = ["CREDENTIALS", "CyclrSide", "MethodRun"]

#: properties by which an account uses an app of its own (confirmed)
CREDENTIALS = ("ClientId", "ClientSecret")
#: the user of the sign-in tokens; Cyclr adds this user where there is none
_USERNAME = "sfrunbook"
#: the object that a method lists, by its name, since Cyclr does not name the object (guess)
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


@dataclass(frozen=True, kw_only=True)
class MethodRun:
    """A method that ran and the shape of its response, without the rows."""

    method: str
    response: MethodResponse

    @property
    def query(self) -> str:
        """A query for one of the records that the method lists; empty where its name names no object."""
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

    def forget(self) -> None:
        """Request everything anew from now on, since something was changed."""
        for name in [name for name, value in vars(type(self)).items() if isinstance(value, cached_property)]:
            vars(self).pop(name, None)

    @cached_property
    def accounts(self) -> tuple[Named, ...]:
        """Every account that is visible with these API credentials."""
        return self.cyclr.accounts()

    @cached_property
    def account(self) -> Named:
        return self.cyclr.account(self.account_id)

    @cached_property
    def service_domain(self) -> str:
        """Host of the Service Domain, with its port on this machine."""
        return self.cyclr.service_domain(self.account_id)

    @cached_property
    def library(self) -> LibraryConnector:
        """The library entry of exactly this name; raises `cyclr-connector-not-in-library`."""
        found = self.cyclr.search(self.account_id, self.connector_name)
        named = [entry for entry in found if entry.name.casefold() == self.connector_name.casefold()]
        if not named:
            raise problem("cyclr-connector-not-in-library", connector=self.connector_name)
        return named[-1]

    @cached_property
    def connectors(self) -> tuple[AccountConnector, ...]:
        """The account's installed connectors of this name."""
        found = self.cyclr.installed(self.account_id)
        return tuple(entry for entry in found if entry.connector.casefold() == self.connector_name.casefold())

    @property
    def installed(self) -> AccountConnector:
        """The connector of the account, the newest where there are several; raises `cyclr-connector-not-installed`."""
        if not self.connectors:
            raise problem("cyclr-connector-not-installed", connector=self.connector_name)
        return max(self.connectors, key=lambda entry: (len(entry.number), entry.number))

    @property
    def missing_properties(self) -> tuple[str, ...]:
        """Labels of what the installed connector requires and does not have, credentials left aside."""
        present = {entry.name for entry in self.installed.properties if entry.is_set} | {*CREDENTIALS}
        required = (entry for entry in self.library.parameters if entry.on_account and not entry.optional)
        return tuple(entry.label or entry.key for entry in required if entry.key not in present)

    @property
    def missing_credentials(self) -> tuple[str, ...]:
        """Which of Client ID and Client Secret neither the Console nor the account has.

        That the library lists them as required while the Console's are blank is a guess.
        """
        properties = self.installed.properties if self.connectors else ()
        present = {entry.name for entry in properties if entry.is_set}
        return tuple(name for name in CREDENTIALS if self.library.requires(name) and name not in present)

    @property
    def account_client_id(self) -> str:
        """The Client ID of the account's own, empty where it uses the Console's."""
        own = self.installed.property(CREDENTIALS[0])
        return own.value if own else ""

    @cached_property
    def redirect(self) -> AuthorizeRequest:
        """The request that Cyclr sends to Salesforce for the installed connector; uses up a sign-in token."""
        return read_redirect(self._http, self.new_link(), self.places.service_url)

    def new_link(self) -> Secret:
        """A link that sends one browser to Salesforce, once, within five minutes."""
        token = self.cyclr.sign_in(self.account_id, _USERNAME)
        return sign_in_link(self.places.service_url, self.installed.number, token, self.places.console_url)

    def install(self, properties: Mapping[str, str | Secret]) -> AccountConnector:
        """Install the connector or set its properties, only those that the library entry has."""
        known = {entry.key for entry in self.library.parameters if entry.on_account}
        wanted = {key: value for key, value in properties.items() if key in known}
        if not self.connectors:
            self.cyclr.install(self.account_id, self.library.connector_id, name=self.connector_name, properties=wanted)
        else:
            for key, value in wanted.items():
                self.cyclr.set_property(self.account_id, self.installed.number, key, value)
        self.forget()
        return self.installed

    @cached_property
    def read_method(self) -> Method | None:
        """A method that lists or gets something and requires nothing; lists come first."""
        methods = self.cyclr.methods(self.account_id, self.library.connector_id)
        reading = [method for method in methods if method.only_reads]
        return min(reading, key=lambda method: (not method.name.startswith("List "), method.name), default=None)

    def run_method(self, account_id: str = "", number: str = "") -> MethodRun:
        """Execute the reading method, or another account's connector where that is named.

        Raises `cyclr-address-not-allowed` and what Salesforce or Cyclr refuse.
        """
        method = self.read_method
        if method is None:
            raise problem("cyclr-connector-not-in-library", connector=f"{self.connector_name} with a method that lists")
        account, connector = account_id or self.account_id, number or self.installed.number
        answer = self.cyclr.execute(account, connector, method.unique_identifier)
        return MethodRun(method=method.name, response=judge_response(answer))

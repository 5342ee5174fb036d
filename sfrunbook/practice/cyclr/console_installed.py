"""The Partner Console's pages of installed connectors: in an account, and as Template Connectors.

Buttons as in https://community.cyclr.com (connector settings, confirmed): Setup, De-Authenticate, Generate Setup Token,
and a Test tab that shows the request and the Method Response.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlencode

from sfrunbook.practice.cyclr.api_connectors import install, take_property
from sfrunbook.practice.cyclr.api_methods import check_values
from sfrunbook.practice.cyclr.asked import Refused
from sfrunbook.practice.cyclr.authentication import Authentication, CannotStart
from sfrunbook.practice.cyclr.calls import Calls
from sfrunbook.practice.cyclr.console import account_named
from sfrunbook.practice.cyclr.console_desk import ConsoleDesk, ConsoleVisit
from sfrunbook.practice.cyclr.entities import AccountConnector, LibraryConnector
from sfrunbook.practice.cyclr.library import (
    CREDENTIALS,
    PropertyKind,
    find_library,
    find_method,
    library_of,
    method_id,
    methods_of,
    property_kinds,
)
from sfrunbook.practice.cyclr.state import value_of
from sfrunbook.practice.web.wire import Answer, Call, redirect

__all__ = ["InstalledPages"]

_TEMPLATES = "/templates/connectors"


def _of_account(account_id: str) -> str:
    return f"/accounts/{quote(account_id, safe='')}/connectors" if account_id else _TEMPLATES


class InstalledPages:
    def __init__(self, desk: ConsoleDesk, authentication: Authentication, calls: Calls) -> None:
        self._desk = desk
        self._authentication = authentication
        self._calls = calls

    def routes(self) -> dict[str, Callable[[Call], Answer | Awaitable[Answer]]]:
        guarded = self._desk.guarded
        return {
            _TEMPLATES: guarded(self.list),
            f"{_TEMPLATES}/install/{{connector}}": guarded(self.install),
            "/accounts/{account:path}/connectors": guarded(self.list),
            "/accounts/{account:path}/connectors/install/{connector}": guarded(self.install),
            "/installed/{number}": guarded(self.settings),
            "/installed/{number}/setup": guarded(self.setup),
            "/installed/{number}/deauthenticate": guarded(self.deauthenticate),
            "/installed/{number}/delete": guarded(self.delete),
            "/installed/{number}/setup-token": guarded(self.setup_token),
            "/installed/{number}/test": guarded(self.test),
        }

    def list(self, visit: ConsoleVisit) -> Answer:
        account_id = visit.call.found.get("account", "")
        name = account_named(visit.instance, account_id).name if account_id else ""
        rows = [each for each in visit.instance.connectors.values() if each.account_id == account_id]
        title = f"Connectors of {name}" if account_id else "Template Connectors"
        library = sorted(visit.instance.library, key=lambda each: each.name)
        base = _of_account(account_id)
        return self._desk.page(visit, "installed_list.html", title, connectors=rows, library=library, base=base)

    # installing

    def install(self, visit: ConsoleVisit) -> Answer:
        """With setup it goes on to Salesforce, in this window or a new one; without it nothing is authenticated."""
        account_id = visit.call.found.get("account", "")
        if account_id:
            account_named(visit.instance, account_id)
        found = find_library(visit.instance, visit.call.found["connector"])
        if not found:
            raise Refused(404, "There is no such connector.")
        connector = found[0]
        kinds = self._asked_kinds(connector)
        if not visit.posted:
            title = f"Install {connector.name}"
            values = {each.name: each.values[-1] if each.values else "" for each in kinds}
            return self._desk.page(
                visit,
                "install.html",
                title,
                connector=connector,
                kinds=kinds,
                values=values,
                base=_of_account(account_id),
            )
        sent, desk = visit.sent, self._desk.desk
        installed = install(
            desk,
            visit.instance,
            connector,
            account_id=account_id,
            name=sent.text("name")[:200],
            properties=[(each.name, sent.raw(each.name)[:500]) for each in kinds if sent.raw(each.name)],
        )
        if "without_setup" in sent:
            return self._desk.go(
                visit, f"/installed/{installed.number}", "The connector has been installed without setup."
            )
        return self._to_salesforce(visit, installed)

    def _asked_kinds(self, connector: LibraryConnector) -> tuple[PropertyKind, ...]:
        """What the install form asks: the properties, and credentials that the Console has left blank (confirmed)."""
        return tuple(each for each in property_kinds(connector, self._desk.desk.settings) if each.on_account)

    def _to_salesforce(self, visit: ConsoleVisit, connector: AccountConnector) -> Answer:
        back = "" if "popup" in visit.sent else f"{visit.instance.console_url}/installed/{connector.number}"
        try:
            return redirect(self._authentication.begin(visit.instance, connector, back_to=back), note="to Salesforce")
        except CannotStart as refused:
            return self._desk.message(visit, "Setup Required", str(refused), status=400)

    # one connector

    def _connector(self, visit: ConsoleVisit) -> AccountConnector:
        found = visit.instance.connector(visit.call.found["number"])
        if found is None:
            raise Refused(404, "There is no such connector.")
        return found

    def settings(self, visit: ConsoleVisit) -> Answer:
        connector = self._connector(visit)
        library, desk = library_of(visit.instance, connector), self._desk.desk
        names = [each.name for each in self._asked_kinds(library)]
        names += [name for name in CREDENTIALS if library.family == "salesforce" and name not in names]
        if visit.posted:
            for name in names:
                value = visit.sent.raw(name)[:500]
                if value:
                    take_property(desk.cyclr, library, connector, name, value, desk.settings)
                else:
                    connector.properties = [each for each in connector.properties if each.name != name]
            return self._desk.go(visit, visit.call.path, "Your changes have been saved.")
        values = {name: value_of(connector, name) for name in names}
        account = visit.instance.accounts.get(connector.account_id)
        return self._desk.page(
            visit,
            "installed.html",
            connector.name,
            connector=connector,
            library=library,
            values=values,
            account=account,
            base=_of_account(connector.account_id),
        )

    def setup(self, visit: ConsoleVisit) -> Answer:
        connector = self._connector(visit)
        return self._to_salesforce(visit, connector) if visit.posted else self._back(visit, connector)

    def _back(self, visit: ConsoleVisit, connector: AccountConnector, notice: str = "") -> Answer:
        return self._desk.go(visit, f"/installed/{connector.number}", notice)

    def deauthenticate(self, visit: ConsoleVisit) -> Answer:
        connector = self._connector(visit)
        if not visit.posted:
            return self._back(visit, connector)
        connector.authenticated, connector.tokens = False, None
        return self._back(visit, connector, f"Connector '{connector.name}' successfully de-authenticated.")

    def delete(self, visit: ConsoleVisit) -> Answer:
        connector = self._connector(visit)
        if not visit.posted:
            return self._back(visit, connector)
        del visit.instance.connectors[connector.number]
        return self._desk.go(visit, _of_account(connector.account_id), "The connector has been deleted.")

    def setup_token(self, visit: ConsoleVisit) -> Answer:
        """A link that a customer opens once, within five minutes; for connectors of accounts only (confirmed)."""
        connector = self._connector(visit)
        if not visit.posted:
            return self._back(visit, connector)
        account = account_named(visit.instance, connector.account_id)
        desk = self._desk.desk
        expires = desk.now() + desk.settings.cyclr_signin_seconds
        token = desk.cyclr.make_sign_in(visit.instance, account, "setup-token", expires)
        query = urlencode({"id": connector.number, "token": token})
        link = f"{visit.instance.service_url}/connectorauth/updateaccountconnectoroauth?{query}"
        return self._desk.message(visit, "Setup Token", "Send this link to your customer. It works once.", link)

    # the Test tab

    async def test(self, visit: ConsoleVisit) -> Answer:
        """Runs the method from Cyclr's own side, so the API's block of addresses does not matter here."""
        connector = self._connector(visit)
        library = library_of(visit.instance, connector)
        chosen = visit.sent.text("method") or visit.call.parameters.get("method", "")
        method, outcome = find_method(library, chosen), None
        values = {each.name: visit.sent.text(each.name) for each in method.fields} if method is not None else {}
        if visit.posted and method is not None and "run" in visit.sent:
            values = {name: value for name, value in values.items() if value}
            check_values(method, values)
            outcome = await self._calls.method(visit.instance.region, connector.number, method, values)
        return self._desk.page(
            visit,
            "test.html",
            f"Test {connector.name}",
            connector=connector,
            methods=[(method_id(library, each), each) for each in methods_of(library)],
            method=method,
            chosen=chosen,
            values=values,
            outcome=outcome,
            request=json.dumps(outcome.request, indent=2) if outcome else "",
            response=json.dumps(outcome.response, indent=2, ensure_ascii=False) if outcome else "",
        )

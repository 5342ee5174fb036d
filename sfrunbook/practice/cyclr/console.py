"""The pages of the Partner Console: library, settings, API credentials, accounts.

Places and labels are Cyclr's (confirmed: https://community.cyclr.com, console and authentication pages, and the guide
https://docs.cyclr.com/connector-guides/salesforce); looks are our own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sfrunbook.practice.cyclr.asked import Refused
from sfrunbook.practice.cyclr.console_desk import ConsoleDesk, ConsoleVisit
from sfrunbook.practice.cyclr.entities import Account, Instance, Webhook
from sfrunbook.practice.cyclr.library import find_library
from sfrunbook.practice.cyclr.seed import CALLBACK_PATH
from sfrunbook.practice.cyclr.state import MOST_API_CLIENTS
from sfrunbook.practice.web.forms import moment
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["Console", "account_named"]

_LONGEST = 500


def account_named(instance: Instance, account_id: str) -> Account:
    """The account, or `Refused` with 404."""
    found = instance.accounts.get(account_id)
    if found is None:
        raise Refused(404, "There is no such account.")
    return found


class Console:
    def __init__(self, desk: ConsoleDesk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[[Call], Answer | Awaitable[Answer]]]:
        guarded = self._desk.guarded
        return {
            "/": guarded(lambda visit: self._desk.go(visit, "/connectors/library")),
            "/login": self._desk.log_in,
            "/logout": self._desk.log_out,
            "/connectors/library": guarded(self.library),
            "/connectors/library/{connector}": guarded(self.connector),
            "/settings/general": guarded(self.general),
            "/settings/oauth": guarded(self.credentials),
            "/accounts": guarded(self.accounts),
            "/accounts/{account:path}/settings": guarded(self.account),
        }

    def library(self, visit: ConsoleVisit) -> Answer:
        text = visit.call.parameters.get("query", "").casefold()
        found = sorted((each for each in visit.instance.library if text in each.name.casefold()), key=lambda c: c.name)
        title = "Application Connector Library"
        return self._desk.page(
            visit, "library.html", title, connectors=found, query=visit.call.parameters.get("query", "")
        )

    def connector(self, visit: ConsoleVisit) -> Answer:
        """The Settings tab of a connector: the Console's Client ID and Client Secret; blank is asked for at install."""
        found = find_library(visit.instance, visit.call.found["connector"])
        if not found:
            raise Refused(404, "There is no such connector.")
        connector, sent = found[0], visit.sent
        if visit.posted:
            pasted = [sent.raw(name)[:_LONGEST] for name in ("client_id", "client_secret")]
            if self._desk.desk.settings.cyclr_trims_credentials:
                pasted = [each.strip() for each in pasted]
            connector.client_id, connector.client_secret = pasted
            return self._desk.go(visit, visit.call.path, "Your changes have been saved.")
        callbacks = [f"{origin}{CALLBACK_PATH}" for origin in (visit.instance.console_url, visit.instance.service_url)]
        return self._desk.page(visit, "connector.html", connector.name, connector=connector, callbacks=callbacks)

    def general(self, visit: ConsoleVisit) -> Answer:
        """Service Domain is shown and cannot be changed (confirmed)."""
        if visit.posted:
            sent = visit.sent
            url = sent.text("webhook_url")[:_LONGEST]
            visit.instance.webhook = Webhook(
                enabled="webhook_enabled" in sent, url=url, include_warnings="include_warnings" in sent
            )
            return self._desk.go(visit, visit.call.path, "Your changes have been saved.")
        return self._desk.page(visit, "general.html", "General Settings", instance=visit.instance)

    def credentials(self, visit: ConsoleVisit) -> Answer:
        """At most five sets; the secret can be seen at any time (confirmed)."""
        cyclr, instance, sent = self._desk.desk.cyclr, visit.instance, visit.sent
        if visit.posted and "delete" in sent:
            gone = cyclr.drop_api_client(instance, sent.text("delete"))
            return self._desk.go(visit, visit.call.path, "The credentials have been deleted." if gone else "")
        if visit.posted:
            if len(instance.api_clients) >= MOST_API_CLIENTS:
                raise Refused(
                    400, f"At most {MOST_API_CLIENTS} sets of credentials can be generated. Delete one first."
                )
            description = sent.text("description")[:_LONGEST] or "No description"
            cyclr.add_api_client(instance, description, self._desk.desk.now())
            return self._desk.go(visit, visit.call.path, "The credentials have been generated.")
        rows = [(each, moment(each.created)) for each in instance.api_clients]
        shown = visit.call.parameters.get("show", "")
        return self._desk.page(visit, "credentials.html", "OAuth Client Credentials", rows=rows, shown=shown)

    def accounts(self, visit: ConsoleVisit) -> Answer:
        cyclr, instance, sent = self._desk.desk.cyclr, visit.instance, visit.sent
        if visit.posted:
            name, account_id = sent.text("name")[:_LONGEST], sent.text("account_id")[:100] or cyclr.mint.guid()
            if not name:
                raise Refused(400, "Enter a name for the account.")
            if account_id in instance.accounts:
                raise Refused(400, "ID already in use")
            instance.accounts[account_id] = Account(
                account_id=account_id,
                name=name,
                description=sent.text("description")[:_LONGEST],
                created=self._desk.desk.now(),
            )
            return self._desk.go(visit, visit.call.path, f"The account {name} has been created.")
        rows = sorted(instance.accounts.values(), key=lambda each: each.name.casefold())
        return self._desk.page(visit, "accounts.html", "Account Management", accounts=rows)

    def account(self, visit: ConsoleVisit) -> Answer:
        account = account_named(visit.instance, visit.call.found["account"])
        if visit.posted:
            account.webhook = Webhook(
                enabled="webhook_enabled" in visit.sent,
                url=visit.sent.text("webhook_url")[:_LONGEST],
                include_warnings="include_warnings" in visit.sent,
            )
            return self._desk.go(visit, visit.call.path, "Your changes have been saved.")
        return self._desk.page(visit, "account.html", account.name, account=account)

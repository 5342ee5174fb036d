"""Partner level of the API: accounts, sign-in tokens, and the addresses of the embedded pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sfrunbook.practice.cyclr.asked import Asked, Refused, Route, as_utc, flag, page_of, text_of
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import Account, Webhook

__all__ = ["account_json", "account_routes"]

_LONGEST_ID = 100
_ACCOUNTS_AT_MOST = 2_000
_LAUNCH_FLAGS = ("Start", "RunOnce", "AutoInstall", "SingleInstall", "Wizard", "InlineOAuth")


def account_routes(desk: CyclrDesk) -> tuple[Route, ...]:
    accounts = _Accounts(desk)
    partner = "partner"
    embedded = [
        Route(method="POST", path=f"/{who}/{page}", level=partner, handler=handler)
        for page, handler in (
            ("launch", accounts.launch),
            ("marketplace", accounts.marketplace),
            ("orbit", accounts.orbit),
        )
        for who in ("accounts/{account_id}", "users")
    ]
    return (
        Route(method="GET", path="/accounts", level=partner, handler=accounts.list),
        Route(method="POST", path="/accounts", level=partner, handler=accounts.create),
        Route(method="GET", path="/accounts/{account_id}", level=partner, handler=accounts.get),
        Route(method="PUT", path="/accounts/{account_id}", level=partner, handler=accounts.update),
        Route(method="DELETE", path="/accounts/{account_id}", level=partner, handler=accounts.delete),
        Route(method="POST", path="/accounts/{account_id}/signintoken", level=partner, handler=accounts.sign_in),
        *embedded,
    )


class _Accounts:
    def __init__(self, desk: CyclrDesk) -> None:
        self._desk = desk

    def list(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        rows = [each for each in asked.instance.accounts.values() if asked.token.account_id in ("", each.account_id)]
        rows.sort(key=lambda each: each.name.casefold(), reverse=asked.query.get("sortorderasc") == "false")
        return [account_json(each) for each in page_of(asked, rows, self._desk.settings.cyclr_page_size)]

    def create(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """The Id may be a text of one's own; one that is there is refused (confirmed words)."""
        if asked.token.account_id:
            raise self._restricted()
        sent = asked.body
        account_id = text_of(sent, "Id").strip() or asked.cyclr.mint.guid()
        if account_id in asked.instance.accounts:
            raise Refused(400, "ID already in use")
        if len(account_id) > _LONGEST_ID or not text_of(sent, "Name").strip():
            raise Refused(400, "The request is invalid.")
        if len(asked.instance.accounts) >= _ACCOUNTS_AT_MOST:
            raise Refused(400, "This practice Cyclr can't store more accounts.")
        account = Account(account_id=account_id, name="", created=self._desk.now())
        _change(account, sent)
        asked.instance.accounts[account_id] = account
        return account_json(account)

    def get(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return account_json(self._account(asked))

    def update(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        account = self._account(asked)
        _change(account, asked.body)
        return account_json(account)

    def delete(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        account, instance = self._account(asked), asked.instance
        for number in [each.number for each in instance.connectors.values() if each.account_id == account.account_id]:
            del instance.connectors[number]
        for cycle_id in [key for key, each in instance.cycles.items() if each.account_id == account.account_id]:
            del instance.cycles[cycle_id]
        return account_json(instance.accounts.pop(account.account_id))

    def _account(self, asked: Asked) -> Account:
        wanted = asked.found["account_id"]
        if asked.token.account_id not in ("", wanted):
            raise self._restricted()
        found = asked.instance.accounts.get(wanted)
        if found is None:
            raise Refused(404, "Account not found.")
        return found

    def _restricted(self) -> Refused:
        return Refused(self._desk.settings.cyclr_restricted_status, "This token is restricted to one account.")

    def sign_in(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """One use, five minutes (confirmed)."""
        account = self._account(asked)
        username = text_of(asked.body, "Username").strip()
        if not username:
            raise Refused(400, "The Username field is required.")
        token, expires = self._token(asked, account, username)
        return {"Token": token, "ExpiresAtUtc": as_utc(expires)}

    def _token(self, asked: Asked, account: Account, username: str) -> tuple[str, float]:
        expires = self._desk.now() + self._desk.settings.cyclr_signin_seconds
        return asked.cyclr.make_sign_in(asked.instance, account, username, expires), expires

    # LAUNCH, Marketplace and Orbit

    def launch(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """Makes the account where the id is not known (confirmed)."""
        flags = {name[0].lower() + name[1:]: "true" for name in _LAUNCH_FLAGS if flag(asked.body, name)}
        return self._embedded(asked, "/launch", "LaunchUrl", flags)

    def marketplace(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return self._embedded(asked, "/marketplace", "MarketplaceUrl", {})

    def orbit(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return self._embedded(asked, "/orbit", "OrbitUrl", {})

    def _embedded(self, asked: Asked, page: str, name: str, flags: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
        if asked.token.account_id:
            raise self._restricted()
        sent = asked.body
        wanted = asked.found.get("account_id", "") or text_of(sent, "AccountId").strip() or asked.cyclr.mint.guid()
        account = asked.instance.accounts.get(wanted)
        if account is None:
            if len(wanted) > _LONGEST_ID or len(asked.instance.accounts) >= _ACCOUNTS_AT_MOST:
                raise Refused(400, "The request is invalid.")
            name_of_it = text_of(sent, "AccountName").strip() or wanted
            account = Account(account_id=wanted, name=name_of_it, created=self._desk.now())
            asked.instance.accounts[wanted] = account
        token, expires = self._token(asked, account, text_of(sent, "Username").strip() or f"launch-{wanted}")
        back = page + (f"?{urlencode(flags)}" if flags else "")
        query = urlencode({"token": token, "returnUrl": back})
        return {
            "AccountId": account.account_id,
            "ExpiresAtUtc": as_utc(expires),
            name: f"{asked.instance.service_url}/account/signinwithtoken?{query}",
            "Token": token,
        }


def _change(account: Account, sent: dict[str, Any]) -> None:
    name, description = text_of(sent, "Name", account.name).strip(), text_of(sent, "Description", account.description)
    timezone = text_of(sent, "Timezone", account.timezone) or account.timezone
    if timezone != account.timezone and not _is_timezone(timezone):
        raise Refused(400, f"Timezone '{timezone[:60]}' is not valid.")
    if not name:
        raise Refused(400, "The request is invalid.")
    webhook = sent.get("TransactionErrorWebhook")
    if webhook is not None:
        if not isinstance(webhook, dict):
            raise Refused(400, "The request is invalid.")
        account.webhook = Webhook(
            enabled=flag(webhook, "Enabled"),
            url=text_of(webhook, "Url"),
            include_warnings=flag(webhook, "IncludeWarnings"),
        )
    account.name, account.description, account.timezone = name, description, timezone


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def account_json(account: Account) -> dict[str, Any]:
    return {
        "Id": account.account_id,
        "Name": account.name,
        "Description": account.description,
        "CreatedDate": as_utc(account.created),
        "Timezone": account.timezone,
        "NextBillDateUtc": None,
        "StepDataSuccessRetentionHours": 24,
        "StepDataErroredRetentionHours": 168,
        "TransactionErrorWebhook": {
            "Enabled": account.webhook.enabled,
            "Url": account.webhook.url or None,
            "IncludeWarnings": account.webhook.include_warnings,
        },
    }

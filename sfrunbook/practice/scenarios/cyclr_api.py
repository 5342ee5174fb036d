"""Scenarios about Cyclr's API and sign-in links: who may call it, what it refuses, and replies that go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from sfrunbook.practice.cyclr.entities import Account, ApiClient, ApiToken
from sfrunbook.practice.org.ip_ranges import check_ranges
from sfrunbook.practice.scenarios.registry import UnknownScenario, scenario
from sfrunbook.practice.scenarios.stage import Stage
from sfrunbook.practice.scenarios.transport import HTML, MAINTENANCE, UNAVAILABLE

__all__: list[str] = []

_SIGN_IN = "/connectorauth/updateaccountconnectoroauth"


@scenario(causes=(17,))
def cyclr_ip_blocked(stage: Stage) -> None:
    """Cyclr lets no address execute or test a method, as it does with a laptop's.

    Symptom: 403, Unknown client IP Address: contact support to request access for this IP address.
    """
    stage.partner()
    stage.settings(cyclr_allowed_ips=("192.0.2.1",))


@scenario(causes=(17,))
def cyclr_ip_allowed(stage: Stage, ranges: str = "127.0.0.0/8") -> None:
    """Cyclr's support has let these addresses execute and test methods (one range, or several with ;).

    Symptom: methods answer from there, and 403 from elsewhere.
    """
    stage.partner()
    allowed = tuple(each.strip() for each in ranges.split(";"))
    try:
        check_ranges(allowed)
    except ValueError as wrong:
        raise UnknownScenario(f"ranges of cyclr-ip-allowed: {wrong}.") from None
    stage.settings(cyclr_allowed_ips=allowed)


@scenario(causes=(18,))
def cyclr_signin_expired(stage: Stage) -> None:
    """Sign-in links expire at once, as when someone takes longer than five minutes.

    Symptom: Cyclr's login page in place of Salesforce.
    """
    stage.partner()
    stage.settings(cyclr_signin_seconds=0.0)


@scenario(causes=(18,))
def cyclr_signin_eaten(stage: Stage, times: int = 0) -> None:
    """Something opens every sign-in link before the user does, as a mail scanner.

    Symptom: Cyclr's login page in place of Salesforce, with a link that was never clicked.
    """
    stage.partner_fault("repeated", path=_SIGN_IN, host_kinds=("cyclr_service",), times=times)


@dataclass(frozen=True, kw_only=True)
class _Clients:
    clients: list[ApiClient]
    tokens: list[tuple[str, ApiToken]]


def _clients_back(stage: Stage, kept: _Clients) -> None:
    home = stage.partner().home
    known = {each.client_id for each in home.api_clients}
    home.api_clients = [*(each for each in kept.clients if each.client_id not in known), *home.api_clients]
    home.tokens.update(kept.tokens)
    for instance in list(stage.partner().instances.values())[1:]:
        for each in kept.clients:
            stage.partner().drop_api_client(instance, each.client_id)


def _take_clients(stage: Stage) -> _Clients:
    home = stage.partner().home
    kept = _Clients(clients=[*home.api_clients], tokens=[*home.tokens.items()])
    for each in kept.clients:
        stage.partner().drop_api_client(home, each.client_id)
    return kept


@scenario(undo=_clients_back)
def cyclr_api_client_revoked(stage: Stage) -> _Clients:
    """Somebody deleted the OAuth Client Credentials in the Console; their tokens are gone too.

    Symptom: 401 for the token at hand, and invalid_client for a new one.
    """
    return _take_clients(stage)


@scenario(undo=_clients_back)
def cyclr_other_region(stage: Stage) -> _Clients:
    """The partner's API credentials belong to another region.

    Symptom: invalid_client at this region's API host; the other region's takes them, and knows no account.
    """
    kept = _take_clients(stage)
    list(stage.partner().instances.values())[-1].api_clients.extend(kept.clients)
    return kept


def _tokens_back(stage: Stage, kept: list[tuple[str, ApiToken]]) -> None:
    stage.partner().home.tokens.update(kept)


@scenario(undo=_tokens_back)
def cyclr_token_ended(stage: Stage) -> list[tuple[str, ApiToken]]:
    """Every API token that is alive now has ended, as after 14 days.

    Symptom: 401 once; a new token works.
    """
    home = stage.partner().home
    kept = [*home.tokens.items()]
    home.tokens.clear()
    return kept


@scenario()
def cyclr_tokens_restricted(stage: Stage, account: str = "") -> None:
    """API tokens are for one account only (the first when none is named), as with scope=account:ID.

    Symptom: 403 for other accounts and for LAUNCH; the list of accounts shows one.
    """
    stage.settings(cyclr_tokens_for_account=_chosen(stage, account))


def _chosen(stage: Stage, account: str) -> str:
    accounts = stage.partner().home.accounts
    chosen = account or next(iter(accounts), "")
    if chosen not in accounts:
        raise UnknownScenario(f"There is no account with the API ID {account!r}.")
    return chosen


def _account_back(stage: Stage, kept: Account) -> None:
    stage.partner().home.accounts.setdefault(kept.account_id, kept)


@scenario(undo=_account_back)
def cyclr_account_gone(stage: Stage, account: str = "") -> Account:
    """An account (the first when none is named) is not there: deleted, or its API ID was mistyped.

    Symptom: 404 with a Message for calls with that X-Cyclr-Account, and for its sign-in token.
    """
    return stage.partner().home.accounts.pop(_chosen(stage, account))


@scenario()
def cyclr_connector_draft(stage: Stage, connector: str = "Salesforce") -> None:
    """The connector's release is a Draft.

    Symptom: an install gives 400, Connector N is a draft and cannot be installed.
    """
    stage.change_library(connector, release="Draft")


@scenario()
def cyclr_too_many_requests(stage: Stage, retry_after: int = 7, times: int = 0, path: str = "/") -> None:
    """Cyclr's API says that there are too many requests.

    Symptom: 429 with Retry-After in seconds and a Message.
    """
    headers = ((b"content-type", b"application/json; charset=utf-8"), (b"retry-after", str(retry_after).encode()))
    body = b'{"Message":"Too many requests."}'
    stage.partner_fault("reply", path=path, times=times, status=429, headers=headers, body=body)


@scenario()
def cyclr_maintenance(stage: Stage, times: int = 0, path: str = "/") -> None:
    """Cyclr's hosts are under maintenance.

    Symptom: 503 with an HTML page in place of JSON, at the API, the Console and the service domain.
    """
    kinds = ("cyclr_api", "cyclr_console", "cyclr_service")
    stage.partner_fault("reply", path=path, host_kinds=kinds, times=times, status=503, headers=HTML, body=MAINTENANCE)


@scenario()
def cyclr_html(stage: Stage, status: int = 200, times: int = 0, path: str = "/v1.0") -> None:
    """Something in front of Cyclr's API answers with a page, as a proxy or a portal does.

    Symptom: HTML with this status where JSON is expected.
    """
    if not 200 <= status <= 599:
        raise UnknownScenario("status of cyclr-html is from 200 to 599.")
    stage.partner_fault("reply", path=path, times=times, status=status, headers=HTML, body=UNAVAILABLE)


@scenario()
def cyclr_slow(stage: Stage, seconds: float = 40.0, times: int = 0, path: str = "/") -> None:
    """Replies of Cyclr's API take this many seconds of real time.

    Symptom: a client with a shorter read timeout gives up, though Cyclr does the work.
    """
    stage.partner_fault("slow", path=path, times=times, seconds=seconds)


@scenario()
def cyclr_truncated(stage: Stage, times: int = 0, path: str = "/") -> None:
    """Replies of Cyclr's API break off in the middle.

    Symptom: an incomplete read; Cyclr has done the work all the same.
    """
    stage.partner_fault("truncated", path=path, times=times)


@scenario()
def cyclr_connection_reset(stage: Stage, times: int = 0, path: str = "/") -> None:
    """The connection to Cyclr's API is reset before it has seen the request.

    Symptom: a transport error without any status; nothing was done.
    """
    stage.partner_fault("reset", path=path, times=times)

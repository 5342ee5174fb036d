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
    """Cyclr doesn't let any IP address run or test a method. A laptop meets this with the real Cyclr.

    Symptom: 403, “Unknown client IP Address: contact support to request access for this IP address”.
    """
    stage.partner()
    stage.settings(cyclr_allowed_ips=("192.0.2.1",))


@scenario(causes=(17,))
def cyclr_ip_allowed(stage: Stage, ranges: str = "127.0.0.0/8") -> None:
    """Cyclr lets only these IP addresses run and test methods. Separate several ranges with ;.

    Symptom: Methods work from these addresses. From others they fail with 403.
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
    """Sign-in links expire at once, as when you wait longer than 5 minutes.

    Symptom: Cyclr's login page opens instead of Salesforce's.
    """
    stage.partner()
    stage.settings(cyclr_signin_seconds=0.0)


@scenario(causes=(18,))
def cyclr_signin_eaten(stage: Stage, times: int = 0) -> None:
    """A mail scanner opens every sign-in link before the user does.

    Symptom: Cyclr's login page opens instead of Salesforce's, although the user clicks the link for the first time.
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
    """Someone deleted the OAuth Client Credentials in the Console, and their tokens stopped working.

    Symptom: API calls fail with 401, and a request for a new token returns invalid_client.
    """
    return _take_clients(stage)


@scenario(undo=_clients_back)
def cyclr_other_region(stage: Stage) -> _Clients:
    """The API credentials belong to another Cyclr region.

    Symptom: This region's API returns invalid_client. The other region accepts the credentials but has no account.
    """
    kept = _take_clients(stage)
    list(stage.partner().instances.values())[-1].api_clients.extend(kept.clients)
    return kept


def _tokens_back(stage: Stage, kept: list[tuple[str, ApiToken]]) -> None:
    stage.partner().home.tokens.update(kept)


@scenario(undo=_tokens_back)
def cyclr_token_ended(stage: Stage) -> list[tuple[str, ApiToken]]:
    """All current API tokens have expired, as they do after 14 days.

    Symptom: One call fails with 401. A new token works.
    """
    home = stage.partner().home
    kept = [*home.tokens.items()]
    home.tokens.clear()
    return kept


@scenario()
def cyclr_tokens_restricted(stage: Stage, account: str = "") -> None:
    """API tokens work for one account only, as with scope=account:ID. Without a name, it's the first account.

    Symptom: Calls for other accounts and for LAUNCH fail with 403. The list of accounts shows one.
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
    """An account was deleted, or its API ID was mistyped. Without a name, it's the first account.

    Symptom: Calls with this X-Cyclr-Account and requests for its sign-in token return 404.
    """
    return stage.partner().home.accounts.pop(_chosen(stage, account))


@scenario()
def cyclr_connector_draft(stage: Stage, connector: str = "Salesforce") -> None:
    """The connector's release is a Draft.

    Symptom: Installing it returns 400, “Connector N is a draft and cannot be installed”.
    """
    stage.change_library(connector, release="Draft")


@scenario()
def cyclr_too_many_requests(stage: Stage, retry_after: int = 7, times: int = 0, path: str = "/") -> None:
    """Cyclr's API rejects calls because there were too many.

    Symptom: 429 with a Retry-After header in seconds and a Message.
    """
    headers = ((b"content-type", b"application/json; charset=utf-8"), (b"retry-after", str(retry_after).encode()))
    body = b'{"Message":"Too many requests."}'
    stage.partner_fault("reply", path=path, times=times, status=429, headers=headers, body=body)


@scenario()
def cyclr_maintenance(stage: Stage, times: int = 0, path: str = "/") -> None:
    """Cyclr is under maintenance.

    Symptom: The API, the Console and the Service Domain return 503 with an HTML page.
    """
    kinds = ("cyclr_api", "cyclr_console", "cyclr_service")
    stage.partner_fault("reply", path=path, host_kinds=kinds, times=times, status=503, headers=HTML, body=MAINTENANCE)


@scenario()
def cyclr_html(stage: Stage, status: int = 200, times: int = 0, path: str = "/v1.0") -> None:
    """A proxy or sign-in portal answers in place of Cyclr's API.

    Symptom: The reply is an HTML page with this status, where the program expects JSON.
    """
    if not 200 <= status <= 599:
        raise UnknownScenario("status of cyclr-html is from 200 to 599.")
    stage.partner_fault("reply", path=path, times=times, status=status, headers=HTML, body=UNAVAILABLE)


@scenario()
def cyclr_slow(stage: Stage, seconds: float = 40.0, times: int = 0, path: str = "/") -> None:
    """Cyclr's API replies slowly: each reply takes this many seconds.

    Symptom: A program with a shorter time limit stops waiting, but Cyclr still carries out the call.
    """
    stage.partner_fault("slow", path=path, times=times, seconds=seconds)


@scenario()
def cyclr_truncated(stage: Stage, times: int = 0, path: str = "/") -> None:
    """Replies of Cyclr's API are cut off.

    Symptom: The reply is incomplete, but Cyclr has carried out the call.
    """
    stage.partner_fault("truncated", path=path, times=times)


@scenario()
def cyclr_connection_reset(stage: Stage, times: int = 0, path: str = "/") -> None:
    """The connection to Cyclr's API breaks before the request arrives.

    Symptom: A network error without an HTTP status. Cyclr did nothing.
    """
    stage.partner_fault("reset", path=path, times=times)

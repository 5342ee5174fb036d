"""Facts stored on this machine: connection, grant, and what worked before. No host is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Grant
from sfrunbook.core.secrets.shape import shape_of_client_id, shape_of_client_secret
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.store.what_worked import CREDENTIALS, Success

__all__ = ["learn_stored"]

_USUAL_WAIT_MINUTES = 10.0
_LONGEST_WAIT_MINUTES = 30.0
_DAY_SECONDS = 86_400.0


def learn_stored(case: Case) -> None:
    used = urlsplit(case.used_origin).netloc
    case.learn("used_host", case.failure.host or used)
    if case.failure.http_status is not None:
        case.learn("http_status", float(case.failure.http_status))
    case.learn("used_host_is_shared", classify(case.used_origin).kind in (HostKind.LOGIN, HostKind.TEST))
    case.learn("grant_kind", case.connection.grant_kind.value.replace("_", " "))
    case.learn("client_id_shape_ok", not shape_of_client_id(case.connection.client_id))
    case.learn("has_secret", bool(case.client_secret))
    if case.client_secret:
        case.learn("secret_shape_ok", not shape_of_client_secret(case.client_secret.reveal()))
    _learn_age_of_app(case)
    _learn_past(case, used)
    _learn_login(case)
    _learn_token_org(case)
    if case.grant:
        _learn_grant(case, case.grant)
        _learn_policy(case, case.grant)


def _learn_age_of_app(case: Case) -> None:
    saved = case.connection.registered_at
    if saved is None:
        return
    minutes = (case.clock() - saved).total_seconds() / 60
    if minutes < 0:
        return
    case.learn("registered_minutes", float(round(minutes)))
    if minutes < _USUAL_WAIT_MINUTES:
        case.learn("minutes_to_wait", float(round(_USUAL_WAIT_MINUTES - minutes)) or 1.0)
    if minutes < _LONGEST_WAIT_MINUTES:
        case.learn("longest_wait_minutes", float(round(_LONGEST_WAIT_MINUTES - minutes)) or 1.0)


def _learn_past(case: Case, used: str) -> None:
    client_id, grant, successes = case.connection.client_id, case.grant, case.history.successes()
    mine = [success for success in successes if success.client_id == client_id]
    here = [success for success in mine if success.host == used]
    others = [success for success in successes if success.host == used and success.client_id != client_id]
    worked = [success for success in mine if success.stage == CREDENTIALS]
    issued_here = grant is not None and grant.client_id == client_id and urlsplit(grant.issuer).netloc == used
    case.learn("client_worked_here", bool(here) or issued_here, _last(here))
    case.learn("other_client_worked_here", bool(others), _last(others))
    case.learn("secret_worked_before", bool(worked) and case.client_secret is not None, _last(worked))


def _last(successes: Sequence[Success]) -> str:
    return f"last on {successes[-1].at:%Y-%m-%d}" if successes else ""


def _learn_grant(case: Case, grant: Grant) -> None:
    case.learn("issuer_host", urlsplit(origin_of(grant.issuer)).netloc)
    case.learn("instance_host", urlsplit(origin_of(grant.instance_url)).netloc)
    case.learn("generation", float(grant.generation))
    newest = case.history.newest_generation(grant.approved_at)
    case.learn("newest_generation", float(newest) if newest is not None else None)
    case.learn("rotates", grant.rotates)
    case.learn("refresh_cut_off", case.history.was_cut_off(grant.approved_at))
    case.learn("age_days", _days(case, grant.approved_at))
    case.learn("idle_days", _days(case, grant.issued_at))
    if grant.scopes:
        case.learn("has_refresh_scope", bool({"refresh_token", "offline_access"} & set(grant.scopes)))
        case.learn("has_identity_scope", bool({"id", "openid", "full"} & set(grant.scopes)))
        case.learn("has_api_scope", bool({"api", "full"} & set(grant.scopes)))


def _learn_login(case: Case) -> None:
    """Of a login that was begun here: how long ago, and whether its code had been sent before."""
    if case.login_begun is not None:
        case.learn("login_minutes", (case.clock() - case.login_begun).total_seconds() / 60)
        case.learn("code_sent_before", case.history.codes_sent > 1)


def _learn_token_org(case: Case) -> None:
    """Of a reply that names another org: whether its access token, which begins with its org's id, is of ours.

    That an access token begins with the id is confirmed by captures, for those that are no JWT.
    """
    token_org, expected = case.failure.evidence.get("token_org", ""), case.failure.evidence.get("expected", "")
    if token_org and expected:
        case.learn("token_of_expected_org", token_org[:15] == expected[:15])


def _learn_policy(case: Case, grant: Grant) -> None:
    """The Refresh Token Policy as it was read last; it may have been changed since, so this proves nothing."""
    if case.history.policy is None:
        return
    policy, at = case.history.policy
    how = f"read from the app's policy on {at:%Y-%m-%d}"
    case.learn("noted_idle_over", policy.idle_over(since=grant.issued_at, now=case.clock()), how)
    case.learn("noted_lifetime_over", policy.lifetime_over(since=grant.approved_at, now=case.clock()), how)


def _days(case: Case, since: datetime) -> float:
    return max((case.clock() - since).total_seconds(), 0.0) / _DAY_SECONDS

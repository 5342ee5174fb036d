"""Gathering what tells the causes of a failure apart, without harm: few requests, little time, nothing spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http_budget import Budget, BudgetSpentError, MeteredSession
from sfrunbook.core.model import Connection, Diagnosis, Grant, Known, Verdict
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.evidence import asked
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.diagnosis.evidence.org import Org
from sfrunbook.diagnosis.evidence.org_logs import Trail
from sfrunbook.diagnosis.evidence.stored import learn_stored
from sfrunbook.diagnosis.evidence.visibility import ASKED_BY_PARTNER, OF_ANY_USER, Sight
from sfrunbook.diagnosis.evidence.witnesses import Witnesses
from sfrunbook.diagnosis.verdicts import facts_wanted, weigh
from sfrunbook.store.what_worked import History

__all__ = [
    "ASKED_BY_PARTNER",
    "OF_ANY_USER",
    "REQUESTS_AT_MOST",
    "SECONDS_AT_MOST",
    "Evidence",
    "gather",
]

REQUESTS_AT_MOST = 6
SECONDS_AT_MOST = 10.0

#: facts by name; one that could not be learnt is absent
Evidence = Mapping[str, Known]
_Step = tuple[frozenset[str], Callable[[], None]]


def gather(
    diagnosis: Diagnosis,
    *,
    connection: Connection,
    grant: Grant | None,
    client_secret: Secret | None,
    history: History,
    witnesses: tuple[Grant, ...] = (),
    app_names: tuple[str, ...] = (),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    seconds: float = SECONDS_AT_MOST,
) -> Evidence:
    """What tells the diagnosis's causes apart, as far as it can be learnt; never raises for what a host answers.

    At most 6 requests and 10 seconds: no refresh token is spent, no approval made, no login begun. Asked are only facts
    that a cause of this diagnosis is decided by, and no more once every cause is decided. `witnesses` are grants whose
    access tokens may ask the org; they are not renewed.
    """
    wanted = facts_wanted(diagnosis)
    budget = Budget(requests_at_most=REQUESTS_AT_MOST, seconds=seconds)
    with MeteredSession(budget, ca_file=connection.ca_file) as http:
        case = Case(
            failure=diagnosis.failure,
            connection=connection,
            grant=grant,
            client_secret=client_secret,
            witnesses=witnesses,
            history=history,
            http=http,
            clock=clock,
            app_names=app_names,
        )
        learn_stored(case)
        _ask(case, diagnosis, wanted)
    return MappingProxyType(dict(case.known))


def _ask(case: Case, diagnosis: Diagnosis, wanted: frozenset[str]) -> None:
    for gives, step in _steps(case):
        if not gives & wanted - case.known.keys() or _is_decided(diagnosis, case.known):
            continue
        try:
            step()
        except RunbookError:
            continue
        except BudgetSpentError:
            return


def _is_decided(diagnosis: Diagnosis, known: Mapping[str, Known]) -> bool:
    return all(one.verdict is not Verdict.POSSIBLE for one in weigh(diagnosis, known).weighed)


def _steps(case: Case) -> tuple[_Step, ...]:
    """The questions in the order of their worth; an answer makes many of the later ones needless."""
    witnesses = Witnesses(case)
    trail = Trail(case, witnesses)
    org, sight = Org(case, witnesses, trail), Sight(case)
    return (
        (frozenset({"refresh_token_active"}), lambda: asked.ask_refresh_token(case)),
        (frozenset({"client_known"}), lambda: asked.ask_client(case)),
        (frozenset({"client_known_elsewhere"}), lambda: asked.ask_client_elsewhere(case)),
        (frozenset({"callback_registered"}), lambda: asked.ask_callback(case)),
        (frozenset({"callback_twin_registered"}), lambda: asked.ask_callback_twin(case)),
        (frozenset({"secret_accepted"}), lambda: asked.ask_secret(case)),
        (frozenset({"works_without_secret"}), lambda: asked.ask_without_secret(case)),
        (
            frozenset({"own_row_present", "app_rows", "newer_app_rows", "app_installed", "approval_since_login"}),
            org.learn_approvals,
        ),
        (frozenset({"refresh_token_active"}), lambda: asked.settle_introspection(case)),
        (frozenset({"app_recreated", "app_saved_minutes"}), org.learn_app),
        (frozenset({"app_deleted_in_setup", "secret_changed_in_setup"}), trail.learn_changes),
        (frozenset({"host_names_itself", "clock_skew_minutes"}), lambda: asked.ask_host(case)),
        (frozenset({"idle_over", "lifetime_over", "app_listed", "admin_approved_only"}), org.learn_policy),
        (
            frozenset({"login_status", "foreign_logins", "success_just_now", "page_status", "page_let_address_in"}),
            trail.learn_logins,
        ),
        (frozenset({"profile_lets_address_in"}), org.learn_ranges),
        (frozenset({"user_frozen", "user_locked"}), org.learn_freeze),
        (frozenset({"user_active"}), org.learn_user),
        (frozenset({"may_approve_uninstalled"}), org.learn_permission),
        (frozenset({"others_find_rows"}), sight.learn_rows),
        (frozenset({"others_know_object"}), sight.learn_object),
        (frozenset({"others_see_field"}), sight.learn_field),
        (frozenset({"user_sees_all_data"}), sight.learn_all_data),
        (frozenset({"object_has_records"}), sight.learn_count),
        (frozenset({"api_open", "user_let_in"}), trail.learn_logins),
        (frozenset({"access_token_active"}), lambda: asked.ask_access_token(case)),
    )

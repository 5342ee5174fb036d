"""Gathering the facts that tell the causes of a failure apart: few requests, little time, nothing spent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http_budget import BudgetSpentError, MeteredSession
from sfrunbook.core.model import Connection, Diagnosis, Grant, Known, Verdict
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.evidence import hosts
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.diagnosis.evidence.org_logs import OrgLogs
from sfrunbook.diagnosis.evidence.org_reader import OrgReader
from sfrunbook.diagnosis.evidence.org_settings import OrgSettings
from sfrunbook.diagnosis.evidence.stored import learn_stored
from sfrunbook.diagnosis.evidence.visibility import ASKED_BY_PARTNER, OF_ANY_USER, Visibility
from sfrunbook.diagnosis.verdicts import facts_wanted, rank_causes
from sfrunbook.store.what_worked import History

__all__ = [
    "ASKED_BY_PARTNER",
    "OF_ANY_USER",
    "REQUESTS_AT_MOST",
    "Evidence",
    "gather",
]

REQUESTS_AT_MOST = 6
_SECONDS_AT_MOST = 10.0

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
    logins: tuple[Grant, ...] = (),
    app_names: tuple[str, ...] = (),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    seconds: float = _SECONDS_AT_MOST,
) -> Evidence:
    """The facts that tell the diagnosis's causes apart, as far as they can be learnt; never raises for a host's reply.

    At most 6 requests and 10 seconds; no refresh token is spent, no approval is created and no login is started. Only
    facts that decide on a cause of this diagnosis are asked for, and none once every cause is decided. `logins` are
    grants whose access tokens may ask the org; they are not refreshed.
    """
    wanted = facts_wanted(diagnosis)
    with MeteredSession(requests_at_most=REQUESTS_AT_MOST, seconds=seconds, ca_file=connection.ca_file) as http:
        case = Case(
            failure=diagnosis.failure,
            connection=connection,
            grant=grant,
            client_secret=client_secret,
            logins=logins,
            history=history,
            http=http,
            clock=clock,
            app_names=app_names,
        )
        learn_stored(case)
        _ask(case, diagnosis, wanted)
    return MappingProxyType(dict(case.known))


def _ask(case: Case, diagnosis: Diagnosis, wanted: frozenset[str]) -> None:
    for names, step in _steps(case):
        if not names & wanted - case.known.keys() or _is_decided(diagnosis, case.known):
            continue
        try:
            step()
        except RunbookError:
            continue
        except BudgetSpentError:
            return


def _is_decided(diagnosis: Diagnosis, known: Mapping[str, Known]) -> bool:
    return all(cause.verdict is not Verdict.POSSIBLE for cause in rank_causes(diagnosis, known).ranked)


def _steps(case: Case) -> Iterator[_Step]:
    """Which facts a question answers, in the order of their worth: an answer makes many of the later ones needless."""
    reader = OrgReader(case)
    logs = OrgLogs(case, reader)
    org, visibility = OrgSettings(case, reader, logs), Visibility(case)
    questions: tuple[tuple[str, Callable[[], None]], ...] = (
        ("refresh_token_active", partial(hosts.ask_refresh_token, case)),
        ("client_known", partial(hosts.ask_client, case)),
        ("client_known_elsewhere", partial(hosts.ask_client_elsewhere, case)),
        ("callback_registered", partial(hosts.ask_callback, case)),
        ("callback_twin_registered", partial(hosts.ask_callback_twin, case)),
        ("secret_accepted", partial(hosts.ask_secret, case)),
        ("works_without_secret", partial(hosts.ask_without_secret, case)),
        ("own_row_present app_rows newer_app_rows app_installed approval_since_login", org.learn_approvals),
        ("refresh_token_active", partial(hosts.settle_introspection, case)),
        ("app_recreated app_saved_minutes", org.learn_app),
        ("app_deleted_in_setup secret_changed_in_setup", logs.learn_changes),
        ("host_names_itself clock_skew_minutes", partial(hosts.ask_host, case)),
        ("idle_over lifetime_over app_listed admin_approved_only", org.learn_policy),
        ("login_status foreign_logins success_just_now page_status page_let_address_in", logs.learn_logins),
        ("profile_lets_address_in", org.learn_ranges),
        ("user_frozen user_locked", org.learn_freeze),
        ("user_active", org.learn_user),
        ("may_approve_uninstalled", org.learn_permission),
        ("others_find_rows", visibility.learn_rows),
        ("others_know_object", visibility.learn_object),
        ("others_see_field", visibility.learn_field),
        ("user_sees_all_data", visibility.learn_all_data),
        ("object_has_records", visibility.learn_count),
        ("api_open user_let_in", logs.learn_logins),
        ("access_token_active", partial(hosts.ask_access_token, case)),
    )
    return ((frozenset(names.split()), step) for names, step in questions)

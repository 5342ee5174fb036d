"""Checks of the partner's side after its login: authenticated, a method returns data, and goes on doing so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from sfrunbook.checks.partner import STAGE, connector_is_installed
from sfrunbook.checks.registry import Answer, Context, check, failed, local, passed, required, skipped
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Diagnosis, Failure, RankedCause, Skip, Stage, Status, Verdict
from sfrunbook.core.moments import local_and_utc
from sfrunbook.core.words import counted
from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of
from sfrunbook.diagnosis.evidence import ASKED_BY_PARTNER
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.partners.cyclr.api import ADDRESS_NOT_ALLOWED
from sfrunbook.partners.cyclr.proof import run_cycle
from sfrunbook.partners.cyclr.records import AccountConnector, Named
from sfrunbook.partners.cyclr.side import CyclrSide, MethodRun
from sfrunbook.salesforce.approvals import Approvals
from sfrunbook.salesforce.oauth.probe_token import refresh_needs_secret

__all__ = ["NEIGHBOURS", "PROOF", "diagnosis_at_partner"]

_LOST = "cyclr-connector-lost-access"
#: the row of an answer to this runbook, and that of the same answer to the partner
_OWN_ACCESS = {"refresh-token-refused": _LOST, "session-expired": "cyclr-session-refused"}
#: accounts that are looked through for a connector that lost its access
_ACCOUNTS_AT_MOST = 50


@check(STAGE, requires=(connector_is_installed,))
def connector_is_authenticated(context: Context) -> Answer:
    """The partner's connector is authenticated."""
    side = required(context.partner)
    if not side.installed.authenticated:
        return failed("cyclr-not-authenticated")
    if context.partner_record:
        context.partner_record.note_authenticated(side.installed.number, datetime.now(UTC))
    return passed(f"Connector {side.installed.number} is authenticated.")


@check(STAGE, requires=(connector_is_installed, connector_is_authenticated))
def a_method_returns_data(context: Context) -> Answer:
    """A method of the connector returns rows."""
    return _tried(context, required(context.partner))


@check(STAGE, requires=(connector_is_installed, connector_is_authenticated, a_method_returns_data))
def refresh_works_later(context: Context) -> Answer:
    """The partner's connection works after its session has ended."""
    side, record, now = required(context.partner), context.partner_record, datetime.now(UTC)
    if context.end_sessions is not None:
        context.end_sessions()
        answer = _tried(context, side)
        if answer.status not in (Status.PASSED, Status.WARNING):
            return answer
        return passed("We ended its session and the next call still worked, so the refresh works.", answer.evidence)
    number = side.installed.number
    after = record.retest_after(number, now) if record else None
    if after is not None and now >= after:
        return passed("Its first session must have ended, and the method still works, so the refresh works (likely).")
    date = local_and_utc(after) if after else "a day"
    evidence = {"re-test after": date}
    return failed("cyclr-refresh-not-proved", status=Status.WARNING, evidence=evidence, date=date)


@check(STAGE, requires=(connector_is_installed,))
def no_other_connector_lost_its_access(context: Context) -> Answer:
    """No other connector has lost its access."""
    side = required(context.partner)
    others = [(account, other) for account in side.accounts[:_ACCOUNTS_AT_MOST] for other in _others(side, account)]
    refused: dict[str, Diagnosis] = {}
    silent: dict[str, Diagnosis] = {}
    for account, other in others:
        try:
            side.run_method(account.id, other.number)
        except RunbookError as error:
            if error.code == ADDRESS_NOT_ALLOWED:
                detail = "This machine isn't allowed to run methods, so we couldn't check the others."
                return skipped(Skip.DOES_NOT_APPLY, detail)
            explained = _explained(context, error, other.number, account.name)
            of_outcome = silent if explained.infrastructure else refused
            of_outcome[f"{other.name} {other.number} of account {account.name}"] = explained
    if refused:
        first = next(iter(refused.values()))
        return Answer(status=Status.FAILED, detail=f"Salesforce rejects {', '.join(refused)}.", diagnosis=first)
    if silent:
        detail = f"We couldn't check {', '.join(silent)}: no answer."
        return Answer(status=Status.INCONCLUSIVE, detail=detail, diagnosis=next(iter(silent.values())))
    asked = counted(len(others), "other connector")
    return passed(f"Salesforce rejected none: {asked} checked." if others else "There is no other connector.")


PROOF = tuple(each.name for each in (connector_is_authenticated, a_method_returns_data, refresh_works_later))
NEIGHBOURS = (no_other_connector_lost_its_access.name,)


def _others(side: CyclrSide, account: Named) -> list[AccountConnector]:
    """Authenticated connectors of the same kind, this connection's own left out."""
    found = side.cyclr.installed(account.id)
    same = [other for other in found if other.connector == side.library.name and other.authenticated]
    return [other for other in same if (account.id, other.number) != (side.account_id, side.installed.number)]


def _tried(context: Context, side: CyclrSide) -> Answer:
    """What running a method proves, or a cycle where methods may not be run from here."""
    try:
        return _answer_of(side.run_method())
    except RunbookError as error:
        if error.code != ADDRESS_NOT_ALLOWED:
            return _refused(context, side, error)
        blocked = error
    try:
        outcome = run_cycle(side)
    except RunbookError as error:
        return _refused(context, side, error)
    if outcome is None:
        return _unproved(blocked, "No template with this connector is available to run instead.")
    if outcome.good:
        detail = "The cycle completed; we couldn't see its rows."
        return Answer(status=Status.WARNING, detail=detail, evidence={"cycle": outcome.name})
    if not outcome.detail:
        return _unproved(blocked, f"The cycle {outcome.name} is still running.")
    failure = Failure(stage=Stage.PARTNER, description=outcome.message, evidence={"detail": outcome.detail})
    return _refused(context, side, RunbookError(failure))


def _unproved(blocked: RunbookError, instead: str) -> Answer:
    diagnosis = diagnosis_of(blocked)
    return Answer(status=Status.INCONCLUSIVE, detail=f"{diagnosis.what} {instead}", diagnosis=diagnosis)


def _answer_of(run: MethodRun) -> Answer:
    response = run.response
    evidence = {"method": run.method, "rows": "not reported" if response.rows is None else str(response.rows)}
    if response.is_proof:
        return passed(f"{run.method} returned {counted(response.rows or 0, 'row')} with Salesforce IDs.", evidence)
    if response.rows == 0:
        diagnosis = local("cyclr-method-without-rows", query=run.query, **{ASKED_BY_PARTNER: "yes"})
        return Answer(status=Status.WARNING, detail=diagnosis.what, diagnosis=diagnosis, evidence=evidence)
    doubts = " ".join(response.doubts)
    return failed("cyclr-response-not-of-salesforce", status=Status.INCONCLUSIVE, evidence=evidence, doubts=doubts)


def _refused(context: Context, side: CyclrSide, error: RunbookError) -> Answer:
    shown = _explained(context, error, side.installed.number, side.account.name)
    status = Status.INCONCLUSIVE if shown.infrastructure else Status.FAILED
    return Answer(status=status, detail=shown.what, diagnosis=shown)


def _explained(context: Context, error: RunbookError, number: str, account: str) -> Diagnosis:
    """What the error of Salesforce in the message's Detail means; the message itself where that is not recognised."""
    detail = error.failure.evidence.get("detail", "")
    if not detail:
        return diagnosis_of(error)
    org = context.connection
    explained = diagnosis_at_partner(
        detail,
        connector=number,
        account=f"account {account}",
        approvals=lambda: context.approvals,
        needs_secret=lambda: refresh_needs_secret(context.http, org.login_url, org.client_id)[0],
    )
    # what a program says of itself says nothing of Salesforce
    unknown = explained.code == UNRECOGNISED or explained.failure.stage is Stage.LOCAL
    return diagnosis_of(error) if unknown else explained


def diagnosis_at_partner(
    message: str,
    *,
    connector: str,
    account: str,
    approvals: Callable[[], Approvals | None],
    needs_secret: Callable[[], bool | None] = lambda: None,
) -> Diagnosis:
    """What an error means that Salesforce sent to the partner and not to this runbook: it is the partner's own access.

    `approvals` counts those of the user of this runbook's login, which weighs the causes; None where it cannot.
    `needs_secret` is whether the app refuses a refresh without the secret; None where that is not known.
    """
    failure = explain_text(message)
    diagnosis = diagnose(replace(failure, evidence={**failure.evidence, ASKED_BY_PARTNER: "yes"}))
    # the login has worked, so it is the refresh that lacks the secret, unless the app asks for none: a replaced one
    if diagnosis.code == "client-secret-refused" and needs_secret() is not False:
        return local("cyclr-refresh-needs-secret")
    own = _OWN_ACCESS.get(diagnosis.code)
    if own is None:
        return diagnosis
    description = diagnosis.failure.description or diagnosis.what
    lost = local(own, connector=connector, account=account, description=description)
    return _weighed(lost, approvals()) if own == _LOST else lost


def _weighed(lost: Diagnosis, approvals: Approvals | None) -> Diagnosis:
    """With the sixth approval ruled out, or put first, by the number of the user's approvals now."""
    if approvals is None or approvals.count is None or (approvals.at_least and not approvals.is_full):
        return lost
    because = f"The user of your login has {approvals.count} of {approvals.limit} approvals of the app."
    first, *others = lost.causes
    verdict = Verdict.POSSIBLE if approvals.is_full else Verdict.RULED_OUT
    sixth = RankedCause(cause=first, verdict=verdict, because=because)
    unknown = "We found no evidence for or against it."
    rest = [RankedCause(cause=cause, verdict=Verdict.POSSIBLE, because=unknown, undecided=True) for cause in others]
    ordered = (sixth, *rest) if approvals.is_full else (*rest, sixth)
    return replace(lost, ranked=ordered, causes=tuple(entry.cause for entry in ordered))

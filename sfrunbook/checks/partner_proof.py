"""Checks of the partner's side after its login: authenticated, a method returns data, and goes on doing so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from sfrunbook.checks.partner import STAGE, side_of
from sfrunbook.checks.registry import Answer, Context, check, local, skipped
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import (
    Diagnosis,
    Failure,
    RankedCause,
    Skip,
    Stage,
    Status,
    Verdict,
)
from sfrunbook.core.words import counted
from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of
from sfrunbook.diagnosis.evidence import ASKED_BY_PARTNER
from sfrunbook.diagnosis.read_text import explain_text
from sfrunbook.partners.cyclr.proof import run_cycle
from sfrunbook.partners.cyclr.records import Account, AccountConnector
from sfrunbook.partners.cyclr.side import CyclrSide, Ran
from sfrunbook.salesforce.approvals import Approvals

__all__ = ["NEIGHBOURS", "PROOF", "said_to_partner"]

_INSTALLED = "connector-is-installed"
_AUTHENTICATED = "connector-is-authenticated"
_DATA = "a-method-returns-data"
_EVICTED = "no-other-connector-lost-its-access"
PROOF = (_AUTHENTICATED, _DATA, "refresh-works-later")
NEIGHBOURS = (_EVICTED,)
_LOST = "cyclr-connector-lost-access"
#: what an answer to this runbook is called where the partner got it
_OWN_ACCESS = {"refresh-token-refused": _LOST, "session-expired": "cyclr-session-refused"}
_BLOCKED = "cyclr-address-not-allowed"
#: accounts that are looked through for a connector that lost its access
_ACCOUNTS_AT_MOST = 50


@check(STAGE, requires=(_INSTALLED,))
def connector_is_authenticated(context: Context) -> Answer:
    """The partner says that its connector is authenticated."""
    side = side_of(context)
    if not side.installed.authenticated:
        diagnosis = local("cyclr-not-authenticated")
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    if context.partner_record:
        context.partner_record.note_authenticated(side.installed.number, datetime.now(UTC))
    return Answer(status=Status.PASSED, detail=f"Connector {side.installed.number} is authenticated.")


@check(STAGE, requires=(_INSTALLED, _AUTHENTICATED))
def a_method_returns_data(context: Context) -> Answer:
    """A method of the partner's connector returns rows of the org."""
    side = side_of(context)
    return _tried(context, side)


@check(STAGE, requires=(_INSTALLED, _AUTHENTICATED, _DATA))
def refresh_works_later(context: Context) -> Answer:
    """The partner's connection works when the session of its login has ended."""
    side, record, now = side_of(context), context.partner_record, datetime.now(UTC)
    if context.end_sessions is not None:
        context.end_sessions()
        answer = _tried(context, side)
        if answer.status not in (Status.PASSED, Status.WARNING):
            return answer
        told = "Its session was ended, and the next call worked: it was renewed."
        return Answer(status=Status.PASSED, detail=told, evidence=answer.evidence)
    number = side.installed.number
    after = record.retest_after(number, now) if record else None
    if after is not None and now >= after:
        told = "The session of its login must have ended since; the method above worked, so it was renewed (likely)."
        return Answer(status=Status.PASSED, detail=told)
    date = f"{after:%Y-%m-%d %H:%M} UTC" if after else "a day"
    diagnosis = local("cyclr-refresh-not-proved", date=date)
    return Answer(status=Status.WARNING, detail=diagnosis.what, diagnosis=diagnosis, evidence={"re-test after": date})


@check(STAGE, requires=(_INSTALLED,))
def no_other_connector_lost_its_access(context: Context) -> Answer:
    """No other connector of the partner has lost its access because the same user logged in once too often."""
    side = side_of(context)
    others = [(account, one) for account in side.accounts[:_ACCOUNTS_AT_MOST] for one in _others(side, account)]
    hit: list[tuple[str, Diagnosis]] = []
    for account, one in others:
        try:
            side.run_method(account.account_id, one.number)
        except RunbookError as error:
            if diagnosis_of(error).code == _BLOCKED:
                told = "This machine may not run methods, so the other connectors were not asked."
                return skipped(Skip.DOES_NOT_APPLY, told)
            if not diagnosis_of(error).infrastructure:
                place = f"{one.name} {one.number} of account {account.name}"
                hit.append((place, _explained(context, error, one.number, account.name)))
    if hit:
        told = f"Refused to {', '.join(place for place, _ in hit)}."
        return Answer(status=Status.FAILED, detail=told, diagnosis=hit[0][1])
    told = f"{len(others)} were asked, and all of them answered." if others else "There is no other."
    return Answer(status=Status.PASSED, detail=told)


def _others(side: CyclrSide, account: Account) -> list[AccountConnector]:
    """Authenticated connectors of the same kind, this connection's own left out."""
    found = side.cyclr.installed(account.account_id)
    same = [one for one in found if one.connector == side.library.name and one.authenticated]
    return [one for one in same if (account.account_id, one.number) != (side.account_id, side.installed.number)]


def _tried(context: Context, side: CyclrSide) -> Answer:
    """What running a method proves, or a cycle where methods may not be run from here."""
    try:
        return _answer_of(side.run_method())
    except RunbookError as error:
        if diagnosis_of(error).code != _BLOCKED:
            return _refused(context, side, error)
        blocked = diagnosis_of(error)
    try:
        outcome = run_cycle(side)
    except RunbookError as error:
        return _refused(context, side, error)
    if outcome is None:
        told = f"{blocked.what} No template of this connector is there to be run instead."
        return Answer(status=Status.INCONCLUSIVE, detail=told, diagnosis=blocked)
    if outcome.good:
        told = f"This machine may not run methods; the cycle {outcome.name} ran the connector instead and completed."
        return Answer(status=Status.PASSED, detail=told, evidence={"cycle": outcome.name})
    if not outcome.detail:
        told = f"{blocked.what} The cycle {outcome.name} was started and has not ended yet."
        return Answer(status=Status.INCONCLUSIVE, detail=told, diagnosis=blocked)
    failure = Failure(stage=Stage.PARTNER, description=outcome.message, evidence={"detail": outcome.detail})
    return _refused(context, side, RunbookError(failure))


def _answer_of(ran: Ran) -> Answer:
    seen = ran.response
    evidence = {"method": ran.method, "rows": "none told" if seen.rows is None else str(seen.rows)}
    if seen.is_proof:
        detail = f"{ran.method} returned {counted(seen.rows or 0, 'row')} with Ids of Salesforce."
        return Answer(status=Status.PASSED, detail=detail, evidence=evidence)
    if seen.rows == 0:
        diagnosis = local("cyclr-method-without-rows", query=ran.query, **{ASKED_BY_PARTNER: "yes"})
        return Answer(status=Status.WARNING, detail=diagnosis.what, diagnosis=diagnosis, evidence=evidence)
    diagnosis = local("cyclr-response-not-of-salesforce", doubts=" ".join(seen.doubts))
    return Answer(status=Status.INCONCLUSIVE, detail=diagnosis.what, diagnosis=diagnosis, evidence=evidence)


def _refused(context: Context, side: CyclrSide, error: RunbookError) -> Answer:
    shown = _explained(context, error, side.installed.number, side.account.name)
    status = Status.INCONCLUSIVE if shown.infrastructure else Status.FAILED
    return Answer(status=status, detail=shown.what, diagnosis=shown)


def _explained(context: Context, error: RunbookError, number: str, account: str) -> Diagnosis:
    """What Salesforce said to the partner, out of the Detail of its message; the message where that tells nothing."""
    detail = error.failure.evidence.get("detail", "")
    if not detail:
        return diagnosis_of(error)
    seen = said_to_partner(detail, connector=number, account=f"account {account}", approvals=lambda: context.approvals)
    return diagnosis_of(error) if seen.code == UNRECOGNISED else seen


def said_to_partner(said: str, *, connector: str, account: str, approvals: Callable[[], Approvals | None]) -> Diagnosis:
    """What an error means that Salesforce told the partner and not this runbook: it is the partner's own access.

    `approvals` counts those of the user of this runbook's login, where that tells causes apart; None where it cannot.
    """
    seen = diagnose(_of_partner(explain_text(said)))
    if seen.code == "client-secret-refused":  # the login has worked, so it is the refresh that lacks the secret
        return local("cyclr-refresh-needs-secret")
    own = _OWN_ACCESS.get(seen.code)
    if own is None:
        return seen
    told = local(own, connector=connector, account=account, description=seen.failure.description or seen.what)
    return _weighed(told, approvals()) if own == _LOST else told


def _of_partner(failure: Failure) -> Failure:
    """The failure of a call that the partner made, with a login whose user is not known here."""
    return replace(failure, evidence={**failure.evidence, ASKED_BY_PARTNER: "yes"})


def _weighed(lost: Diagnosis, approvals: Approvals | None) -> Diagnosis:
    """With the sixth approval ruled out, or put first, by the number of approvals that the user holds now."""
    if approvals is None or approvals.count is None or (approvals.at_least and not approvals.is_full):
        return lost
    because = f"The user of this runbook's login holds {approvals.count} of {approvals.limit} approvals of the app."
    first, *others = lost.causes
    verdict = Verdict.POSSIBLE if approvals.is_full else Verdict.RULED_OUT
    sixth = RankedCause(cause=first, verdict=verdict, because=because)
    unknown = "Nothing tells for or against it."
    rest = [RankedCause(cause=one, verdict=Verdict.POSSIBLE, because=unknown, undecided=True) for one in others]
    ordered = (sixth, *rest) if approvals.is_full else (*rest, sixth)
    return replace(lost, ranked=ordered, causes=tuple(one.cause for one in ordered))

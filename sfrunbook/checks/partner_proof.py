"""Checks of the partner's side after its login: authenticated, a method returns data, and goes on doing so."""

from __future__ import annotations

from datetime import UTC, datetime

from sfrunbook.catalogue import UNRECOGNISED
from sfrunbook.checks.partner import STAGE, side_of
from sfrunbook.checks.registry import Answer, Context, check, local
from sfrunbook.cyclr.proof import run_cycle
from sfrunbook.cyclr.records import AccountConnector
from sfrunbook.cyclr.side import CyclrSide, Ran
from sfrunbook.diagnose import diagnose
from sfrunbook.explain import explain_text
from sfrunbook.model import Diagnosis, RunbookError, Stage, Status

__all__ = ["NEIGHBOURS", "PROOF"]

_INSTALLED = "connector-is-installed"
_AUTHENTICATED = "connector-is-authenticated"
_DATA = "a-method-returns-data"
_EVICTED = "no-other-connector-lost-its-access"
PROOF = (_AUTHENTICATED, _DATA, "refresh-works-later")
NEIGHBOURS = (_EVICTED,)
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
    try:
        return _answer_of(side.run_method())
    except RunbookError as error:
        if error.diagnosis.code != _BLOCKED:
            return _refused(error)
        return _by_cycle(side, error.diagnosis)


@check(STAGE, requires=(_INSTALLED, _AUTHENTICATED, _DATA))
def refresh_works_later(context: Context) -> Answer:
    """The partner's connection works when the session of its login has ended."""
    side, record, now = side_of(context), context.partner_record, datetime.now(UTC)
    if context.end_sessions is not None:
        context.end_sessions()
        return _once_more(side, "Its session was ended, and the next call worked: it was renewed.")
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
    """No other connector of the partner lost its access by this login."""
    side, hit, asked, blocked = side_of(context), list[str](), 0, False
    first: Diagnosis | None = None
    for account in side.accounts[:_ACCOUNTS_AT_MOST]:
        for one in _others(side, account.account_id):
            try:
                side.run_method(account.account_id, one.number)
                asked += 1
            except RunbookError as error:
                blocked = blocked or error.diagnosis.code == _BLOCKED
                if error.diagnosis.code == _BLOCKED or error.diagnosis.infrastructure:
                    continue
                asked += 1
                said = f"{_told(error).rstrip('.')} (connector {one.number})"
                hit.append(f"{one.name} {one.number} of account {account.name}")
                first = first or local(
                    "cyclr-connector-evicted", connector=one.number, account=account.name, description=said
                )
    if hit:
        return Answer(status=Status.FAILED, detail=f"These lost their access: {', '.join(hit)}.", diagnosis=first)
    if blocked:
        return Answer(status=Status.SKIPPED, detail="This machine may not run methods, so the others were not asked.")
    return Answer(status=Status.PASSED, detail=f"{asked} other connectors were asked, and all of them answered.")


def _others(side: CyclrSide, account_id: str) -> list[AccountConnector]:
    """Authenticated connectors of the same kind, this connection's own left out."""
    found = side.cyclr.installed(account_id)
    same = [one for one in found if one.connector == side.library.name and one.authenticated]
    return [one for one in same if (account_id, one.number) != (side.account_id, side.installed.number)]


def _answer_of(ran: Ran) -> Answer:
    seen = ran.response
    evidence = {"method": ran.method, "rows": "none told" if seen.rows is None else str(seen.rows)}
    if seen.is_proof:
        told = f"{ran.method} returned {seen.rows} rows with Ids of Salesforce."
        return Answer(status=Status.PASSED, detail=told, evidence=evidence)
    if seen.rows == 0:
        diagnosis = local("cyclr-method-without-rows")
        return Answer(status=Status.WARNING, detail=diagnosis.what, diagnosis=diagnosis, evidence=evidence)
    diagnosis = local("cyclr-response-not-of-salesforce", doubts=" ".join(seen.doubts))
    return Answer(status=Status.INCONCLUSIVE, detail=diagnosis.what, diagnosis=diagnosis, evidence=evidence)


def _by_cycle(side: CyclrSide, blocked: Diagnosis) -> Answer:
    """What a cycle that runs the same connector proves, where methods may not be run from here."""
    try:
        outcome = run_cycle(side)
    except RunbookError as error:
        return _refused(error)
    if outcome is None:
        told = f"{blocked.what} No template with this connector is there to be run instead."
        return Answer(status=Status.INCONCLUSIVE, detail=told, diagnosis=blocked)
    if outcome.good:
        told = f"This machine may not run methods; the cycle {outcome.name} ran the connector instead and completed."
        return Answer(status=Status.PASSED, detail=told, evidence={"cycle": outcome.name})
    if not outcome.detail:
        told = f"{blocked.what} The cycle {outcome.name} was started and has not ended yet."
        return Answer(status=Status.INCONCLUSIVE, detail=told, diagnosis=blocked)
    diagnosis = _explained(outcome.detail, outcome.message)
    return Answer(status=Status.FAILED, detail=f"{outcome.message}: {diagnosis.what}", diagnosis=diagnosis)


def _once_more(side: CyclrSide, told: str) -> Answer:
    try:
        answer = _answer_of(side.run_method())
    except RunbookError as error:
        answer = _by_cycle(side, error.diagnosis) if error.diagnosis.code == _BLOCKED else _refused(error)
    if answer.status in (Status.PASSED, Status.WARNING):
        return Answer(status=Status.PASSED, detail=told, evidence=answer.evidence)
    return answer


def _refused(error: RunbookError) -> Answer:
    diagnosis = error.diagnosis
    detail = diagnosis.failure.evidence.get("detail", "")
    shown = _explained(detail, diagnosis.failure.description) if detail else diagnosis
    status = Status.INCONCLUSIVE if shown.infrastructure else Status.FAILED
    return Answer(status=status, detail=_told(error), diagnosis=shown)


def _told(error: RunbookError) -> str:
    detail = error.diagnosis.failure.evidence.get("detail", "")
    return f"{error.diagnosis.what} {_explained(detail, '').what}" if detail else error.diagnosis.what


def _explained(detail: str, message: str) -> Diagnosis:
    """What Salesforce said, out of the Detail of a message of Cyclr; the message itself where that is not known."""
    seen = diagnose(explain_text(detail))
    if seen.code != UNRECOGNISED or not message:
        return seen
    failure = seen.failure
    return diagnose(type(failure)(stage=Stage.PARTNER, description=message, evidence=failure.evidence))

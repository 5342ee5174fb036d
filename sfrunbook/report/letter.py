"""A diagnosis as a short message to copy to whoever must act: their clicks, the facts, and no secret.

A paragraph is one line, however long, so that it wraps well in any mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sfrunbook.core.model import AppKind, Cause, Connection, Diagnosis, Mark, RankedCause, Remedy, Stage, Verdict
from sfrunbook.core.secrets.redaction import shortened
from sfrunbook.report.links import NO_PAGES, Pages, links_for

__all__ = ["RECIPIENTS", "UNCONFIRMED", "judged_causes", "message"]

#: who can get a message; the user of this runbook needs none
RECIPIENTS = ("Salesforce administrator", "Cyclr partner")
#: follows a step that is a guess
UNCONFIRMED = "(Our best guess: this step isn't confirmed.)"
#: causes beside the first whose steps are listed, so that the message stays short
_FURTHER = 2
_SCREENS = {"Salesforce administrator": "Salesforce", "Cyclr partner": "Cyclr"}


def message(
    diagnosis: Diagnosis,
    *,
    to: str,
    connection: Connection | None = None,
    callbacks: Sequence[str] = (),
) -> str:
    """The message, or an empty text where no cause that is left asks anything of `to`.

    `to` is one of `RECIPIENTS`. A `connection` gives kind and host of the app and its Consumer Key, of which only
    beginning and end are shown; `callbacks` are listed where the app lacks one. A cause that is ruled out is left out.
    A screen of an org whose own address is known is followed by its address.
    """
    app_kind = connection.app_kind if connection else None
    left = [judged for judged in judged_causes(diagnosis) if judged.verdict is not Verdict.RULED_OUT]
    asked = [(judged, steps) for judged in left if (steps := _steps(judged.cause, to))][: 1 + _FURTHER]
    if not asked:
        return ""
    lines = [f"Hello, we're connecting Salesforce to a partner platform and need your help in {_SCREENS[to]}.", ""]
    lines += _facts(diagnosis, app_kind, connection)
    if callbacks and "callback" in diagnosis.code:
        lines += ["Callback URLs that the app needs:", *callbacks]
    pages = Pages(org=connection.login_url) if connection else NO_PAGES
    listed: set[tuple[str, str]] = set()
    for number, (judged, steps) in enumerate(asked):
        new = [step for step in steps if (step.where, step.what) not in listed]
        listed |= {(step.where, step.what) for step in new}
        if new:
            lines += ["", _opening(judged, is_first=not number)]
            lines += [_step(place, step, app_kind, diagnosis, pages) for place, step in enumerate(new, 1)]
    lines += ["", "Please tell us when it's done. Never send a Consumer Secret, a password or a token by email."]
    return "\n".join([*lines, f"More about this error: {diagnosis.source}"])


def judged_causes(diagnosis: Diagnosis) -> tuple[RankedCause, ...]:
    """The causes with their verdicts; all possible, and without a reason, where no facts were gathered."""
    unjudged = (RankedCause(cause=cause, verdict=Verdict.POSSIBLE, because="") for cause in diagnosis.causes)
    return diagnosis.ranked or tuple(unjudged)


def _steps(cause: Cause, to: str) -> list[Remedy]:
    return [step for step in cause.remedies if step.who == to]


def _opening(judged: RankedCause, *, is_first: bool) -> str:
    word = "Most likely cause" if is_first else "Other possible cause"
    return f"{'Cause' if judged.verdict is Verdict.CONFIRMED else word}: {judged.cause.summary} Please do this:"


def _facts(diagnosis: Diagnosis, app_kind: AppKind | None, connection: Connection | None) -> Iterator[str]:
    failure = diagnosis.failure
    yield f"What happened: {diagnosis.what}"
    answer = ": ".join(part for part in (failure.error, failure.description) if part)
    if answer and failure.stage is not Stage.LOCAL and failure.error != diagnosis.code:
        yield f"What Salesforce says: {answer}"
    if org := connection.login_url if connection else failure.host:
        yield f"Org: {org}"
    key = f"Consumer Key {shortened(connection.client_id)}" if connection and connection.client_id else ""
    if app := ", ".join(part for part in (app_kind.label if app_kind else "", key) if part):
        yield f"App: {app}"


def _step(place: int, remedy: Remedy, app_kind: AppKind | None, diagnosis: Diagnosis, pages: Pages) -> str:
    what = f"{remedy.what} {UNCONFIRMED}" if remedy.mark is Mark.GUESS else remedy.what
    where = remedy.place(app_kind)
    links = "".join(f" ({link.url})" for link in links_for(where, pages, diagnosis.failure))
    return f"{place}. {where}{links}: {what}"

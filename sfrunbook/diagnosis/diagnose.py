"""From a failure to its explanation: pure, total, and free of secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Cause, Diagnosis, Failure, Finding, Stage
from sfrunbook.core.secrets.controls import visible_controls
from sfrunbook.core.secrets.patterns import MARKER
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.diagnosis.catalogue import Entry, find
from sfrunbook.diagnosis.published import LOGIN_HISTORY
from sfrunbook.diagnosis.transport import steps
from sfrunbook.diagnosis.verdicts import rank_causes

__all__ = ["diagnose", "diagnosis_of", "explained", "finding_for_app_kind", "for_app_kind"]

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
#: what a text says where a fact was not gathered
_UNKNOWN = {
    "address": "that was given",
    "host": "the Salesforce host",
    "http_status": "unknown",
    "error": "no error code",
    "description": "no description",
    "connection": "NAME",
    "callback": "the address that was sent",
    "granted": "fewer scopes",
    "query": "not stored",
    "missing": "see the partner profile",
    "meaning": "This row answers a group of published codes.",
    "listed": "",
    "scopes": "see scope= in the address of the login page",
    "proxy": "not named",
}
#: what the text says where the whole fact must not be shown
_MASKED = {"address": _UNKNOWN["address"]}
_LONGEST = 300
_REMEDY_TEXTS = ("where", "what", "where_external_client_app", "where_connected_app")


def diagnose(failure: Failure) -> Diagnosis:
    """Explain a failure; one that no row knows is explained as unknown and keeps its evidence.

    Every text of the failure is redacted first, so that no form of the diagnosis contains a secret.
    """
    entry = find(failure)
    if failure.stage is Stage.LOCAL and failure.error == entry.code:
        failure = replace(failure, stage=entry.stage)
    return _explain(entry, _clean(failure))


def diagnosis_of(error: RunbookError) -> Diagnosis:
    """Explain an error, with its causes judged where facts were gathered."""
    diagnosis = diagnose(error.failure)
    return diagnosis if error.facts is None else rank_causes(diagnosis, error.facts)


def explained(error: RunbookError) -> RunbookError:
    """The same error with the catalogue's sentence as its text, to raise where a user sees a plain traceback."""
    diagnosis = diagnosis_of(error)
    explained = RunbookError(error.failure, facts=error.facts)
    explained.args = (f"{diagnosis.code}: {diagnosis.what}",)
    return explained.with_traceback(error.__traceback__)


def for_app_kind(diagnosis: Diagnosis, kind: AppKind | None) -> Diagnosis:
    """The same diagnosis with the screens of one kind of app only; None changes nothing."""
    if kind is None:
        return diagnosis
    return replace(
        diagnosis,
        causes=tuple(_for_app_kind(cause, kind) for cause in diagnosis.causes),
        ranked=tuple(replace(ranked, cause=_for_app_kind(ranked.cause, kind)) for ranked in diagnosis.ranked),
    )


def finding_for_app_kind(finding: Finding, kind: AppKind | None) -> Finding:
    """The same finding, its diagnosis with the screens of one kind of app only."""
    return replace(finding, diagnosis=for_app_kind(finding.diagnosis, kind)) if finding.diagnosis else finding


def _for_app_kind(cause: Cause, kind: AppKind) -> Cause:
    return replace(cause, remedies=tuple(replace(remedy, where=remedy.place(kind)) for remedy in cause.remedies))


def _clean(failure: Failure) -> Failure:
    return replace(
        failure,
        host=_shown(failure.host),
        error=_shown(failure.error),
        description=_shown(failure.description),
        evidence={str(name): _shown(str(value)) for name, value in failure.evidence.items()},
    )


def _shown(text: str) -> str:
    return visible_controls(redact(text))


def _explain(entry: Entry, failure: Failure) -> Diagnosis:
    facts = _facts(failure)
    return Diagnosis(
        code=entry.code,
        what=_fill(entry.what, facts),
        why=_fill(entry.why, facts),
        causes=tuple(_fill_cause(cause, facts) for cause in entry.causes),
        source=entry.source,
        mark=entry.mark,
        failure=failure,
        infrastructure=entry.infrastructure,
    )


def _facts(failure: Failure) -> Mapping[str, str]:
    failed = {
        "host": failure.host,
        "http_status": "" if failure.http_status is None else str(failure.http_status),
        "error": failure.error,
        "reported": _reported(failure),
        "description": failure.description,
        "evidence": "; ".join(f"{name}: {value}" for name, value in failure.evidence.items()),
    }
    known = {**failure.evidence, **{name: value for name, value in failed.items() if value}}
    if failure.stage is not Stage.TRANSPORT:
        return known
    return {**{name: _fill(step, known) for name, step in steps(known.get("runtime", "")).items()}, **known}


def _reported(failure: Failure) -> str:
    """What the reader knows the failure by: its code, else its status or text."""
    status = "" if failure.http_status is None else f"HTTP {failure.http_status}"
    code = "" if failure.error == LOGIN_HISTORY else failure.error
    return code or failure.description or status or _UNKNOWN["error"]


def _fill_cause(cause: Cause, facts: Mapping[str, str]) -> Cause:
    remedies = tuple(
        replace(remedy, **{name: _fill(getattr(remedy, name), facts) for name in _REMEDY_TEXTS})  # type: ignore[arg-type]  # fields of text only
        for remedy in cause.remedies
    )
    return replace(cause, summary=_fill(cause.summary, facts), tell=_fill(cause.tell, facts), remedies=remedies)


def _fill(text: str, facts: Mapping[str, str]) -> str:
    """Put facts in for {placeholders}, in a single pass, so that a fact with braces in it stays as it is.

    A fact that is a sentence brings its own full stop, and one that begins a sentence gets a capital.
    """

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        known = " ".join(facts.get(name, "").split())
        if known == MARKER:  # the whole of it, as of an address that was pasted into a field for secrets
            known = _MASKED.get(name, known)
        if len(known) > _LONGEST:
            known = known[:_LONGEST] + " …"
        if text.startswith(".", found.end()):
            known = known.removesuffix(".")  # a fact may be a whole sentence; the full stop is in the row
        return known or _UNKNOWN.get(name, "not known")

    filled = re.sub(r"([.!?])\.(?=\s|$)", r"\1", _PLACEHOLDER.sub(value, text))
    filled = filled.replace(" (HTTP unknown)", "")  # as for the copied text of a page
    return f"T{filled[1:]}" if filled.startswith("the ") and text.startswith("{") else filled

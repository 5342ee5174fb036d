"""Sends a notice of a run that did not pass: a webhook, an e-mail, or another service that apprise knows."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Finding, Status
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.core.secrets.shape import is_reference
from sfrunbook.headless.runner import Outcome
from sfrunbook.report.words import headline
from sfrunbook.store.references import resolve

__all__ = ["notice_of", "send", "targets"]

_BAD = (Status.FAILED, Status.INCONCLUSIVE)
_LINE = 200


def targets(references: Iterable[str], environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The addresses behind references, looked up before the run, so that a mistake in them shows early.

    Raises RunbookError: `notice-target-not-a-reference`, `notice-not-possible`, and those of a reference that leads
    nowhere.
    """
    found = []
    for reference in references:
        if not is_reference(reference):
            raise problem("notice-target-not-a-reference")
        found.append(resolve(reference, None, environ))
    if found:
        _service(found)
    return tuple(found)


def _service(addresses: Sequence[Secret]) -> Any:  # noqa: ANN401 - apprise has no types
    try:
        import apprise
    except ImportError:
        raise problem("notice-not-possible", reason="the extra sfrunbook[notify] isn't installed") from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # what it logs names addresses
    service = apprise.Apprise()
    for address in addresses:
        if not service.add(address.reveal().strip()):
            raise problem("notice-not-possible", reason="apprise doesn't know an address")
    return service


def notice_of(outcome: Outcome) -> tuple[str, str]:
    """Title and body: the verdict, then in two lines what happened and who does what where."""
    run = outcome.run
    title = f"sfrunbook: {run.connection}: {headline(run)}"
    worst = next((finding for status in _BAD for finding in run.findings if finding.status is status), None)
    lines = _two_lines(worst) if worst else ["No check ran.", f"See the report in {outcome.folder.name}."]
    return redact(title), redact("\n".join(lines))


def _two_lines(finding: Finding) -> list[str]:
    diagnosis = finding.diagnosis
    if diagnosis is None:
        return [_short(finding.detail or finding.claim), f"Check: {finding.check}"]
    cause = diagnosis.ranked[0].cause if diagnosis.ranked else diagnosis.causes[0]
    step = cause.remedies[0]
    return [_short(diagnosis.what), _short(f"{step.who}: {step.where}: {step.what}")]


def _short(text: str) -> str:
    return textwrap.shorten(text, _LINE, placeholder=" …")


def send(addresses: Sequence[Secret], outcome: Outcome) -> Iterator[str]:
    """Send the notice of a run that did not pass; yields a sentence where that failed, which changes no verdict."""
    if not addresses or outcome.exit_code == 0:
        return
    title, body = notice_of(outcome)
    try:
        sent = _service(addresses).notify(title=title, body=body)
    except (RunbookError, OSError):
        sent = False
    if not sent:
        yield "The notice of this run couldn't be sent to every address."

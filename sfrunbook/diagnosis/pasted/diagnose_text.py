"""A pasted text explained: its error, whoever wrote it, and what the user wrote beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sfrunbook.core.model import Cause, Connection, Diagnosis, Known, Remedy
from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.pasted.authorize_address import Needs, asked_differently, asks_to_log_in
from sfrunbook.diagnosis.pasted.log_entries import ends_of
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.diagnosis.pasted.speaker import speaker_of
from sfrunbook.diagnosis.pasted.written_facts import written_facts
from sfrunbook.diagnosis.verdicts import facts_wanted, rank_causes

__all__ = ["diagnose_text", "judge_as_written", "written_about"]


def diagnose_text(text: str, connection: Connection | None = None) -> Diagnosis:
    """The diagnosis of a pasted text, not yet judged by what the user wrote; pure, total, and free of secrets.

    A text that no row explains is answered by the address in it that starts a login, or else by its author: where it
    comes from, and the next step that helps there.
    """
    diagnosis = diagnose(explain_text(text, connection))
    if diagnosis.code != UNRECOGNISED:
        return diagnosis
    login = asks_to_log_in(text)
    return diagnose(login) if login else _of_unknown(diagnosis, text)


def written_about(text: str, connection: Connection | None = None, needs: Needs | None = None) -> Mapping[str, Known]:
    """What a text says that tells causes apart, a login's address in it compared with the connection."""
    return {**written_facts(text), **asked_differently(text, connection, needs)}


def judge_as_written(
    diagnosis: Diagnosis, text: str, connection: Connection | None = None, needs: Needs | None = None
) -> Diagnosis:
    """The diagnosis with its causes judged by what the user wrote beside the error, where that tells them apart.

    Nothing was asked for, so a cause on which nothing is written carries no reason.
    """
    written = written_about(text, connection, needs)
    if not facts_wanted(diagnosis) & written.keys():
        return diagnosis
    ranked = rank_causes(diagnosis, written)
    return replace(
        ranked, ranked=tuple(replace(cause, because="") if cause.undecided else cause for cause in ranked.ranked)
    )


def _of_unknown(diagnosis: Diagnosis, text: str) -> Diagnosis:
    speaker = speaker_of(ends_of(text))
    remedy = Remedy(who=speaker.who, where=speaker.where, what=speaker.step)
    cause = Cause(
        code="not-in-the-catalogue",
        summary="This runbook doesn't know the cause.",
        tell=speaker.tell,
        remedies=(remedy,),
    )
    description = " ".join(diagnosis.failure.description.split())[:300] or diagnosis.failure.error
    return replace(diagnosis, what=speaker.what, why=speaker.why.replace("{description}", description), causes=(cause,))

"""The end of an unattended run in practice: revoke the grant that the run requested for itself."""

from __future__ import annotations

from sfrunbook.core.model import Skip, Status
from sfrunbook.report.cards import Card, findings_card
from sfrunbook.runbook.section import finding
from sfrunbook.runbook.state import State
from sfrunbook.salesforce.oauth.endpoints import introspect

__all__ = ["take_back"]

_TAKEN_BACK = ("what-the-run-made-is-taken-back", "What this run requested is revoked.")


def take_back(state: State) -> Card:
    """Revoke a grant of the scripted user; a grant that someone logged in for stays."""
    opened = state.opened
    about = state.subject("log_in")  # revoking changes it
    grant = opened.grants.stored()
    if grant is None or not opened.login.is_scripted(grant):
        detail = "This run requested no access of its own."
        found = finding(*_TAKEN_BACK, detail, skip=Skip.DOES_NOT_APPLY)
        return findings_card(state.record("log_in", [found], about))
    opened.grants.revoke()
    if introspect(opened.http, grant, opened.client_secret()).active:
        found = finding(*_TAKEN_BACK, "Salesforce says the revoked access is still active.", Status.FAILED)
    else:
        found = finding(*_TAKEN_BACK, "Access was revoked, and Salesforce says it isn't active.")
    return findings_card(state.record("log_in", [found], about))

"""Failures to try on purpose in a practice org: each is announced, breaks one thing, and can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfrunbook.connection.practice_org import PracticeOrg

__all__ = ["PLANNED_FAILURES", "PlannedFailure", "PlannedFailures"]


@dataclass(frozen=True, kw_only=True)
class PlannedFailure:
    """`invitation` completes "Let's break something:", `fails` says what you then see."""

    name: str
    invitation: str
    fails: str
    scenario: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    #: it shows at the next login only
    needs_login: bool = False
    #: it changes the connection's app, and not the practice Cyclr alone
    of_app: bool = True


PLANNED_FAILURES = (
    PlannedFailure(
        name="callback-removed",
        invitation="Remove a callback URL",
        fails="The callback URL check names the missing URL, and Cyclr's login stops with redirect_uri_mismatch.",
        scenario="cyclr-callback-mismatch",
        parameters={"how": "console_only"},
    ),
    PlannedFailure(
        name="callback-with-slash",
        invitation="Add a slash to the end of each callback URL",
        fails="The callback URL check fails, and each login stops with redirect_uri_mismatch.",
        scenario="callback-not-registered",
    ),
    PlannedFailure(
        name="secret-rotated",
        invitation="Replace the Consumer Secret",
        fails="The key and secret check fails, and each refresh ends with invalid_client.",
        scenario="secret-rotated",
    ),
    PlannedFailure(
        name="refresh-scope-removed",
        invitation="Remove the refresh_token scope",
        fails="Log in again to see it: Salesforce rejects your login with invalid_scope.",
        scenario="no-refresh-scope",
        needs_login=True,
    ),
    PlannedFailure(
        name="user-not-approved",
        invitation="Allow only users approved by an administrator",
        fails="Your login and each refresh are rejected, because no user is approved.",
        scenario="admin-approved-only",
    ),
    PlannedFailure(
        name="cyclr-blocks-methods",
        invitation="Let Cyclr block this computer, as the real one does at first",
        fails="A method can't run from here, so a cycle runs instead. The page shows how to see records.",
        scenario="cyclr-ip-blocked",
        of_app=False,
    ),
    PlannedFailure(
        name="cyclr-without-pkce",
        invitation="Let Cyclr log in without a code challenge (PKCE)",
        fails="The PKCE check fails, and Cyclr's login stops with “missing required code challenge”.",
        scenario="cyclr-pkce-not-sent",
    ),
    PlannedFailure(
        name="cyclr-without-secret",
        invitation="Let Cyclr refresh without the Consumer Secret",
        fails="Data comes at first. Once Cyclr's session has ended, its refresh ends with invalid_client.",
        scenario="cyclr-secret-not-sent-on-refresh",
    ),
)


class PlannedFailures:
    """Breaks and repairs the app of one connection in its practice org, by the control API."""

    def __init__(self, practice_org: PracticeOrg) -> None:
        self._org = practice_org

    def break_it(self, name: str) -> PlannedFailure:
        """Break what this planned failure announces; raises KeyError, and RunbookError `practice-world-gone`."""
        planned = {each.name: each for each in PLANNED_FAILURES}[name]
        app = {"app": self._org.client_id} if planned.of_app else {}
        parameters = {**app, **planned.parameters}
        self._org.control("POST", f"/scenarios/{planned.scenario}", parameters)
        return planned

    def broken(self) -> tuple[PlannedFailure, ...]:
        """The planned failures that are on now."""
        on = {each["name"] for each in self._org.control("GET", "/scenarios") if each["on"]}
        return tuple(each for each in PLANNED_FAILURES if each.scenario in on)

    def undo(self) -> None:
        """Undo every planned failure, in reverse order; what else was changed in the org stays."""
        for each in reversed(self.broken()):
            self._org.control("DELETE", f"/scenarios/{each.scenario}")

"""The step of 06_grant_health: keep the stored login working, and set up unattended access."""

from __future__ import annotations

from datetime import datetime

from sfrunbook.connection.health import grant_health
from sfrunbook.connection.unattended import choices
from sfrunbook.core.model import GrantKind, Mark, Skip, Status
from sfrunbook.core.words import APPROVAL, marks_legend, renewals
from sfrunbook.report.cards import Card, card, table
from sfrunbook.runbook.needs import credentials_needed
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import OF_EVERY_STEP, finding, verb

__all__ = ["HealthStep"]

_TRY_ONCE, _LOG_IN_AGAIN = "try-once", "log-in-again"
_ACTIVE = {True: "still active", False: "not active", None: "nothing"}
_ROOM = ("approvals-have-room", "Another approval would not end a working one.")
_DECIDED = ("refresh-is-decided", "Every refresh that was sent has an answer, or a person has decided.")
_UNATTENDED = ("unattended-grant-is-given", "Salesforce gives a grant without a person.")
_RENEWED = ("grant-can-be-renewed", "The grant can be renewed without a person.")
_HOW_TO_CHOOSE = "To set one up, enter client_credentials or jwt_bearer for unattended in the parameters above."


class HealthStep:
    """Show the grant, refresh it, decide about a lost answer, and set up an unattended grant."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    @verb(*_DECIDED)
    def decide(self, how: str = "") -> Card:
        """Decide about a refresh whose answer was lost: `try-once` or `log-in-again`; empty changes nothing."""
        if missing := self._notebook.missing_login():
            return missing
        opened, status = self._notebook.opened, Status.PASSED
        sent, quarantined = opened.grants.undecided(), opened.grants.quarantined()
        if quarantined:
            status = Status.INCONCLUSIVE
            detail = (
                f"New tokens arrived at {quarantined.at:%Y-%m-%d %H:%M} UTC and are in quarantine: "
                f"{quarantined.reason}. Run sfrunbook grants show {opened.connection.name}, then decide as it says."
            )
        elif sent is None:
            detail = "Every refresh that was sent has its answer."
        elif how == _TRY_ONCE:
            detail = f"Salesforce answered: the access lives, {renewals(opened.grants.try_refresh_once().generation)}."
        elif how == _LOG_IN_AGAIN:
            opened.grants.give_up()
            detail, status = "The access is given up. Log in once in 03_authorize.ipynb.", Status.WARNING
        else:
            status = Status.INCONCLUSIVE
            active = _ACTIVE[opened.grants.refresh_token_is_active()]
            detail = (
                f"A refresh was sent at {sent.at:%Y-%m-%d %H:%M} UTC and its answer was lost; of the refresh token "
                f'Salesforce says: {active}. Set decide = "{_TRY_ONCE}" or decide = "{_LOG_IN_AGAIN}" above.'
            )
        return self._notebook.found([finding(*_DECIDED, detail, status)])

    @verb("grant-can-be-looked-at", "The grant that is kept can be read.")
    def grant_health(self) -> Card | None:
        """Kind, ages, machine, policy and last use of the grant, as stored; nothing is spent."""
        return self._notebook.show("health", self._health_card)

    @verb(*_ROOM)
    def approvals(self) -> Card:
        """How many of the five approvals of this user and app are used, by the org's own list where it is readable."""
        if missing := self._notebook.missing_login():
            return missing
        opened = self._notebook.opened
        if opened.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            none = "This kind of access makes no approvals."
            return self._notebook.found([finding(*_ROOM, none, skip=Skip.DOES_NOT_APPLY)])
        approvals = opened.org.approvals()
        status = Status.WARNING if approvals.is_full or approvals.is_near else Status.PASSED
        if approvals.count is None:
            status = Status.INCONCLUSIVE
        self._notebook.record([finding(*_ROOM, approvals.summary, status)])
        if not approvals.rows:
            return card(approvals.summary, status=status)
        rows = [
            {
                "App": row.app_name,
                "Approved": _minute(row.created_at),
                "Last used": _minute(row.last_used_at),
                "Use Count": row.use_count,
            }
            for row in approvals.rows
        ]
        return table(rows, caption=approvals.summary)

    @verb(*_RENEWED)
    def refresh(self) -> Card:
        """One refresh, stored before it is used; an unattended grant is requested again."""
        if missing := self._notebook.missing_login():
            return missing
        opened = self._notebook.opened
        before, after = opened.grants.stored(), opened.grants.refresh()
        detail = "A new access token came."
        if after.kind is GrantKind.AUTHORIZATION_CODE:
            detail = f"A new access token came; the refresh token {'was replaced' if after.rotates else 'stays'}."
        changed = before is not None and before.access_token != after.access_token
        self._notebook.live.refresh("health")
        findings = [finding(*_RENEWED, detail, Status.PASSED if changed else Status.WARNING)]
        if after.moved_from:
            moved = f"The org has moved from {after.moved_from} to {after.instance_url}; the new address is used."
            claim = "The org's address is the same as before."
            findings.append(finding("org-address-stays", claim, moved, Status.WARNING))
        return self._notebook.found(findings)

    @verb("unattended-grants-are-known", "Which grant suits which org is shown.")
    def unattended_choices(self) -> Card:
        """Which grant suits which org, and what each costs."""
        rows = [{"Way": choice.label, "Suits": choice.suits, "Costs": choice.costs} for choice in choices().values()]
        return table(rows, caption="Which way to get access suits which org", note=f"An approval: {APPROVAL}.")

    @verb("unattended-steps", "What is to be clicked is shown.")
    def unattended_steps(self, kind: str = "") -> Card:
        """The click path for an unattended grant on the screens of this connection's kind of app."""
        chosen = next((choice for choice in choices().values() if choice.kind == kind and choice.steps), None)
        if chosen is None:
            what = "Nothing to click: no access without a person was chosen."
            return card(what, _HOW_TO_CHOOSE, skip=Skip.OPTIONAL)
        connection = self._notebook.opened.connection
        rows = [
            {
                "Who": step.who,
                "Where": step.where(connection.app_kind, connection=connection.name),
                "What": step.what + (f" ({step.mark.value})" if step.mark is not Mark.CONFIRMED else ""),
            }
            for step in chosen.steps
        ]
        legend = marks_legend(marks={step.mark for step in chosen.steps} - {Mark.CONFIRMED})
        return table(rows, caption=f"{chosen.label}: what is to be clicked", note=legend)

    @verb("certificate-is-made", "The certificate for the administrator is made.")
    def certificate(self, kind: str = "") -> Card:
        """The certificate of the JWT Bearer Flow, to be copied or sent as a file; the key is not shown."""
        if kind != GrantKind.JWT_BEARER:
            why = Skip.DOES_NOT_APPLY if kind else Skip.OPTIONAL
            return card("No certificate is made: only the JWT Bearer Flow needs one.", skip=why)
        opened = self._notebook.opened
        signing_key = opened.unattended.make_signing_key()
        file = opened.unattended.certificate_file
        facts = f"File: {file}\nValid until: {signing_key.not_after:%Y-%m-%d}\nSHA-256: {signing_key.fingerprint}"
        return card("The certificate to upload", f"{facts}\n{file.read_text('ascii')}", Status.PASSED)

    @verb(*_UNATTENDED)
    def prove_unattended(self, kind: str = "", *, username: str = "", use: bool = False) -> Card:
        """Whether Salesforce issues an unattended grant; nothing is changed before it has.

        With `use` the connection uses it from then on, and its old approval is revoked.
        """
        if not kind:
            what = "Nothing to prove: no access without a person was chosen."
            return card(what, _HOW_TO_CHOOSE, skip=Skip.OPTIONAL)
        if kind not in GrantKind.unattended():
            detail = f"Set unattended to {' or '.join(GrantKind.unattended())}."
            return self._notebook.found([finding(*_UNATTENDED, detail, Status.FAILED)])
        opened = self._notebook.opened
        request = opened.unattended.use if use else opened.unattended.prove
        grant = request(GrantKind(kind), username=username)
        done = "and works by it now" if use else "and nothing was changed; set use_it = True to work by it"
        detail = f"Salesforce gave access as user {grant.user_id} in org {grant.org_id}, {done}."
        return self._notebook.found([finding(*_UNATTENDED, detail)])

    @verb("next-steps", "What to do next is known.")
    def next_steps(self) -> Card:
        """What to do about the grant, most urgent first."""
        if self._notebook.attended and (missing := credentials_needed(self._notebook.opened)):
            return missing
        steps = grant_health(self._notebook.opened).next_steps()
        if not steps:
            return card("Nothing has to be done for this access now.", status=Status.PASSED)
        return card("To be done, most urgent first", "\n".join(steps), Status.WARNING)

    def _health_card(self) -> Card:
        if missing := self._notebook.missing_login():
            return missing
        opened = self._notebook.opened
        facts = grant_health(opened).facts()
        if opened.practice:
            facts.pop("Kept", None)  # only a temporary folder
        rows = [{"": name, "What is known": value} for name, value in facts.items()]
        return table(rows, caption="The access that is kept (the grant)")


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""

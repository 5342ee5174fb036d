"""The verbs of 06_grant_health."""

from __future__ import annotations

from sfrunbook import report
from sfrunbook.connection.health import look_at
from sfrunbook.connection.unattended import choices
from sfrunbook.core.model import GrantKind, Mark, Skip, Status
from sfrunbook.core.words import APPROVAL, marks_legend, renewals
from sfrunbook.report import Card
from sfrunbook.runbook.bound import Bound, finding, verb

__all__ = ["Health"]

_TRY_ONCE, _LOG_IN_AGAIN = "try-once", "log-in-again"
_ROOM = "approvals-have-room"
_ROOM_CLAIM = "Another approval would not end a working one."
_NO_APPROVALS = "This kind of access makes no approvals."
_HOW_TO_CHOOSE = "To set one up, enter client_credentials or jwt_bearer for unattended in the parameters above."
_DECIDED = "refresh-is-decided"
_UNATTENDED = "unattended-grant-is-given"
_UNATTENDED_CLAIM = "Salesforce gives a grant without a person."
_DECIDED_CLAIM = "Every refresh that was sent has an answer, or a person has decided."


class Health(Bound):
    """How the grant is, and how it comes to need nobody."""

    @verb("grant-can-be-looked-at", "The grant that is kept can be read.")
    def grant_health(self) -> Card | None:
        """Kind, ages, machine, policy and last use of the grant; nothing is spent by looking."""
        return self._shown("health", self._health)

    def _health(self) -> Card:
        if waiting := self._needs_grant():
            return waiting
        facts = look_at(self._the_bench).facts()
        if self._the_bench.practice:
            facts.pop("Kept", None)  # a temporary place that says nothing
        return report.table(
            [{"": name, "What is known": value} for name, value in facts.items()],
            caption="The access that is kept (the grant)",
        )

    @verb(_ROOM, _ROOM_CLAIM)
    def approvals(self) -> Card:
        """How many of the five approvals of this user and app are used, by the org's own list where it can be seen."""
        if waiting := self._needs_grant():
            return waiting
        if self._the_bench.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self._found([finding(_ROOM, _ROOM_CLAIM, _NO_APPROVALS, skip=Skip.DOES_NOT_APPLY)])
        used = self._the_bench.approvals()
        status = Status.WARNING if used.is_full or used.is_near else Status.PASSED
        if used.count is None:
            status = Status.INCONCLUSIVE
        self._keep([finding(_ROOM, _ROOM_CLAIM, used.told, status)])
        if not used.rows:
            return report.card(used.told, status=status)
        rows = [
            {
                "App": row.app_name,
                "Approved": f"{row.created_at:%Y-%m-%d %H:%M} UTC" if row.created_at else "",
                "Last used": f"{row.last_used_at:%Y-%m-%d %H:%M} UTC" if row.last_used_at else "",
                "Use Count": row.use_count,
            }
            for row in used.rows
        ]
        return report.table(rows, caption=used.told)

    @verb(_DECIDED, _DECIDED_CLAIM)
    def decide(self, how: str = "") -> Card:
        """Decide about a refresh whose answer was lost: `try-once` or `log-in-again`; empty only looks."""
        bench = self._the_bench
        if waiting := self._needs_grant():
            return waiting
        sent, quarantined = bench.undecided(), bench.quarantined()
        if quarantined:
            told = (
                f"New tokens arrived at {quarantined.at:%Y-%m-%d %H:%M} UTC and are in quarantine: "
                f"{quarantined.reason}. Run sfrunbook grants show {bench.connection.name}, then decide as it says."
            )
            return self._found([finding(_DECIDED, _DECIDED_CLAIM, told, Status.INCONCLUSIVE)])
        if sent is None:
            return self._found([finding(_DECIDED, _DECIDED_CLAIM, "Every refresh that was sent has its answer.")])
        if how == _TRY_ONCE:
            made = bench.try_refresh_once()
            told = f"Salesforce answered: the access lives, {renewals(made.generation)}."
            return self._found([finding(_DECIDED, _DECIDED_CLAIM, told)])
        if how == _LOG_IN_AGAIN:
            bench.give_up_grant()
            told = "The access is given up. Log in once in 03_authorize.ipynb."
            return self._found([finding(_DECIDED, _DECIDED_CLAIM, told, Status.WARNING)])
        active = {True: "still active", False: "not active", None: "nothing"}[bench.refresh_token_is_active()]
        told = (
            f"A refresh was sent at {sent.at:%Y-%m-%d %H:%M} UTC and its answer was lost; of the refresh token "
            f'Salesforce says: {active}. Set decide = "{_TRY_ONCE}" or decide = "{_LOG_IN_AGAIN}" above.'
        )
        return self._found([finding(_DECIDED, _DECIDED_CLAIM, told, Status.INCONCLUSIVE)])

    @verb("next-steps", "What to do next is known.")
    def next_steps(self) -> Card:
        """What somebody should do about the grant, most urgent first."""
        if waiting := self._needs_credentials() if self._someone else None:
            return waiting
        steps = look_at(self._the_bench).next_steps()
        if not steps:
            return report.card("Nothing has to be done for this access now.", status=Status.PASSED)
        return report.card("To be done, most urgent first", "\n".join(steps), Status.WARNING)

    @verb("unattended-grants-are-known", "Which grant suits which org is shown.")
    def unattended_choices(self) -> Card:
        """Which grant suits which org, and what each costs."""
        rows = [{"Way": one.label, "Suits": one.suits, "Costs": one.costs} for one in choices().values()]
        return report.table(rows, caption="Which way to get access suits which org", note=f"An approval: {APPROVAL}.")

    @verb(_UNATTENDED, _UNATTENDED_CLAIM)
    def prove_unattended(self, kind: str = "", *, username: str = "", use: bool = False) -> Card:
        """Whether Salesforce gives an unattended grant; nothing is changed before it has.

        With `use` the connection works by it from then on, and its old approval is taken back.
        """
        if not kind:
            return report.card(
                "Nothing to prove: no access without a person was chosen.", _HOW_TO_CHOOSE, skip=Skip.OPTIONAL
            )
        if kind not in (GrantKind.CLIENT_CREDENTIALS, GrantKind.JWT_BEARER):
            told = "Set unattended to client_credentials or jwt_bearer."
            return self._found([finding(_UNATTENDED, _UNATTENDED_CLAIM, told, Status.FAILED)])
        bench = self._the_bench
        make = bench.use_unattended if use else bench.prove_unattended
        made = make(GrantKind(kind), username=username)
        done = "and works by it now" if use else "and nothing was changed; set use_it = True to work by it"
        told = f"Salesforce gave access as user {made.user_id} in org {made.org_id}, {done}."
        return self._found([finding(_UNATTENDED, _UNATTENDED_CLAIM, told)])

    @verb("unattended-steps", "What is to be clicked is shown.")
    def unattended_steps(self, kind: str = "") -> Card:
        """The clicks for an unattended grant on the screens of this connection's kind of app."""
        chosen = next((one for one in choices().values() if one.kind == kind and one.steps), None)
        if chosen is None:
            return report.card(
                "Nothing to click: no access without a person was chosen.", _HOW_TO_CHOOSE, skip=Skip.OPTIONAL
            )
        connection = self._the_bench.connection
        rows = [
            {
                "Who": step.who,
                "Where": step.where(connection.app_kind, connection=connection.name),
                "What": step.what + (f" ({step.mark.value})" if step.mark is not Mark.CONFIRMED else ""),
            }
            for step in chosen.steps
        ]
        legend = marks_legend(marks={step.mark for step in chosen.steps} - {Mark.CONFIRMED})
        return report.table(rows, caption=f"{chosen.label}: what is to be clicked", note=legend)

    @verb("certificate-is-made", "The certificate for the administrator is made.")
    def certificate(self, kind: str = "") -> Card:
        """The certificate of the JWT Bearer Flow, to be copied or sent as a file; the key is shown nowhere."""
        if kind != GrantKind.JWT_BEARER:
            why = Skip.DOES_NOT_APPLY if kind else Skip.OPTIONAL
            return report.card("No certificate is made: only the JWT Bearer Flow needs one.", skip=why)
        bench = self._the_bench
        made = bench.make_signing_key()
        file, text = bench.certificate_file, bench.certificate_file.read_text("ascii")
        facts = f"File: {file}\nValid until: {made.not_after:%Y-%m-%d}\nSHA-256: {made.fingerprint}"
        return report.card("The certificate to upload", f"{facts}\n{text}", Status.PASSED)

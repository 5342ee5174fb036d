"""What a person can decide about a grant: an unanswered refresh tried once more or given up, a moved store adopted."""

from __future__ import annotations

import contextlib

from sfrunbook.connection.grants import Grants
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Grant
from sfrunbook.diagnosis.investigate import investigated
from sfrunbook.salesforce.oauth.endpoints import introspect, revoke
from sfrunbook.salesforce.policies import TokenPolicy, read_policy
from sfrunbook.store.grant_record import SentMark, StoredGrant

__all__ = ["Deciding"]


class Deciding(Grants):
    """Decisions that no program takes by itself."""

    def kept(self) -> StoredGrant | None:
        """The whole record of the grant, for looking at; raises RunbookError when it cannot be read."""
        return self.store.record(self.connection.name)

    def token_policy(self, app_names: tuple[str, ...]) -> TokenPolicy | None:
        """The app's Refresh Token Policy, where a grant of this org may read it; never raises."""
        witnesses: tuple[Grant, ...] = ()
        with contextlib.suppress(RunbookError):
            witnesses = self.witnesses()
        return read_policy(
            app_kind=self.connection.app_kind,
            names=app_names,
            witnesses=witnesses,
            ca_file=self.connection.ca_file,
        )

    def undecided(self) -> SentMark | None:
        """The refresh whose answer was lost, if there is one."""
        kept = self.kept()
        return kept.sent if kept else None

    def refresh_token_is_active(self) -> bool | None:
        """What Salesforce says of the refresh token, which is not spent by the question; None when it does not tell."""
        grant = self.grant()
        if grant is None or grant.refresh_token is None:
            return None
        try:
            return introspect(self.http, grant, self.client_secret(), refresh_token=True).active
        except RunbookError:
            return None

    @investigated
    def try_refresh_once(self) -> Grant:
        """Send the refresh token once more after an answer was lost, since a person said so.

        Where Salesforce says that it is spent it is not sent. Raises RunbookError: `nothing-to-decide`,
        `refresh-token-spent`, and what a refresh raises.
        """
        if self.undecided() is None:
            raise problem("nothing-to-decide", connection=self.connection.name)
        if self.refresh_token_is_active() is False:
            raise problem("refresh-token-spent", connection=self.connection.name)
        self.store.clear_sent(self.connection.name)
        return self.refresh()

    def give_up_grant(self) -> bool:
        """Forget a grant, since a person will log in again; whether Salesforce took it back as well.

        An approval that could not be taken back goes on counting among the five, and stays in our records.
        """
        grant, taken_back = None, False
        with contextlib.suppress(RunbookError):
            grant = self.grant()
        if grant is not None:
            with contextlib.suppress(RunbookError):
                taken_back = revoke(self.http, grant)
            note = self.own_approvals.note_revoked if taken_back else self.own_approvals.note_refused
            note(grant, self._clock())
        self.store.delete(self.connection.name)
        return taken_back

    def adopt_grant(self) -> None:
        """Take over a grant that was made on another machine, which a person says is out of use."""
        self.store.adopt(self.connection.name)

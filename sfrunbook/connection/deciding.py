"""What a person can decide about a grant: a refresh without an answer, new tokens in quarantine, a moved store."""

from __future__ import annotations

import contextlib

from sfrunbook.connection.grants import Grants
from sfrunbook.connection.refreshing import quarantine_problem
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Grant
from sfrunbook.diagnosis.investigate import investigated
from sfrunbook.salesforce.oauth.endpoints import UserInfo, introspect, revoke, userinfo
from sfrunbook.salesforce.oauth.token_reply import check_org
from sfrunbook.salesforce.policies import TokenPolicy, ask_policy
from sfrunbook.store.grant_record import Kept, Quarantined, Sent

__all__ = ["Deciding"]


class Deciding(Grants):
    """Decisions that no program takes by itself."""

    def kept(self) -> Kept | None:
        """The whole record of the grant, for looking at; raises RunbookError when it cannot be read."""
        return self.store.kept(self.connection.name)

    def token_policy(self, app_names: tuple[str, ...]) -> TokenPolicy | None:
        """The app's Refresh Token Policy, where a grant of this org may read it; never raises."""
        witnesses: tuple[Grant, ...] = ()
        with contextlib.suppress(RunbookError):
            witnesses = self.witnesses()
        return ask_policy(
            app_kind=self.connection.app_kind,
            names=app_names,
            witnesses=witnesses,
            ca_file=self.connection.ca_file,
        )

    def undecided(self) -> Sent | None:
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
        `grant-quarantined`, `refresh-token-spent`, and what a refresh raises.
        """
        if quarantined := self.quarantined():
            raise quarantine_problem(quarantined)
        if self.undecided() is None:
            raise problem("nothing-to-decide", connection=self.connection.name)
        if self.refresh_token_is_active() is False:
            raise problem("refresh-token-spent", connection=self.connection.name)
        self.store.clear_sent(self.connection.name)
        return self.refresh()

    def owner_of_quarantined(self) -> UserInfo | None:
        """Who the new tokens in quarantine belong to, as Salesforce says, which spends nothing; None when unknown."""
        quarantined = self.quarantined()
        if quarantined is None:
            return None
        try:
            return userinfo(self.http, quarantined.grant)
        except RunbookError:
            return None

    @investigated
    def accept_quarantined(self) -> Grant:
        """Make the new tokens in quarantine the grant, since a person said so.

        The org, user and addresses stay those of the grant before. Where Salesforce says that the tokens belong to
        another org they stay in quarantine. Raises RunbookError: `nothing-to-decide`, `tokens-of-another-org`.
        """
        accepted = self._needs_quarantined().grant
        if owner := self.owner_of_quarantined():
            check_org(accepted.org_id, owner.org_id, code="tokens-of-another-org", access_token=accepted.access_token)
        self.store.save(accepted)
        return accepted

    def drop_quarantined(self, *, revoking: bool) -> bool:
        """Forget the new tokens in quarantine and the spent grant before them; whether their approval was revoked.

        Raises RunbookError `nothing-to-decide`.
        """
        self._needs_quarantined()
        if revoking:
            return self.give_up_grant()
        self.store.delete(self.connection.name)
        return False

    def _needs_quarantined(self) -> Quarantined:
        quarantined = self.quarantined()
        if quarantined is None:
            raise problem("nothing-to-decide", connection=self.connection.name)
        return quarantined

    def give_up_grant(self) -> bool:
        """Forget a grant, since a person will log in again; whether Salesforce took it back as well.

        An approval that could not be taken back goes on counting among the five, and stays in our records.
        """
        grant, taken_back = None, False
        with contextlib.suppress(RunbookError):
            grant = self._newest()
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

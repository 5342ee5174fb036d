"""The grant of one connection: stored, refreshed, revoked, and what only its user decides about it."""

from __future__ import annotations

import contextlib
from typing import assert_never
from urllib.parse import urlsplit

from sfrunbook.connection.records import Records
from sfrunbook.connection.refreshing import quarantine_problem, refresh_stored
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Connection, Grant, GrantKind
from sfrunbook.diagnosis.investigate import investigated, note_grant
from sfrunbook.salesforce.oauth.endpoints import UserInfo, introspect, is_accepted, revoke, userinfo
from sfrunbook.salesforce.oauth.grants import ClientCredentials, JwtBearer, RefreshToken
from sfrunbook.salesforce.oauth.token_reply import check_org
from sfrunbook.store.grant_record import Quarantined, SentMark, StoredGrant
from sfrunbook.store.references import resolve

__all__ = ["Grants", "request_unattended"]


class Grants:
    def __init__(self, records: Records) -> None:
        self.records = records

    def stored(self) -> Grant | None:
        return self.records.grant()

    def record(self) -> StoredGrant | None:
        """The whole record of the grant; raises RunbookError when it cannot be read."""
        return self.records.store.record(self._name)

    @investigated
    def refresh(self, last_known: Grant | None = None) -> Grant:
        """Refresh the grant, unless another process has refreshed it after `last_known`.

        Raises RunbookError: what `refresh_stored` raises, and an error of Salesforce.
        """
        records = self.records
        if records.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self.request_unattended()
        flow = RefreshToken(
            client_secret=records.client_secret(), ca_file=records.connection.ca_file, clock=records.now
        )
        try:
            fresh = refresh_stored(
                records.store,
                self._name,
                lambda grant, save: flow.request(grant, save=save),
                now=records.now,
                last_known=last_known,
            )
        except RunbookError as error:
            before = self.stored()
            if error.code == "refresh-outcome-unknown" and before is not None:
                records.history.note_generation(before.approved_at, before.generation, cut_off=True)
            raise
        note_grant(records, fresh, "refresh")
        return fresh

    @investigated
    def request_unattended(self) -> Grant:
        """Request a grant without a login and store it: client credentials or JWT bearer, as the connection says."""
        return self.keep(request_unattended(self.records, self.records.connection))

    def keep(self, grant: Grant) -> Grant:
        """Store a new grant, and pin the connection to its org if it has none yet; returns the grant."""
        with self.records.store.lock(self._name):
            self.records.store.save(grant)
        note_grant(self.records, grant, "login")
        if self.records.connection.org_id is None:
            self.records.change(org_id=grant.org_id)
        return grant

    def revoke(self) -> None:
        """Revoke the approval at Salesforce, then delete the grant here; if that fails it stays, and that is noted.

        Raises RunbookError `revocation-refused`, and deletes nothing, when Salesforce does not know the token but
        still accepts it, or when that cannot be found out.
        """
        grant = self._newest()
        if grant is None:
            return
        records = self.records
        try:
            if not revoke(records.http, grant) and self._may_be_valid(grant):
                raise problem("revocation-refused", connection=self._name, host=urlsplit(grant.issuer).netloc)
        except RunbookError:
            records.own_approvals.note_refused(grant, records.now())
            raise
        records.own_approvals.note_revoked(grant, records.now())
        records.store.delete(self._name)

    def undecided(self) -> SentMark | None:
        record = self.record()
        return record.sent if record else None

    def refresh_token_is_active(self) -> bool | None:
        """Whether Salesforce calls the refresh token active, which does not spend it; None when unknown."""
        grant = self.stored()
        if grant is not None and grant.refresh_token is not None:
            with contextlib.suppress(RunbookError):
                return self._is_active(grant)
        return None

    @investigated
    def try_refresh_once(self) -> Grant:
        """Send the refresh token once more after an answer was lost, because the user decided so.

        It is not sent when Salesforce says that it is spent. Raises RunbookError: `nothing-to-decide`,
        `grant-quarantined`, `refresh-token-spent`, and what a refresh raises.
        """
        if quarantined := self.quarantined():
            raise quarantine_problem(quarantined)
        if self.undecided() is None:
            raise problem("nothing-to-decide", connection=self._name)
        if self.refresh_token_is_active() is False:
            raise problem("refresh-token-spent", connection=self._name)
        self.records.store.clear_sent(self._name)
        return self.refresh()

    def quarantined(self) -> Quarantined | None:
        """The new tokens that no run may use, if there are any."""
        record = self.record()
        return record.quarantined if record else None

    def owner_of_quarantined(self) -> UserInfo | None:
        """Who the new tokens in quarantine belong to, as Salesforce says, which spends nothing; None when unknown."""
        if quarantined := self.quarantined():
            with contextlib.suppress(RunbookError):
                return userinfo(self.records.http, quarantined.grant)
        return None

    @investigated
    def accept_quarantined(self) -> Grant:
        """Make the new tokens in quarantine the grant, because the user decided so.

        The org, user and addresses stay those of the grant before. When Salesforce says that the tokens belong to
        another org they stay in quarantine. Raises RunbookError: `nothing-to-decide`, `tokens-of-another-org`.
        """
        grant = self._needs_quarantined().grant
        if owner := self.owner_of_quarantined():
            check_org(grant.org_id, owner.org_id, code="tokens-of-another-org", access_token=grant.access_token)
        self.records.store.save(grant)
        return grant

    def drop_quarantined(self, *, revoking: bool) -> bool:
        """Delete the new tokens in quarantine and the spent grant; returns whether their approval was revoked.

        Raises RunbookError `nothing-to-decide`.
        """
        self._needs_quarantined()
        if revoking:
            return self.give_up()
        self.records.store.delete(self._name)
        return False

    def give_up(self) -> bool:
        """Delete the grant before a new login; returns whether Salesforce revoked its approval as well.

        An approval that could not be revoked still counts among the five, and stays in our records.
        """
        records, grant, revoked = self.records, None, False
        with contextlib.suppress(RunbookError):
            grant = self._newest()
        if grant is not None:
            with contextlib.suppress(RunbookError):
                revoked = revoke(records.http, grant)
            note = records.own_approvals.note_revoked if revoked else records.own_approvals.note_refused
            note(grant, records.now())
        records.store.delete(self._name)
        return revoked

    def adopt(self) -> None:
        """Take over a grant from another machine, which the user says no longer uses it."""
        self.records.store.adopt(self._name)

    @property
    def _name(self) -> str:
        return self.records.connection.name

    def _needs_quarantined(self) -> Quarantined:
        quarantined = self.quarantined()
        if quarantined is None:
            raise problem("nothing-to-decide", connection=self._name)
        return quarantined

    def _newest(self) -> Grant | None:
        """The grant whose token can revoke the approval: first that in quarantine, since its predecessor is spent."""
        quarantined = self.quarantined()
        return quarantined.grant if quarantined else self.stored()

    def _is_active(self, grant: Grant) -> bool:
        return introspect(self.records.http, grant, self.records.client_secret(), refresh_token=True).active

    def _may_be_valid(self, grant: Grant) -> bool:
        """Whether an approval that cannot be revoked may be valid; an expired access token alone is no proof."""
        active = False
        with contextlib.suppress(RunbookError):  # an app that was deleted may not introspect
            active = self._is_active(grant)
        return active or is_accepted(self.records.http, grant) is not False


def request_unattended(records: Records, connection: Connection) -> Grant:
    """A grant of the unattended kind that `connection` names; not stored, and no approval is used for it.

    Raises RunbookError: `private-key-missing`, `secret-missing`, or a refusal.
    """
    match connection.grant_kind:
        case GrantKind.CLIENT_CREDENTIALS:
            secret = records.client_secret()
            return ClientCredentials(connection=connection, client_secret=secret, clock=records.now).request()
        case GrantKind.JWT_BEARER:
            if not (connection.username and connection.private_key):
                raise problem("private-key-missing", connection=connection.name)
            key = resolve(connection.private_key, records.store)
            return JwtBearer(connection=connection, private_key=key, clock=records.now).request()
        case GrantKind.AUTHORIZATION_CODE:
            raise problem("no-grant-yet", connection=connection.name)
        case unknown:
            assert_never(unknown)

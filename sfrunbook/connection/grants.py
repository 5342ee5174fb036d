"""The grant of one connection: kept, renewed, used and taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from sfrunbook.connection.records import Records
from sfrunbook.connection.refreshing import held_grant, refresh_kept
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import Reply, origin_of
from sfrunbook.core.model import Grant, GrantKind
from sfrunbook.diagnosis.investigate import investigated, note_grant
from sfrunbook.salesforce.api import Salesforce
from sfrunbook.salesforce.approvals import Approvals, count_approvals
from sfrunbook.salesforce.oauth.endpoints import introspect, is_taken, revoke
from sfrunbook.salesforce.oauth.grants import ClientCredentials, JwtBearer, RefreshToken
from sfrunbook.salesforce.oauth.session import AuthorizedSession
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.references import resolve

__all__ = ["Grants"]

_WITNESSES_AT_MOST = 3


class Grants(Records):
    """What can be done with the grant of a connection."""

    def grant(self) -> Grant | None:
        """The grant that is kept, if any."""
        return held_grant(self.store, self.connection.name)

    @investigated
    def refresh(self, seen: Grant | None = None) -> Grant:
        """Renew the grant; when another process has renewed it since `seen`, that one is used instead.

        Raises RunbookError: what `refresh_kept` raises, and a refusal.
        """
        if self.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self.unattended_grant()
        flow = RefreshToken(client_secret=self.client_secret(), ca_file=self.connection.ca_file, clock=self._clock)
        try:
            fresh = refresh_kept(
                self.store,
                self.connection.name,
                lambda held, keep: flow.request(held, save=keep),
                now=self._clock,
                seen=seen,
            )
        except RunbookError as error:
            held = self.grant()
            if error.code == "refresh-outcome-unknown" and held is not None:
                self.history.note_cut_off(held.approved_at, held.generation)
            raise
        note_grant(self, fresh, "refresh")
        return fresh

    @investigated
    def unattended_grant(self) -> Grant:
        """A grant without a person: client credentials or JWT bearer, as the connection says."""
        if self.connection.grant_kind is GrantKind.CLIENT_CREDENTIALS:
            made = ClientCredentials(
                connection=self.connection, client_secret=self.client_secret(), clock=self._clock
            ).request()
        else:
            key = self.connection.private_key
            made = JwtBearer(
                connection=self.connection, private_key=resolve(key, self.store) if key else None, clock=self._clock
            ).request()
        return self._keep(made)

    def revoke(self) -> None:
        """Take the approval back at Salesforce, then forget it here; one that is refused stays, and is remembered.

        Raises RunbookError `revocation-refused`, and forgets nothing, when Salesforce says that it does not know the
        token and takes it all the same, or nobody can tell.
        """
        grant = self.grant()
        if grant is None:
            return
        try:
            if not revoke(self.http, grant) and self._may_live(grant):
                host = urlsplit(grant.issuer).netloc
                raise problem("revocation-refused", connection=self.connection.name, host=host)
        except RunbookError:
            self.own_approvals.note_refused(grant, self._clock())
            raise
        self.own_approvals.note_revoked(grant, self._clock())
        self.store.delete(self.connection.name)

    def _may_live(self, grant: Grant) -> bool:
        """Whether an approval that cannot be revoked is alive; a dead access token alone does not speak against it."""
        introspected = False
        with contextlib.suppress(RunbookError):  # a client that is unknown by now may ask nothing
            introspected = introspect(self.http, grant, self.client_secret(), refresh_token=True).active
        return introspected or is_taken(self.http, grant) is not False

    def approvals(self) -> Approvals:
        """How many approvals this connection's user has given its app; never raises, and spends no token."""
        grant, witnesses = None, tuple[Grant, ...]()
        with contextlib.suppress(RunbookError):
            grant, witnesses = self.grant(), self.witnesses()
        last = grant or self.own_approvals.newest_of_connection(self.connection.name)
        known = last is not None and last.client_id == self.connection.client_id
        return count_approvals(
            user_id=last.user_id if last and known else "",
            org_id=last.org_id if last and known else "",
            client_id=self.connection.client_id,
            app_name=self.history.app_name,
            likely_names=self.app_names,
            witnesses=witnesses,
            own=self.own_approvals,
            ca_file=self.connection.ca_file,
        )

    def salesforce(self) -> Salesforce | None:
        """The org, asked with the grant; None when there is no grant."""
        grant = self.grant()
        if grant is None:
            return None
        answers = AuthorizedSession(grant, self.refresh, ca_file=self.connection.ca_file)
        noting = _UseNoting(answers, self.store, grant.connection, self._clock)
        return Salesforce(noting, identity_url=grant.identity_url)

    def salesforce_or_raise(self) -> Salesforce:
        """The org, asked with the grant; raises RunbookError `no-grant-yet` without one."""
        asked = self.salesforce()
        if asked is None:
            raise problem("no-grant-yet", connection=self.connection.name)
        return asked

    def known_secrets(self) -> tuple[str, ...]:
        """Every secret value this connection can reach now, for the search through what a run leaves."""
        found = [self.client_secret()]
        if grant := self.grant():
            found += [grant.access_token, grant.refresh_token]
        if self.connection.private_key:
            with contextlib.suppress(RunbookError):
                found.append(resolve(self.connection.private_key, self.store))
        return tuple(secret.reveal() for secret in found if secret)

    def witnesses(self) -> tuple[Grant, ...]:
        """Grants whose access tokens may ask this connection's org: its own, then those of its other connections.

        Before the first login the org is known by its own address, where that is the connection's login address.
        """
        own = self.grant()
        org_id = (own.org_id if own else self.connection.org_id) or ""
        address = origin_of(self.connection.login_url)
        found = [own] if own else []
        for name in self._book.names() if self._book else ():
            with contextlib.suppress(RunbookError):
                other = self.store.load(name) if name != self.connection.name else None
                if other is None:
                    continue
                same = other.org_id[:15] == org_id[:15] if org_id else origin_of(other.instance_url) == address
                found += [other] if same else []
        return tuple(found[:_WITNESSES_AT_MOST])

    def _keep(self, grant: Grant) -> Grant:
        with self.store.lock(self.connection.name):
            self.store.save(grant)
        note_grant(self, grant, "login")
        if self.connection.org_id is None:
            self.change(org_id=grant.org_id)
        return grant


class _UseNoting:
    """Answers that note the use of a grant, which `grants show` tells."""

    def __init__(
        self, answers: AuthorizedSession, store: GrantStore, connection: str, now: Callable[[], datetime]
    ) -> None:
        self._answers, self._store, self._connection, self._now = answers, store, connection, now

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = self._answers.get(path_or_url, params)
        if reply.ok:
            with contextlib.suppress(RunbookError):  # the answer counts more than the note of it
                self._store.note_used(self._connection, self._now())
        return reply

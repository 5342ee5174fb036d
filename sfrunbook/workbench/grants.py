"""The grant of one connection: kept, renewed, used and taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from sfrunbook.approvals import Approvals, count_approvals
from sfrunbook.diagnose import problem
from sfrunbook.grant_store import GrantStore
from sfrunbook.investigation import (
    investigated,
    note_grant,
)
from sfrunbook.model import Grant, GrantKind, RunbookError
from sfrunbook.oauth.endpoints import revoke
from sfrunbook.oauth.grants import ClientCredentials, JwtBearer, RefreshToken
from sfrunbook.oauth.session import AuthorizedSession
from sfrunbook.references import resolve
from sfrunbook.salesforce import Salesforce
from sfrunbook.transport import Reply
from sfrunbook.workbench.records import Records

__all__ = ["Grants"]

_WITNESSES_AT_MOST = 3


class Grants(Records):
    """What can be done with the grant of a connection."""

    def grant(self) -> Grant | None:
        """The grant that is kept, if any."""
        return self.store.load(self.connection.name)

    @investigated
    def refresh(self, seen: Grant | None = None) -> Grant:
        """Renew the grant; when another process has renewed it since `seen`, that one is used instead.

        Raises RunbookError: `no-grant-yet`, `no-refresh-token`, `refresh-outcome-unknown`, a refusal.
        """
        if self.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self.unattended_grant()
        with self.store.lock(self.connection.name):
            held = self.grant()
            if held is None:
                raise problem("no-grant-yet", connection=self.connection.name)
            if seen is not None and held.generation > seen.generation:
                return held
            flow = RefreshToken(client_secret=self.client_secret(), ca_file=self.connection.ca_file, clock=self._clock)
            try:
                fresh = flow.request(held, save=self.store.save)
            except RunbookError as error:
                if error.diagnosis.code == "refresh-outcome-unknown":
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
        """Take the approval back at Salesforce, then forget it here; one that is refused stays, and is remembered."""
        grant = self.grant()
        if grant is None:
            return
        try:
            revoke(self.http, grant)
        except RunbookError:
            self.own_approvals.note_refused(grant, self._clock())
            raise
        self.own_approvals.note_revoked(grant, self._clock())
        self.store.delete(self.connection.name)

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
        return Salesforce(_Confirming(answers, self.store, grant.connection), identity_url=grant.identity_url)

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
        return tuple(secret.reveal() for secret in found if secret)

    def witnesses(self) -> tuple[Grant, ...]:
        """Grants whose access tokens may ask this connection's org: its own, then those of its other connections."""
        own = self.grant()
        org_id = own.org_id if own else self.connection.org_id
        found = [own] if own else []
        for name in self._book.names() if self._book and org_id else ():
            with contextlib.suppress(RunbookError):
                other = self.store.load(name) if name != self.connection.name else None
                found += [other] if other and other.org_id[:15] == str(org_id)[:15] else []
        return tuple(found[:_WITNESSES_AT_MOST])

    def _keep(self, grant: Grant) -> Grant:
        with self.store.lock(self.connection.name):
            self.store.save(grant)
        note_grant(self, grant, "login")
        if self.connection.org_id is None:
            self.change(org_id=grant.org_id)
        return grant


class _Confirming:
    """Answers that drop the spare generation of a grant once the current one has been used."""

    def __init__(self, answers: AuthorizedSession, store: GrantStore, connection: str) -> None:
        self._answers, self._store, self._connection = answers, store, connection

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = self._answers.get(path_or_url, params)
        if reply.ok and self._store.previous(self._connection):
            self._store.confirm(self._connection)
        return reply

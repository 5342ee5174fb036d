"""The grant of one connection: kept, renewed, used and taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from sfrunbook.diagnose import problem
from sfrunbook.grant_store import GrantStore
from sfrunbook.investigation import (
    investigated,
    note_grant,
)
from sfrunbook.model import Grant, GrantKind, RunbookError
from sfrunbook.oauth.endpoints import introspect, is_taken, revoke
from sfrunbook.oauth.grants import ClientCredentials, JwtBearer, RefreshToken
from sfrunbook.oauth.session import AuthorizedSession
from sfrunbook.references import resolve
from sfrunbook.salesforce import Salesforce
from sfrunbook.transport import Reply, origin_of
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
        """Take the approval back at Salesforce, then forget it here.

        Raises RunbookError `revocation-refused`, and forgets nothing, when Salesforce says that it does not know the
        token and takes it all the same, or nobody can tell.
        """
        grant = self.grant()
        if grant is None:
            return
        if not revoke(self.http, grant) and self._may_live(grant):
            host = urlsplit(grant.issuer).netloc
            raise problem("revocation-refused", connection=self.connection.name, host=host)
        self.store.delete(self.connection.name)

    def _may_live(self, grant: Grant) -> bool:
        """Whether an approval that cannot be revoked is alive; a dead access token alone does not speak against it."""
        introspected = False
        with contextlib.suppress(RunbookError):  # a client that is unknown by now may ask nothing
            introspected = introspect(self.http, grant, self.client_secret(), refresh_token=True).active
        return introspected or is_taken(self.http, grant) is not False

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


class _Confirming:
    """Answers that drop the spare generation of a grant once the current one has been used."""

    def __init__(self, answers: AuthorizedSession, store: GrantStore, connection: str) -> None:
        self._answers, self._store, self._connection = answers, store, connection

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = self._answers.get(path_or_url, params)
        if reply.ok and self._store.previous(self._connection):
            self._store.confirm(self._connection)
        return reply

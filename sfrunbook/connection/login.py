"""Logins of one connection: by its user, and in practice by the scripted user."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from sfrunbook.connection.grants import Grants
from sfrunbook.connection.org import Org
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.connection.records import Records
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Connection, Grant, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.investigate import investigated
from sfrunbook.salesforce.approvals import refuse_when_full
from sfrunbook.salesforce.oauth.callback import Callback, parse_address
from sfrunbook.salesforce.oauth.grants import AuthorizationCode
from sfrunbook.salesforce.oauth.pending import PendingLogin
from sfrunbook.salesforce.oauth.probe import CallbackAnswer
from sfrunbook.salesforce.oauth.redirect import LoopbackReceiver, can_receive, free_redirect_uri
from sfrunbook.salesforce.oauth.session import authorize_url

__all__ = ["PENDING_LOGIN", "Login"]

#: name of the secret that holds a login which waits for its answer
PENDING_LOGIN = "pending-login:{}"
_SCRIPTED = "scripted-approval:{}"
_MISSING = CallbackAnswer.NOT_REGISTERED.value.replace("_", " ")
_PRACTICE_LOGIN_SECONDS = 30.0


class Login:
    def __init__(self, records: Records, grants: Grants, org: Org) -> None:
        self.records = records
        self._grants = grants
        self._org = org

    def begin(self, redirect_uri: str | None = None, *, accept_eviction: bool = False) -> tuple[PendingLogin, str]:
        """Start a login and store it for a later kernel; returns it and the address to open.

        Without a `redirect_uri` it is `best_redirect_uri()`.
        Raises RunbookError `approvals-full` when the user's approvals of the app are used up, unless
        `accept_eviction` lets the oldest approval end. In practice nothing is counted.
        """
        records = self.records
        if not accept_eviction and records.practice is None:
            refuse_when_full(self._org.approvals(), connection=records.connection.name)
        connection = replace(records.connection, redirect_uri=redirect_uri or self.best_redirect_uri())
        flow = self._flow(connection, client_secret=None)
        pending = flow.begin(records.profile.scopes, prompt="login consent" if records.practice is None else "")
        records.store.put_secret(self._pending_name, pending.to_secret())
        records.history.note_login_begun(pending.started_at)
        return pending, authorize_url(pending)

    def best_redirect_uri(self) -> str:
        """The callback URL for the next login: the runbook's own, unless the last check found it missing in the app.

        Then it is the partner's first that may be registered; the user pastes the address where the browser ends. In
        practice it is the first registered one whose port is free, if there is any.
        """
        records = self.records
        if records.practice is not None:
            with contextlib.suppress(RunbookError):
                return free_redirect_uri(records.practice.redirect_uris)
        connection, known = records.connection, records.history.callbacks(records.connection.client_id)
        candidates = (connection.redirect_uri, *records.partner_callbacks)
        return next((found for found in candidates if known.get(found) != _MISSING), connection.redirect_uri)

    def pending(self) -> PendingLogin:
        """The login that was started last; raises RunbookError `pending-login-lost` when it is gone or too old."""
        stored = self.records.store.get_secret(self._pending_name)
        return PendingLogin.from_secret(stored, connection=self.records.connection.name, now=self.records.now())

    def resume(self) -> tuple[PendingLogin, str] | None:
        """The pending login and its address; None when no login waits for its answer."""
        try:
            pending = self.pending()
        except RunbookError:
            return None
        connection = self.records.connection
        if (pending.client_id, pending.issuer) != (connection.client_id, origin_of(connection.login_url)):
            return None
        return pending, authorize_url(pending)

    @investigated
    def finish(self, callback: Callback, *, by: str = "person") -> Grant:
        """Exchange the code of an answer, once, and store the grant; `by` is the `made_by` of its approval.

        Raises RunbookError: `pending-login-lost`, an error of Salesforce, `wrong-org`.
        """
        records, pending = self.records, self.pending()
        records.store.delete_secret(self._pending_name)
        records.history.note_code_sent()
        flow = self._flow(records.connection, client_secret=records.client_secret())
        grant = self._grants.keep(replace(flow.request(pending, callback.code), received=callback.received))
        if grant.refresh_token:  # otherwise Salesforce lists no approval (likely)
            records.own_approvals.note_made(grant, machine=records.machine, made_by=by)
        return grant

    @investigated
    def log_in(
        self,
        show: Callable[[str], None],
        pasted: Callable[[], str],
        *,
        receive: bool,
        timeout_seconds: float,
        accept_eviction: bool = False,
    ) -> Grant:
        """A login by the user: `show` gets the address to open; the answer is received here, where that is possible.

        Otherwise `pasted` is asked for the address where the browser ended. Raises RunbookError: `port-in-use`,
        `login-timed-out`, and what `begin` and `finish` raise.
        """
        pending, url = self.begin(accept_eviction=accept_eviction)
        if not (receive and can_receive(pending.redirect_uri)):
            show(url)
            return self.finish(parse_address(pasted(), pending))
        with LoopbackReceiver(pending.redirect_uri, pending=pending, time_limit_seconds=timeout_seconds) as receiver:
            show(url)
            return self.finish(receiver.wait())

    def log_in_unattended(self) -> Grant:
        """A new grant without the user: of the unattended kind, or in practice by the scripted user.

        Raises RunbookError `no-grant-yet` otherwise: an unattended run never adds an approval in a real org.
        """
        records = self.records
        if records.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self._grants.request_unattended()
        if records.practice is None:
            raise problem("no-grant-yet", connection=records.connection.name)
        for redirect_uri in records.practice.redirect_uris:
            if grant := self._practice_login(records.practice, redirect_uri):
                records.store.put_secret(self._scripted_name, _approval_of(grant))
                return grant
        ports = ", ".join(str(urlsplit(address).port) for address in records.practice.redirect_uris)
        raise problem("port-in-use", ports=ports)

    def is_scripted(self, grant: Grant) -> bool:
        """Whether this approval is the scripted user's, so that a run may revoke it."""
        return self.records.store.get_secret(self._scripted_name) == _approval_of(grant)

    def _practice_login(self, practice: PracticeConnection, redirect_uri: str) -> Grant | None:
        """A login by the scripted user; None when another program listens at this Callback URL."""
        pending, url = self.begin(redirect_uri)
        receiver = LoopbackReceiver(redirect_uri, pending=pending, time_limit_seconds=_PRACTICE_LOGIN_SECONDS)
        try:
            receiver.start()
        except RunbookError:
            return None
        try:
            practice.org.visit(url)
            return self.finish(receiver.wait(), by="script")
        finally:
            receiver.cancel()

    def _flow(self, connection: Connection, *, client_secret: Secret | None) -> AuthorizationCode:
        return AuthorizationCode(connection=connection, client_secret=client_secret, clock=self.records.now)

    @property
    def _pending_name(self) -> str:
        return PENDING_LOGIN.format(self.records.connection.name)

    @property
    def _scripted_name(self) -> str:
        return _SCRIPTED.format(self.records.connection.name)


def _approval_of(grant: Grant) -> Secret:
    """A value that is the same in all generations of an approval."""
    return Secret(grant.approved_at.isoformat())

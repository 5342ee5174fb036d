"""Logins of one connection: by a person, and in rehearsal by the scripted one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace as _with
from urllib.parse import urlsplit

from sfrunbook.connection.deciding import Deciding
from sfrunbook.connection.practice_connection import Rehearsal
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Grant, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.investigate import investigated
from sfrunbook.salesforce.approvals import refuse_when_full
from sfrunbook.salesforce.oauth.callback import Callback, parse_address
from sfrunbook.salesforce.oauth.grants import AuthorizationCode
from sfrunbook.salesforce.oauth.pending import PendingLogin
from sfrunbook.salesforce.oauth.redirect import LoopbackReceiver, can_receive

__all__ = ["PENDING_LOGIN", "Logins"]

#: name of the secret that holds a login which waits for its answer
PENDING_LOGIN = "pending-login:{}"
_SCRIPTED = "scripted-approval:{}"
_REHEARSED_LOGIN_SECONDS = 30.0


class _PortTakenError(Exception):
    """Somebody listens at this Callback URL; another may be free."""


class Logins(Deciding):
    """How a connection comes to its grant."""

    #: whether the scripted person is at work
    _scripting = False

    def begin_login(
        self, redirect_uri: str | None = None, *, accept_eviction: bool = False
    ) -> tuple[PendingLogin, str]:
        """Start a login and keep it for a later kernel; gives the pending login and the address to open.

        Raises RunbookError `approvals-full` when the user's approvals of the app are used up, unless
        `accept_eviction` says that the oldest one may end; in rehearsal nobody is harmed, and nothing is counted.
        """
        if not accept_eviction and self.practice is None:
            refuse_when_full(self.approvals(), connection=self.connection.name)
        connection = _with(self.connection, redirect_uri=redirect_uri) if redirect_uri else self.connection
        flow = AuthorizationCode(connection=connection, client_secret=None, clock=self._clock)
        pending = flow.begin(self.profile.scopes, prompt="login consent" if self.practice is None else "")
        self.store.put_secret(PENDING_LOGIN.format(self.connection.name), pending.to_secret())
        self.history.note_login_begun(pending.started_at)
        return pending, flow.authorize_url(pending)

    def pending_login(self) -> PendingLogin:
        """The login that was started last; raises RunbookError `pending-login-lost` when it is gone or too old."""
        stored = self.store.get_secret(PENDING_LOGIN.format(self.connection.name))
        return PendingLogin.from_secret(stored, connection=self.connection.name, now=self._clock())

    def resume_login(self) -> tuple[PendingLogin, str] | None:
        """The login that was begun before and still waits, with its address; None where there is none to go on with."""
        try:
            pending = self.pending_login()
        except RunbookError:
            return None
        connection = self.connection
        if (pending.client_id, pending.issuer) != (connection.client_id, origin_of(connection.login_url)):
            return None
        flow = AuthorizationCode(connection=connection, client_secret=None, clock=self._clock)
        return pending, flow.authorize_url(pending)

    @investigated
    def finish_login(self, callback: Callback) -> Grant:
        """Spend the code of an answer, once, and keep the grant.

        Raises RunbookError: `pending-login-lost`, the diagnosis of a refusal, `wrong-org`.
        """
        pending = self.pending_login()
        self.store.delete_secret(PENDING_LOGIN.format(self.connection.name))
        self.history.note_code_sent()
        flow = AuthorizationCode(connection=self.connection, client_secret=self.client_secret(), clock=self._clock)
        made = self._keep(flow.request(pending, callback.code))
        if made.refresh_token:  # without one Salesforce lists no approval (likely)
            by = "person" if self._scripting is False else "script"
            self.own_approvals.note_made(made, machine=self.machine, made_by=by)
        return made

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
        """A login by a person: `show` gets the address to open; the answer is received here, where that can be.

        Otherwise `pasted` is asked for the address they came to. Raises RunbookError: `port-in-use`,
        `login-timed-out`, and what `begin_login` and `finish_login` raise.
        """
        pending, url = self.begin_login(accept_eviction=accept_eviction)
        if not (receive and can_receive(pending.redirect_uri)):
            show(url)
            return self.finish_login(parse_address(pasted(), pending))
        with LoopbackReceiver(pending.redirect_uri, pending=pending, time_limit_seconds=timeout_seconds) as receiver:
            show(url)
            return self.finish_login(receiver.wait())

    def make_grant_unattended(self) -> Grant:
        """A grant where no person is there: of the unattended kind, or in rehearsal by the scripted person.

        Raises RunbookError `no-grant-yet` otherwise: a run never makes a new approval on a real org by itself.
        """
        if self.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self.unattended_grant()
        if self.practice is None:
            raise problem("no-grant-yet", connection=self.connection.name)
        first = self.connection.redirect_uri
        for redirect_uri in (first, *(one for one in self.practice.redirect_uris if one != first)):
            with contextlib.suppress(_PortTakenError):
                made = self._rehearsed_login(self.practice, redirect_uri)
                self.store.put_secret(_SCRIPTED.format(self.connection.name), _mark_of(made))
                return made
        raise problem("port-in-use", ports=", ".join(str(urlsplit(one).port) for one in self.practice.redirect_uris))

    def is_scripted(self, grant: Grant) -> bool:
        """Whether the scripted person made this approval, so that a run may take it back."""
        return self.store.get_secret(_SCRIPTED.format(self.connection.name)) == _mark_of(grant)

    def _rehearsed_login(self, practice: Rehearsal, redirect_uri: str) -> Grant:
        pending, url = self.begin_login(redirect_uri)
        receiver = LoopbackReceiver(redirect_uri, pending=pending, time_limit_seconds=_REHEARSED_LOGIN_SECONDS)
        try:
            receiver.start()
        except RunbookError:
            raise _PortTakenError from None
        try:
            practice.visit(url)
            self._scripting = True
            return self.finish_login(receiver.wait())
        finally:
            self._scripting = False
            receiver.cancel()

    def rehearse(self, *, grant: bool) -> None:
        """In a practice world that this process started, do what a person would have done before: key in, log in."""
        if self.practice is None or self.practice.process is None:
            return
        if self.client_secret() is None:
            self.keep_client_secret(self.practice.client_secret)
        if grant and self.grant() is None:
            self.make_grant_unattended()


def _mark_of(grant: Grant) -> Secret:
    """What stays the same over all generations of one approval."""
    return Secret(grant.approved_at.isoformat())

"""One connection opened for work: its records, secrets and grant in reach; what notebooks and command line share."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace as _with
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import requests

from sfrunbook import checks, partner, rehearsal
from sfrunbook.checks import Context, run_checks
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connections import ConnectionBook, home
from sfrunbook.diagnose import finding_for_app_kind, problem
from sfrunbook.grant_store import GrantStore, open_store
from sfrunbook.history import CREDENTIALS, History
from sfrunbook.investigation import (
    investigate,
    investigate_findings,
    investigated,
    note_app_name,
    note_grant,
    note_stage,
)
from sfrunbook.model import Connection, Diagnosis, Finding, Grant, GrantKind, Run, RunbookError
from sfrunbook.oauth.callback import Callback, parse_address
from sfrunbook.oauth.endpoints import revoke
from sfrunbook.oauth.grants import AuthorizationCode, ClientCredentials, JwtBearer, RefreshToken
from sfrunbook.oauth.pending import PendingLogin
from sfrunbook.oauth.redirect import LoopbackReceiver, can_receive
from sfrunbook.oauth.session import AuthorizedSession
from sfrunbook.partner import FilledField, PartnerProfile
from sfrunbook.progress import Progress
from sfrunbook.references import resolve
from sfrunbook.rehearsal import Rehearsal
from sfrunbook.salesforce import Salesforce
from sfrunbook.secret import Secret
from sfrunbook.transport import Reply, open_session, origin_of

__all__ = ["PENDING_LOGIN", "Workbench", "open_workbench"]

#: name of the secret that holds a login which waits for its answer
PENDING_LOGIN = "pending-login:{}"
_SCRIPTED = "scripted-approval:{}"
_REHEARSED_LOGIN_SECONDS = 30.0
_WITNESSES_AT_MOST = 3


class _PortTakenError(Exception):
    """Somebody listens at this Callback URL; another may be free."""


def open_workbench(name: str, environ: Mapping[str, str]) -> Workbench:
    """Open a connection by name; the practice connection starts or joins a practice world.

    Raises RunbookError: `connection-not-found` and its kin, `practice-world-did-not-start`.
    """
    if name == rehearsal.NAME:
        practice = rehearsal.join_or_start(environ)
        return Workbench(
            practice.connection, folder=practice.folder, open_store=lambda: practice.store, practice=practice
        )
    folder = home(environ)
    book = ConnectionBook(folder)
    return Workbench(book.get(name), folder=folder, open_store=lambda: open_store(folder, environ), book=book)


class Workbench:
    """Everything that can be done with one connection, each verb a line or two over the layers below."""

    def __init__(
        self,
        connection: Connection,
        *,
        folder: Path,
        open_store: Callable[[], GrantStore],
        book: ConnectionBook | None = None,
        practice: Rehearsal | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.connection = connection
        self.practice = practice
        self.progress = Progress(folder / "progress", connection.name)
        self.history = History(folder / "history", connection.name)
        self._open_store = open_store
        self._book = book
        self._clock = clock

    @cached_property
    def store(self) -> GrantStore:
        """The encrypted store; asked for only when a secret is needed, since it may need a passphrase."""
        return self._open_store()

    @cached_property
    def http(self) -> requests.Session:
        """A session without any login."""
        return open_session(self.connection.ca_file)

    @property
    def profile(self) -> PartnerProfile:
        """The partner's profile."""
        return partner.load(self.connection.profile)

    def registration(self) -> tuple[str, tuple[FilledField, ...]]:
        """The screen of Salesforce where the app is registered, and every field of it in order, filled in."""
        form = self.profile.forms_for(self.connection.app_kind)[0]
        fields = self.profile.fill(form, self.connection.variables, (self.connection.redirect_uri,))
        return f"{form.path}, then {form.finish}", fields

    def change(self, **changes: object) -> None:
        """Change the connection, on disk too where it has a file."""
        if self._book:
            self._book.update(self.connection.name, **changes)
        self.connection = _with(self.connection, **changes)  # type: ignore[arg-type]  # names are the caller's fields

    # --- secrets -----------------------------------------------------------------------------------------------

    def client_secret(self) -> Secret | None:
        """The Consumer Secret, resolved now; None for a public client or when none was kept yet.

        Raises RunbookError `secret-not-found` when a reference outside the store leads nowhere.
        """
        reference = self.connection.client_secret
        if not reference:
            return None
        if reference.startswith("store:"):
            return self.store.get_secret(_secret_name(reference))
        return resolve(reference, self.store)

    def lacks_client_secret(self) -> bool:
        """Whether the app asks for a Consumer Secret and none is kept; a login without it would end in a refusal."""
        needs_none = self.connection.public or self.connection.grant_kind is GrantKind.JWT_BEARER
        return not needs_none and self.client_secret() is None

    def keep_client_id(self, client_id: str, *, just_saved: bool) -> None:
        """Keep the Consumer Key, and when its app was saved in Salesforce if that was just now."""
        self.change(client_id=client_id, registered_at=self._clock() if just_saved else None)

    def keep_client_secret(self, secret: Secret) -> None:
        """Keep the Consumer Secret in the encrypted store and let the connection refer to it."""
        reference = f"store:{self.connection.name}"
        if self.store.get_secret(_secret_name(reference)) != secret:
            self.history.forget_stage(CREDENTIALS)
        self.store.put_secret(_secret_name(reference), secret)
        if self.connection.client_secret != reference:
            self.change(client_secret=reference)

    def known_secrets(self) -> tuple[str, ...]:
        """Every secret value this connection can reach now, for the search through what a run leaves."""
        found = [self.client_secret()]
        if grant := self.grant():
            found += [grant.access_token, grant.refresh_token]
        return tuple(secret.reveal() for secret in found if secret)

    # --- login -------------------------------------------------------------------------------------------------

    def begin_login(self, redirect_uri: str | None = None) -> tuple[PendingLogin, str]:
        """Start a login and keep it for a later kernel; gives the pending login and the address to open."""
        connection = _with(self.connection, redirect_uri=redirect_uri) if redirect_uri else self.connection
        flow = AuthorizationCode(connection=connection, client_secret=None, clock=self._clock)
        pending = flow.begin(self.profile.scopes, prompt="login consent" if self.practice is None else "")
        self.store.put_secret(PENDING_LOGIN.format(self.connection.name), pending.to_secret())
        return pending, flow.authorize_url(pending)

    def pending_login(self) -> PendingLogin:
        """The login that was started last; raises RunbookError `pending-login-lost` when it is gone or too old."""
        stored = self.store.get_secret(PENDING_LOGIN.format(self.connection.name))
        return PendingLogin.from_secret(stored, connection=self.connection.name, now=self._clock())

    @investigated
    def finish_login(self, callback: Callback) -> Grant:
        """Spend the code of an answer, once, and keep the grant.

        Raises RunbookError: `pending-login-lost`, the diagnosis of a refusal, `wrong-org`.
        """
        pending = self.pending_login()
        self.store.delete_secret(PENDING_LOGIN.format(self.connection.name))
        flow = AuthorizationCode(connection=self.connection, client_secret=self.client_secret(), clock=self._clock)
        return self._keep(flow.request(pending, callback.code))

    @investigated
    def log_in(
        self, show: Callable[[str], None], pasted: Callable[[], str], *, receive: bool, timeout_seconds: float
    ) -> Grant:
        """A login by a person: `show` gets the address to open; the answer is received here, where that can be.

        Otherwise `pasted` is asked for the address they came to. Raises RunbookError: `port-in-use`,
        `login-timed-out`, and what `finish_login` raises.
        """
        pending, url = self.begin_login()
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
            return self.finish_login(receiver.wait())
        finally:
            receiver.cancel()

    def rehearse(self, *, grant: bool) -> None:
        """In a practice world that this process started, do what a person would have done before: key in, log in."""
        if self.practice is None or self.practice.process is None:
            return
        if self.client_secret() is None:
            self.keep_client_secret(self.practice.client_secret)
        if grant and self.grant() is None:
            self.make_grant_unattended()

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

    def _keep(self, grant: Grant) -> Grant:
        with self.store.lock(self.connection.name):
            self.store.save(grant)
        note_grant(self, grant, "login")
        if self.connection.org_id is None:
            self.change(org_id=grant.org_id)
        return grant

    # --- the grant ---------------------------------------------------------------------------------------------

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

    def revoke(self) -> None:
        """Take the approval back at Salesforce, then forget it here."""
        grant = self.grant()
        if grant is None:
            return
        revoke(self.http, grant)
        self.store.delete(self.connection.name)

    def salesforce(self) -> Salesforce | None:
        """The org, asked with the grant; None when there is no grant."""
        grant = self.grant()
        if grant is None:
            return None
        answers = AuthorizedSession(grant, self.refresh, ca_file=self.connection.ca_file)
        return Salesforce(_Confirming(answers, self.store, grant.connection), identity_url=grant.identity_url)

    # --- failures ----------------------------------------------------------------------------------------------

    def explain_failure(self, diagnosis: Diagnosis) -> Diagnosis:
        """The diagnosis with its causes told apart, as far as a few harmless questions can do that."""
        return investigate(self, diagnosis)

    def explain_findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The same for what did not pass among findings, with the screens of this connection's kind of app."""
        kind = self.connection.app_kind
        return tuple(finding_for_app_kind(finding, kind) for finding in investigate_findings(self, findings))

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

    @property
    def app_names(self) -> tuple[str, ...]:
        """Names that the partner profile gives the app in Salesforce."""
        with contextlib.suppress(RunbookError):
            return tuple(one.value for one in self.registration()[1] if one.label.endswith("App Name"))
        return ()

    def now(self) -> datetime:
        """The time, by the clock of this workbench."""
        return self._clock()

    # --- checks ------------------------------------------------------------------------------------------------

    def salesforce_or_raise(self) -> Salesforce:
        """The org, asked with the grant; raises RunbookError `no-grant-yet` without one."""
        asked = self.salesforce()
        if asked is None:
            raise problem("no-grant-yet", connection=self.connection.name)
        return asked

    def _grant_to_check(self) -> Grant | None:
        """The grant that is kept; an unattended one is asked for, since that makes no approval."""
        held = self.grant()
        if held is None and self.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self.unattended_grant()
        return held

    def check_all(self, stages: Iterable[str]) -> Run:
        """The checks of several stages as one run; what a stage cannot have is a finding of its own, and the last."""
        started_at, started, findings = self._clock(), time.monotonic(), list[Finding]()
        for stage in stages:
            try:
                findings += self.check(stage, known=findings)
            except RunbookError as error:
                findings.append(finding_of_error(f"{stage}-can-be-checked", "The stage can be checked.", error))
                break
        return Run(
            title="Checks",
            connection=self.connection.name,
            host=origin_of(self.connection.login_url),
            started_at=started_at,
            duration_seconds=time.monotonic() - started,
            findings=tuple(findings),
        )

    def check(self, stage: str, *, only: Iterable[str] = (), known: Iterable[Finding] = ()) -> tuple[Finding, ...]:
        """Run the checks of a stage, or only those named, with what that stage may look at.

        Raises RunbookError when a secret or the grant is kept and cannot be read.
        """
        beyond_registration = stage != checks.registration.STAGE
        beyond_credentials = beyond_registration and stage != checks.credentials.STAGE
        context = Context(
            connection=self.connection,
            profile=self.profile,
            http=self.http,
            client_secret=self.client_secret() if beyond_registration else None,
            grant=self._grant_to_check() if beyond_credentials else None,
            salesforce=self.salesforce() if stage == checks.data.STAGE else None,
        )
        findings = run_checks(stage, context, only=only, known=known)
        if not only:
            note_stage(self, stage, findings)
        if context.salesforce is not None:
            note_app_name(self)
        return self.explain_findings(findings)


class _Confirming:
    """Answers that drop the spare generation of a grant once the current one has been used."""

    def __init__(self, answers: AuthorizedSession, store: GrantStore, connection: str) -> None:
        self._answers, self._store, self._connection = answers, store, connection

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = self._answers.get(path_or_url, params)
        if reply.ok and self._store.previous(self._connection):
            self._store.confirm(self._connection)
        return reply


def _mark_of(grant: Grant) -> Secret:
    """What stays the same over all generations of one approval."""
    return Secret(grant.approved_at.isoformat())


def _secret_name(reference: str) -> str:
    return reference.removeprefix("store:")

"""The login in Log in to Salesforce: where it begins and ends."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http_trace import watching
from sfrunbook.core.model import Grant, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, card, diagnosis_card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.answers import read_answer, remember_used
from sfrunbook.runbook.forms.flow import Flow
from sfrunbook.runbook.forms.kernel_place import CONTAINER_FILES, why_remote
from sfrunbook.salesforce.approvals import LIMIT, Approvals
from sfrunbook.salesforce.oauth.callback import Callback
from sfrunbook.salesforce.oauth.pending import LOGIN_LIFE, PendingLogin
from sfrunbook.salesforce.oauth.redirect import LoopbackReceiver, can_receive

__all__ = ["LoginDesk"]

#: how long a second tab with the same login still gets the page that it is over
_LINGER_SECONDS = 60.0
_RECEIVED_PAGE = "HTTP 200\nA page of this runbook: “Access was granted”."
_PASTE_INSTEAD = card("Paste the address instead. That works too.")
_PASTED_PAGE = "You pasted the address."
#: the desk that listens for each connection: the port belongs to the whole process, and one cell may be run twice
_listening: weakref.WeakValueDictionary[str, LoginDesk] = weakref.WeakValueDictionary()


class LoginDesk:
    """One login at a time: the link, the listener, the field for a pasted address, the picture and the status.

    A login that was begun before, in this kernel or in an earlier one, is resumed while it is valid. `on_grant` is
    called once, in the thread that got the answer.
    """

    def __init__(self, opened: OpenConnection, on_grant: Callable[[Grant], None], *, who: str = "") -> None:
        self._opened = opened
        self._on_grant = on_grant
        #: a sentence on who should log in
        self._who = who
        self._over = False
        self._receiver: LoopbackReceiver | None = None
        self._lock = threading.Lock()
        #: locked while a listener takes the place of another, since both want the same port
        self._changing = threading.Lock()
        self._panel: widgets.LoginPanel | None = None
        self._flow = Flow(lambda _legs, _announcement: None)
        #: what is shown while the answer is awaited
        self._waiting = Card(text="", html="")
        #: the user says that the browser is on this machine
        self._here = False
        self._box = widgets.stack()

    @property
    def address(self) -> str:
        """The address behind the link."""
        return self._panel.link.address if self._panel else ""

    def is_of(self, opened: OpenConnection) -> bool:
        """Whether this is the desk of that connection."""
        return self._opened is opened

    def show(self) -> object:
        """The panel of a login; where access is stored already, a button for another login."""
        stored = self._opened.grants.stored()
        if self._over and stored:  # the picture of the login that has just ended stays
            return self._box
        self._over = False
        if stored is None:
            self._open(resume=True)
            return self._box
        allowed = card(
            "Access is allowed and stored on this computer.",
            f"Log in again only if a check asks for it. Salesforce keeps {LIMIT} approvals per user and app.",
            Status.PASSED,
        )
        self._box.children = (widgets.Outcome(allowed), widgets.button("Log in again", self._open))
        return self._box

    def close(self) -> None:
        """Stop listening."""
        receiver, self._receiver = self._receiver, None
        if receiver:
            receiver.cancel()

    def _open(self, *, resume: bool = False, redirect_uri: str | None = None, accept_eviction: bool = False) -> None:
        try:
            self._begin(resume=resume, redirect_uri=redirect_uri, accept_eviction=accept_eviction)
        except RunbookError as error:
            self._box.children = self._instead(error, redirect_uri)

    def _instead(self, error: RunbookError, redirect_uri: str | None) -> tuple[object, ...]:
        """Why no login was begun, and a button for what can be done all the same."""
        explained = widgets.Outcome(self._explained(error))
        if error.code != "approvals-full":
            return explained, self._start_button()
        label = "Log in anyway: Salesforce revokes the oldest approval"
        return explained, widgets.button(label, lambda: self._open(redirect_uri=redirect_uri, accept_eviction=True))

    def _start_button(self) -> object:
        return widgets.button("Start a new login", self._open)

    def _begin(self, *, resume: bool, redirect_uri: str | None, accept_eviction: bool) -> None:
        waiting: Card | None = None
        receiver = None
        before = _listening.get(self._opened.connection.name)
        with self._changing:
            self.close()
            if before is not None and before is not self:
                before.close()
            _listening[self._opened.connection.name] = self
            pending, url, resumed = self._login(resume, redirect_uri, accept_eviction)
            try:
                receiver = self._start_receiver(pending)
            except RunbookError as error:
                waiting = self._explained(error) + _PASTE_INSTEAD
        self._waiting = waiting or _waiting(pending, receiver)
        self._show_panel(pending, url, resumed=resumed, paste=receiver is None)
        if receiver:
            threading.Thread(target=self._listen, args=(receiver,), daemon=True).start()

    def _login(self, resume: bool, redirect_uri: str | None, accept_eviction: bool) -> tuple[PendingLogin, str, bool]:
        before = self._opened.login.resume() if resume else None
        if before:
            return *before, True
        return *self._opened.login.begin(redirect_uri, accept_eviction=accept_eviction), False

    def _show_panel(self, pending: PendingLogin, url: str, *, resumed: bool, paste: bool) -> None:
        intro = _before_login(self._opened.org.approvals(), self._who)
        # only until the status changes: after a denial it would be beside the point
        waiting = _resumed(pending) + self._waiting if resumed else self._waiting
        more: tuple[object, ...] = ()
        why = self._why_remote()
        if why and can_receive(pending.redirect_uri):
            intro += card("Your browser may be on another computer.", why)
            more = (widgets.button("My browser is on this computer", self._listen_after_all),)
        diagram = widgets.FlowDiagram()
        self._flow = flow = Flow(diagram.update)
        panel = widgets.LoginPanel(
            url=url,
            diagram=diagram,
            intro=intro,
            waiting=waiting,
            paste_first=paste,
            on_open=self._link_opened,
            on_address=self._pasted,
            on_again=self._open,
            callbacks=self._callbacks(pending.redirect_uri),
            callback=pending.redirect_uri,
            on_callback=lambda address: self._open(redirect_uri=address),
            more=more,
        )
        flow.begun(url, resumed=resumed)
        self._panel = panel
        self._box.children = (panel.widget,)

    def _link_opened(self) -> None:
        """The answer is awaited, also where the one before was a denial."""
        self._flow.opened()
        if self._panel:
            self._panel.show(self._waiting)

    def _callbacks(self, current: str) -> list[tuple[str, str]]:
        """Where Salesforce may send the browser: to the partner, which every such app lists, or to this runbook."""
        label = self._opened.profile.label
        found = {address: f"{address} ({label}: paste the address)" for address in self._of_partner()}
        for address in (self._opened.connection.redirect_uri, current):
            found.setdefault(address, f"{address} (this runbook)")
        return [(label, address) for address, label in found.items()]

    def _of_partner(self) -> tuple[str, ...]:
        return self._opened.records.partner_callbacks

    def _listen_after_all(self) -> None:
        self._here = True
        self._open(resume=True)

    def _why_remote(self) -> str:
        files = tuple(name for name in CONTAINER_FILES if Path(name).exists())
        return "" if self._here else why_remote(os.environ, files, login_url=self._opened.connection.login_url)

    def _start_receiver(self, pending: PendingLogin) -> LoopbackReceiver | None:
        """A receiver that listens, or None where the answer cannot come here; raises RunbookError `port-in-use`."""
        elsewhere = pending.redirect_uri in self._of_partner()  # a practice Cyclr listens there itself
        if elsewhere or not can_receive(pending.redirect_uri) or self._why_remote():
            return None
        left = pending.started_at + LOGIN_LIFE - self._opened.now()
        receiver = LoopbackReceiver(
            pending.redirect_uri,
            pending=pending,
            time_limit_seconds=max(left, timedelta()).total_seconds(),
            linger_seconds=_LINGER_SECONDS,
        )
        receiver.start()
        self._receiver = receiver
        return receiver

    def _listen(self, receiver: LoopbackReceiver | None) -> None:
        """Wait for the answer; one that denies is explained, and the same link may be used again."""
        while receiver:
            try:
                callback = receiver.wait()
            except RunbookError as error:
                if self._receiver is not receiver:
                    return
                if error.code == "login-timed-out":
                    self._end(error)
                    return
                again = self._listen_again(receiver)  # before the user can open the link once more
                self._refuse(error)
                receiver = again
            else:
                self._finish(callback, _RECEIVED_PAGE)
                return

    def _listen_again(self, ended: LoopbackReceiver) -> LoopbackReceiver | None:
        with self._changing:
            if self._receiver is not ended:  # another login was begun meanwhile
                return None
            ended.cancel()
            try:
                return self._start_receiver(self._opened.login.pending())
            except RunbookError as error:
                self._waiting = self._explained(error) + _PASTE_INSTEAD
                return None

    def _pasted(self, address: Secret) -> str:
        try:
            callback = read_answer(self._opened, address)
        except RunbookError as error:
            self._refuse(error, step_failed=error.code != "nothing-pasted")
            return widgets.NotDone("This address didn't complete the login. See why above.")
        self.close()
        done = self._finish(callback, _PASTED_PAGE)
        return "Access is allowed." if done else widgets.NotDone("That didn't work. See why above.")

    def _finish(self, callback: Callback, page: str) -> bool:
        """Spend the code; whatever comes of it, this login is over."""
        with self._lock:
            try:
                pending = self._opened.login.pending()
                self._flow.answered(_answer_of(pending, callback), page)
                remember_used(self._opened, pending)
                with watching(self._flow.carried):
                    grant = self._opened.login.finish(callback)
            except RunbookError as error:
                self._end(error)
                return False
        self._flow.stored(f"Stored for org {grant.org_id}.")
        self._identify()
        self._over = True
        if self._panel:
            again = widgets.button("Log in again", self._again)
            self._panel.finish(card("Access is allowed and stored, encrypted.", status=Status.PASSED), again)
        self._on_grant(grant)
        return True

    def _again(self) -> None:
        self._over = False
        self._open()

    def _identify(self) -> None:
        """Ask Salesforce who logged in; without an answer only the name is missing."""
        try:
            with watching(self._flow.carried):
                who = self._opened.org.api_or_raise().identity()
        except RunbookError as error:
            self._flow.failed(diagnosis_of(error).what)
        else:
            self._flow.known(f"{who.display_name} ({who.username}) logged in.")

    def _explained(self, error: RunbookError) -> Card:
        return diagnosis_card(self._opened.explain_failure(diagnosis_of(error)))

    def _refuse(self, error: RunbookError, *, step_failed: bool = True) -> None:
        """Explain an answer that brought no access; the login goes on."""
        if step_failed:
            self._flow.refused(diagnosis_of(error).what)
        if self._panel:
            self._panel.show(self._explained(error))

    def _end(self, error: RunbookError) -> None:
        """Explain how the login ended, with a button that starts another."""
        self._flow.failed(diagnosis_of(error).what)
        if self._panel:
            self._panel.finish(self._explained(error), self._start_button())


def _before_login(approvals: Approvals, who: str) -> Card:
    """Who is about to log in, and how many approvals there are; few that are left are a warning."""
    if approvals.count is None:
        return card(who, f"Salesforce keeps {LIMIT} approvals per user and app. We'll check after you log in.")
    status = Status.WARNING if approvals.is_full or approvals.is_near else None
    step = "Revoke one you don't use first: Setup > Personal Information > OAuth Connected Apps." if status else ""
    return card(who, f"{approvals.summary}\n{step}", status)


def _resumed(pending: PendingLogin) -> Card:
    return card(f"You started to log in at {_clock(pending.started_at)}. Go on in that tab, or open the link again.")


def _waiting(pending: PendingLogin, receiver: LoopbackReceiver | None) -> Card:
    until = f"The link is valid until {_clock(pending.started_at + LOGIN_LIFE)}."
    if receiver is None:
        return card(f"Log in, then paste the address your browser shows, even if its page can't be reached. {until}")
    return card(f"Waiting for you to log in. Closed the tab? Open the link again. {until}")


def _clock(at: datetime) -> str:
    """A time of day where the user is, with its zone."""
    return f"{at.astimezone():%H:%M %Z}"


def _answer_of(pending: PendingLogin, callback: Callback) -> str:
    """The address of an answer with its names only."""
    issuer = f"&iss={callback.issuer}" if callback.issuer else ""
    return f"{pending.redirect_uri}?code=hidden&state=hidden{issuer}"

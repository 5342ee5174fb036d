"""The desk of 03_authorize, where a login is begun and ended."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from html import escape

from sfrunbook import report, widgets
from sfrunbook.model import Grant, RunbookError, Status
from sfrunbook.oauth.callback import Callback, parse_address
from sfrunbook.oauth.pending import PendingLogin
from sfrunbook.oauth.redirect import LoopbackReceiver, can_receive
from sfrunbook.report import Card
from sfrunbook.secret import Secret
from sfrunbook.workbench import Workbench

__all__ = ["LoginDesk", "kernel_is_remote"]

#: how long the receiver listens; the code and the pending login live for 15 minutes
_LISTEN_SECONDS = 900.0
_REMOTE_SIGNS = (
    "JUPYTERHUB_SERVICE_PREFIX",
    "SSH_CONNECTION",
    "CODESPACES",
    "BINDER_SERVICE_HOST",
    "COLAB_RELEASE_TAG",
)


def kernel_is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the browser is likely on another machine than this process, so that localhost is not the same place."""
    return any(environ.get(sign) for sign in _REMOTE_SIGNS)


class LoginDesk:
    """One login at a time: the link, the listener, the field for a pasted address and the line of news.

    Opening the desk again ends the login before; `on_grant` is called once, from whichever thread had the answer, and
    gives what to show of the grant.
    """

    def __init__(self, bench: Workbench, on_grant: Callable[[Grant], Card]) -> None:
        self._bench = bench
        self._on_grant = on_grant
        self._receiver: LoopbackReceiver | None = None
        self._lock = threading.Lock()
        #: held while one listener takes the place of another, since both want the same port
        self._changing = threading.Lock()
        self._panel: widgets.LoginPanel | None = None

    def show(self, *, again: bool) -> object:
        """The panel of a new login; where a grant is held already, that it is, and a button for another."""
        if self._bench.grant() is None or again:
            return self._open()
        told = report.card(
            "Access is allowed already; a grant is kept.",
            "Log in again only if it says so: every login makes another of the five approvals.",
            Status.PASSED,
        )
        return widgets.stack(widgets.Outcome(told.html).widget, widgets.again("Log in again", self._open))

    def _open(self) -> object:
        waiting = "Waiting for you to log in. Nothing else is held up by it."
        receiver = None
        with self._changing:
            self.close()
            pending, url = self._bench.begin_login()
            try:
                receiver = self._start_receiver(pending)
            except RunbookError as error:
                waiting = f"{error.diagnosis.what} Paste the address instead."
        if receiver is None and not can_receive(pending.redirect_uri):
            waiting = "The answer does not come back by itself here: paste the address."
        self._panel = widgets.LoginPanel(
            url=url, waiting=escape(waiting), paste_first=receiver is None, on_address=self._pasted
        )
        if receiver:
            threading.Thread(target=self._listen, args=(receiver,), daemon=True).start()
        return self._panel.widget

    def close(self) -> None:
        """Stop listening."""
        receiver, self._receiver = self._receiver, None
        if receiver:
            receiver.cancel()

    def _start_receiver(self, pending: PendingLogin) -> LoopbackReceiver | None:
        """A receiver that listens, or None where the answer cannot come here; raises RunbookError `port-in-use`."""
        if not can_receive(pending.redirect_uri) or kernel_is_remote(os.environ):
            return None
        receiver = LoopbackReceiver(pending.redirect_uri, pending=pending, time_limit_seconds=_LISTEN_SECONDS)
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
                if error.diagnosis.code == "login-timed-out":
                    self._end(self._explained(error))
                    return
                self._show(self._explained(error))
                receiver = self._listen_again(receiver)
            else:
                self._finish(callback)
                return

    def _listen_again(self, ended: LoopbackReceiver) -> LoopbackReceiver | None:
        with self._changing:
            if self._receiver is not ended:  # another login was begun meanwhile
                return None
            try:
                return self._start_receiver(self._bench.pending_login())
            except RunbookError:
                return None

    def _pasted(self, address: Secret) -> str:
        try:
            callback = parse_address(address.reveal(), self._bench.pending_login())
        except RunbookError as error:
            self._show(self._explained(error))
            return "That address did not bring access; the card says why."
        self.close()
        return "Access is allowed." if self._finish(callback) else "That did not work; the card says why."

    def _finish(self, callback: Callback) -> bool:
        """Spend the code; whatever comes of it, this login is over."""
        with self._lock:
            try:
                grant = self._bench.finish_login(callback)
            except RunbookError as error:
                self._end(self._explained(error))
                return False
        told = report.card("Access is allowed and kept, encrypted.", "Go on with 04_test_query.ipynb.", Status.PASSED)
        if self._panel:
            self._panel.finish(told.html + self._on_grant(grant).html)
        return True

    def _explained(self, error: RunbookError) -> str:
        return report.diagnosis_card(self._bench.explain_failure(error.diagnosis)).html

    def _show(self, html: str) -> None:
        if self._panel:
            self._panel.show(html)

    def _end(self, html: str) -> None:
        """Show how the login ended, and a button that starts another."""
        if self._panel:
            self._panel.finish(html, widgets.again("Start a new login", self._open))

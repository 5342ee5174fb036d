"""What a person sees and does in a notebook: the forms, and the desk where a login is begun and ended."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from html import escape

from sfrunbook import partner, report, widgets
from sfrunbook.connections import ConnectionBook
from sfrunbook.credential_shape import shape_of_client_id, shape_of_client_secret
from sfrunbook.model import DEFAULT_REDIRECT_URI, AppKind, Connection, Grant, RunbookError, Status
from sfrunbook.oauth.callback import Callback, parse_address
from sfrunbook.oauth.hosts import login_url_of
from sfrunbook.oauth.pending import PendingLogin
from sfrunbook.oauth.redirect import LoopbackReceiver, can_receive
from sfrunbook.report import Card
from sfrunbook.secret import Secret
from sfrunbook.workbench import Workbench

__all__ = [
    "LoginDesk",
    "client_id_form",
    "client_secret_form",
    "connection_form",
    "credentials_form",
    "kernel_is_remote",
    "registration_form",
]

#: how long the receiver listens; the code and the pending login live for 15 minutes
_LISTEN_SECONDS = 900.0
_KIND_HELP = "External Client App for every new app; Connected App only where one is there already."
#: what the form of a connection may change of one that is known
_FORM_FIELDS = frozenset({"login_url", "app_kind", "profile", "variables", "redirect_uri"})
_JUST_NOW, _EARLIER = "now", "earlier"
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


def connection_form(book: ConnectionBook, names: Sequence[str]) -> object:
    """A form that adds or changes a real connection; it holds no secret."""

    def save(values: Mapping[str, str]) -> str:
        try:
            made = _connection_of(values)
            if made.name in book.names():
                changes = {key: value for key, value in asdict(made).items() if key in _FORM_FIELDS}
                book.update(made.name, **changes)
            else:
                book.add(made)
        except RunbookError as error:
            return report.diagnosis_card(error.diagnosis).html
        told = f'Connection {made.name} is kept. Write connection = "{made.name}" into the parameters cell above.'
        return report.card(told, status=Status.PASSED).html

    kinds = [(kind.label, kind.value) for kind in AppKind]
    fields = [
        widgets.Field(name="name", label="Name", value="", help="Yours to choose: letters, digits, dot and dash."),
        widgets.Field(
            name="login_url",
            label="Login address",
            value="",
            help="The org's My Domain, such as acme.my.salesforce.com (Setup > My Domain), or login.salesforce.com.",
        ),
        widgets.Field(name="app_kind", label="Kind of app", value=kinds[0][1], options=kinds, help=_KIND_HELP),
        widgets.Field(name="profile", label="Partner", value="cyclr", options=[(one, one) for one in partner.names()]),
        widgets.Field(
            name="service_domain",
            label="Service Domain",
            value="app-h.cyclr.com",
            help="Cyclr Partner Console > Settings > General Settings > Service Domain.",
        ),
        widgets.Field(
            name="redirect_uri",
            label="Callback URL of this runbook",
            value=DEFAULT_REDIRECT_URI,
            help="Registered beside the partner's, so that the login comes back to this machine by itself.",
        ),
    ]
    intro = f"Known: {', '.join(names)}. The Consumer Key is entered in the next notebook."
    return widgets.connection_form(fields, save, intro=intro)


def _connection_of(values: Mapping[str, str]) -> Connection:
    return Connection(
        name=values["name"],
        login_url=login_url_of(values["login_url"]),
        client_id="",
        app_kind=AppKind(values["app_kind"]),
        profile=values["profile"],
        variables={"service_domain": values["service_domain"]},
        redirect_uri=values["redirect_uri"],
    )


def registration_form(bench: Workbench) -> object:
    """Every field of the Salesforce screen with the value to enter and a button that copies it."""
    caption, fields = bench.registration()
    rows = [
        {
            "label": one.label,
            "value": one.value,
            "why": one.why,
            "copyable": "://" in one.value or one.label == "API Name",
        }
        for one in fields
    ]
    table = widgets.CopyTable(caption=caption, rows=rows)
    if bench.practice is None:
        return table
    told = "Its app is registered already; make another in Setup of the practice org if you like to rehearse that: {}"
    return widgets.stack(widgets.link(told, bench.connection.login_url), table)


def client_id_form(bench: Workbench, check: Callable[[], Card]) -> object:
    """A field for the Consumer Key, whose shape is looked at before it is kept, and the app then asked for."""

    def save(values: Mapping[str, str]) -> str:
        text = values["client_id"]
        wrong = shape_of_client_id(text)
        if wrong:
            return report.card("Not kept: " + " ".join(wrong), "Copy it again and paste it here.", Status.FAILED).html
        bench.keep_client_id(text, just_saved=values["saved"] == _JUST_NOW)
        return report.card("The Consumer Key is kept.", status=Status.PASSED).html + check().html

    field = widgets.Field(
        name="client_id",
        label="Consumer Key",
        value=bench.connection.client_id,
        help="Begins with 3MVG9 and is about 85 characters long. It is an identifier, not a secret.",
    )
    saved = widgets.Field(
        name="saved",
        label="App saved in Salesforce",
        value=_EARLIER if bench.connection.client_id else _JUST_NOW,
        options=[("Just now", _JUST_NOW), ("More than half an hour ago", _EARLIER)],
        help="A new or edited app takes minutes to work; with this the runbook can tell waiting from a wrong key.",
    )
    return widgets.connection_form([field, saved], save, action="Keep this key")


def credentials_form(bench: Workbench, check: Callable[[], Card]) -> object:
    """The fields for Consumer Key and Consumer Secret, one below the other."""

    def no_check() -> Card:
        return report.card("Now the Consumer Secret.")

    return widgets.stack(client_id_form(bench, no_check), client_secret_form(bench, check))


def client_secret_form(bench: Workbench, check: Callable[[], Card]) -> object:
    """A field for the Consumer Secret; what was kept is checked at once and the outcome shown below.

    For the practice app a button carries its secret over unseen.
    """
    outcome = widgets.Outcome()

    def keep(secret: Secret) -> str:
        wrong = shape_of_client_secret(secret.reveal())
        if wrong:
            return "Not kept: " + " ".join(wrong) + " Copy it again and paste it here."
        try:
            bench.keep_client_secret(secret)
            outcome.show(check().html)
            return f"Kept, encrypted. {bench.store.protection}"
        except RunbookError as error:
            return f"Not kept: {error.diagnosis.what} {_first_step(error)}"

    field = widgets.SecretField(
        label="Consumer Secret", placeholder="Paste the Consumer Secret", action="Keep this secret", on_secret=keep
    )
    practice = bench.practice
    if practice is None:
        return widgets.stack(field, outcome.widget)

    def carry_over() -> None:
        field.message = keep(practice.client_secret)

    return widgets.stack(field, widgets.button("Use the practice app's secret", carry_over), outcome.widget)


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


def _first_step(error: RunbookError) -> str:
    causes = error.diagnosis.causes
    return causes[0].remedies[0].what if causes and causes[0].remedies else ""

"""The service domain and the callbacks: sign-in links, the way to Salesforce and back, and Cyclr's login page.

Sources: docs.cyclr.com/api/oauth-authentication (sign-in link, targetOrigin, callbackMessage: confirmed). What the
callback shows for a bad state or for error= is documented nowhere: settings.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from sfrunbook.practice.cyclr.authentication import Authentication, CannotStart
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import AccountConnector, ConsoleSession, Instance, PendingLogin, SignInToken
from sfrunbook.practice.cyclr.seed import CALLBACK_PATH
from sfrunbook.practice.web.pages import local_path
from sfrunbook.practice.web.wire import Answer, Call, cookie_of, redirect, session_cookie

__all__ = ["Service", "cookie_name"]

_LOGIN = "/account/login"
_NO_MATCH = "We could not match this request. Start the authentication of the connector again."
_SCRIPT = (
    "const told=document.getElementById('told').dataset;"
    "if(window.opener){window.opener.postMessage(told.message,told.target);window.close();}"
)
_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest())


def cookie_name(call: Call) -> str:
    """One name per port, because browsers share cookies between ports."""
    return f"cyclr_{call.host.port}"


class Service:
    """Handlers of the service domain; `callback` serves the console host too."""

    def __init__(self, desk: CyclrDesk, authentication: Authentication) -> None:
        self._desk = desk
        self._authentication = authentication

    def routes(self) -> dict[str, Callable[[Call], Answer | Awaitable[Answer]]]:
        return {
            "/": self._home,
            CALLBACK_PATH: self.callback,
            "/connectorauth/updateaccountconnectoroauth": self.authenticate,
            "/connectorauth/start": self.start_again,
            "/account/signinwithtoken": self.sign_in,
            _LOGIN: self._login_page,
            "/launch": self.embedded,
            "/marketplace": self.embedded,
            "/orbit": self.embedded,
        }

    def _home(self, call: Call) -> Answer:
        return self._message("Service Domain", f"This is the service domain of {self._desk.instance(call).region}.")

    def _message(self, title: str, *lines: str, status: int = 200, links: dict[str, str] | None = None) -> Answer:
        return self._desk.pages.page("cyclr/message.html", status, title=title, lines=lines, links=links or {})

    def _login_page(self, call: Call) -> Answer:
        """Customers have no password here, so no one can log in with this form."""
        error = "The username or password is incorrect." if call.method == "POST" else ""
        return self._desk.pages.page("cyclr/login.html", title="Log in", error=error, action=_LOGIN, users=())

    # sign-in links

    def _spend(self, call: Call) -> SignInToken | None:
        """The sign-in token of this address, used up by GET, and by HEAD where the setting says so."""
        instance, token = self._desk.instance(call), call.parameters.get("token", "")
        if call.method == "HEAD" and self._desk.settings.cyclr_signin_spent_by == "get":
            found = instance.sign_ins.get(token)
            return found if found is not None and found.expires > self._desk.now() else None
        return self._desk.cyclr.use_sign_in(instance, token, self._desk.now())

    def _bad_link(self, call: Call) -> Answer:
        if self._desk.settings.cyclr_bad_signin == "page":
            return self._login_page(call)
        return redirect(f"{_LOGIN}?ReturnUrl={quote(call.path, safe='')}", note="sign-in refused")

    def sign_in(self, call: Call) -> Answer:
        """Logs the customer in and goes on to `returnUrl`, a path of this host."""
        token = self._spend(call)
        if token is None:
            return self._bad_link(call)
        return redirect(local_path(call.parameters.get("returnUrl", "/launch")), extra=(self._cookie(call, token),))

    def _cookie(self, call: Call, token: SignInToken) -> tuple[bytes, bytes]:
        value = self._desk.cyclr.open_session(
            self._desk.instance(call), token.username, self._desk.now(), token.account_id
        )
        return session_cookie(call, cookie_name(call), value)

    def authenticate(self, call: Call) -> Answer:
        """`?id=&token=&targetOrigin=[&callbackMessage=]`: on to Salesforce for this installed connector."""
        token = self._spend(call)
        if token is None:
            return self._bad_link(call)
        sent, instance = call.parameters, self._desk.instance(call)
        connector = _connector(instance, sent.get("id", ""), token.account_id)
        if connector is None:
            return self._message("Not Found", "There is no such connector in this account.", status=404)
        target = sent.get("targetOrigin", "")
        if target and not _is_web(target):
            return self._message("Not Valid", "targetOrigin is not a web address.", status=400)
        return self._to_salesforce(
            instance, connector, (self._cookie(call, token),), target, sent.get("callbackMessage", "")
        )

    def _to_salesforce(
        self,
        instance: Instance,
        connector: AccountConnector,
        extra: tuple[tuple[bytes, bytes], ...] = (),
        target: str = "",
        message: str = "",
        back_to: str = "",
    ) -> Answer:
        try:
            address = self._authentication.begin(
                instance, connector, target_origin=target, callback_message=message, back_to=back_to
            )
        except CannotStart as refused:
            return self._message("Setup Required", str(refused), status=400)
        return redirect(address, extra=extra, note="to Salesforce")

    def _session(self, call: Call) -> ConsoleSession | None:
        found = self._desk.instance(call).sessions.get(cookie_of(call, cookie_name(call)))
        return found if found is not None and found.account_id and found.expires > self._desk.now() else None

    def embedded(self, call: Call) -> Answer:
        """LAUNCH, Marketplace and Orbit in one plain page: the account's connectors, each with a way to Salesforce."""
        session, instance = self._session(call), self._desk.instance(call)
        if session is None or session.account_id not in instance.accounts:
            return redirect(_LOGIN)
        connectors = [each for each in instance.connectors.values() if each.account_id == session.account_id]
        return self._desk.pages.page(
            "cyclr/embedded.html",
            title=call.path.strip("/").capitalize(),
            account=instance.accounts[session.account_id],
            connectors=connectors,
            csrf=session.csrf,
            here=call.path,
        )

    def start_again(self, call: Call) -> Answer:
        """The button of the embedded page."""
        session, instance = self._session(call), self._desk.instance(call)
        if session is None:
            return redirect(_LOGIN)
        if call.method != "POST" or call.parameters.get("csrf") != session.csrf:
            return self._message("Page expired", "Go back, reload the page and try again.", status=403)
        connector = _connector(instance, call.parameters.get("id", ""), session.account_id)
        if connector is None:
            return self._message("Not Found", "There is no such connector in this account.", status=404)
        return self._to_salesforce(instance, connector, back_to=local_path(call.parameters.get("back", "/launch")))

    # the callback

    async def callback(self, call: Call) -> Answer:
        """`/connector/callback` of the service domain and of the console host."""
        instance, sent = self._desk.instance(call), call.parameters
        host = call.host.kind.removeprefix("cyclr_")
        pending = self._authentication.take_pending(instance, host, sent.get("state", ""))
        if pending is None:
            return self._bad_state(call)
        settings = self._desk.settings
        if "error" in sent or "code" not in sent:
            reason = f"{sent.get('error', 'no code')}: {sent.get('error_description', '')}".strip(": ")
            connector = instance.connectors.get(pending.connector_number)
            if connector is not None:
                connector.last_error = reason
            return self._failed(pending, reason, as_page=settings.cyclr_error_callback == "page")
        reply = await self._authentication.exchange(instance.region, pending, sent["code"])
        if not reply.field("access_token"):
            return self._failed(pending, reply.raw, as_page=settings.cyclr_exchange_failure == "page")
        return self._done(pending, "The connector has been authenticated.")

    def _bad_state(self, call: Call) -> Answer:
        shown = self._desk.settings.cyclr_bad_state
        if shown == "login_page":
            return redirect("/login" if call.host.kind == "cyclr_console" else _LOGIN, note="unknown state")
        return self._message("Authentication Failed", _NO_MATCH, status=400 if shown == "page_400" else 200)

    def _failed(self, pending: PendingLogin, reason: str, *, as_page: bool) -> Answer:
        if not as_page and pending.target_origin:
            return self._done(pending, "")
        lines = ("The connector could not be authenticated. Salesforce answered:", reason[:2_000])
        links = {pending.back_to: "Back to the connector"} if pending.back_to else {}
        return self._message("Authentication Failed", *lines, status=400, links=links)

    def _done(self, pending: PendingLogin, text: str) -> Answer:
        """To the target, by a message to the window that opened this one, or back to Cyclr's own page."""
        if pending.target_origin and pending.callback_message:
            return self._post_message(pending)
        if pending.target_origin:
            return redirect(pending.target_origin, note="authenticated")
        if pending.back_to:
            return redirect(pending.back_to, note="authenticated")
        return self._message("Authentication Complete", text, "You can close this window.")

    def _post_message(self, pending: PendingLogin) -> Answer:
        answer = self._desk.pages.page(
            "cyclr/post_message.html",
            title="Authentication Complete",
            message=pending.callback_message,
            target=pending.target_origin,
            script=_SCRIPT,
        )
        policy = b"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + _SCRIPT_HASH + b"'"
        headers = tuple(pair for pair in answer.headers if pair[0] != b"content-security-policy")
        return Answer(status=200, headers=(*headers, (b"content-security-policy", policy)), body=answer.body)


def _connector(instance: Instance, number: str, account_id: str) -> AccountConnector | None:
    found = instance.connector(number)
    return found if found is not None and found.account_id == account_id else None


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and address.isprintable()

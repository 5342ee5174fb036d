"""What every page of the Partner Console needs: the user, the form they sent, and the frame around the answer."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable
from urllib.parse import quote

from sfrunbook.practice.cyclr.asked import Refused
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import ConsoleSession, Instance
from sfrunbook.practice.cyclr.service import cookie_name
from sfrunbook.practice.web.forms import Sent
from sfrunbook.practice.web.pages import local_path
from sfrunbook.practice.web.wire import Answer, Call, cookie_of, redirect, session_cookie, text_answer

__all__ = ["HOME", "ConsoleDesk", "ConsoleVisit"]

HOME = "/connectors/library"
_LOGIN = "/login"
_MENU = (
    ("Connectors", (("Application Connector Library", HOME),)),
    ("Templates", (("Template Connectors", "/templates/connectors"),)),
    ("Accounts", (("Account Management", "/accounts"),)),
    ("Settings", (("General Settings", "/settings/general"), ("OAuth Client Credentials", "/settings/oauth"))),
)


@dataclass(frozen=True, kw_only=True)
class ConsoleVisit:
    """One request of a user who is logged in to the Console."""

    call: Call
    instance: Instance
    session: ConsoleSession
    sent: Sent

    @property
    def posted(self) -> bool:
        return self.call.method == "POST"


class ConsoleDesk:
    def __init__(self, desk: CyclrDesk) -> None:
        self.desk = desk

    def guarded(
        self, handler: Callable[[ConsoleVisit], Answer | Awaitable[Answer]]
    ) -> Callable[[Call], Awaitable[Answer]]:
        """A route: login first, then the form's own token, then the handler; what the API would refuse is shown."""

        async def handle(call: Call) -> Answer:
            if call.method not in ("GET", "HEAD", "POST"):
                return text_answer("This page takes GET and POST.", 405)
            instance = self.desk.instance(call)
            session = instance.sessions.get(cookie_of(call, cookie_name(call)))
            if session is None or session.account_id or session.expires < self.desk.now():
                return redirect(f"{_LOGIN}?ReturnUrl={quote(call.path, safe='')}")
            visit = ConsoleVisit(call=call, instance=instance, session=session, sent=Sent(call))
            if visit.posted and not hmac.compare_digest(visit.sent.text("csrf").encode(), session.csrf.encode()):
                return self.message(visit, "Page expired", "Go back, reload the page and try again.", status=403)
            try:
                answer = handler(visit)
                return await answer if isawaitable(answer) else answer
            except Refused as refused:
                title = "Not Found" if refused.status == 404 else "Not Possible"
                return self.message(visit, title, str(refused.body["Message"]), status=refused.status)

        return handle

    def page(self, visit: ConsoleVisit, template: str, title: str, *, status: int = 200, **values: object) -> Answer:
        notice, visit.session.notice = visit.session.notice, ""
        return self.desk.pages.page(
            f"cyclr/{template}",
            status,
            title=title,
            visit=visit,
            csrf=visit.session.csrf,
            notice=notice,
            menu=_MENU,
            here=visit.call.path,
            **values,
        )

    def message(self, visit: ConsoleVisit, title: str, *lines: str, status: int = 200) -> Answer:
        return self.page(visit, "console_message.html", title, status=status, lines=lines)

    def go(self, visit: ConsoleVisit, path: str, notice: str = "") -> Answer:
        """On to another page, which shows `notice` once."""
        visit.session.notice = notice
        return redirect(path)

    # logging in

    def log_in(self, call: Call) -> Answer:
        instance = self.desk.instance(call)
        username, error = call.parameters.get("username", "").strip(), ""
        if call.method == "POST":
            password = call.parameters.get("password", "").encode("utf-8", "replace")
            for user in instance.console_users:
                if user.username == username and hmac.compare_digest(password, user.password.encode()):
                    return self._logged_in(call, instance, username)
            error = "The username or password is incorrect."
        back = local_path(call.parameters.get("ReturnUrl", HOME))
        shown = instance.console_users if self.desk.settings.login_page_names_users else ()
        action = f"{_LOGIN}?ReturnUrl={quote(back, safe='')}"
        return self.desk.pages.page(
            "cyclr/login.html", title="Partner Console", error=error, action=action, users=shown
        )

    def _logged_in(self, call: Call, instance: Instance, username: str) -> Answer:
        value = self.desk.cyclr.open_session(instance, username, self.desk.now())
        cookie = session_cookie(call, cookie_name(call), value)
        target = local_path(call.parameters.get("ReturnUrl", HOME))
        return redirect(HOME if target == "/" else target, extra=(cookie,), note="login")

    def log_out(self, call: Call) -> Answer:
        self.desk.instance(call).sessions.pop(cookie_of(call, cookie_name(call)), None)
        return redirect(_LOGIN, extra=((b"set-cookie", f"{cookie_name(call)}=; Path=/; Max-Age=0".encode()),))

"""The pages outside Setup: log in, log out, "Allow Access?", errors and landing pages."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jinja2

from sfrunbook.practice.org.entities import App, Host, User
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.paths import MAILBOX, PERSONAL_APPS, SETUP_HOME
from sfrunbook.practice.web.wire import NO_STORE, Answer, Call, cookie_of, redirect, session_cookie

__all__ = ["Pages", "local_path"]

_CSP = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
)
_WRONG = "Please check your username and password. If you still can't log in, contact your Salesforce administrator."
_GENERIC = "An unexpected error has occured during authentication. Please try again."


def local_path(text: str) -> str:
    """`text` when it is a path of this host, else `/`: a login must not send anybody elsewhere."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or any(ord(each) < 33 for each in text):
        return "/"
    return text


class Pages:
    """Renders the templates with autoescape on; the environment is made at the first page."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def _templates(self) -> jinja2.Environment:
        import jinja2  # its import is slow and a headless run may never show a page

        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True, auto_reload=False
        )

    def page(self, template: str, status: int = 200, **values: object) -> Answer:
        body = self._templates.get_template(template).render(**values).encode("utf-8", "replace")
        headers = (*NO_STORE, (b"content-type", b"text/html; charset=UTF-8"), (b"x-frame-options", b"DENY"), _CSP)
        return Answer(status=status, headers=headers, body=body)

    def message(self, title: str, *lines: str, status: int = 200, links: dict[str, str] | None = None) -> Answer:
        """A page of a few lines; `links` are texts by address."""
        return self.page("message.html", status, title=title, lines=lines, links=links or {})

    def consent(self, app: App, user: User, source: str, csrf: str, labels: list[str]) -> Answer:
        again = f"/setup/secur/RemoteAccessAuthorizationPage.apexp?source={source.replace('=', '%3D')}"
        return self.page(
            "consent.html",
            title="Allow Access?",
            app_name=app.name,
            username=user.username,
            source=source,
            csrf=csrf,
            labels=labels,
            again=again,
        )

    def home(self, call: Call) -> Answer:
        """`/`: the login page, the form sent from it, or a word to somebody who is logged in."""
        if call.method == "POST":
            return self._log_in(call)
        start_url = call.parameters.get("startURL", "")
        session = self._world.session(call.host, cookie_of(call, f"sid_{call.host.port}"))
        if session is not None and not start_url:
            name = self._world.users[session.user_id].username
            links = {"/secur/logout.jsp": "Log Out"}
            if call.host.org_id:
                links = {
                    SETUP_HOME: "Setup",
                    PERSONAL_APPS: "OAuth Connected Apps",
                    MAILBOX: "Practice mailbox",
                    **links,
                }
            return self.message("Home", f"You are logged in as {name}.", links=links)
        return self._login_page(call.host, local_path(start_url), self._hint(call, start_url))

    def _hint(self, call: Call, start_url: str) -> str:
        source = dict(parse_qsl(urlsplit(start_url).query)).get("source", "")
        request = self._world.pending.get(source)
        return request.login_hint if request is not None else call.parameters.get("un", "")

    def _login_page(self, host: Host, start_url: str, username: str, error: str = "") -> Answer:
        where = self._world.orgs[host.org_id].company if host.org_id else f"Salesforce ({host.kind} host)"
        users = self._world.users_at(host) if self._world.settings.login_page_names_users else ()
        return self.page(
            "login.html",
            title="Login",
            where=where,
            start_url=start_url,
            username=username,
            error=error,
            users=users,
        )

    def _log_in(self, call: Call) -> Answer:
        sent = call.parameters
        username, start_url = sent.get("username", sent.get("un", "")), local_path(sent.get("startURL", "/"))
        address, relaxed = self._world.client_ip(call.headers), self._is_relaxed(call, start_url)
        user = self._world.log_in(call.host, username, sent.get("pw", ""), address=address, relaxed=relaxed)
        if user is not None and user.password_expired:
            return self.message("Change Your Password", "Your password has expired. Ask an administrator to reset it.")
        if user is None:
            return self._login_page(call.host, start_url, username, _WRONG)
        return self.logged_in(call, user, start_url)

    def _is_relaxed(self, call: Call, start_url: str) -> bool:
        """Whether this login leads to an app whose policy relaxes IP restrictions (that it counts here is a guess)."""
        request = self._world.pending.get(dict(parse_qsl(urlsplit(start_url).query)).get("source", ""))
        app = self._world.find_app(call.host, request.client_id) if request is not None else None
        return app is not None and app.ip_relaxation.startswith("bypass")

    def logged_in(self, call: Call, user: User, start_url: str) -> Answer:
        """Set the session cookie and go on; one name per port, because browsers share cookies between ports."""
        cookie = session_cookie(call, f"sid_{call.host.port}", self._world.open_session(user))
        return redirect(start_url, extra=(cookie,), note="login")

    def log_out(self, call: Call) -> Answer:
        name = f"sid_{call.host.port}"
        self._world.close_session(cookie_of(call, name))
        target = local_path(call.parameters.get("startURL", call.parameters.get("retUrl", "/")))
        return redirect(target, extra=((b"set-cookie", f"{name}=; Path=/; Max-Age=0".encode()),))

    def front_door(self, call: Call) -> Answer:
        """`/secur/frontdoor.jsp?otp=`: opens the session that singleaccess promised."""
        user = self._world.use_one_time_login(call.parameters.get("otp", ""))
        if user is None or not self._world.serves(call.host, user.org_id):
            return redirect("/")
        return self.logged_in(call, user, local_path(call.parameters.get("startURL", "/")))

    def error_page(self, call: Call) -> Answer:
        """RemoteAccessErrorPage: the address tells more than the page, as in a real org (confirmed text, sic)."""
        error = call.parameters.get("error", "OAUTH_APPROVAL_ERROR_GENERIC")
        shown = "OAUTH_APPROVAL_ERROR_GENERIC" if error == "invalid_client" else error
        description = _GENERIC if shown != error else call.parameters.get("error_description", _GENERIC)
        return self.message("We can't authorize you because of an OAuth error.", f"{shown}: {description}")

    def success(self, _call: Call) -> Answer:
        """The landing pages that Salesforce hosts for apps without their own (likely)."""
        return self.message("Remote Access Authorized", "You may now close this window.")

"""What every Setup page needs: the user, their permission, the form they sent, and the frame around the answer."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from sfrunbook.practice.org.entities import App, BrowserSession, Org, User
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World
from sfrunbook.practice.setup.menu import CLASSIC_TREE, LIGHTNING_TREE
from sfrunbook.practice.web import paths
from sfrunbook.practice.web.forms import Sent
from sfrunbook.practice.web.pages import Pages
from sfrunbook.practice.web.wire import Answer, Call, cookie_of, redirect, text_answer

__all__ = ["Desk", "Visit"]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request of a user who is logged in; `is_admin` is the permission Customize Application.

    Of the profiles here only System Administrator has it. That it opens all of Setup or nothing is a simplification.
    """

    call: Call
    session: BrowserSession
    user: User
    org: Org
    sent: Sent
    is_admin: bool

    @property
    def posted(self) -> bool:
        return self.call.method == "POST"


class Desk:
    """Guards and frames the pages."""

    def __init__(self, world: World, ledger: Ledger, pages: Pages) -> None:
        self.world = world
        self.ledger = ledger
        self._pages = pages

    def guarded(self, handler: Callable[[Visit], Answer], *, admin: bool = True) -> Callable[[Call], Answer]:
        """A route: login first, then the permission, then the form's own token, then the handler."""

        def handle(call: Call) -> Answer:
            if not call.host.org_id:
                return text_answer("URL No Longer Exists", 404)
            if call.method not in ("GET", "HEAD", "POST"):
                return text_answer("This page takes GET and POST.", 405)
            session = self.world.session(call.host, cookie_of(call, f"sid_{call.host.port}"))
            if session is None:
                target = quote(call.path) + (f"?{call.query}" if call.query and call.method != "POST" else "")
                return redirect(f"/?ec=302&startURL={quote(target, safe='')}")
            user = self.world.users[session.user_id]
            visit = Visit(
                call=call,
                session=session,
                user=user,
                org=self.world.orgs[user.org_id],
                sent=Sent(call),
                is_admin=self.world.may(user, "CustomizeApplication"),
            )
            if admin and not visit.is_admin:
                return self.insufficient(visit)
            if visit.posted and not hmac.compare_digest(visit.sent.text("csrf").encode(), session.csrf.encode()):
                return self.message(visit, "Page expired", "Go back, reload the page and try again.", status=403)
            return handler(visit)

        return handle

    def page(self, visit: Visit, template: str, title: str, *, status: int = 200, **values: object) -> Answer:
        """The template inside the frame: header, Setup menu, and the notice of the page before."""
        notice, visit.session.notice = visit.session.notice, ""
        tree = CLASSIC_TREE if visit.session.classic else LIGHTNING_TREE
        return self._pages.page(
            f"setup/{template}",
            status,
            title=title,
            visit=visit,
            csrf=visit.session.csrf,
            notice=notice,
            tree=tree if visit.is_admin else (),
            here=visit.call.path,
            paths=paths,
            **values,
        )

    def message(self, visit: Visit, title: str, *lines: str, status: int = 200) -> Answer:
        return self.page(visit, "message.html", title, status=status, lines=lines)

    def insufficient(self, visit: Visit) -> Answer:
        return self.message(
            visit,
            "Insufficient Privileges",
            "You do not have the level of access necessary to perform the operation you requested. Please contact the "
            "owner of the record or your administrator if access is necessary.",
            status=403,
        )

    def go(self, visit: Visit, path: str, notice: str = "") -> Answer:
        """On to another page, which shows `notice` once."""
        visit.session.notice = notice
        return redirect(path)

    def may_edit(self, visit: Visit, kind: str) -> bool:
        """Whether this person may create, edit, rotate and delete apps of this kind.

        Confirmed: Connected Apps want Customize Application and Modify All Data or Manage Connected Apps, External
        Client Apps "Create, edit, and delete External Client Apps".
        """
        if kind == "external_client_app":
            return self.world.may(visit.user, "ExternalClientAppDeveloper")
        return any(self.world.may(visit.user, name) for name in ("ModifyAllData", "ManageConnectedApps"))

    def of_app(self, handler: Callable[[Visit, App], Answer]) -> Callable[[Visit], Answer]:
        """A page of the app that the address names, if it was made in this org."""

        def handle(visit: Visit) -> Answer:
            app_id = visit.call.found["app_id"]
            app = next((each for each in self.apps(visit) if each.app_id == app_id), None)
            if app is None:
                line = "The record you were attempting to access could not be found. It may have been deleted."
                return self.message(visit, "Data Not Available", line, status=404)
            return handler(visit, app)

        return handle

    def apps(self, visit: Visit) -> list[App]:
        """The apps made in this org, by name."""
        found = [app for app in self.world.apps.values() if app.org_id == visit.org.org_id and not app.everywhere]
        return sorted(found, key=lambda app: (app.name.casefold(), app.app_id))

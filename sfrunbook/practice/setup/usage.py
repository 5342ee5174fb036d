"""The pages about use: Connected Apps OAuth Usage, a user's OAuth Connected Apps, Login History, Setup Audit Trail."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from sfrunbook.practice.org.entities import App, Approval, User
from sfrunbook.practice.setup import actions
from sfrunbook.practice.setup.desk import Desk, Visit
from sfrunbook.practice.setup.scopes import label_of, rows_of
from sfrunbook.practice.web import paths
from sfrunbook.practice.web.forms import moment
from sfrunbook.practice.web.paths import app_path
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["UsagePages"]

_SHOWN = 200


class UsagePages:
    """Lists of approvals and logins, with the buttons that end or stop them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        guarded = self._desk.guarded
        return {
            paths.USAGE: guarded(self._usage),
            f"{paths.USAGE}/{{app_id}}": guarded(self._users_of_app),
            paths.PERSONAL_APPS: guarded(self._own_approvals, admin=False),
            paths.USERS: guarded(self._users),
            f"{paths.USERS}/{{user_id}}": guarded(self._approvals_of_user),
            paths.LOGIN_HISTORY: guarded(self._login_history),
            paths.AUDIT_TRAIL: guarded(self._audit_trail),
        }

    # OAuth usage

    def _apps(self, visit: Visit) -> list[App]:
        """The org's own apps, and those of others that are used, installed or blocked here."""
        world, org = self._desk.world, visit.org
        used = {each.client_id for each in self._approvals(visit)} | {*org.installed_apps, *org.blocked_apps}
        foreign = [app for app in world.apps.values() if app.client_id in used and app.org_id != org.org_id]
        return [*self._desk.apps(visit), *sorted(foreign, key=lambda app: app.name.casefold())]

    def _approvals(self, visit: Visit) -> list[Approval]:
        users, org_id = self._desk.world.users, visit.org.org_id
        return [each for each in self._desk.ledger.approvals.values() if users[each.user_id].org_id == org_id]

    def _usage(self, visit: Visit) -> Answer:
        apps = {app.app_id: app for app in self._apps(visit)}
        if visit.posted:
            return self._pressed(visit, apps.get(visit.sent.text("app_id")), paths.USAGE)
        world, org_id = self._desk.world, visit.org.org_id
        approvals = self._approvals(visit)
        rows = [
            {
                "app": app,
                "own": app.org_id == org_id,
                "users": len({each.user_id for each in approvals if each.client_id == app.client_id}),
                "approvals": sum(each.client_id == app.client_id for each in approvals),
                "blocked": world.is_blocked(app, org_id),
                "installed": app.kind == "external_client_app" or world.is_installed(app, org_id),
            }
            for app in apps.values()
        ]
        return self._desk.page(visit, "usage.html", "Connected Apps OAuth Usage", rows=rows, path=app_path)

    def _pressed(self, visit: Visit, app: App | None, back: str) -> Answer:
        world, ledger, sent = self._desk.world, self._desk.ledger, visit.sent
        if app is None:
            return self._desk.go(visit, back, "That app is no longer there.")
        if "install" in sent or "uninstall" in sent:
            if app.kind == "external_client_app":
                return self._desk.go(visit, back, "You can't install or uninstall an external client app here.")
            actions.install(world, visit.user, app, wanted="install" in sent)
            notice = f"{app.name} is {'installed' if 'install' in sent else 'uninstalled'}."
        elif "block" in sent or "unblock" in sent:
            actions.block(world, visit.user, ledger, app, wanted="block" in sent)
            notice = f"{app.name} is {'blocked' if 'block' in sent else 'unblocked'}."
        elif "revoke_all" in sent:
            actions.revoke_all(world, visit.user, ledger, app)
            notice = f"All approvals of {app.name} are revoked."
        else:
            notice = ""
        return self._desk.go(visit, back, notice)

    def _users_of_app(self, visit: Visit) -> Answer:
        wanted = visit.call.found["app_id"]
        app = next((each for each in self._apps(visit) if each.app_id == wanted), None)
        if app is None:
            return self._desk.message(visit, "Data Not Available", "That app is no longer there.", status=404)
        here = f"{paths.USAGE}/{app.app_id}"
        approvals = [each for each in self._approvals(visit) if each.client_id == app.client_id]
        if visit.posted:
            if "revoke" in visit.sent:
                return self._revoke(visit, approvals, here)
            return self._pressed(visit, app, here)
        return self._approval_page(visit, f"Users of {app.name}", approvals, app)

    # approvals

    def _own_approvals(self, visit: Visit) -> Answer:
        return self._of_user(visit, visit.user, paths.PERSONAL_APPS)

    def _approvals_of_user(self, visit: Visit) -> Answer:
        user = self._desk.world.users.get(visit.call.found["user_id"])
        if user is None or user.org_id != visit.org.org_id:
            return self._desk.message(visit, "Data Not Available", "That user does not exist.", status=404)
        return self._of_user(visit, user, f"{paths.USERS}/{user.user_id}")

    def _of_user(self, visit: Visit, user: User, here: str) -> Answer:
        approvals = [each for each in self._approvals(visit) if each.user_id == user.user_id]
        if visit.posted:
            return self._revoke(visit, approvals, here)
        return self._approval_page(visit, f"OAuth Connected Apps of {user.name}", approvals)

    def _revoke(self, visit: Visit, approvals: list[Approval], back: str) -> Answer:
        wanted = visit.sent.text("revoke")
        doomed = next((each for each in approvals if each.approval_id == wanted), None)
        if doomed is None:
            return self._desk.go(visit, back, "That approval is no longer there.")
        actions.revoke(self._desk.world, visit.user, self._desk.ledger, doomed)
        return self._desk.go(visit, back, "The approval and its access tokens are revoked.")

    def _approval_page(self, visit: Visit, title: str, approvals: list[Approval], app: App | None = None) -> Answer:
        """The approvals of one user, or with `app` those of one app with their users."""
        world = self._desk.world
        rows = [
            {
                "approval": each,
                "name": world.apps[each.client_id].name if each.client_id in world.apps else "(deleted)",
                "username": world.users[each.user_id].username,
                "created": moment(each.created),
                "last_used": moment(each.last_used),
                "scopes": ", ".join(label_of(row) for row in rows_of(each.scopes)),
            }
            for each in sorted(approvals, key=lambda each: each.created)
        ]
        return self._desk.page(visit, "approvals.html", title, rows=rows, app=app)

    # users and histories

    def _users(self, visit: Visit) -> Answer:
        users = [user for user in self._desk.world.users.values() if user.org_id == visit.org.org_id]
        counts = {user.user_id: sum(each.user_id == user.user_id for each in self._approvals(visit)) for user in users}
        return self._desk.page(visit, "users.html", "All Users", users=users, counts=counts)

    def _login_history(self, visit: Visit) -> Answer:
        own = (each for each in reversed(self._desk.world.logins) if each.org_id == visit.org.org_id)
        head = ("Username", "Login Time", "Source IP", "Login Type", "Status", "Application", "Login URL")
        rows = [
            (
                each.username,
                moment(each.at),
                each.source_ip,
                each.login_type,
                each.status,
                each.application,
                each.login_url,
            )
            for each in islice(own, _SHOWN)
        ]
        return self._desk.page(visit, "table.html", "Login History", head=head, rows=rows, shown=_SHOWN)

    def _audit_trail(self, visit: Visit) -> Answer:
        users = self._desk.world.users
        own = (each for each in reversed(self._desk.world.audit_trail) if each.org_id == visit.org.org_id)
        rows = [
            (moment(each.at), users[each.user_id].username, each.display, each.section) for each in islice(own, _SHOWN)
        ]
        head = ("Date", "User", "Action", "Section")
        return self._desk.page(visit, "table.html", "View Setup Audit Trail", head=head, rows=rows, shown=_SHOWN)

"""The pages about apps: the lists, New, View, Edit, Delete, and the consumer details."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook.practice.org import credentials
from sfrunbook.practice.org.entities import App
from sfrunbook.practice.setup import actions
from sfrunbook.practice.setup.app_form import AppForm
from sfrunbook.practice.setup.desk import Desk, Visit
from sfrunbook.practice.setup.flags import boxes_for, ticked_on
from sfrunbook.practice.setup.identity import Identity
from sfrunbook.practice.setup.scopes import label_of, rows_of
from sfrunbook.practice.web import paths
from sfrunbook.practice.web.forms import moment
from sfrunbook.practice.web.paths import app_path
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["AppPages"]

KIND_LABELS = {"connected_app": "Connected App", "external_client_app": "External Client App"}
# Confirmed: the notice speaks of up to 10 minutes for a Connected App; an External Client App is reported to work at
# once by some and after up to 30 minutes by others.
_DELAY = {
    "connected_app": "Changes can take up to 10 minutes to take effect.",
    "external_client_app": "Changes usually work at once but can take up to 30 minutes to take effect.",
}


class AppPages:
    """App Manager, External Client App Manager, Manage Connected Apps, Classic's Apps, and each app's own pages."""

    def __init__(self, desk: Desk, identity: Identity) -> None:
        self._desk = desk
        self._identity = identity

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        guarded, of_app = self._desk.guarded, self._desk.of_app
        return {
            paths.APP_MANAGER: guarded(self._app_manager),
            paths.ECA_MANAGER: guarded(self._eca_manager),
            paths.MANAGE_CONNECTED_APPS: guarded(self._manage_connected_apps),
            paths.CLASSIC_APPS: guarded(self._classic_apps),
            paths.NEW_CONNECTED_APP: guarded(self._new_connected_app),
            paths.NEW_ECA: guarded(self._new_eca),
            app_path("{app_id}", "view"): guarded(of_app(self._view)),
            app_path("{app_id}", "saved"): guarded(of_app(self._saved)),
            app_path("{app_id}", "edit"): guarded(of_app(self._edit)),
            app_path("{app_id}", "delete"): guarded(of_app(self._delete)),
            app_path("{app_id}", "migrate"): guarded(of_app(self._migrate)),
            app_path("{app_id}", "consumer"): guarded(of_app(self._consumer)),
        }

    # lists

    def _list(self, visit: Visit, title: str, kinds: tuple[str, ...], shows: str) -> Answer:
        rows = [
            {"app": app, "kind": KIND_LABELS[app.kind], "changed": moment(app.created_at)}
            for app in self._desk.apps(visit)
            if app.kind in kinds
        ]
        creation = visit.org.switches.connected_app_creation
        return self._desk.page(visit, "apps.html", title, rows=rows, creation=creation, shows=shows, path=app_path)

    def _app_manager(self, visit: Visit) -> Answer:
        return self._list(visit, "Lightning Experience App Manager", tuple(KIND_LABELS), shows="both")

    def _eca_manager(self, visit: Visit) -> Answer:
        return self._list(visit, "External Client App Manager", ("external_client_app",), shows="eca")

    def _manage_connected_apps(self, visit: Visit) -> Answer:
        return self._list(visit, "Manage Connected Apps", ("connected_app",), shows="policies")

    def _classic_apps(self, visit: Visit) -> Answer:
        visit.session.classic = True
        return self._list(visit, "Apps", ("connected_app",), shows="classic")

    # new and edit

    def _new_connected_app(self, visit: Visit) -> Answer:
        if not visit.org.switches.connected_app_creation:
            unlocked = visit.org.switches.connected_app_creation_unlocked
            return self._desk.message(
                visit,
                "New Connected App",
                "New connected apps can't be created in this org. Use an external client app instead.",
                "The setting Allow creation of connected apps (Setup > Apps > External Client Apps > Settings) is off. "
                + ("You can turn it on." if unlocked else "Only Salesforce Support can make it available."),
                status=403,
            )
        return self._form(visit, "connected_app", None)

    def _new_eca(self, visit: Visit) -> Answer:
        return self._form(visit, "external_client_app", None)

    def _edit(self, visit: Visit, app: App) -> Answer:
        return self._form(visit, app.kind, app)

    def _form(self, visit: Visit, kind: str, app: App | None) -> Answer:
        if not self._desk.may_edit(visit, kind):
            return self._desk.insufficient(visit)
        world, sent = self._desk.world, visit.sent
        settings = world.settings
        form = AppForm.of(app, settings) if app else AppForm.blank(kind, settings)
        if visit.posted:
            form.fill(sent)
            if "save" in sent and form.check(self._taken(visit, kind, app), settings.callback_http_hosts):
                return self._save(visit, form, app)
        label = KIND_LABELS[kind]
        return self._desk.page(
            visit,
            "app_form.html",
            f"Edit {label}" if app else f"New {label}",
            form=form,
            app=app,
            label_of=label_of,
            back=app_path(app.app_id, "view") if app else self._list_of(visit, kind),
        )

    def _list_of(self, visit: Visit, kind: str) -> str:
        if kind == "external_client_app":
            return paths.ECA_MANAGER
        return paths.CLASSIC_APPS if visit.session.classic else paths.APP_MANAGER

    def _taken(self, visit: Visit, kind: str, app: App | None) -> set[str]:
        """API names of the other apps of this kind in the org; that the two kinds do not clash is a guess."""
        others = [each for each in self._desk.apps(visit) if each.kind == kind]
        return {each.api_name.casefold() for each in others if app is None or each.app_id != app.app_id}

    def _save(self, visit: Visit, form: AppForm, app: App | None) -> Answer:
        world = self._desk.world
        changes = form.changes(app)
        if app is None:
            saved = actions.create_app(world, visit.user, form.kind, changes)
            notice = f"{KIND_LABELS[form.kind]} {saved.name} was created. {_DELAY[form.kind]}"
        else:
            saved = actions.edit_app(world, visit.user, app, changes)
            notice = f"Your changes are saved. {_DELAY[form.kind]}"
        page = "saved" if form.kind == "connected_app" else "view"
        return self._desk.go(visit, app_path(saved.app_id, page), notice)

    def _saved(self, visit: Visit, app: App) -> Answer:
        """The page between Save and the app that only has the button Continue (confirmed for Connected Apps)."""
        return self._desk.page(visit, "continue.html", app.name, target=app_path(app.app_id, "view"))

    # one app

    def _view(self, visit: Visit, app: App) -> Answer:
        ticked = ticked_on(app)
        boxes = [(box, box.name in ticked) for box in boxes_for(app.kind, self._desk.world.settings, app)]
        creator = self._desk.world.users.get(app.created_by)
        return self._desk.page(
            visit,
            "app_view.html",
            app.name,
            app=app,
            kind=KIND_LABELS[app.kind],
            boxes=boxes,
            scopes=[label_of(row) for row in rows_of(app.scopes)],
            created=f"{creator.name}, {moment(app.created_at)}" if creator else "when the practice org started",
            path=app_path,
        )

    def _delete(self, visit: Visit, app: App) -> Answer:
        if not self._desk.may_edit(visit, app.kind):
            return self._desk.insufficient(visit)
        if visit.posted:
            actions.delete_app(self._desk.world, visit.user, self._desk.ledger, app)
            return self._desk.go(visit, self._list_of(visit, app.kind), f"{app.name} was deleted.")
        return self._desk.page(visit, "delete.html", f"Delete {KIND_LABELS[app.kind]}", app=app, path=app_path)

    def _migrate(self, visit: Visit, app: App) -> Answer:
        """Connected App to External Client App; only the API Name can prevent it."""
        if not self._desk.may_edit(visit, "external_client_app"):
            return self._desk.insufficient(visit)
        error = ""
        if visit.posted:
            taken = self._taken(visit, "external_client_app", app)
            if app.kind == "connected_app" and app.api_name.casefold() not in taken:
                actions.migrate(self._desk.world, visit.user, app)
                notice = f"{app.name} is an external client app now."
                return self._desk.go(visit, app_path(app.app_id, "view"), notice)
            error = "An external client app with this API Name exists already. Change the API Name first."
        return self._desk.page(
            visit, "migrate.html", "Migrate to External Client App", app=app, error=error, path=app_path
        )

    # consumer details

    def _consumer(self, visit: Visit, app: App) -> Answer:
        if not self._desk.may_edit(visit, app.kind):
            return self._desk.insufficient(visit)
        here = app_path(app.app_id, "consumer")
        challenge = self._identity.demand(visit, here)
        if challenge is not None:
            return challenge
        if visit.posted:
            return self._rotate(visit, app, here)
        pair = next(reversed(credentials.staged_pairs(self._desk.world, app)), None)
        return self._desk.page(
            visit,
            "consumer.html",
            "Consumer Key and Secret" if app.kind == "external_client_app" else "Manage Consumer Details",
            app=app,
            pair=pair,
            pair_made=moment(pair.created_at) if pair else "",
            pair_ends=moment(pair.expires_at) if pair else "",
            may_rotate=visit.org.switches.key_rotation,
            path=app_path,
        )

    def _rotate(self, visit: Visit, app: App, here: str) -> Answer:
        sent = visit.sent
        try:
            if not visit.org.switches.key_rotation:
                raise ValueError("Consumer key and secret rotation is not allowed in this org.")
            if "stage" in sent:
                actions.stage_pair(self._desk.world, visit.user, app, sent.text("part"))
                notice = "A new key and secret are staged. The app uses the old ones until you apply them."
            elif "apply" in sent:
                actions.apply_pair(self._desk.world, visit.user, app)
                notice = f"The staged key and secret are applied. {_DELAY[app.kind]}"
            else:
                actions.drop_pair(self._desk.world, visit.user, app)
                notice = "The staged key and secret are deleted."
        except (ValueError, LookupError) as refused:
            notice = str(refused)
        return self._desk.go(visit, here, notice)

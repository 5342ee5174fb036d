"""Setup Home and the pages of switches: external client apps, OAuth and OpenID Connect, API Access Control."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook.practice.setup import actions
from sfrunbook.practice.setup.desk import Desk, Visit
from sfrunbook.practice.setup.labels import LABELS
from sfrunbook.practice.setup.menu import CLASSIC_TREE, LIGHTNING_TREE
from sfrunbook.practice.web import paths
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["OrgSettingPages"]


class OrgSettingPages:
    """Pages whose switches count for the whole org, at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        guarded = self._desk.guarded
        return {
            paths.SETUP_HOME: guarded(self._home),
            paths.CLASSIC_HOME: guarded(self._classic_home),
            paths.ECA_SETTINGS: guarded(self._eca_settings),
            paths.OAUTH_SETTINGS: guarded(self._oauth_settings),
            paths.API_ACCESS_CONTROL: guarded(self._api_access_control),
        }

    def _home(self, visit: Visit) -> Answer:
        visit.session.classic = False
        return self._home_page(visit, "Setup Home")

    def _classic_home(self, visit: Visit) -> Answer:
        visit.session.classic = True
        return self._home_page(visit, "Force.com Home")

    def _home_page(self, visit: Visit, title: str) -> Answer:
        trees = {"Lightning Experience": LIGHTNING_TREE, "Salesforce Classic": CLASSIC_TREE}
        click_paths = {
            name: [("Setup > " + path, address) for branch in tree for path, address in branch.as_paths]
            for name, tree in trees.items()
        }
        return self._desk.page(visit, "home.html", title, click_paths=click_paths)

    def _eca_settings(self, visit: Visit) -> Answer:
        locked = set() if visit.org.switches.connected_app_creation_unlocked else {"connected_app_creation"}
        if visit.posted and "support" in visit.sent:
            section = "External Client Apps"
            actions.switch(self._desk.world, visit.user, section, {"connected_app_creation_unlocked": True})
            return self._desk.go(visit, paths.ECA_SETTINGS, "Salesforce Support has made the setting available.")
        title = "External Client App Settings"
        return self._switches(visit, title, "External Client Apps", paths.ECA_SETTINGS, "external_client_apps", locked)

    def _oauth_settings(self, visit: Visit) -> Answer:
        title = "OAuth and OpenID Connect Settings"
        return self._switches(visit, title, title, paths.OAUTH_SETTINGS, "oauth")

    def _api_access_control(self, visit: Visit) -> Answer:
        title = "API Access Control"
        return self._switches(visit, title, title, paths.API_ACCESS_CONTROL, "api_access_control")

    def _switches(
        self,
        visit: Visit,
        title: str,
        section: str,
        here: str,
        switches: str,
        locked: set[str] | None = None,
    ) -> Answer:
        """One page of switches; `switches` names them in the labels."""
        locked, world, rows = locked or set(), self._desk.world, LABELS["switches"][switches]
        if visit.posted:
            wanted = {each["name"]: each["name"] in visit.sent for each in rows if each["name"] not in locked}
            changed = actions.switch(world, visit.user, section, wanted)
            return self._desk.go(visit, here, "Your settings are saved." if changed else "Nothing was changed.")
        now = world.switches_at(visit.org.org_id)
        rows = [(each, bool(getattr(now, each["name"])), each["name"] in locked) for each in rows]
        return self._desk.page(visit, "switches.html", title, rows=rows, asks_support=bool(locked))

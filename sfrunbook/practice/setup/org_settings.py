"""Setup Home and the pages of switches: external client apps, OAuth and OpenID Connect, API Access Control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfrunbook.practice.setup import actions
from sfrunbook.practice.setup.menu import CLASSIC_TREE, LIGHTNING_TREE
from sfrunbook.practice.web import paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfrunbook.practice.setup.desk import Desk, Visit
    from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["OrgSettingPages"]


@dataclass(frozen=True)
class Switch:
    """One switch: the field of `OrgSwitches`, its label, and what it does here."""

    name: str
    label: str
    help: str


# Labels confirmed for creation, secrets by REST, PKCE and user-agent flow, likely for the others.
_ECA_SWITCHES = (
    Switch(
        "connected_app_creation",
        "Allow creation of connected apps",
        "Off since Spring '26, and customers cannot turn it on: ask Salesforce Support. Existing apps go on.",
    ),
    Switch(
        "secrets_by_rest",
        "Allow access to External Client App consumer secrets via REST API",
        "Opens the credentials resources of the REST API to users who may view client secrets.",
    ),
    Switch(
        "key_rotation",
        "Allow consumer key and secret rotation",
        "Lets administrators stage a second pair on the consumer details and apply it.",
    ),
)
_OAUTH_SWITCHES = (
    Switch(
        "pkce_required",
        "Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows",
        "Asks every app of the org for a code challenge, whatever the app's own box says.",
    ),
    Switch(
        "username_password_flow",
        "Allow OAuth Username-Password Flows",
        "Blocked by default in orgs made since Summer '23. External client apps never have this flow.",
    ),
    Switch(
        "user_agent_flow",
        "Allow OAuth User-Agent Flows",
        "Remembered only: the practice org does not serve this flow.",
    ),
    Switch(
        "code_credentials_flow",
        "Allow Authorization Code and Credentials Flows",
        "Remembered only: the practice org does not serve this flow. It is not the web server flow.",
    ),
)
_API_SWITCHES = (
    Switch(
        "api_access_control",
        "For admin-approved users, limit API access to only allowed connected apps",
        "Only users whom an app's policies pre-authorize get through, and users with Use Any API Client.",
    ),
)


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
        if visit.call.method == "POST" and "support" in visit.sent:
            section = "External Client Apps"
            actions.switch(self._desk.world, visit.user, section, {"connected_app_creation_unlocked": True})
            return self._desk.go(visit, paths.ECA_SETTINGS, "Salesforce Support has made the setting available.")
        title = "External Client App Settings"
        return self._switches(visit, title, "External Client Apps", paths.ECA_SETTINGS, _ECA_SWITCHES, locked)

    def _oauth_settings(self, visit: Visit) -> Answer:
        title = "OAuth and OpenID Connect Settings"
        return self._switches(visit, title, title, paths.OAUTH_SETTINGS, _OAUTH_SWITCHES)

    def _api_access_control(self, visit: Visit) -> Answer:
        title = "API Access Control"
        return self._switches(visit, title, title, paths.API_ACCESS_CONTROL, _API_SWITCHES)

    def _switches(
        self,
        visit: Visit,
        title: str,
        section: str,
        here: str,
        switches: tuple[Switch, ...],
        locked: set[str] | None = None,
    ) -> Answer:
        locked = locked or set()
        world = self._desk.world
        if visit.call.method == "POST":
            wanted = {each.name: each.name in visit.sent for each in switches if each.name not in locked}
            changed = actions.switch(world, visit.user, section, wanted)
            return self._desk.go(visit, here, "Your settings are saved." if changed else "Nothing was changed.")
        now = world.switches_at(visit.org.org_id)
        rows = [(each, bool(getattr(now, each.name)), each.name in locked) for each in switches]
        return self._desk.page(visit, "switches.html", title, rows=rows, asks_support=bool(locked))

"""What a scenario works with: a practice world whose changes are noted under the scenario's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.org.entities import App, Org, User
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World
from sfrunbook.practice.rest.entrance import DataEntrance
from sfrunbook.practice.scenarios.patches import Patches
from sfrunbook.practice.web.faults import Fault, Faults

__all__ = ["Stage", "UnknownScenario"]


class UnknownScenario(ValueError):  # noqa: N818 - reads as the fact
    """The text is a sentence for people, with the closest name or what can be chosen."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The parts of a practice world that one scenario (`owner`) changes. What it changes through here can be undone."""

    owner: str
    world: World
    ledger: Ledger
    data: DataEntrance
    faults: Faults
    cyclr: Cyclr | None
    patches: Patches

    def orgs(self, org: str) -> list[Org]:
        """All orgs, or the one of this short name."""
        found = [each for each in self.world.orgs.values() if org in ("", each.name)]
        if not found:
            raise UnknownScenario(f"There is no org named {org!r}.")
        return found

    def apps(self, app: str = "", *, kind: str = "") -> list[App]:
        """All registered apps (of this kind), or those with this name or consumer key."""
        known = self.world.apps.values()
        found = [each for each in known if app in ("", each.name, each.client_id) and kind in ("", each.kind)]
        if not found:
            raise UnknownScenario(f"There is no app named {app!r}.")
        return found

    def users(self, user: str = "") -> list[User]:
        """All users, or the one of this user name."""
        found = [each for each in self.world.users.values() if user in ("", each.username)]
        if not found:
            raise UnknownScenario(f"There is no user named {user!r}.")
        return found

    def _change(self, kind: str, name: str, changes: dict[str, object]) -> None:
        for field, value in changes.items():
            self.patches.apply(self.owner, (kind, name, field), value)

    def settings(self, **changes: object) -> None:
        self._change("setting", "", changes)

    def change_switches(self, org: Org, **changes: object) -> None:
        self._change("switch", org.name, changes)

    def change_org(self, org: Org, **changes: object) -> None:
        self._change("org", org.name, changes)

    def change_app(self, app: App, **changes: object) -> None:
        self._change("app", app.app_id, changes)

    def change_apps(self, app: str, *, kind: str = "", **changes: object) -> None:
        """The same change for all apps, or for the one named."""
        for each in self.apps(app, kind=kind):
            self.change_app(each, **changes)

    def change_users(self, user: str, **changes: object) -> None:
        for each in self.users(user):
            self._change("user", each.user_id, changes)

    def audit(self, app: App, verb: str, display: str) -> None:
        """Write the row of the Setup Audit Trail that an administrator's hand would have left; it stays on undoing.

        Action and words are guesses, as they are for the Setup pages.
        """
        users = [each for each in self.world.users.values() if each.org_id == app.org_id]
        by = next((each.user_id for each in users if each.profile == "System Administrator"), None)
        if by is not None:
            kind = "ConnectedApplication" if app.kind == "connected_app" else "ExternalClientApplication"
            section = "Connected Apps" if app.kind == "connected_app" else "External Client Apps"
            self.world.audit(by, f"{verb}{kind}", section, display)

    def partner(self) -> Cyclr:
        """The practice Cyclr; refused in a world without one."""
        if self.cyclr is None:
            raise UnknownScenario("No practice Cyclr was started.")
        return self.cyclr

    def partner_fault(self, kind: Any, **fields: Any) -> None:  # noqa: ANN401 - the fields of Fault
        """A fault of the API hosts of the practice Cyclr, unless others are named."""
        self.partner()
        self.fault(kind, **{"host_kinds": ("cyclr_api",), **fields})

    def change_library(self, connector: str, **changes: object) -> None:
        """Change an entry of the partner's connector library."""
        if all(each.name != connector for each in self.partner().home.library):
            raise UnknownScenario(f"There is no connector named {connector!r}.")
        self._change("library", connector, changes)

    def fault(self, kind: Any, **fields: Any) -> None:  # noqa: ANN401 - the fields of Fault
        self.faults.active.append(Fault(owner=self.owner, kind=kind, **fields))

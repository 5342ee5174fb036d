"""What a scenario works with: a world whose changes are noted under the scenario's name, and the list of what is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfrunbook.practice.scenarios.patches import Patches
from sfrunbook.practice.scenarios.registry import UnknownScenario, find, fit
from sfrunbook.practice.web.faults import Fault

if TYPE_CHECKING:
    from sfrunbook.practice.cyclr.state import Cyclr
    from sfrunbook.practice.org.entities import App, Org, User
    from sfrunbook.practice.practice_world import PracticeWorld

__all__ = ["Running", "Stage"]


class Stage:
    """One scenario's hands on the world. Everything changed through it can be taken back."""

    def __init__(self, practice: PracticeWorld, patches: Patches, owner: str) -> None:
        self.practice = practice
        self.world = practice.world
        self.ledger = practice.ledger
        self._patches = patches
        self._owner = owner

    def orgs(self, org: str) -> list[Org]:
        """All orgs, or the one of this short name."""
        found = [each for each in self.world.orgs.values() if org in ("", each.name)]
        if not found:
            raise UnknownScenario(f"There is no org named {org!r}.")
        return found

    def apps(self, app: str = "", *, kind: str = "") -> list[App]:
        """All registered apps (of this kind), or those with this name or consumer key."""
        known = [each for each in self.world.apps.values() if not each.everywhere]
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

    def settings(self, **changes: object) -> None:
        for name, value in changes.items():
            self._patches.apply(self.world, self._owner, ("setting", "", name), value)

    def change_switches(self, org: Org, **changes: object) -> None:
        for name, value in changes.items():
            self._patches.apply(self.world, self._owner, ("switch", org.name, name), value)

    def change_org(self, org: Org, **changes: object) -> None:
        for name, value in changes.items():
            self._patches.apply(self.world, self._owner, ("org", org.name, name), value)

    def change_app(self, app: App, **changes: object) -> None:
        for name, value in changes.items():
            self._patches.apply(self.world, self._owner, ("app", app.app_id, name), value)

    def change_apps(self, app: str, *, kind: str = "", **changes: object) -> None:
        """The same change for all apps, or for the one named."""
        for each in self.apps(app, kind=kind):
            self.change_app(each, **changes)

    def change_users(self, user: str, **changes: object) -> None:
        for each in self.users(user):
            for name, value in changes.items():
                self._patches.apply(self.world, self._owner, ("user", each.user_id, name), value)

    def told_in_setup(self, app: App, verb: str, display: str) -> None:
        """Write the row of the Setup Audit Trail that an administrator's hand would have left; it stays on undoing.

        Action and words are guesses, as they are for the Setup pages.
        """
        by = next(
            (
                user.user_id
                for user in self.world.users.values()
                if user.org_id == app.org_id and user.profile == "System Administrator"
            ),
            None,
        )
        if by is not None:
            kind = "ConnectedApplication" if app.kind == "connected_app" else "ExternalClientApplication"
            section = "Connected Apps" if app.kind == "connected_app" else "External Client Apps"
            self.world.audit(by, f"{verb}{kind}", section, display)

    def partner(self) -> Cyclr:
        """The practice Cyclr; refused in a world without one."""
        if self.world.cyclr is None:
            raise UnknownScenario("This practice world has no Cyclr.")
        return self.world.cyclr

    def change_library(self, connector: str, **changes: object) -> None:
        """Change an entry of the partner's connector library."""
        if all(each.name != connector for each in self.partner().home.library):
            raise UnknownScenario(f"There is no connector named {connector!r}.")
        for name, value in changes.items():
            self._patches.apply(self.world, self._owner, ("library", connector, name), value)

    def fault(self, kind: Any, **fields: Any) -> None:  # noqa: ANN401 - the fields of Fault
        self.practice.faults.add(Fault(owner=self._owner, kind=kind, **fields))


class Running:
    """The scenarios that are on, in the order they were started."""

    def __init__(self) -> None:
        self.patches = Patches()
        self.on: dict[str, tuple[dict[str, Any], object]] = {}

    def start(self, practice: PracticeWorld, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Turn it on, anew where it is on already; gives its parameters. Raises `UnknownScenario`."""
        wanted = find(name)
        parameters = {**wanted.parameters, **fit(wanted, given)}
        if name in self.on:
            self.stop(practice, name)
        stage = Stage(practice, self.patches, name)
        try:
            payload = wanted.turn(stage, **parameters)
        except UnknownScenario:
            self._take_back(practice, name)
            raise
        self.on[name] = (parameters, payload)
        return parameters

    def stop(self, practice: PracticeWorld, name: str) -> None:
        """Take back exactly what this scenario did; raises `LookupError` when it is not on."""
        wanted = find(name)
        if name not in self.on:
            raise LookupError(f"The scenario {name!r} is not on.")
        _, payload = self.on.pop(name)
        if wanted.undo is not None:
            wanted.undo(Stage(practice, self.patches, name), payload)
        self._take_back(practice, name)

    def _take_back(self, practice: PracticeWorld, name: str) -> None:
        self.patches.undo(practice.world, name)
        practice.faults.remove(name)

    def stop_all(self, practice: PracticeWorld) -> None:
        for name in reversed(list(self.on)):
            self.stop(practice, name)

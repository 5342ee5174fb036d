"""Changes to a world with the values from before, so that each can be undone alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.org.world import World

__all__ = ["Patches"]

Target = tuple[str, str, str]


@dataclass(slots=True, kw_only=True)
class _Patch:
    owner: str
    target: Target
    before: Any
    after: Any


class Patches:
    """`applied` has every change in the order of applying. A target is (kind, name, field).

    Kinds are setting, switch and org (by the org's name), app (by app_id), user (by user_id) and library (a connector
    of the partner's library by its name): names that neither a new consumer key nor a sandbox refresh changes.
    """

    def __init__(self, world: World, cyclr: Cyclr | None) -> None:
        self._world = world
        self._cyclr = cyclr
        self.applied: list[_Patch] = []

    def apply(self, owner: str, target: Target, value: object) -> None:
        """Change the target to this value; a target that is not there is left alone."""
        if self._exists(target):
            self.applied.append(_Patch(owner=owner, target=target, before=self._read(target), after=value))
            self._write(target, value)

    def undo(self, owner: str) -> None:
        """Take this owner's changes back.

        A target that somebody changed by hand in the meantime keeps that value; one that another owner changed on top
        keeps the other's value, and will go back to what was there before this owner.
        """
        for patch in [each for each in reversed(self.applied) if each.owner == owner]:
            place = self.applied.index(patch)
            above = next((each for each in self.applied[place + 1 :] if each.target == patch.target), None)
            if above is not None:
                above.before = patch.before
            elif self._exists(patch.target) and self._read(patch.target) == patch.after:
                self._write(patch.target, patch.before)
            del self.applied[place]

    def _exists(self, target: Target) -> bool:
        return target[0] == "setting" or self._holder(target) is not None

    def _holder(self, target: Target) -> Any:  # noqa: ANN401 - an org, an app, a user or a connector
        kind, name, _ = target
        if kind in ("switch", "org"):
            return next((org for org in self._world.orgs.values() if org.name == name), None)
        if kind == "app":
            return next((app for app in self._world.apps.values() if app.app_id == name), None)
        if kind == "library":
            known = self._cyclr.home.library if self._cyclr is not None else []
            return next((each for each in known if each.name == name), None)
        return self._world.users.get(name)

    def _read(self, target: Target) -> Any:  # noqa: ANN401 - a field of any type
        kind, _, field = target
        if kind == "setting":
            return getattr(self._world.settings, field)
        holder = self._holder(target)
        return getattr(holder.switches if kind == "switch" else holder, field)

    def _write(self, target: Target, value: object) -> None:
        kind, _, field = target
        change: dict[str, Any] = {field: value}
        world, holder = self._world, None if kind == "setting" else self._holder(target)
        if holder is None:
            world.settings = replace(world.settings, **change)
        elif kind == "library":
            setattr(holder, field, value)
        elif kind == "switch":
            world.change_org(holder.org_id, switches=replace(holder.switches, **change))
        elif kind == "org":
            world.change_org(holder.org_id, **change)
        elif kind == "app":
            world.change_app(holder.client_id, **change)
        else:
            world.change_user(holder.user_id, **change)

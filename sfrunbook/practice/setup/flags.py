"""The boxes of a new app: their labels, their sections, their defaults, and what each one changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sfrunbook.practice.org.entities import THIRTY_DAYS, App
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.setup.labels import LABELS

__all__ = ["Box", "boxes_for", "changes_of", "ticked_on"]

_ALL = "API (Enable OAuth Settings)"


@dataclass(frozen=True, kw_only=True)
class Box:
    """One box; without a `field` of `App` it is only remembered and changes nothing on the wire."""

    name: str
    label: str
    section: str
    field: str = ""
    default: bool = False
    locked: bool = False


_ECA = tuple(Box(**row) for row in LABELS["boxes"]["external_client_app"])
_BY_NAME = {box.name: box for box in _ECA}
_CONNECTED_APP = tuple(replace(_BY_NAME[row["name"]], section=_ALL, **row) for row in LABELS["boxes"]["connected_app"])
_LOCKABLE = frozenset({"pkce", "rotation", "idle_limit"})


def boxes_for(kind: str, settings: Settings, app: App | None = None) -> tuple[Box, ...]:
    """The boxes of this kind of app. Those that cannot be cleared (likely, by setting) are locked while ticked."""
    if kind == "connected_app":
        preselected = settings.connected_app_pkce_preselected
        return tuple(replace(box, default=preselected) if box.name == "pkce" else box for box in _CONNECTED_APP)
    on = {box.name for box in _ECA if box.default} if app is None else ticked_on(app)
    locked = _LOCKABLE & on if settings.eca_security_locked else frozenset()
    return tuple(replace(box, locked=box.name in locked) for box in _ECA)


def ticked_on(app: App) -> set[str]:
    """The names of the boxes that are ticked for this app."""
    ticked = {box.name for box in (*_ECA, *_CONNECTED_APP) if box.field and getattr(app, box.field)}
    return ticked | set(app.other_flags)


def changes_of(boxes: tuple[Box, ...], ticked: set[str], app: App | None) -> dict[str, Any]:
    """The fields of `App` that follow from the boxes.

    With the idle limit "valid until revoked" becomes 30 days without use (confirmed).
    Source: https://help.salesforce.com/s/articleView?id=xcloud.eca_limit_idle_refresh_token_ttl.htm
    """
    names = {box.name for box in boxes}
    fields: dict[str, Any] = {box.field: box.name in ticked for box in boxes if box.field}
    kept = {flag for flag in (app.other_flags if app else ()) if flag not in names}
    own = {box.name for box in boxes if not box.field and box.name in ticked}
    fields["other_flags"] = tuple(sorted(kept | own))
    if app is None:
        fields["refresh_idle_seconds"] = THIRTY_DAYS if "idle_limit" in ticked else None
    elif "idle_limit" in ticked and app.refresh_idle_seconds is None and app.refresh_lifetime_seconds is None:
        fields["refresh_idle_seconds"] = THIRTY_DAYS
    return fields

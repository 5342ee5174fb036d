"""The boxes of a new app: their labels, their sections, their defaults, and what each one changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfrunbook.practice.org.entities import THIRTY_DAYS

if TYPE_CHECKING:
    from sfrunbook.practice.org.entities import App
    from sfrunbook.practice.org.settings import Settings

__all__ = ["Box", "boxes_for", "changes_of", "ticked_on"]

FLOWS, SECURITY, ALL = "Flow Enablement", "Security", "API (Enable OAuth Settings)"


@dataclass(frozen=True, kw_only=True)
class Box:
    """One box; without a `field` of `App` it is only remembered and changes nothing on the wire."""

    name: str
    label: str
    section: str
    field: str = ""
    default: bool = False
    locked: bool = False


# Labels of the first nine are confirmed, the others likely. Defaults: secrets required (confirmed), PKCE, rotation and
# the idle limit on for an External Client App (likely).
_CODE_CREDENTIALS = Box(name="code_credentials", label="Enable Authorization Code and Credentials Flow", section=FLOWS)
_CLIENT_CREDENTIALS = Box(
    name="client_credentials", label="Enable Client Credentials Flow", section=FLOWS, field="client_credentials"
)
_SECRET_WEB = Box(
    name="secret_for_web_server",
    label="Require Secret for Web Server Flow",
    section=SECURITY,
    field="secret_required_for_code",
    default=True,
)
_SECRET_REFRESH = Box(
    name="secret_for_refresh",
    label="Require Secret for Refresh Token Flow",
    section=SECURITY,
    field="secret_required_for_refresh",
    default=True,
)
_PKCE = Box(
    name="pkce",
    label="Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows",
    section=SECURITY,
    field="pkce_required",
    default=True,
)
_ROTATION = Box(
    name="rotation",
    label="Enable Refresh Token Rotation",
    section=SECURITY,
    field="rotates_refresh_token",
    default=True,
)
_JWT_TOKENS = Box(
    name="jwt_tokens",
    label="Issue JSON Web Token (JWT)-based access tokens for named users",
    section=SECURITY,
)
_IDLE = Box(
    name="idle_limit",
    label="Limit Idle Refresh Token TTL to 30 Days",
    section=SECURITY,
    field="limits_idle_refresh",
    default=True,
)
_ALLOWLIST = Box(
    name="ip_allowlist",
    label="Enforce Refresh Token IP Allowlist",
    section=SECURITY,
    field="enforces_refresh_ip_allowlist",
)
_INTROSPECT = Box(name="introspect_all", label="Introspect All Tokens", section=SECURITY, field="introspects_all")
_DEVICE = Box(name="device", label="Enable Device Flow", section=FLOWS)
_EXCHANGE = Box(name="token_exchange", label="Enable Token Exchange Flow", section=FLOWS)

_ECA = (
    _CLIENT_CREDENTIALS,
    _CODE_CREDENTIALS,
    _DEVICE,
    Box(name="jwt_bearer", label="Enable JWT Bearer Flow", section=FLOWS, field="jwt_bearer"),
    _EXCHANGE,
    _SECRET_WEB,
    _SECRET_REFRESH,
    _PKCE,
    _ROTATION,
    _IDLE,
    _ALLOWLIST,
    _JWT_TOKENS,
    _INTROSPECT,
)
_CONNECTED_APP = (
    replace(_DEVICE, label="Enable for Device Flow"),
    Box(name="jwt_bearer", label="Use digital signatures", section=ALL, field="jwt_bearer"),
    _PKCE,
    _SECRET_WEB,
    _SECRET_REFRESH,
    _CLIENT_CREDENTIALS,
    _CODE_CREDENTIALS,
    _EXCHANGE,
    replace(_ROTATION, default=False),
    _JWT_TOKENS,
    _INTROSPECT,
)
_LOCKABLE = frozenset({"pkce", "rotation", "idle_limit"})


def boxes_for(kind: str, settings: Settings, app: App | None = None) -> tuple[Box, ...]:
    """The boxes of this kind of app. Those that cannot be cleared (likely, by setting) are locked while ticked."""
    if kind == "connected_app":
        preselected = settings.connected_app_pkce_preselected
        boxes = [replace(box, section=ALL) for box in _CONNECTED_APP]
        return tuple(replace(box, default=preselected) if box.name == "pkce" else box for box in boxes)
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

"""Reads the bodies sent to the control API: JSON objects, and the fields of apps, users and orgs in them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from sfrunbook.practice.org.entities import App, Org, OrgSwitches, PermissionSet, User
from sfrunbook.practice.org.ip_ranges import check_ranges
from sfrunbook.practice.org.tokens import public_key_of
from sfrunbook.practice.org.words import words

__all__ = ["app_fields", "org_fields", "permission_set_fields", "sent_object", "user_fields"]

_APP_FIXED = frozenset({"client_id", "org_id", "everywhere", "app_id", "staged"})
_USER_FREE = frozenset(
    words(
        "is_active is_frozen api_enabled password password_expired profile email permission_sets login_ip_ranges "
        "unreadable_objects unreadable_fields unshared_objects"
    )
)
_ORG_FREE = frozenset({"api_enabled", "edition", "company", "instance_url", "installed_apps", "blocked_apps"})
_CHOICES = {
    "kind": ("external_client_app", "connected_app"),
    "distribution": ("local", "packaged"),
    "permitted_users": ("self", "admin"),
    "ip_relaxation": ("enforce", "enforce_relax_refresh", "bypass_2factor", "bypass"),
    "refresh_validity_unit": ("hours", "days", "months"),
}


def sent_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body, empty for none; raises `ValueError`."""
    if not body:
        return {}
    try:
        value = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair could not be sent on
    except (ValueError, RecursionError):
        raise ValueError("send a JSON object") from None
    if not isinstance(value, dict):
        raise ValueError("send a JSON object")
    return value


def app_fields(sent: dict[str, Any]) -> dict[str, Any]:
    """Fields of an app; raises `ValueError`."""
    known = {each.name for each in fields(App)} - _APP_FIXED
    values = _fitted(App, sent, known, "cannot be set on an app")
    for pem in values.get("jwt_keys", ()):
        public_key_of(pem)
    check_ranges(values.get("trusted_ip_ranges", ()))
    check_ranges(values.get("refresh_ip_ranges", ()), allow_list=True)
    return values


def user_fields(sent: dict[str, Any]) -> dict[str, Any]:
    """Fields of a user; raises `ValueError`."""
    values = _fitted(User, sent, _USER_FREE, "cannot be changed")
    check_ranges(values.get("login_ip_ranges", ()))
    return values


def org_fields(sent: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of an org, and its switches, which may stand beside them; raises `ValueError`."""
    known = {each.name for each in fields(OrgSwitches)}
    switches = {name: sent[name] for name in sent if name in known}
    own = {name: value for name, value in sent.items() if name not in known}
    for name, value in switches.items():
        nullable = "None" in str(OrgSwitches.__dataclass_fields__[name].type)
        if not isinstance(value, bool) and not (value is None and nullable):
            raise ValueError(f"{name} is a bool")
    return _fitted(Org, own, _ORG_FREE, "cannot be set on an org"), switches


def permission_set_fields(sent: dict[str, Any]) -> dict[str, Any]:
    """Fields of a permission set; raises `ValueError`."""
    values = _fitted(PermissionSet, sent, frozenset({"name", "label", "permissions"}), "cannot be set")
    if not values.get("name"):
        raise ValueError("a permission set needs a name")
    return {"label": values["name"], **values}


def _fitted(kind: type, sent: dict[str, Any], known: frozenset[str] | set[str], refusal: str) -> dict[str, Any]:
    foreign = sorted(set(sent) - known)
    if foreign:
        raise ValueError(f"{refusal}: {', '.join(foreign)}")
    return {name: _fit(kind, name, value) for name, value in sent.items()}


def _fit(kind: type, name: str, value: Any) -> Any:  # noqa: ANN401 - JSON in, field value out
    """A JSON value as this field takes it; the fields' annotations are texts because of the future import."""
    wanted = str(kind.__dataclass_fields__[name].type)  # type: ignore[attr-defined]
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}")
        return value
    if wanted.startswith("tuple"):
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise ValueError(f"{name} is a list of texts")
    if wanted.startswith("float"):
        if value is None and "None" in wanted:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e10:
            return float(value)
        raise ValueError(f"{name} is a number of seconds")
    if type(value).__name__ != wanted:
        raise ValueError(f"{name} is a {wanted}")
    return value

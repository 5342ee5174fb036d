"""Edit Policies of an app: who may use it, from where, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sfrunbook.practice.org.entities import App
from sfrunbook.practice.org.ip_ranges import check_ranges
from sfrunbook.practice.org.permissions import PROFILE_PERMISSIONS
from sfrunbook.practice.org.token_policies import UNIT_SECONDS, policy_text, refresh_policy
from sfrunbook.practice.setup import actions
from sfrunbook.practice.setup.callbacks import addresses_in
from sfrunbook.practice.setup.desk import Desk, Visit
from sfrunbook.practice.web.forms import Sent
from sfrunbook.practice.web.paths import app_path
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["PolicyPages"]

PERMITTED = {"self": "All users may self-authorize", "admin": "Admin approved users are pre-authorized"}
RELAXATION = {
    "enforce": "Enforce IP restrictions",
    "enforce_relax_refresh": "Enforce IP restrictions, but relax for refresh tokens",
    "bypass_2factor": "Relax IP restrictions for activated devices",
    "bypass": "Relax IP restrictions",
}
REFRESH = {
    "infinite": "Refresh token is valid until revoked",
    "zero": "Immediately expire refresh token",
    "specific_inactivity": "Expire refresh token if not used for",
    "specific_lifetime": "Expire refresh token after",
}
# The values that Salesforce offers; 15 minutes to 24 hours is confirmed.
TIMEOUTS = {
    "": "--None--",
    "15": "15 minutes",
    "30": "30 minutes",
    "60": "1 hour",
    "120": "2 hours",
    "240": "4 hours",
    "480": "8 hours",
    "720": "12 hours",
    "1440": "24 hours",
}
_MOST_AMOUNT = {"hours": 24 * 365 * 5, "days": 365 * 5, "months": 60}


class PolicyPages:
    """One form for both kinds of app; labels confirmed, headings on the ECA's Policies tab likely."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        return {app_path("{app_id}", "policies"): self._desk.guarded(self._desk.of_app(self._policies))}

    def _policies(self, visit: Visit, app: App) -> Answer:
        if not self._desk.may_edit(visit, app.kind):
            return self._desk.insufficient(visit)
        values = self._values_of(app)
        errors: dict[str, str] = {}
        if visit.posted:
            values = _typed(visit.sent)
            changes, errors = self._changes(visit, app, values)
            if not errors:
                actions.edit_app(self._desk.world, visit.user, app, changes)
                return self._desk.go(visit, app_path(app.app_id, "view"), "The policies are saved.")
        return self._desk.page(
            visit,
            "policies.html",
            f"Edit Policies: {app.name}",
            app=app,
            values=values,
            errors=errors,
            permitted=PERMITTED,
            relaxation=RELAXATION,
            refresh={kind: text for kind, text in REFRESH.items() if kind != "infinite" or not app.limits_idle_refresh},
            units=tuple(UNIT_SECONDS),
            timeouts={**TIMEOUTS, **self._odd_timeout(values)},
            groups=self._groups(visit, app),
            path=app_path,
        )

    @staticmethod
    def _odd_timeout(values: dict[str, Any]) -> dict[str, str]:
        """A timeout from outside these pages stays on the list."""
        minutes = values["timeout"]
        return {} if minutes in TIMEOUTS else {minutes: f"{minutes} minutes"}

    def _values_of(self, app: App) -> dict[str, Any]:
        kind, amount, unit = policy_text(app)
        seconds = app.session_timeout_seconds
        return {
            "enabled": app.enabled,
            "start_url": app.start_url,
            "permitted_users": app.permitted_users,
            "ip_relaxation": app.ip_relaxation,
            "trusted_ip_ranges": "\n".join(app.trusted_ip_ranges),
            "refresh": kind,
            "amount": str(amount or ""),
            "unit": unit,
            "timeout": "" if seconds is None else f"{seconds / 60:g}",
            "run_as": app.run_as,
            "pre_authorized": list(app.pre_authorized),
        }

    def _groups(self, visit: Visit, app: App) -> dict[str, list[str]]:
        """Who can be pre-authorized, by heading. Single users are a stand-in of the practice org."""
        world, org_id = self._desk.world, visit.org.org_id
        users = [user for user in world.users.values() if user.org_id == org_id]
        profiles = sorted({*PROFILE_PERMISSIONS, *(user.profile for user in users)})
        sets = sorted(each.name for each in world.permission_sets.values() if each.org_id == org_id)
        known = {*profiles, *sets, *(user.username for user in users)}
        return {
            "Profiles": profiles,
            "Permission Sets": sets,
            "Users (practice only)": [*(user.username for user in users), *sorted(set(app.pre_authorized) - known)],
        }

    def _changes(self, visit: Visit, app: App, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The fields of `App` and the sentences on what is wrong, by field."""
        errors: dict[str, str] = {}
        changes: dict[str, Any] = {name: values[name] for name in ("start_url", "enabled")}
        for name, label, choices in (
            ("permitted_users", "Permitted Users", PERMITTED),
            ("ip_relaxation", "IP Relaxation", RELAXATION),
        ):
            changes[name] = values[name]
            if values[name] not in choices:
                errors[name] = f"{label}: Select a value."
        offered = {name for names in self._groups(visit, app).values() for name in names}
        changes["pre_authorized"] = tuple(name for name in values["pre_authorized"] if name in offered)
        self._check_refresh(app, values, changes, errors)
        self._check_timeout(values, changes, errors)
        self._check_run_as(visit, app, values, changes, errors)
        changes["trusted_ip_ranges"] = addresses_in(values["trusted_ip_ranges"])
        try:
            check_ranges(changes["trusted_ip_ranges"])
        except ValueError as wrong:
            errors["trusted_ip_ranges"] = f"Trusted IP Ranges: {wrong}."
        return changes, errors

    @staticmethod
    def _check_refresh(app: App, values: dict[str, Any], changes: dict[str, Any], errors: dict[str, str]) -> None:
        """The policy; "valid until revoked" is not on offer beside the 30-day idle limit (confirmed)."""
        kind, unit, amount = values["refresh"], values["unit"], values["amount"]
        counted = kind in ("specific_inactivity", "specific_lifetime")
        if kind not in REFRESH or (kind == "infinite" and app.limits_idle_refresh):
            errors["refresh"] = "Refresh Token Policy: Select a value."
        elif counted and (unit not in UNIT_SECONDS or not (amount.isascii() and amount.isdigit() and len(amount) < 7)):
            errors["refresh"] = "Refresh Token Policy: Enter a whole number of hours, days or months."
        elif counted and not 1 <= int(amount) <= _MOST_AMOUNT[unit]:
            errors["refresh"] = f"Refresh Token Policy: Enter a number from 1 to {_MOST_AMOUNT[unit]:,}."
        elif (
            kind == "specific_inactivity" and app.limits_idle_refresh and int(amount) * UNIT_SECONDS[unit] > 30 * 86_400
        ):
            errors["refresh"] = "Refresh Token Policy: The idle limit expires a token after 30 days without use."
        else:
            changes |= refresh_policy(kind, int(amount) if counted else 0, unit if counted else "days")

    @staticmethod
    def _check_timeout(values: dict[str, Any], changes: dict[str, Any], errors: dict[str, str]) -> None:
        minutes = values["timeout"]
        if not minutes:
            changes["session_timeout_seconds"] = None
        elif minutes.isascii() and minutes.isdigit() and len(minutes) < 5 and 15 <= int(minutes) <= 1440:
            changes["session_timeout_seconds"] = int(minutes) * 60.0
        else:
            errors["timeout"] = "Timeout Value: Select 15 minutes to 24 hours."

    def _check_run_as(
        self, visit: Visit, app: App, values: dict[str, Any], changes: dict[str, Any], errors: dict[str, str]
    ) -> None:
        """Run As takes a user name, not an e-mail address (confirmed as a common mistake)."""
        name = values["run_as"]
        user = self._desk.world.user_named(name) if name else None
        if name and (user is None or user.org_id != visit.org.org_id or not user.is_active):
            errors["run_as"] = "Run As: No active user of this org has this user name."
        changes["run_as"] = user.username if user else ""
        if app.client_credentials and not name:
            errors["run_as"] = "Run As: You must enter a value while the Client Credentials Flow is enabled."


def _typed(sent: Sent) -> dict[str, Any]:
    names = ("start_url", "permitted_users", "ip_relaxation", "refresh", "amount", "unit", "timeout", "run_as")
    return {
        **{name: sent.text(name) for name in names},
        "enabled": "enabled" in sent,
        "trusted_ip_ranges": sent.raw("trusted_ip_ranges"),
        "pre_authorized": list(dict.fromkeys(sent.all("pre_authorized"))),
    }

"""The Refresh Token Policy of an app: how long a refresh token is valid, and how Setup and metadata name it."""

from __future__ import annotations

from sfrunbook.practice.org.entities import App, Approval

__all__ = ["UNIT_SECONDS", "idle_limit", "policy_text", "refresh_expired", "refresh_policy"]

_IDLE_LIMIT_SECONDS = 30 * 86_400.0
UNIT_SECONDS = {"hours": 3_600.0, "days": 86_400.0, "months": 30 * 86_400.0}


def idle_limit(app: App) -> float | None:
    """Seconds without use that end a refresh token; the 30-day box outranks a longer or absent limit (confirmed).

    Source: https://help.salesforce.com/s/articleView?id=xcloud.connected_app_limit_idle_ttl.htm
    """
    own = app.refresh_idle_seconds
    if not app.limits_idle_refresh:
        return own
    return _IDLE_LIMIT_SECONDS if own is None else min(own, _IDLE_LIMIT_SECONDS)


def refresh_expired(app: App, approval: Approval, now: float, *, from_rotation: bool = False) -> bool:
    """Whether the Refresh Token Policy has ended this approval: fixed lifetime, or time since it last worked.

    Confirmed kinds: valid until revoked, immediately expire, specific lifetime, specific inactivity. That a fixed
    lifetime counts from the approval, not from the last rotation, is a guess (`from_rotation`).
    """
    born = (approval.token_since or approval.created) if from_rotation else approval.created
    if app.refresh_lifetime_seconds is not None and now - born >= app.refresh_lifetime_seconds:
        return True
    idle = idle_limit(app)
    return idle is not None and now - approval.last_refreshed > idle


def refresh_policy(kind: str, amount: int = 0, unit: str = "days") -> dict[str, object]:
    """The fields of `App` for a policy: kind is infinite, zero, specific_lifetime or specific_inactivity.

    A month is 30 days here (guess). Raises `ValueError`.
    """
    if unit not in UNIT_SECONDS:
        raise ValueError("the unit is hours, days or months")
    if kind in ("specific_lifetime", "specific_inactivity") and amount < 1:
        raise ValueError("a refresh token is valid for at least one hour")
    seconds = amount * UNIT_SECONDS[unit]
    times: dict[str, tuple[float | None, float | None]] = {
        "infinite": (None, None),
        "zero": (0.0, None),
        "specific_lifetime": (seconds, None),
        "specific_inactivity": (None, seconds),
    }
    if kind not in times:
        raise ValueError(f"a refresh token policy is one of {', '.join(times)}")
    lifetime, idle = times[kind]
    return {"refresh_lifetime_seconds": lifetime, "refresh_idle_seconds": idle, "refresh_validity_unit": unit}


def policy_text(app: App) -> tuple[str, int, str]:
    """The policy as the metadata names it: (kind, amount, unit), the reverse of `refresh_policy`."""
    lifetime, idle, unit = app.refresh_lifetime_seconds, idle_limit(app), app.refresh_validity_unit
    if lifetime == 0:
        return "zero", 0, unit
    if lifetime is None and idle is None:
        return "infinite", 0, unit
    kind, seconds = ("specific_lifetime", lifetime) if lifetime is not None else ("specific_inactivity", idle or 0.0)
    if seconds % UNIT_SECONDS[unit]:
        unit = "days" if seconds % UNIT_SECONDS["days"] == 0 else "hours"
    return kind, int(seconds // UNIT_SECONDS[unit]), unit

"""The policies of an app and of an org as questions with one answer: who may, from where, and for how long."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sfrunbook.practice.org.entities import App, Approval, User
    from sfrunbook.practice.org.world import World

__all__ = [
    "IDLE_LIMIT_SECONDS",
    "UNIT_SECONDS",
    "address_range",
    "admits_by_api_access_control",
    "check_ranges",
    "idle_limit",
    "in_ranges",
    "ip_refused",
    "may_use",
    "needs_installation",
    "policy_text",
    "refresh_expired",
    "refresh_policy",
]

IDLE_LIMIT_SECONDS = 30 * 86_400.0
UNIT_SECONDS = {"hours": 3_600.0, "days": 86_400.0, "months": 30 * 86_400.0}
_MOST_RANGES = 128
_MOST_ADDRESSES = 256
Use = Literal["code", "refresh", "login", "data"]


# who


def may_use(app: App, user: User) -> bool:
    """Whether the policy Permitted Users lets this user in: by user name, profile or permission set."""
    return app.permitted_users == "self" or any(
        name in app.pre_authorized for name in (user.username, user.profile, *user.permission_sets)
    )


def admits_by_api_access_control(world: World, app: App, user: User) -> bool:
    """Whether API Access Control, where it is on, lets this user's calls through this app.

    Likely: apps with admin-approved users who include this one, and any app for a user with "Use Any API Client".
    Source: https://help.salesforce.com/s/articleView?id=sf.security_api_access_control_about.htm
    """
    if not world.orgs[user.org_id].switches.api_access_control:
        return True
    if world.may(user, "UseAnyApiClient"):
        return True
    return app.permitted_users == "admin" and world.is_installed(app, user.org_id) and may_use(app, user)


def needs_installation(world: World, app: App, user: User, *, known_before: bool) -> bool:
    """Whether the app must first be installed in the user's org: the rule for uninstalled connected apps.

    Confirmed: blocked for new users since September 2025, users who approved it before go on, and "Approve Uninstalled
    Connected Apps" lets a user through. Likely: while API Access Control is on that permission does not help, and
    "Use Any API Client" no longer does since December 2025 (a setting).
    Source: https://help.salesforce.com/s/articleView?id=005132365
    """
    if app.kind != "connected_app" or app.everywhere or world.is_installed(app, user.org_id):
        return False
    settings = world.settings
    if not settings.uninstalled_apps_blocked or (known_before and settings.uninstalled_known_users_continue):
        return False
    if settings.any_api_client_opens_uninstalled and world.may(user, "UseAnyApiClient"):
        return False
    controlled = world.orgs[user.org_id].switches.api_access_control and not world.may(user, "UseAnyApiClient")
    return controlled or not world.may(user, "ApproveUninstalledConnectedApps")


# from where

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=4096)
def _networks(text: str) -> tuple[Network, ...]:
    """One range: an address, a network (10.0.0.0/24) or two addresses (10.0.0.1-10.0.0.9); raises `ValueError`."""
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not dash:
        return (ip_network(first, strict=False),)
    low, high = ip_address(first), ip_address(last)
    if isinstance(low, IPv4Address) and isinstance(high, IPv4Address):
        return tuple(summarize_address_range(low, high))
    if isinstance(low, IPv6Address) and isinstance(high, IPv6Address):
        return tuple(summarize_address_range(low, high))
    raise ValueError(f"{text} mixes IPv4 and IPv6")


def check_ranges(ranges: tuple[str, ...], *, allow_list: bool = False) -> None:
    """Raises `ValueError` for a range that cannot be read.

    An allow list for refresh tokens has at most 128 ranges of at most 256 addresses each, IPv4 or IPv6 (confirmed).
    Source: https://help.salesforce.com/s/articleView?id=xcloud.set_ip_allowlist_for_refresh_tokens.htm
    """
    if allow_list and len(ranges) > _MOST_RANGES:
        raise ValueError(f"an allow list has at most {_MOST_RANGES} ranges")
    for each in ranges:
        try:
            size = sum(network.num_addresses for network in _networks(each))
        except (ValueError, TypeError):
            raise ValueError(f"not an IP range: {each}") from None
        if allow_list and size > _MOST_ADDRESSES:
            raise ValueError(f"a range of an allow list has at most {_MOST_ADDRESSES} addresses: {each}")


def address_range(text: str) -> tuple[str, str]:
    """First and last address of a range that `check_ranges` takes."""
    networks = _networks(text)
    return str(networks[0][0]), str(networks[-1][-1])


def in_ranges(address: str, ranges: tuple[str, ...]) -> bool:
    """Whether the address lies in one of the ranges; an address that cannot be read lies in none."""
    try:
        wanted = ip_address(address)
    except ValueError:
        return False
    return any(wanted in network for each in ranges for network in _networks(each))


def ip_refused(app: App, user: User, address: str, use: Use) -> Literal["", "restricted", "allow_list"]:
    """What refuses this use from this address: the profile's login ranges or the app's refresh-token allow list.

    IP Relaxation: `enforce` holds always, `enforce_relax_refresh` not for refreshes, `bypass` never, and
    `bypass_2factor` only where the app has trusted ranges that lack the address; the second factor itself is taken as
    passed (guess). The allow list is a hard block for code and refresh flow (confirmed) whatever the relaxation.
    Sources: https://help.salesforce.com/s/articleView?id=xcloud.connected_app_continuous_ip.htm (likely) and
    https://help.salesforce.com/s/articleView?id=xcloud.set_ip_allowlist_for_refresh_tokens.htm
    """
    if (
        app.enforces_refresh_ip_allowlist
        and use in ("code", "refresh")
        and not in_ranges(address, app.refresh_ip_ranges)
    ):
        return "allow_list"
    relaxed = app.ip_relaxation
    if not user.login_ip_ranges or relaxed == "bypass" or (relaxed == "enforce_relax_refresh" and use == "refresh"):
        return ""
    if relaxed == "bypass_2factor" and (not app.trusted_ip_ranges or in_ranges(address, app.trusted_ip_ranges)):
        return ""
    return "" if in_ranges(address, user.login_ip_ranges) else "restricted"


# for how long


def idle_limit(app: App) -> float | None:
    """Seconds without use that end a refresh token; the 30-day box outranks a longer or absent limit (confirmed).

    Source: https://help.salesforce.com/s/articleView?id=xcloud.connected_app_limit_idle_ttl.htm
    """
    own = app.refresh_idle_seconds
    if not app.limits_idle_refresh:
        return own
    return IDLE_LIMIT_SECONDS if own is None else min(own, IDLE_LIMIT_SECONDS)


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

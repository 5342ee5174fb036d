"""What the REST half of a practice org is told about the org it serves and about who is calling."""

from __future__ import annotations

from dataclasses import dataclass

from sfrunbook.practice.records.visibility import EVERYTHING, Visibility

__all__ = ["Caller", "OrgFacts", "UserFacts"]


@dataclass(frozen=True, kw_only=True)
class UserFacts:
    """One user of a practice org; `user_id` has 18 characters, `profile` is the name of the profile."""

    user_id: str
    username: str
    name: str
    email: str
    profile: str
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class OrgFacts:
    """One practice org: `edition` is `Organization.OrganizationType`; `instance_url` ends without a slash.

    `time_zone` is `Organization.TimeZoneSidKey`, such as America/Los_Angeles: the days of date literals are its days.
    """

    org_id: str
    name: str
    edition: str
    is_sandbox: bool
    instance_name: str
    instance_url: str
    time_zone: str = "GMT"
    users: tuple[UserFacts, ...]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls, as the access token says; the token has been checked before this is made."""

    user_id: str
    profile: str
    scopes: frozenset[str]
    client_id: str
    app_name: str
    visibility: Visibility = EVERYTHING

"""What the REST API of a practice org knows of the org it serves and of who is calling."""

from __future__ import annotations

from dataclasses import dataclass

from sfrunbook.practice.org.entities import User
from sfrunbook.practice.records.visibility import EVERYTHING, Visibility

__all__ = ["Caller", "OrgFacts"]


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
    users: tuple[User, ...]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls, as the access token says; the token has been checked before this is made."""

    user_id: str
    profile: str
    scopes: frozenset[str]
    client_id: str
    app_name: str
    visibility: Visibility = EVERYTHING

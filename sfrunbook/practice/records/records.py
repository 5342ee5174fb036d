"""Fills a practice org with believable rows: the same seed, org and day give the same rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from sfrunbook.practice.org.entities import User
from sfrunbook.practice.org.ids import to18
from sfrunbook.practice.records.org_facts import OrgFacts
from sfrunbook.practice.records.record_store import Record, Store, Value
from sfrunbook.practice.records.records_derived import derive
from sfrunbook.practice.records.records_sales import SalesRows

__all__ = ["build_store"]

_STANDARD_PROFILES = ("System Administrator", "Standard User", "Minimum Access - Salesforce")
_QUEUES = ("Web Leads", "Tier 1 Support")


def build_store(seed: int, org: OrgFacts, now: datetime) -> Store:
    """About 640 rows of sales and service around the day of `now`, and 2,400 tasks made when first asked for."""
    random = Random(f"{seed}:{org.org_id}")  # noqa: S311 - practice data, nothing secret
    store = Store(org.org_id[3:6])
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    setup = _SetupRows(store, org, midnight)
    setup.build()
    sales = SalesRows(store, random, midnight, setup.owners, setup.queues)
    sales.build()
    return store


def refresh_people(store: Store, org: OrgFacts, now: datetime) -> None:
    """Bring the rows of users and of the organization up to date; all other rows stay as they are."""
    _SetupRows(store, org, now).refresh()


class _SetupRows:
    """Organization, profiles, users and queues."""

    def __init__(self, store: Store, org: OrgFacts, midnight: datetime) -> None:
        self._store = store
        self._org = org
        self._born = midnight - timedelta(days=1000)
        self._users = org.users
        self.owners = [to18(user.user_id[:15]) for user in self._users if user.is_active]
        self.owners = self.owners or [to18(self._users[0].user_id[:15])]
        self.queues: list[str] = []

    def build(self) -> None:
        names = dict.fromkeys((*_STANDARD_PROFILES, *(user.profile for user in self._users)))
        for name in names:
            self._profile(name)
        for name in _QUEUES:
            row: dict[str, Value] = {"Name": name, "DeveloperName": name.replace(" ", "_"), "Type": "Queue"}
            self.queues.append(self._add("Group", "00G", row))
        self.refresh()

    def refresh(self) -> None:
        profiles = {str(row.values["Name"]): row.id for row in self._store.rows("Profile")}
        for user in self._users:
            if user.profile not in profiles:
                profiles[user.profile] = self._profile(user.profile)
            self._user(user, profiles[user.profile])
        self._organization()

    def _profile(self, name: str) -> str:
        return self._add("Profile", "00e", {"Name": name, "UserType": "Standard"})

    def _kept(self, type_name: str, record_id: str) -> dict[str, Value]:
        """What a row had before that is not told anew: when it was made, and the last login."""
        found = self._store.find(record_id, type_name)
        names = (*self._stamps(), "LastLoginDate")
        return {name: found.values[name] for name in names if name in found.values} if found is not None else {}

    def _add(self, type_name: str, prefix: str, values: dict[str, Value]) -> str:
        values = {"Id": self._store.new_id(type_name, prefix)} | self._stamps() | values
        self._store.put(Record(type_name, derive(type_name, values)))
        return str(values["Id"])

    def _stamps(self) -> dict[str, Value]:
        return {
            "CreatedDate": self._born,
            "CreatedById": self.owners[0],
            "LastModifiedDate": self._born,
            "LastModifiedById": self.owners[0],
            "SystemModstamp": self._born,
        }

    def _user(self, user: User, profile_id: str) -> None:
        first, _, last = user.name.rpartition(" ")
        values: dict[str, Value] = {
            "Id": to18(user.user_id[:15]),
            "Username": user.username,
            "FirstName": first or None,
            "LastName": last,
            "Email": user.email,
            "Alias": (first[:1] + last[:4]).lower(),
            "CommunityNickname": user.username.partition("@")[0][:40],
            "CompanyName": self._org.name,
            "IsActive": user.is_active,
            "TimeZoneSidKey": self._org.time_zone,
            "LocaleSidKey": "en_GB",
            "LanguageLocaleKey": "en_US",
            "ProfileId": profile_id,
            "UserType": "Standard",
            "LastLoginDate": self._born + timedelta(days=999, hours=9) if user.is_active else None,
        }
        self._store.put(Record("User", derive("User", self._stamps() | values | self._kept("User", str(values["Id"])))))

    def _organization(self) -> None:
        org = self._org
        values: dict[str, Value] = {
            "Id": to18(org.org_id[:15]),
            "Name": org.name,
            "Country": "GB",
            "PrimaryContact": self._users[0].name,
            "DefaultLocaleSidKey": "en_GB",
            "TimeZoneSidKey": org.time_zone,
            "LanguageLocaleKey": "en_US",
            "FiscalYearStartMonth": 1,
            "InstanceName": org.instance_name,
            "IsSandbox": org.is_sandbox,
            "IsReadOnly": False,
            "OrganizationType": org.edition,
        }
        kept = self._kept("Organization", str(values["Id"]))
        self._store.put(Record("Organization", derive("Organization", self._stamps() | values | kept)))

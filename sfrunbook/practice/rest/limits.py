"""API versions, the daily call limit and the limits resource."""

from __future__ import annotations

from collections.abc import Sequence

from sfrunbook.practice.records.org_facts import OrgFacts
from sfrunbook.practice.records.record_store import Store
from sfrunbook.practice.records.schema import Schema
from sfrunbook.practice.rest.reply import compact

__all__ = [
    "FIRST_VERSION",
    "LAST_VERSION",
    "RETIRED",
    "daily_calls",
    "limits",
    "names_below",
    "record_counts",
    "version_list",
    "version_root",
]

FIRST_VERSION = 31
LAST_VERSION = 68
RETIRED = range(21, FIRST_VERSION)
_SEASONS = ("Summer", "Winter", "Spring")


def release_label(version: int) -> str:
    """31 is Summer '14 and each year has three releases, Winter named for the next year: 68 is Winter '27."""
    years, season = divmod(version - FIRST_VERSION, 3)
    return f"{_SEASONS[season]} '{14 + years + (season > 0)}"


def version_list() -> str:
    """Ascending, as clients take the last one as the newest (confirmed)."""
    return compact(
        [
            {"label": release_label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(FIRST_VERSION, LAST_VERSION + 1)
        ]
    )


def version_root(version: str, org: OrgFacts, user_id: str) -> str:
    """`{name: path, ..., "identity": absolute URL}`, of nothing that is not there."""
    base = f"/services/data/v{version}"
    names = ["limits", "query", "queryAll", "recent", "search", "sobjects", "tabs", "tooling"]
    names += [name for name, since in (("composite", 38), ("jobs", 41)) if float(version) >= since]
    paths = {name: f"{base}/{name}" for name in names}
    return compact(paths | {"identity": f"{org.instance_url}/id/{org.org_id}/{user_id}"})


def names_below(version: str, name: str) -> str:
    """What is below jobs or tooling: `{name: path}`."""
    base = f"/services/data/v{version}/{name}"
    return compact({each: f"{base}/{each}" for each in (("ingest", "query") if name == "jobs" else ("query",))})


def daily_calls(org: OrgFacts) -> int:
    """Calls in 24 hours. Source: https://help.salesforce.com/s/articleView?id=000386972 and 000389027 (confirmed).

    The numbers for each licence are likely.
    """
    if org.is_sandbox:
        return 5_000_000
    if org.edition == "Developer Edition":
        return 15_000
    each = 5_000 if org.edition in ("Unlimited Edition", "Performance Edition") else 1_000
    return 100_000 + each * sum(user.is_active for user in org.users)


def limits(org: OrgFacts, used: int) -> str:
    """`{name: {"Max": n, "Remaining": n}}`; only DailyApiRequests moves."""
    fixed = {
        "ActiveScratchOrgs": 0,
        "ConcurrentAsyncGetReportInstances": 200,
        "ConcurrentSyncReportRuns": 20,
        "DailyAsyncApexExecutions": 250_000,
        "DailyBulkApiBatches": 15_000,
        "DailyBulkV2QueryJobs": 10_000,
        "DailyGenericStreamingApiEvents": 10_000,
        "DailyStreamingApiEvents": 10_000,
        "DataStorageMB": 5 if org.edition == "Developer Edition" else 10_240,
        "FileStorageMB": 20 if org.edition == "Developer Edition" else 10_240,
        "HourlyAsyncReportRuns": 1_200,
        "HourlyTimeBasedWorkflow": 1_000,
        "MassEmail": 5_000,
        "Package2VersionCreates": 6,
        "PermissionSets": 1_500,
        "SingleEmail": 5_000,
    }
    most = daily_calls(org)
    rows = {name: {"Max": value, "Remaining": value} for name, value in fixed.items()}
    rows["DailyApiRequests"] = {"Max": most, "Remaining": max(0, most - used)}
    return compact(dict(sorted(rows.items())))


def record_counts(store: Store, schema: Schema, wanted: Sequence[str]) -> str:
    """`{"sObjects": [{"count": n, "name": object}]}`; objects that are not there are left out (confirmed).

    Counted when it is asked, where Salesforce gives a count that is kept for some time.
    """
    asked = [schema.get(name) for name in wanted] if wanted else list(schema.objects.values())
    counted = [each.name for each in asked if each is not None and each.layoutable and not each.virtual]
    return compact({"sObjects": [{"count": len(store.rows(name)), "name": name} for name in counted]})

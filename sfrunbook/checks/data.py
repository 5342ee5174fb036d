"""Checks that data comes back: versions, the org itself, the test query, the daily limit."""

from __future__ import annotations

from sfrunbook.checks.grant import grant_is_held
from sfrunbook.checks.registration import login_host_is_salesforce
from sfrunbook.checks.registry import Answer, Context, check, failed, passed, required, undecided
from sfrunbook.core.model import Status
from sfrunbook.core.words import counted

__all__ = ["STAGE"]

STAGE = "data"
#: below this share of the day's requests a run warns
_LITTLE_LEFT = 0.1


@check(STAGE, requires=(login_host_is_salesforce, grant_is_held))
def org_can_be_asked(context: Context) -> Answer:
    """Access for queries is stored."""
    if context.salesforce is None:
        return failed("no-grant-yet", connection=context.connection.name)
    return passed("Access is stored and ready for queries.")


@check(STAGE, requires=(org_can_be_asked,))
def api_versions_are_listed(context: Context) -> Answer:
    """The org lists its API versions."""
    versions = required(context.salesforce).versions()
    return passed(f"{len(versions)} versions; the newest is {versions[-1].version} ({versions[-1].label}).")


@check(STAGE, requires=(org_can_be_asked, api_versions_are_listed))
def org_says_who_it_is(context: Context) -> Answer:
    """The org's type matches what you entered."""
    org = required(context.salesforce).org()
    declared = context.connection.org_kind
    detail = f"{org.name}, {org.edition}, {org.kind.value}, instance {org.instance_name}."
    evidence = {"org id": org.org_id, "name": org.name, "edition": org.edition, "kind": org.kind.value}
    if declared not in (org.kind, type(declared).UNKNOWN):
        detail = f"You entered {declared.value}, but the org is {org.kind.value}. {detail}"
        return Answer(status=Status.WARNING, detail=detail, evidence=evidence)
    return passed(detail, evidence)


@check(STAGE, requires=(org_can_be_asked, api_versions_are_listed, org_says_who_it_is))
def test_query_returns_rows(context: Context) -> Answer:
    """The test query returns rows."""
    rows = required(context.salesforce).query(context.connection.test_query)
    evidence = {"query": context.connection.test_query, "rows": str(rows.total_size)}
    if rows.total_size:
        return passed(f"{counted(rows.total_size, 'row')} returned by: {context.connection.test_query}", evidence)
    return failed("zero-rows", status=Status.WARNING, evidence=evidence, query=context.connection.test_query)


@check(STAGE, requires=(org_can_be_asked, api_versions_are_listed, org_says_who_it_is))
def daily_limit_has_room(context: Context) -> Answer:
    """The org has API requests left today."""
    limits = required(context.salesforce).limits()
    most, left = limits.daily_api_maximum, limits.daily_api_remaining
    if most is None or left is None:
        return undecided("This user can't see the limits, and no reply showed them.")
    detail = f"{left:,} of {most:,} API requests are left today."
    return Answer(status=Status.WARNING if left < most * _LITTLE_LEFT else Status.PASSED, detail=detail)

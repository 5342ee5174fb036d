"""Checks that data comes back: versions, the org itself, the test query, the daily limit."""

from __future__ import annotations

from sfrunbook.checks.registry import Answer, Context, check, failed, passed, required, undecided
from sfrunbook.core.model import Status

__all__ = ["STAGE"]

STAGE = "data"
_REACHED = "org-can-be-asked"
_VERSIONS = "api-versions-are-listed"
_ORG = "org-says-who-it-is"
#: below this share of the day's requests a run warns
_LITTLE_LEFT = 0.1


@check(STAGE, requires=("login-host-is-salesforce", "grant-is-held"))
def org_can_be_asked(context: Context) -> Answer:
    """Access is kept to ask the org with."""
    if context.salesforce is None:
        return failed("no-grant-yet", connection=context.connection.name)
    return passed("The org is asked with what the login gave.")


@check(STAGE, requires=(_REACHED,))
def api_versions_are_listed(context: Context) -> Answer:
    """The org lists its API versions."""
    versions = required(context.salesforce).versions()
    return passed(f"{len(versions)} versions, the newest is {versions[-1].version} ({versions[-1].label}).")


@check(STAGE, requires=(_REACHED, _VERSIONS))
def org_says_who_it_is(context: Context) -> Answer:
    """The org says its name, edition and kind, and it is the kind that was declared."""
    org = required(context.salesforce).org()
    declared = context.connection.org_kind
    detail = f"{org.name}, {org.edition}, {org.kind.value}, instance {org.instance_name}."
    evidence = {"org id": org.org_id, "name": org.name, "edition": org.edition, "kind": org.kind.value}
    if declared not in (org.kind, type(declared).UNKNOWN):
        detail = f"The connection says {declared.value}, the org says {org.kind.value}. {detail}"
        return Answer(status=Status.WARNING, detail=detail, evidence=evidence)
    return passed(detail, evidence)


@check(STAGE, requires=(_REACHED, _VERSIONS, _ORG))
def test_query_returns_rows(context: Context) -> Answer:
    """The test query of the connection returns rows."""
    rows = required(context.salesforce).query(context.connection.test_query)
    evidence = {"query": context.connection.test_query, "rows": str(rows.total_size)}
    if rows.total_size:
        return passed(f"{rows.total_size} rows came back of: {context.connection.test_query}", evidence)
    return failed("zero-rows", status=Status.WARNING, evidence=evidence, query=context.connection.test_query)


@check(STAGE, requires=(_REACHED, _VERSIONS, _ORG))
def daily_limit_has_room(context: Context) -> Answer:
    """The org has API requests left for today."""
    limits = required(context.salesforce).limits()
    most, left = limits.daily_api_maximum, limits.daily_api_remaining
    if most is None or left is None:
        return undecided("This user may not see the limits and no header told them.")
    detail = f"{left:,} of {most:,} API requests are left today."
    return Answer(status=Status.WARNING if left < most * _LITTLE_LEFT else Status.PASSED, detail=detail)

"""The card of an org: its own description, and how many API requests are left today."""

from __future__ import annotations

from collections.abc import Sequence

from sfrunbook.core.model import Org, OrgKind
from sfrunbook.report.cards import Card, table
from sfrunbook.report.templating import render
from sfrunbook.salesforce.api import ApiVersion, Identity, Limits

__all__ = ["KINDS", "org_card"]

#: a sign and words for each kind of org; the words mean the same as the sign
KINDS = {
    OrgKind.PRODUCTION: ("■", "Production org: real data of the customer"),
    OrgKind.SANDBOX: ("□", "Sandbox: a copy for tests"),
    OrgKind.DEVELOPER: ("◆", "Developer Edition org"),
    OrgKind.SCRATCH: ("◇", "Scratch org: it expires automatically"),
    OrgKind.UNKNOWN: ("?", "The org didn't report its type"),
}
_UNKNOWN = (
    "We don't know how many are left: this user lacks the permission “View Setup and Configuration”, and no reply "
    "showed it."
)


def org_card(
    org: Org, who: Identity, versions: Sequence[ApiVersion], limits: Limits, *, rehearsed: bool = False
) -> Card:
    """Everything in a card; in text a plain table. A `rehearsed` org is never called real."""
    kind = KINDS[org.kind][1]
    facts = {
        "Name": org.name,
        "Org id": org.org_id,
        "Kind": f"{kind.partition(':')[0]}, simulated by the practice org" if rehearsed else kind,
        "Edition": org.edition,
        "Instance": org.instance_name,
        "Address": "on this machine" if rehearsed else org.instance_url,
        "API versions": _versions(versions),
        "User": f"{who.display_name} ({who.username})" if who.display_name else who.username,
        "API requests": _left(limits),
    }
    text = table([{"": name, "The org says": value} for name, value in facts.items()], caption="Org").text
    used = _percent_used(limits)
    html = render("org_card.html.j2", org=org, sign=KINDS[org.kind][0], facts=facts, used=used)
    return Card(text=text, html=html)


def _versions(versions: Sequence[ApiVersion]) -> str:
    if not versions:
        return "not reported"
    newest = versions[-1]
    return f"{versions[0].version} to {newest.version} ({newest.label})"


def _left(limits: Limits) -> str:
    if limits.daily_api_maximum is None or limits.daily_api_remaining is None:
        return _UNKNOWN
    return f"{limits.daily_api_remaining:,} of {limits.daily_api_maximum:,} are left today"


def _percent_used(limits: Limits) -> int | None:
    if not limits.daily_api_maximum or limits.daily_api_remaining is None:
        return None
    used = limits.daily_api_maximum - limits.daily_api_remaining
    return min(100, max(0, round(100 * used / limits.daily_api_maximum)))

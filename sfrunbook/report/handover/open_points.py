"""The open points of a sheet: which they are, whose they are, and what its reader does next; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.report.letter import RECIPIENTS
from sfrunbook.store.progress import KeptFinding

__all__ = ["BY_API", "LATER", "NEXT_TEST", "VERDICT", "YOU", "is_open", "next_step", "standing", "whose"]

#: name of the finding that says which sides are proved; once it has passed, nothing is left to do at the partner
VERDICT = "both-sides-are-proved"
#: name of the finding that the partner's API is used, which then does what its screens would
BY_API = "partner-api-can-be-asked"
#: name of the finding that only time can close
LATER = "refresh-works-later"
#: who can close an open point, beside `message.RECIPIENTS`
YOU, NEXT_TEST = "You", "the next test"
_GOOD = (Status.PASSED, Status.WARNING)


def is_open(finding: KeptFinding) -> bool:
    """Whether somebody has to do something for it; a warning is enough but where it says that a proof is missing."""
    if finding.status is Status.SKIPPED:
        return finding.skip in (None, Skip.TO_DO)
    return finding.status not in _GOOD or (finding.status is Status.WARNING and finding.check in (LATER, VERDICT))


def whose(finding: KeptFinding, findings: Iterable[Finding]) -> str:
    """Who has the first step; what this session has no diagnosis of is run again by whoever reads this."""
    if finding.check == LATER and finding.status is Status.WARNING:
        return NEXT_TEST
    for one in findings:
        if one.check == finding.check and one.diagnosis and one.status not in _GOOD:
            who = one.diagnosis.causes[0].remedies[0].who
            return who if who in RECIPIENTS else YOU
    return YOU


def standing(name: str, owners: Counter[str], total: int) -> str:
    """How many points are open, and whose they are."""
    if not owners:
        return f"Everything that was checked of the connection {name} is proved."
    said = {YOU: "yours", NEXT_TEST: "left to the next test"}
    parts = [f"{count} {_are(count)} {said.get(who, f'for the {who}')}" for who, count in owners.items()]
    return (
        f"{owners.total()} of {total} points of the connection {name} {_are(owners.total())} open: {', '.join(parts)}."
    )


def next_step(owners: Counter[str]) -> str:
    """What whoever made the sheet does with it; it is not given on while they have something to close themselves."""
    letters = [f"“What remains: {who}”" for who in RECIPIENTS if owners[who]]
    send = f"Send the message that stands under {' and under '.join(letters)}." if letters else ""
    if owners[YOU]:
        own = (
            "Before you give it on, close what is yours: it is listed under “What remains: you”, the first thing first."
        )
        return " ".join(
            part for part in (own, send, "Then choose Run > Run All Cells: the sheet is made anew.") if part
        )
    give = "Give it to whoever goes on from here" + ("; the next test is theirs." if owners[NEXT_TEST] else ".")
    return " ".join(part for part in (send, give) if part)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"

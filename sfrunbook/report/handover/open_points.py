"""The open points of a sheet: which they are, who has to act, and what the reader does next; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.core.words import counted
from sfrunbook.report.letter import RECIPIENTS
from sfrunbook.store.progress import StoredFinding

__all__ = ["BY_API", "LATER", "NEXT_TEST", "VERDICT", "YOU", "is_open", "next_step", "standing", "who_acts"]

#: the finding on which sides are verified; once it has passed, nothing is left to do at the partner
VERDICT = "both-sides-are-proved"
#: the finding that the partner's API is used, which then does what its screens would
BY_API = "partner-api-can-be-asked"
#: the finding that only time can close
LATER = "refresh-works-later"
#: who can close an open point, beside `letter.RECIPIENTS`
YOU, NEXT_TEST = "You", "the next check"


def is_open(finding: StoredFinding) -> bool:
    """Whether someone has to act on it; a warning counts only where it means that a proof is missing."""
    if finding.status is Status.SKIPPED:
        return finding.skip in (None, Skip.TO_DO)
    return not finding.status.is_good or (finding.status is Status.WARNING and finding.check in (LATER, VERDICT))


def who_acts(finding: StoredFinding, findings: Iterable[Finding]) -> str:
    """Who has the first step; without a diagnosis in this session, whoever reads the sheet runs the check again."""
    if finding.check == LATER and finding.status is Status.WARNING:
        return NEXT_TEST
    for current in findings:
        if current.check == finding.check and current.diagnosis and not current.status.is_good:
            who = current.diagnosis.causes[0].remedies[0].who
            return who if who in RECIPIENTS else YOU
    return YOU


def standing(name: str, owners: Counter[str], total: int) -> str:
    """How many points are open, and who has to act."""
    if not owners:
        return f"All checks of {name} are verified."
    words = {YOU: "for you", NEXT_TEST: "for the next check"}
    parts = [f"{count} {words.get(who, f'for the {who}')}" for who, count in owners.items()]
    verb = "is" if owners.total() == 1 else "are"
    return f"{owners.total()} of {counted(total, 'point')} of {name} {verb} open: {', '.join(parts)}."


def next_step(owners: Counter[str]) -> str:
    """What to do with the summary; its author closes their own points before they share it."""
    letters = [f"“Next steps: {who}”" for who in RECIPIENTS if owners[who]]
    send = f"Send the message under {' and under '.join(letters)}." if letters else ""
    if owners[YOU]:
        own = "Do your own steps first, from the top: see “Next steps: you”."
        return " ".join(part for part in (own, send, "Then check again.") if part)
    give = "Share it with whoever takes over" + (", who also does the next check." if owners[NEXT_TEST] else ".")
    return " ".join(part for part in (send, give) if part)

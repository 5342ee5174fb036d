"""From findings to the exit code that a scheduler acts on."""

from __future__ import annotations

from collections.abc import Sequence

from sfrunbook.core.model import Finding, Stage, Status

__all__ = ["exit_code"]

#: local problems about the org or the run, not about the set-up of this side
_NOT_SET_UP = frozenset(
    {
        "wrong-org",
        "tokens-of-another-org",
        "tokens-without-org",
        "issuer-mismatch",
        "not-a-salesforce-host",
        "notebook-failed",
        "notebook-timed-out",
    }
)
#: problems of another stage with what the user entered
_ENTERED = frozenset({"nothing-pasted", "callback-without-code", "callback-for-another-address", "state-mismatch"})


def exit_code(findings: Sequence[Finding]) -> int:
    """0 all passed, 1 a check failed, 2 usage or configuration, 3 inconclusive or infrastructure, 4 a secret was found.

    A secret outranks everything, since it must be revoked; then a fault of this side's set-up, since nothing after it
    means anything.
    """
    if any(finding.diagnosis and finding.diagnosis.code == "secret-in-output" for finding in findings):
        return 4
    if any(_is_set_up(finding) for finding in findings):
        return 2
    statuses = {finding.status for finding in findings}
    if Status.FAILED in statuses:
        return 1
    if Status.INCONCLUSIVE in statuses or not statuses & {Status.PASSED, Status.WARNING}:
        return 3
    return 0


def _is_set_up(finding: Finding) -> bool:
    diagnosis = finding.diagnosis
    if finding.status is not Status.FAILED or diagnosis is None:
        return False
    if diagnosis.code in _ENTERED:
        return True
    return diagnosis.failure.stage is Stage.LOCAL and diagnosis.code not in _NOT_SET_UP

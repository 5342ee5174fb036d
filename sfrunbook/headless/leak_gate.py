"""Nothing that holds a secret leaves the private folder of a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sfrunbook.core.errors import problem
from sfrunbook.core.model import Finding
from sfrunbook.core.secrets.scan import scan_paths, scan_text
from sfrunbook.headless.notebook_run import problem_finding
from sfrunbook.report.data import finding_data

__all__ = ["clean_files", "clean_findings", "clean_journal", "leave_note"]


def clean_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings; of one that saw a secret only name, claim and status are kept."""
    return tuple(_emptied(finding) if _holds_secret(finding) else finding for finding in findings)


def _holds_secret(finding: Finding) -> bool:
    return bool(scan_text(json.dumps(finding_data(finding), ensure_ascii=False)))


def _emptied(finding: Finding) -> Finding:
    return replace(finding, detail="What was seen held a secret and is not kept.", evidence={}, diagnosis=None)


def clean_journal(lines: Sequence[str]) -> tuple[list[str], tuple[Finding, ...]]:
    """The journal's lines without those that hold a secret, and a failed finding if there was one."""
    kept = [line for line in lines if not scan_text(line)]
    if scan_text("\n".join(kept)):  # a value that goes over lines
        kept = []
    if len(kept) == len(lines):
        return kept, ()
    where = f"{len(lines) - len(kept)} of its lines"
    return [*kept, json.dumps({"kind": "removed", "lines": len(lines) - len(kept)})], (_leak("journal.jsonl", where),)


def clean_files(folder: Path) -> tuple[Finding, ...]:
    """Put a note in the place of every file that holds a secret; a failed finding for each."""
    found = {Path(leak.path): leak.where for leak in reversed(scan_paths([folder]))}
    for path in found:
        path.unlink()
        leave_note(path)
    return tuple(_leak(path.name, where) for path, where in sorted(found.items()))


def leave_note(path: Path) -> None:
    """Say in the place of a file that it held a secret."""
    path.with_name(f"{path.name}.removed.txt").write_text(f"{path.name} held a secret and was removed.\n", "utf-8")


def _leak(name: str, where: str) -> Finding:
    return problem_finding("no-secret-in-what-is-kept", problem("secret-in-output", path=name, where=where))

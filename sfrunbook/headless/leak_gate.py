"""Keeps secrets out of what leaves the private folder of a run."""

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
    """The findings, without the details of those that contain a secret."""
    return tuple(map(_clean, findings))


def _clean(finding: Finding) -> Finding:
    if not scan_text(json.dumps(finding_data(finding), ensure_ascii=False)):
        return finding
    return replace(finding, detail="The details contained a secret and aren't saved.", evidence={}, diagnosis=None)


def clean_journal(lines: Sequence[str]) -> tuple[list[str], tuple[Finding, ...]]:
    """The journal's lines without those that contain a secret, and a failed finding if any did."""
    clean = [line for line in lines if not scan_text(line)]
    if scan_text("\n".join(clean)):  # a value that spans lines
        clean = []
    removed = len(lines) - len(clean)
    if not removed:
        return clean, ()
    mark = json.dumps({"kind": "removed", "lines": removed})
    return [*clean, mark], (_leak("journal.jsonl", f"{removed} of its lines"),)


def clean_files(folder: Path) -> tuple[Finding, ...]:
    """Replace every file that contains a secret by a note; a failed finding for each."""
    found = {Path(leak.path): leak.where for leak in reversed(scan_paths([folder]))}
    for path in found:
        path.unlink()
        leave_note(path)
    return tuple(_leak(path.name, where) for path, where in sorted(found.items()))


def leave_note(path: Path) -> None:
    """Write, beside where a file was, a note that it contained a secret."""
    path.with_name(f"{path.name}.removed.txt").write_text(f"{path.name} had a secret in it and was removed.\n", "utf-8")


def _leak(name: str, where: str) -> Finding:
    return problem_finding("no-secret-in-what-is-kept", problem("secret-in-output", path=name, where=where))

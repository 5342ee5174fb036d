"""The verb that makes the hand-over sheet, usable at the end of any notebook."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from sfrunbook import report
from sfrunbook.core.durable_file import write_durably
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Org
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report import Card, handover
from sfrunbook.runbook.bound import Bound, forms, verb
from sfrunbook.salesforce.api import Identity
from sfrunbook.store.progress import STEPS

__all__ = ["HandOver"]


class HandOver(Bound):
    """What is handed over when the work is done, or when somebody else has to go on with it."""

    @verb("hand-over-is-made", "The hand-over sheet is made.")
    def hand_over(self, *, folder: str = "") -> object:
        """The sheet; with a person there it is written beside the notebook and can be saved by the browser.

        Without one it is only shown, unless `folder` names where to write it.
        """
        facts = self._facts()
        sheet = handover.make_sheet(facts, more=handover.partner_sections(facts, self._at_partner()))
        shown = handover.sheet_card(sheet)
        stem, page, text = (
            handover.file_stem(sheet.connection),
            handover.sheet_page(sheet),
            handover.sheet_markdown(sheet),
        )
        if folder or self._someone:
            written = self._write(Path(folder or "."), {f"{stem}.html": page, f"{stem}.md": text})
            shown = written + shown
        return forms().sheet_view(shown, {f"{stem}.html": page, f"{stem}.md": text}) if self._someone else shown

    def _write(self, folder: Path, files: dict[str, str]) -> Card:
        try:
            for name, text in files.items():
                write_durably(folder / name, text.encode())
        except OSError as error:
            unwritable = problem("store-unwritable", path=folder, reason=reason_of(error))
            return report.diagnosis_card(diagnosis_of(unwritable))
        names = " and ".join(files)
        return report.card(
            f"The sheet is written beside this notebook: {names}.",
            "How it stands, and what to do with it, is told below.",
        )

    def _facts(self) -> handover.Facts:
        bench = self._the_bench
        screen, callbacks = "not known: the variables of the partner profile are not complete", list[str]()
        with contextlib.suppress(RunbookError):
            screen = bench.registration()[0]
            callbacks += bench.profile.callback_urls(bench.connection.variables)
        org, who = self._asked()
        steps = (handover.StepFacts(step=step, findings=bench.progress.findings(step.name)) for step in STEPS)
        return handover.Facts(
            connection=bench.connection,
            profile=bench.profile,
            screen=screen,
            app_names=bench.app_names,
            callbacks=tuple(dict.fromkeys([*callbacks, bench.connection.redirect_uri])),
            made_at=bench.now(),
            org=org,
            who=who,
            steps=tuple(steps),
            attestations=bench.progress.attestations(),
            findings=tuple(self._findings.values()),
            told_elsewhere=(handover.PARTNER_STEP,),
        )

    def _asked(self) -> tuple[Org | None, Identity | None]:
        """The org and the user as they answer now; a sheet is made all the same where they do not."""
        try:
            salesforce = self._the_bench.salesforce()
            return (salesforce.org(), salesforce.identity()) if salesforce else (None, None)
        except RunbookError:
            return None, None

    def _at_partner(self) -> handover.PartnerSeen:
        """The partner's side as its API answers now, as far as it does, and what was noted of it."""
        bench = self._the_bench
        record = bench.partner_record
        seen = handover.PartnerSeen(attested=record.attested)
        with contextlib.suppress(RunbookError):
            if side := bench.partner_side:
                seen = replace(seen, account=f"{side.account.name} ({side.account.account_id})")
                found = side.installed
                seen = replace(
                    seen, connector=f"{found.name}, id {found.number}", account_client_id=side.account_client_id
                )
                if record.authenticated_at(found.number):
                    seen = replace(seen, retest_after=record.retest_after(found.number, bench.now()))
        return seen

"""The hand-over sheet, from a notebook's findings and what the org answers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sfrunbook.connection import OpenConnection
from sfrunbook.core.durable_file import write_durably
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Org
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, card, diagnosis_card
from sfrunbook.report.handover.partner_side import PARTNER_STEP, PartnerFacts, partner_sections
from sfrunbook.report.handover.render import file_stem, sheet_card, sheet_markdown, sheet_page
from sfrunbook.report.handover.sheet import Facts, StepFacts, make_sheet
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import AnyStep, verb
from sfrunbook.salesforce.api import Identity
from sfrunbook.store.progress import STEPS

__all__ = ["hand_over"]

_TYPES = {".html": ("Save as a page (HTML)", "text/html;charset=utf-8"), ".md": ("Save as Markdown", "text/markdown")}


@verb("hand-over-is-made", "The hand-over sheet is made.")
def hand_over(step: AnyStep, *, folder: str = "") -> object:
    """The hand-over sheet, written to `folder`, or when attended beside the notebook, and saved by the browser."""
    notebook = step._notebook
    facts = _facts(notebook)
    sheet = make_sheet(facts, more=partner_sections(facts, _at_partner(notebook.opened)))
    shown, stem = sheet_card(sheet), file_stem(sheet.connection)
    files = {f"{stem}.html": sheet_page(sheet), f"{stem}.md": sheet_markdown(sheet)}
    if folder or notebook.attended:
        shown = _write(Path(folder or "."), files) + shown
    return _with_buttons(shown, files) if notebook.attended else shown


def _with_buttons(sheet: Card, files: Mapping[str, str]) -> object:
    from sfrunbook.runbook import widgets

    def button(name: str, text: str) -> widgets.DownloadButton:
        label, media_type = _TYPES[Path(name).suffix]
        saved = f"{name} was given to the browser to save."
        return widgets.DownloadButton(make=lambda: (text, saved), label=label, file_name=name, media_type=media_type)

    return widgets.stack(widgets.Outcome(sheet), *(button(name, text) for name, text in files.items()))


def _write(folder: Path, files: Mapping[str, str]) -> Card:
    try:
        for name, text in files.items():
            write_durably(folder / name, text.encode())
    except OSError as error:
        return diagnosis_card(diagnosis_of(problem("store-unwritable", path=folder, reason=reason_of(error))))
    return card(
        f"The sheet is written beside this notebook: {' and '.join(files)}.",
        "How it stands, and what to do with it, is told below.",
    )


def _facts(notebook: Notebook) -> Facts:
    opened = notebook.opened
    screen, callbacks = "not known: the variables of the partner profile are not complete", list[str]()
    with contextlib.suppress(RunbookError):
        screen = opened.records.registration()[0]
        callbacks += opened.profile.callback_urls(opened.connection.variables)
    org, who = _org_and_user(opened)
    return Facts(
        connection=opened.connection,
        profile=opened.profile,
        screen=screen,
        app_names=opened.records.app_names,
        callbacks=tuple(dict.fromkeys([*callbacks, opened.connection.redirect_uri])),
        made_at=opened.now(),
        org=org,
        who=who,
        steps=tuple(StepFacts(step=step, findings=opened.progress.findings(step.name)) for step in STEPS),
        attestations=opened.progress.attestations(),
        findings=tuple(notebook.findings.values()),
        shown_elsewhere=(PARTNER_STEP,),
    )


def _org_and_user(opened: OpenConnection) -> tuple[Org | None, Identity | None]:
    """The org and the user as the org answers now; None where it does not."""
    try:
        salesforce = opened.org.api()
        return (salesforce.org(), salesforce.identity()) if salesforce else (None, None)
    except RunbookError:
        return None, None


def _at_partner(opened: OpenConnection) -> PartnerFacts:
    """The partner's side as far as its API answers now, and what was recorded of it."""
    record = opened.partner.record
    answers = PartnerFacts(attested=record.attested)
    with contextlib.suppress(RunbookError):
        if side := opened.partner.side:
            answers = replace(answers, account=f"{side.account.name} ({side.account.account_id})")
            connector, client_id = side.installed, side.account_client_id
            name = f"{connector.name}, id {connector.number}"
            answers = replace(answers, connector=name, account_client_id=client_id)
            if record.authenticated_at(connector.number):
                answers = replace(answers, retest_after=record.retest_after(connector.number, opened.now()))
    return answers

"""Making the hand-over sheet from what a notebook and the org know."""

from __future__ import annotations

import contextlib
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
from sfrunbook.salesforce.api import Identity
from sfrunbook.store.progress import STEPS

__all__ = ["hand_over"]


def hand_over(notebook: Notebook, folder: str) -> object:
    """The sheet; with someone there it is written beside the notebook and can be saved by the browser.

    Otherwise it is only shown, unless `folder` names where to write it.
    """
    facts = _facts(notebook)
    sheet = make_sheet(facts, more=partner_sections(facts, _at_partner(notebook.opened)))
    shown, stem = sheet_card(sheet), file_stem(sheet.connection)
    files = {f"{stem}.html": sheet_page(sheet), f"{stem}.md": sheet_markdown(sheet)}
    if folder or notebook.attended:
        shown = _write(Path(folder or "."), files) + shown
    if not notebook.attended:
        return shown
    from sfrunbook.runbook.forms.sheet_view import sheet_view

    return sheet_view(shown, files)


def _write(folder: Path, files: dict[str, str]) -> Card:
    try:
        for name, text in files.items():
            write_durably(folder / name, text.encode())
    except OSError as error:
        unwritable = problem("store-unwritable", path=folder, reason=reason_of(error))
        return diagnosis_card(diagnosis_of(unwritable))
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
    """The org and the user as they answer now; the sheet is made without them where they do not."""
    try:
        salesforce = opened.org.api()
        return (salesforce.org(), salesforce.identity()) if salesforce else (None, None)
    except RunbookError:
        return None, None


def _at_partner(opened: OpenConnection) -> PartnerFacts:
    """The partner's side as its API answers now, as far as it does, and what was recorded of it."""
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

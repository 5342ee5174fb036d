"""The hand-over sheet, from a notebook's findings and what the org answers."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from sfrunbook.connection import OpenConnection
from sfrunbook.core.durable_file import write_durably
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Org
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report import handover
from sfrunbook.report.cards import Card, card, diagnosis_card
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.salesforce.api import Identity
from sfrunbook.store.progress import STEPS

__all__ = ["hand_over"]


def hand_over(notebook: Notebook, folder: str) -> object:
    """The sheet; when attended it is written beside the notebook and can be saved by the browser.

    Otherwise it is only shown, unless it is to be written to `folder`.
    """
    facts = _facts(notebook)
    sheet = handover.make_sheet(facts, more=handover.partner_sections(facts, _at_partner(notebook.opened)))
    shown, stem = handover.sheet_card(sheet), handover.file_stem(sheet.connection)
    files = {f"{stem}.html": handover.sheet_page(sheet), f"{stem}.md": handover.sheet_markdown(sheet)}
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
        return diagnosis_card(diagnosis_of(problem("store-unwritable", path=folder, reason=reason_of(error))))
    return card(
        f"The sheet is written beside this notebook: {' and '.join(files)}.",
        "How it stands, and what to do with it, is told below.",
    )


def _facts(notebook: Notebook) -> handover.Facts:
    opened = notebook.opened
    screen, callbacks = "not known: the variables of the partner profile are not complete", list[str]()
    with contextlib.suppress(RunbookError):
        screen = opened.records.registration()[0]
        callbacks += opened.profile.callback_urls(opened.connection.variables)
    org, who = _org_and_user(opened)
    return handover.Facts(
        connection=opened.connection,
        profile=opened.profile,
        screen=screen,
        app_names=opened.records.app_names,
        callbacks=tuple(dict.fromkeys([*callbacks, opened.connection.redirect_uri])),
        made_at=opened.now(),
        org=org,
        who=who,
        steps=tuple(handover.StepFacts(step=step, findings=opened.progress.findings(step.name)) for step in STEPS),
        attestations=opened.progress.attestations(),
        findings=tuple(notebook.findings.values()),
        told_elsewhere=(handover.PARTNER_STEP,),
    )


def _org_and_user(opened: OpenConnection) -> tuple[Org | None, Identity | None]:
    """The org and the user as the org answers now; None where it does not."""
    try:
        salesforce = opened.org.api()
        return (salesforce.org(), salesforce.identity()) if salesforce else (None, None)
    except RunbookError:
        return None, None


def _at_partner(opened: OpenConnection) -> handover.PartnerSeen:
    """The partner's side as far as its API answers now, and what was recorded of it."""
    record = opened.partner.record
    answers = handover.PartnerSeen(attested=record.attested)
    with contextlib.suppress(RunbookError):
        if side := opened.partner.side:
            answers = replace(answers, account=f"{side.account.name} ({side.account.account_id})")
            connector, client_id = side.installed, side.account_client_id
            name = f"{connector.name}, id {connector.number}"
            answers = replace(answers, connector=name, account_client_id=client_id)
            if record.authenticated_at(connector.number):
                answers = replace(answers, retest_after=record.retest_after(connector.number, opened.now()))
    return answers

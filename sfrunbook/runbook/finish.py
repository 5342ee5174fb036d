"""The end of the page: what is connected, as whom and until when, the summary to share, and what to do next."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sfrunbook.connection import OpenConnection
from sfrunbook.connection.health import grant_health
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Grant, Org, Status
from sfrunbook.report.cards import Card, connected_card
from sfrunbook.report.handover.partner_side import PARTNER_STEP, PartnerFacts, partner_sections
from sfrunbook.report.handover.render import file_stem, sheet_markdown, sheet_page
from sfrunbook.report.handover.sheet import Facts, StepFacts, make_sheet
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.schedule import schedule_form
from sfrunbook.runbook.section import waiting
from sfrunbook.runbook.state import State
from sfrunbook.salesforce.api import Identity
from sfrunbook.store.progress import STEPS

__all__ = ["FinishView", "summary_files"]

#: a check is due this often, and this long before access ends
_EVERY, _EARLY = timedelta(days=7), timedelta(days=2)
_TYPES = {
    ".html": ("Share summary (HTML)", "text/html;charset=utf-8"),
    ".md": ("Share summary (Markdown)", "text/markdown"),
}


class FinishView:
    """The end screen as someone sees it, updated with the state."""

    def __init__(self, state: State, on_own_org: Callable[[], None]) -> None:
        self._state = state
        self._outcome = widgets.Outcome()
        buttons = [self._button(ending, *words) for ending, words in _TYPES.items()]
        self._schedule = widgets.stack()
        self._own_org = widgets.button("Start with your own org", on_own_org)
        self._more = widgets.stack(*buttons, self._schedule, self._own_org)
        self._name = ""
        self.widget = widgets.section("finish", self._outcome, self._more)
        state.on_change(self._update)

    def _update(self) -> None:
        step = self._state.next_step() if self._state.is_open else STEPS[0]
        self._more.layout.display = "none" if step else ""
        self._own_org.layout.display = "" if self._state.in_practice else "none"
        if self._name != self._state.name:
            self._name = self._state.name
            self._schedule.children = (widgets.again("Schedule checks", lambda: schedule_form(self._name)),)
        if step:
            self._outcome.show(waiting(f"Next: {step.title}."))
            return
        try:
            self._outcome.show(_connected(self._state))
        except RunbookError as error:
            self._outcome.explain(error)

    def _button(self, ending: str, label: str, media_type: str) -> object:
        def make() -> tuple[str, str]:
            try:
                files = summary_files(self._state)
            except RunbookError as error:
                self._outcome.explain(error)
                return "", "The summary couldn't be made. See why above."
            name = next(name for name in files if name.endswith(ending))
            return files[name], f"Your browser saves {name}."

        name = f"{file_stem(self._state.name)}{ending}"
        return widgets.DownloadButton(make=make, label=label, file_name=name, media_type=media_type)


def _connected(state: State) -> Card:
    opened = state.opened
    partner, health = opened.profile.label, grant_health(opened)
    ends = health.ends
    check_by = min(ends - _EARLY, opened.now() + _EVERY) if ends else opened.now() + _EVERY
    facts = {
        "Salesforce org": _org(state) or (health.record.grant.org_id if health.record else ""),
        "Login address": state.host,
        "User": opened.progress.answers().get("last_user", "")
        or (health.record.grant.user_id if health.record else ""),
        "Valid until": _local(ends) if ends else "someone revokes it",
        **_way_back(health.record.grant if health.record else None),
        "Check again by": _local(check_by),
    }
    return connected_card(f"Salesforce is connected to {partner}.", facts)


def _org(state: State) -> str:
    """The org's name, edition and type as it told them to the check; empty where they are not what was entered."""
    found = state.finding("try_it", "org-says-who-it-is")
    return found.detail if found and found.status is Status.PASSED else ""


def _way_back(grant: Grant | None) -> dict[str, str]:
    """How the answer of the login arrived; nothing where the stored login does not say that."""
    if grant is None or grant.received is None:
        return {}
    return {"After login": "Salesforce returned here by itself" if grant.received else "you pasted the address"}


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M %Z}".strip()


def summary_files(state: State) -> Mapping[str, str]:
    """The summary as a page and as Markdown, by file name; no secret is in it."""
    facts = _facts(state)
    sheet = make_sheet(facts, more=partner_sections(facts, _at_partner(state.opened)))
    stem = file_stem(sheet.connection)
    return {f"{stem}.html": sheet_page(sheet), f"{stem}.md": sheet_markdown(sheet)}


def _facts(state: State) -> Facts:
    opened = state.opened
    screen, callbacks = "not known: the partner's values aren't complete", list[str]()
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
        steps=tuple(StepFacts(step=step, findings=state.stored(step.name)) for step in STEPS),
        findings=state.every_current(),
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
            answers = replace(answers, account=f"{side.account.name} ({side.account.id})")
            connector, client_id = side.installed, side.account_client_id
            name = f"{connector.name}, id {connector.number}"
            answers = replace(answers, connector=name, account_client_id=client_id)
            if record.authenticated_at(connector.number):
                answers = replace(answers, retest_after=record.retest_after(connector.number, opened.now()))
    return answers

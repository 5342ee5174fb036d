"""The forms of Stay connected without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.widget_support import fill, shown, submit, the

from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.stay_connected import unattended_form
from sfrunbook.runbook.state import State


@pytest.fixture
def state(session: Path) -> State:
    return State("practice", attended=True)


def kinds(form: widgets.Form) -> list[Any]:
    return [value for _, value in form.fields[0]["options"]]


def test_a_username_is_asked_for_the_way_that_needs_one_and_every_way_can_be_tested(state: State) -> None:
    widget = unattended_form(state)
    form = the(widget, widgets.Form)
    asked = {}
    for kind in kinds(form):
        fill(form, kind=kind, username="")
        asked[kind] = "Username" in [field["label"] for field in form.fields]
        submit(form)
        assert "Code: " in shown(widget)  # the practice app allows neither
    assert asked == {"client_credentials": False, "jwt_bearer": True}

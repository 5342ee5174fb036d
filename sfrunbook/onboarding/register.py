"""The forms of 01_register_app: what to enter in Salesforce, and the Consumer Key that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sfrunbook import report, widgets
from sfrunbook.credential_shape import shape_of_client_id
from sfrunbook.model import Status
from sfrunbook.report import Card
from sfrunbook.workbench import Workbench

__all__ = ["client_id_form", "registration_form"]

_JUST_NOW, _EARLIER = "now", "earlier"


def registration_form(bench: Workbench) -> object:
    """Every field of the Salesforce screen with the value to enter and a button that copies it."""
    caption, fields = bench.registration()
    rows = [
        {
            "label": one.label,
            "value": one.value,
            "why": one.why,
            "copyable": "://" in one.value or one.label == "API Name",
        }
        for one in fields
    ]
    table = widgets.CopyTable(caption=caption, rows=rows)
    if bench.practice is None:
        return table
    told = "Its app is registered already; make another in Setup of the practice org if you like to rehearse that: {}"
    return widgets.stack(widgets.link(told, bench.connection.login_url), table)


def client_id_form(bench: Workbench, check: Callable[[], Card]) -> object:
    """A field for the Consumer Key, whose shape is looked at before it is kept, and the app then asked for."""

    def save(values: Mapping[str, str]) -> str:
        text = values["client_id"]
        wrong = shape_of_client_id(text)
        if wrong:
            return report.card("Not kept: " + " ".join(wrong), "Copy it again and paste it here.", Status.FAILED).html
        bench.keep_client_id(text, just_saved=values["saved"] == _JUST_NOW)
        return report.card("The Consumer Key is kept.", status=Status.PASSED).html + check().html

    field = widgets.Field(
        name="client_id",
        label="Consumer Key",
        value=bench.connection.client_id,
        help="Begins with 3MVG9 and is about 85 characters long. It is an identifier, not a secret.",
    )
    saved = widgets.Field(
        name="saved",
        label="App saved in Salesforce",
        value=_EARLIER if bench.connection.client_id else _JUST_NOW,
        options=[("Just now", _JUST_NOW), ("More than half an hour ago", _EARLIER)],
        help="A new or edited app takes minutes to work; with this the runbook can tell waiting from a wrong key.",
    )
    return widgets.connection_form([field, saved], save, action="Keep this key")

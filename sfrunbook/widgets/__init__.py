"""Forms that a person fills in; the only importer of ipywidgets and anywidget. Nothing here decides or connects.

No form is ever built in a headless run, and no widget holds a secret in its state: secrets arrive as one message.
"""

from __future__ import annotations

from sfrunbook.widgets.copy_table import CopyTable
from sfrunbook.widgets.diagram import FlowDiagram, LoginLink
from sfrunbook.widgets.fields import SecretField
from sfrunbook.widgets.forms import Field, FieldHint, Form
from sfrunbook.widgets.login_panel import CallbackChoice, LoginPanel
from sfrunbook.widgets.one_time_link import OneTimeLink
from sfrunbook.widgets.parts import Outcome, again, button, link, stack
from sfrunbook.widgets.picker import FieldPicker
from sfrunbook.widgets.query_parts import BarChart, DownloadButton, PagedTable, SoqlEditor
from sfrunbook.widgets.registration import Board, Checklist, Sheet
from sfrunbook.widgets.road import Connections, GoOn

__all__ = [
    "BarChart",
    "Board",
    "CallbackChoice",
    "Checklist",
    "Connections",
    "CopyTable",
    "DownloadButton",
    "Field",
    "FieldHint",
    "FieldPicker",
    "FlowDiagram",
    "Form",
    "GoOn",
    "LoginLink",
    "LoginPanel",
    "OneTimeLink",
    "Outcome",
    "PagedTable",
    "SecretField",
    "Sheet",
    "SoqlEditor",
    "again",
    "button",
    "link",
    "stack",
]

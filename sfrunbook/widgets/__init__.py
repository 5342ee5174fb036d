"""Forms that a person fills in; the only importer of ipywidgets and anywidget. Nothing here decides or connects.

No form is ever built in a headless run, and no widget holds a secret in its state: secrets arrive as one message.
"""

from __future__ import annotations

from sfrunbook.widgets.diagram import FlowDiagram, LoginLink
from sfrunbook.widgets.fields import CopyTable, SecretField
from sfrunbook.widgets.forms import Field, connection_form
from sfrunbook.widgets.login_panel import CallbackChoice, LoginPanel
from sfrunbook.widgets.one_time_link import OneTimeLink
from sfrunbook.widgets.parts import Outcome, again, button, link, stack
from sfrunbook.widgets.picker import FieldPicker
from sfrunbook.widgets.query_parts import BarChart, DownloadButton, PagedTable, SoqlEditor

__all__ = [
    "BarChart",
    "CallbackChoice",
    "CopyTable",
    "DownloadButton",
    "Field",
    "FieldPicker",
    "FlowDiagram",
    "LoginLink",
    "LoginPanel",
    "OneTimeLink",
    "Outcome",
    "PagedTable",
    "SecretField",
    "SoqlEditor",
    "again",
    "button",
    "connection_form",
    "link",
    "stack",
]

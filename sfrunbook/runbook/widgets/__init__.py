"""Forms to fill in; the only importer of ipywidgets and anywidget. Nothing here decides or connects.

No form is ever built in a headless run, and no widget has a secret in its state: secrets arrive as one message.
"""

from __future__ import annotations

from sfrunbook.runbook.widgets.diagram import FlowDiagram, LoginLink
from sfrunbook.runbook.widgets.fields import NotDone, OneTimeLink, SecretField
from sfrunbook.runbook.widgets.forms import Field, FieldHint, Form
from sfrunbook.runbook.widgets.header import Fold, Header, section
from sfrunbook.runbook.widgets.login_panel import LoginPanel
from sfrunbook.runbook.widgets.parts import Outcome, again, button, link, page_links, stack
from sfrunbook.runbook.widgets.picker import FieldPicker
from sfrunbook.runbook.widgets.query_parts import BarChart, DownloadButton, PagedTable, SoqlEditor
from sfrunbook.runbook.widgets.registration import Board, Connections, CopyTable, Sheet

__all__ = [
    "BarChart",
    "Board",
    "Connections",
    "CopyTable",
    "DownloadButton",
    "Field",
    "FieldHint",
    "FieldPicker",
    "FlowDiagram",
    "Fold",
    "Form",
    "Header",
    "LoginLink",
    "LoginPanel",
    "NotDone",
    "OneTimeLink",
    "Outcome",
    "PagedTable",
    "SecretField",
    "Sheet",
    "SoqlEditor",
    "again",
    "button",
    "link",
    "page_links",
    "section",
    "stack",
]

"""Forms that a person fills in; the only importer of ipywidgets and anywidget. Nothing here decides or connects.

No form is ever built in a headless run, and no widget holds a secret in its state: secrets arrive as one message.
"""

from __future__ import annotations

from sfrunbook.widgets.fields import SecretField
from sfrunbook.widgets.forms import Field, FieldHint, Form
from sfrunbook.widgets.login_panel import LoginPanel
from sfrunbook.widgets.parts import Outcome, again, button, link, stack
from sfrunbook.widgets.registration import Board, Checklist, Sheet
from sfrunbook.widgets.road import Connections, GoOn

__all__ = [
    "Board",
    "Checklist",
    "Connections",
    "Field",
    "FieldHint",
    "Form",
    "GoOn",
    "LoginPanel",
    "Outcome",
    "SecretField",
    "Sheet",
    "again",
    "button",
    "link",
    "stack",
]

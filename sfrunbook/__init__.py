"""Connect Salesforce to a partner platform by OAuth, rightly, the first time, and keep it connected.

The names below are loaded when they are first used, so that `import sfrunbook` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfrunbook.explain import explain_text
    from sfrunbook.model import Connection, Diagnosis, Failure, Finding, Grant, Run, RunbookError, Status
    from sfrunbook.secret import Secret
    from sfrunbook.workbench import Workbench, open_workbench

__version__ = "0.1.0"

__all__ = [
    "Connection",
    "Diagnosis",
    "Failure",
    "Finding",
    "Grant",
    "Run",
    "RunbookError",
    "Secret",
    "Status",
    "Workbench",
    "explain_text",
    "open_workbench",
]

_HOMES = {
    "model": ("Connection", "Diagnosis", "Failure", "Finding", "Grant", "Run", "RunbookError", "Status"),
    "secret": ("Secret",),
    "explain": ("explain_text",),
    "workbench": ("Workbench", "open_workbench"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"sfrunbook.{home}"), name)
    raise AttributeError(f"module 'sfrunbook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

"""The hand-over sheet in a notebook, with a button for each of its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sfrunbook.report.cards import Card
from sfrunbook.runbook import widgets

__all__ = ["sheet_view"]

_TYPES = {"html": ("Save as a page (HTML)", "text/html;charset=utf-8"), "md": ("Save as Markdown", "text/markdown")}


def sheet_view(shown: Card, files: Mapping[str, str]) -> object:
    """The sheet and its buttons; `files` are texts by their names."""
    buttons = []
    for name, text in files.items():
        label, media_type = _TYPES[name.rpartition(".")[2]]
        made = widgets.DownloadButton(make=_giving(name, text), label=label, file_name=name, media_type=media_type)
        buttons.append(made)
    return widgets.stack(widgets.Outcome(shown.html).widget, *buttons)


def _giving(name: str, text: str) -> Callable[[], tuple[str, str]]:
    return lambda: (text, f"{name} was given to the browser to save.")

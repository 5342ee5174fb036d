"""The hand-over sheet in a notebook, with a button for each of its files."""

from __future__ import annotations

from collections.abc import Mapping

from sfrunbook.report.cards import Card
from sfrunbook.runbook import widgets

__all__ = ["sheet_view"]

_TYPES = {"html": ("Save as a page (HTML)", "text/html;charset=utf-8"), "md": ("Save as Markdown", "text/markdown")}


def sheet_view(sheet: Card, files: Mapping[str, str]) -> object:
    """The sheet and a button for each file; `files` are texts by their names."""
    return widgets.stack(widgets.Outcome(sheet), *(_button(name, text) for name, text in files.items()))


def _button(name: str, text: str) -> widgets.DownloadButton:
    label, media_type = _TYPES[name.rpartition(".")[2]]
    return widgets.DownloadButton(
        make=lambda: (text, f"{name} was given to the browser to save."),
        label=label,
        file_name=name,
        media_type=media_type,
    )

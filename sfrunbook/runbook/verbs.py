"""What the classes of all steps are written with: verbs, their findings, and what a cell shows of a step."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sfrunbook.checks.registry import finding_of_error
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.report.cards import Card
from sfrunbook.runbook.needs import waiting
from sfrunbook.runbook.notebook import Notebook

__all__ = ["SHOWN_AS_CONNECTION", "finding", "verb"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _HoldsNotebook(Protocol):
    """A step."""

    _notebook: Notebook


_S = TypeVar("_S", bound=_HoldsNotebook)


def verb(
    check: str, claim: str
) -> Callable[[Callable[Concatenate[_S, _P], _R]], Callable[Concatenate[_S, _P], _R | Card]]:
    """A method of a step that records an error as a finding named `check`, and does nothing without a connection."""

    def wrap(method: Callable[Concatenate[_S, _P], _R]) -> Callable[Concatenate[_S, _P], _R | Card]:
        @functools.wraps(method)
        def wrapped(self: _S, *args: _P.args, **kwargs: _P.kwargs) -> _R | Card:
            notebook = self._notebook
            if not notebook.is_open:
                what = "Not done: this notebook has no connection to work with."
                return waiting(what, "The first card above says why, and what to do.")
            try:
                return method(self, *args, **kwargs)
            except RunbookError as error:
                return notebook.missing_passphrase(error) or notebook.found([finding_of_error(check, claim, error)])

        return wrapped  # type: ignore[return-value]  # functools.wraps keeps a type of its own

    return wrap


def _text(step: _HoldsNotebook) -> str:
    return step._notebook.card().text


def _mimebundle(step: _HoldsNotebook, include: object = None, exclude: object = None) -> dict[str, str]:
    return step._notebook.card()._repr_mimebundle_()


def _display(step: _HoldsNotebook) -> None:
    step._notebook.display()


#: what a cell shows of a step: the card of its connection
SHOWN_AS_CONNECTION = (_text, _mimebundle, _display)


def finding(
    check: str, claim: str, detail: str, status: Status = Status.PASSED, *, skip: Skip | None = None
) -> Finding:
    """A finding of a verb; with `skip`, of something that was not done."""
    return Finding(check=check, claim=claim, status=Status.SKIPPED if skip else status, detail=detail, skip=skip)

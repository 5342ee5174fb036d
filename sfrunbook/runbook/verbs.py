"""What the classes of all steps share: their verbs, their findings, their verdict, and how a cell shows them."""

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

__all__ = ["OF_EVERY_STEP", "AnyStep", "finding", "verb"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class AnyStep(Protocol):
    _notebook: Notebook


_S = TypeVar("_S", bound=AnyStep)


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


def _mimebundle(step: AnyStep, include: object = None, exclude: object = None) -> dict[str, str]:
    return step._notebook.card()._repr_mimebundle_()


def _display(step: AnyStep) -> None:
    step._notebook.display()


def _summary(step: AnyStep) -> Card | None:
    """The verdict over everything this notebook found."""
    return step._notebook.summary()


#: a cell shows a step as the card of its connection
OF_EVERY_STEP = (lambda step: step._notebook.card().text, _mimebundle, _display, _summary)


def finding(
    check: str, claim: str, detail: str, status: Status = Status.PASSED, *, skip: Skip | None = None
) -> Finding:
    """A finding of a verb; with `skip`, of something that was not done."""
    return Finding(check=check, claim=claim, status=Status.SKIPPED if skip else status, detail=detail, skip=skip)

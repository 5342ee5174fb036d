"""What a kernel shows is redacted before it leaves the kernel: displays and tracebacks, under any front end.

The scan after a run is the gate; this is for runs without one, such as stock papermill, and for people.
`%xmode Verbose` prints the variables of every frame, those of the libraries that send a secret included.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from sfrunbook.core.secrets.redaction import redact
from sfrunbook.core.secrets.scan.needles import needles_for
from sfrunbook.core.secrets.secret import Secret, known_values
from sfrunbook.runbook.kernel import shell

__all__ = ["guard_displays"]

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MARK = "_sfrunbook_guard"


def guard_displays() -> None:
    """Redact the texts of every display and traceback of this kernel; outside one, and the second time, do nothing."""
    kernel_shell = shell()
    if kernel_shell is None or hasattr(kernel_shell, _MARK):
        return
    setattr(kernel_shell, _MARK, True)
    Secret(os.environ.get("SFRUNBOOK_PASSPHRASE", ""))  # known from now on, also before a store is opened with it
    _guard_formatter(kernel_shell.display_formatter)
    _guard_tracebacks(kernel_shell)


def _guard_formatter(formatter: Any) -> None:  # noqa: ANN401 - IPython has no types
    inner = formatter.format

    def guarded(*args: object, **kwargs: object) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = inner(*args, **kwargs)
        return _masked(data), metadata

    formatter.format = guarded


def _guard_tracebacks(kernel_shell: Any) -> None:  # noqa: ANN401 - IPython has no types
    inner = kernel_shell._showtraceback

    def guarded(kind: type[BaseException], error: BaseException, lines: list[str]) -> None:
        clean = [_line(line) for line in lines]
        text = str(error)
        if _clean(text) != text:  # the kernel sends the text of the error by itself as well
            error = _RedactedError(_clean(text))
        inner(kind, error, clean)

    kernel_shell._showtraceback = guarded


class _RedactedError(Exception):
    """The text of an error without its secret."""


def _clean(text: str) -> str:
    """The text without secrets and pieces of them: verbose tracebacks shorten a value in its middle."""
    return needles_for(known_values()).masked(redact(text))


def _masked(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        mime: _clean(value) if isinstance(value, str) and not mime.startswith("image/") else value
        for mime, value in data.items()
    }


def _line(line: str) -> str:
    """A line of a traceback; without its colours where a secret is among them."""
    bare = _ANSI.sub("", line)
    return line if _clean(bare) == bare and _clean(line) == line else _clean(bare)

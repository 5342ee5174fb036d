"""A block that must end in one known problem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of

__all__ = ["raises_problem"]


@contextmanager
def raises_problem(code: str, text: str = "") -> Iterator[None]:
    """The block raises the problem `code`, and the sentence of its explanation matches `text`."""
    with pytest.raises(RunbookError) as caught:
        yield
    assert caught.value.code == code
    assert re.search(text, diagnosis_of(caught.value).what)

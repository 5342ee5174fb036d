"""One property over many rows as one test, which goes through all of them and tells every row that fails."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

__all__ = ["for_each"]


def for_each(
    names: str | tuple[str, ...], rows: Iterable[Any], *, ids: Callable[[Any], str] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Takes what `pytest.mark.parametrize` takes, and makes one test of all rows. They share the test's fixtures."""
    parts = tuple(one.strip() for one in names.split(",")) if isinstance(names, str) else names
    rows = list(rows)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def over_all(**fixtures: Any) -> None:
            assert rows, "there is no row"
            failures = []
            for row in rows:
                values = zip(parts, row, strict=True) if len(parts) > 1 else [(parts[0], row)]
                try:
                    test(**dict(values), **fixtures)
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 - told, whatever it is
                    failures.append(f"{ids(row)}: {type(failure).__name__}: {failure}")
            if failures:
                pytest.fail(f"{len(failures)} of {len(rows)} rows:\n" + "\n".join(failures), pytrace=False)

        known = inspect.signature(test).parameters
        assert set(parts) <= set(known), f"{test.__name__} takes no {set(parts) - set(known)}"
        left = [one for name, one in known.items() if name not in parts]
        over_all.__signature__ = inspect.Signature(left)  # type: ignore[attr-defined]
        return over_all

    return decorate

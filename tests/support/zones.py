"""Another time zone for this process, for a while."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

needs_zones = pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of this system can't be changed")


@contextmanager
def in_zone(zone: str) -> Iterator[None]:
    """`zone` as POSIX writes it, such as `CET-1`."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("TZ", zone)
        time.tzset()
        try:
            yield
        finally:
            changed.undo()
            time.tzset()

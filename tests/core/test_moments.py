"""Times as people read them: this machine's first, and UTC beside it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from sfrunbook.core.moments import local_and_utc

AT = datetime(2026, 11, 28, 13, 5, tzinfo=UTC)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of this system can't be changed")
@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "2026-11-28 13:05 UTC"),
        ("CET-1", "2026-11-28 14:05 CET (13:05 UTC)"),
        ("NZDT-13", "2026-11-29 02:05 NZDT (2026-11-28 13:05 UTC)"),
    ],
)
def test_the_local_time_comes_first(monkeypatch: pytest.MonkeyPatch, zone: str, words: str) -> None:
    with monkeypatch.context() as changed:
        changed.setenv("TZ", zone)
        time.tzset()
        shown = local_and_utc(AT)
    time.tzset()
    assert shown == words

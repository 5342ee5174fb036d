"""Times as people read them: this machine's first, and UTC beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.zones import in_zone, needs_zones

from sfrunbook.core.moments import local_and_utc, moment

AT = datetime(2026, 11, 28, 13, 5, tzinfo=UTC)


@needs_zones
@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "2026-11-28 13:05 UTC"),
        ("CET-1", "2026-11-28 14:05 CET (13:05 UTC)"),
        ("NZDT-13", "2026-11-29 02:05 NZDT (2026-11-28 13:05 UTC)"),
    ],
)
def test_the_local_time_comes_first(zone: str, words: str) -> None:
    with in_zone(zone):
        assert local_and_utc(AT) == words


@pytest.mark.parametrize("value", [None, 3, "soon"])
def test_what_is_no_time_is_none(value: object) -> None:
    assert moment(value) is None


@pytest.mark.parametrize("text", ["2026-11-28T13:05:00", "2026-11-28T13:05:00.000+0000", "2026-11-28T14:05:00+01:00"])
def test_a_time_without_its_zone_is_utc(text: str) -> None:
    assert moment(text) == AT

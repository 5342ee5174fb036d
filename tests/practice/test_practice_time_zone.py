"""The time zone of the orgs is a setting, and queries follow it at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_changed_time_zone_moves_the_days_and_keeps_the_records(fresh: Any, zone: str) -> None:
    fresh.world.control("POST", "/clock", {"set": datetime(2030, 5, 5, 12, tzinfo=UTC).isoformat()})
    token = fresh.grant()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    def ask(query: str) -> Any:
        return fresh.get("/services/data/v68.0/query", token, params={"q": query}).json()

    url = f"{fresh.host}/services/data/v68.0/sobjects/Opportunity"
    made = {"Name": "On the sixth", "StageName": "Prospecting", "CloseDate": "2030-05-06"}
    assert fresh.session.post(url, json=made, headers=headers, timeout=10).status_code == 201
    query = "SELECT COUNT() FROM Opportunity WHERE CloseDate = {} AND Name = 'On the sixth'"
    assert ask(query.format("TODAY"))["totalSize"] == 0
    fresh.settings(org_time_zone=zone)
    assert ask("SELECT TimeZoneSidKey FROM Organization")["records"][0]["TimeZoneSidKey"] == zone
    ahead = zone == "Pacific/Kiritimati"  # there it is 2 in the morning of the next day
    assert ask(query.format("TODAY"))["totalSize"] == int(ahead)
    assert ask(query.format("TOMORROW"))["totalSize"] == int(not ahead)

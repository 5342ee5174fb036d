"""What a right query answers, held against the rows themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from support.rest_world import ADMIN, NOW, ORG, World


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def _values(world: World, name: str) -> list[dict[str, Any]]:
    return [row.values for row in world.api.store.rows(name)]


def test_fields_come_as_named_in_the_object_and_in_the_order_of_the_query(world: World) -> None:
    row = world.rows("select NAME, id from account limit 1")[0]
    assert list(row) == ["attributes", "Name", "Id"]
    assert row["attributes"] == {"type": "Account", "url": f"/services/data/v68.0/sobjects/Account/{row['Id']}"}


def test_text_is_compared_without_regard_to_case_and_escapes_are_read(world: World) -> None:
    assert world.column(r"SELECT Name FROM Account WHERE Name = 'o\'BRIEN & sons'") == ["O'Brien & Sons"]
    assert world.column(r"SELECT Name FROM Account WHERE Name = 'back\\slash labs'") == ["Back\\slash Labs"]
    assert world.column("SELECT Name FROM Account WHERE Name = '\\u6771京電子株式会社'") == ["東京電子株式会社"]


def test_like_takes_percent_underscore_and_their_escapes(world: World) -> None:
    assert world.column(r"SELECT Name FROM Account WHERE Name LIKE '100\% nat%'") == ["100% Natural Foods"]
    assert world.column(r"SELECT Name FROM Account WHERE Name LIKE '%under\_score%'") == ["Under_score Systems"]
    assert world.column("SELECT Name FROM Account WHERE Name LIKE '_''_'".replace("''", "")) == []
    names = [row["Name"] for row in _values(world, "Account") if "e" in str(row["Name"]).lower()]
    assert world.column("SELECT Name FROM Account WHERE Name LIKE '%E%'") == names


def test_a_null_field_is_unequal_to_every_value_and_an_empty_text_is_null(world: World) -> None:
    rows = _values(world, "Account")
    without = sum(row["Industry"] is None for row in rows)
    assert without > 0
    assert world.soql("SELECT COUNT() FROM Account WHERE Industry = null")["totalSize"] == without
    assert world.soql("SELECT COUNT() FROM Account WHERE Industry = ''")["totalSize"] == without
    unequal = sum(row["Industry"] != "Banking" for row in rows)
    assert world.soql("SELECT COUNT() FROM Account WHERE Industry != 'banking'")["totalSize"] == unequal
    assert world.soql("SELECT COUNT() FROM Account WHERE Industry NOT IN ('banking')")["totalSize"] == unequal


def test_and_or_and_not_combine_as_the_parentheses_say(world: World) -> None:
    expected = [
        row["Id"]
        for row in _values(world, "Case")
        if (row["Status"] == "New" or row["Priority"] == "High") and row["Origin"] != "Web"
    ]
    query = "SELECT Id FROM Case WHERE (Status = 'New' OR Priority = 'High') AND NOT (Origin = 'Web')"
    assert expected
    assert world.column(query) == expected


def test_nulls_come_first_unless_the_query_says_last(world: World) -> None:
    first = world.column("SELECT AnnualRevenue FROM Account ORDER BY AnnualRevenue")
    last = world.column("SELECT AnnualRevenue FROM Account ORDER BY AnnualRevenue DESC NULLS LAST")
    filled = sorted(row["AnnualRevenue"] for row in _values(world, "Account") if row["AnnualRevenue"] is not None)
    empty = [None] * (len(first) - len(filled))
    assert empty
    assert first == empty + filled
    assert last == filled[::-1] + empty


def test_a_second_order_breaks_ties_of_the_first(world: World) -> None:
    rows = world.rows("SELECT StageName, Name FROM Opportunity ORDER BY StageName DESC, Name ASC")
    keys = [(row["StageName"], row["Name"].lower()) for row in rows]
    by_name = sorted(keys, key=lambda key: key[1])
    assert keys == sorted(by_name, key=lambda key: key[0].lower(), reverse=True)


def test_limit_and_offset_cut_what_is_ordered(world: World) -> None:
    every = world.column("SELECT Name FROM Account ORDER BY Name")
    assert world.column("SELECT Name FROM Account ORDER BY Name LIMIT 7 OFFSET 100") == every[100:107]
    assert world.column("SELECT Name FROM Account LIMIT 0") == []


def test_parents_nest_with_their_attributes_and_a_missing_parent_is_null(world: World) -> None:
    rows = world.rows("SELECT Id, AccountId, Account.Name, Account.Owner.Name FROM Contact")
    nested = next(row for row in rows if row["AccountId"])
    assert nested["Account"]["attributes"]["url"].endswith(f"/Account/{nested['AccountId']}")
    assert list(nested["Account"]) == ["attributes", "Name", "Owner"]
    assert nested["Account"]["Owner"]["attributes"]["type"] == "User"
    assert {row["Account"] is None for row in rows if row["AccountId"] is None} == {True}


def test_children_nest_as_a_result_of_their_own_and_none_is_null(world: World) -> None:
    rows = world.rows("SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 2) FROM Account")
    owners = Counter(row["AccountId"] for row in _values(world, "Contact"))
    assert any(row["Contacts"] is None for row in rows)
    for row in rows:
        found = row["Contacts"]
        assert (found["totalSize"] if found else 0) == min(2, owners[row["Id"]])
        if found:
            assert list(found) == ["totalSize", "done", "records"]


def test_a_semi_join_keeps_the_parents_and_an_anti_join_the_others(world: World) -> None:
    closed = {row["AccountId"] for row in _values(world, "Opportunity") if row["IsWon"]}
    inside = world.column("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)")
    outside = world.column(
        "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity WHERE IsWon = TRUE)"
    )
    assert set(inside) == closed - {None}
    assert len(inside) + len(outside) == len(_values(world, "Account"))


def test_multi_select_picklists_know_includes_and_excludes(world: World) -> None:
    def has(row: dict[str, Any], *regions: str) -> bool:
        return set(regions) <= set((row["Regions__c"] or "").split(";"))

    rows = _values(world, "Account")
    wanted = [row["Id"] for row in rows if has(row, "EMEA", "APAC") or has(row, "LATAM")]
    assert wanted
    assert world.column("SELECT Id FROM Account WHERE Regions__c INCLUDES ('EMEA;APAC', 'LATAM')") == wanted
    others = [row["Id"] for row in rows if not has(row, "EMEA")]
    assert world.column("SELECT Id FROM Account WHERE Regions__c EXCLUDES ('emea')") == others


@pytest.mark.parametrize(
    ("literal", "first", "end"),
    [
        ("TODAY", date(2026, 11, 23), date(2026, 11, 24)),
        ("THIS_WEEK", date(2026, 11, 22), date(2026, 11, 29)),
        ("LAST_WEEK", date(2026, 11, 15), date(2026, 11, 22)),
        ("LAST_N_DAYS:90", date(2026, 8, 25), date(2026, 11, 24)),
        ("NEXT_N_MONTHS:2", date(2026, 12, 1), date(2027, 2, 1)),
        ("THIS_FISCAL_QUARTER", date(2026, 10, 1), date(2027, 1, 1)),
        ("LAST_N_QUARTERS:2", date(2026, 4, 1), date(2026, 10, 1)),
        ("N_YEARS_AGO:1", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_a_date_literal_is_the_days_it_names(world: World, literal: str, first: date, end: date) -> None:
    rows = _values(world, "Task")
    inside = sum(first <= row["ActivityDate"] < end for row in rows)
    assert inside > 0
    count = "SELECT COUNT() FROM Task WHERE ActivityDate"
    assert world.soql(f"{count} = {literal}")["totalSize"] == inside
    assert world.soql(f"{count} < {literal}")["totalSize"] == sum(row["ActivityDate"] < first for row in rows)
    assert world.soql(f"{count} > {literal}")["totalSize"] == sum(row["ActivityDate"] >= end for row in rows)


def test_a_date_literal_moves_with_the_clock() -> None:
    world = World()
    before = world.column("SELECT Id FROM Task WHERE ActivityDate = TODAY")
    world.clock.advance(days=1)
    assert world.column("SELECT Id FROM Task WHERE ActivityDate = YESTERDAY") == before


def test_datetimes_compare_across_offsets(world: World) -> None:
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    later = [row["Id"] for row in _values(world, "Contact") if row["CreatedDate"] >= moment]
    assert later
    assert world.column("SELECT Id FROM Contact WHERE CreatedDate >= 2026-06-01T00:00:00Z") == later
    assert world.column("SELECT Id FROM Contact WHERE CreatedDate >= 2026-06-01T02:00:00.000+02:00") == later


def test_count_alone_gives_a_size_and_no_rows(world: World) -> None:
    assert world.soql("SELECT COUNT() FROM Lead") == {"totalSize": 80, "done": True, "records": []}


def test_aggregates_leave_nulls_out_and_are_named_in_turn(world: World) -> None:
    amounts = [row["Amount"] for row in _values(world, "Opportunity") if row["Amount"] is not None]
    row = world.rows("SELECT COUNT(Amount), SUM(Amount) total, MIN(Amount), MAX(Amount), AVG(Amount) FROM Opportunity")
    assert row == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": len(amounts),
            "total": sum(amounts),
            "expr1": min(amounts),
            "expr2": max(amounts),
            "expr3": sum(amounts) / len(amounts),
        }
    ]


def test_groups_count_their_rows_and_having_keeps_some(world: World) -> None:
    counts = Counter(row["StageName"] for row in _values(world, "Opportunity"))
    query = "SELECT StageName, COUNT(Id) n FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 14"
    assert {row["StageName"]: row["n"] for row in world.rows(query)} == {
        stage: count for stage, count in counts.items() if count > 14
    }


def test_rollup_adds_subtotals_and_grouping_tells_them(world: World) -> None:
    query = (
        "SELECT Status, Origin, COUNT(Id) n, GROUPING(Origin) g FROM Case GROUP BY ROLLUP(Status, Origin) "
        "HAVING GROUPING(Status) = 0"
    )
    counts = Counter(row["Status"] for row in _values(world, "Case"))
    subtotals = {row["Status"]: row["n"] for row in world.rows(query) if row["g"] == 1}
    assert subtotals == dict(counts)
    cube = world.rows("SELECT Status, COUNT(Id) n FROM Case GROUP BY CUBE(Status)")
    assert [row["n"] for row in cube if row["Status"] is None] == [90]


def test_date_functions_group_and_filter(world: World) -> None:
    years = Counter(row["CloseDate"].year for row in _values(world, "Opportunity"))
    query = "SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) n FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate)"
    assert {row["y"]: row["n"] for row in world.rows(query)} == dict(years)
    query = "SELECT COUNT() FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = 2026"
    assert world.soql(query)["totalSize"] == years[2026]


def test_fields_all_gives_every_field_and_custom_only_those(world: World) -> None:
    row = world.rows("SELECT FIELDS(ALL) FROM Account LIMIT 1")[0]
    described = world.call("GET", "/sobjects/Account/describe")[1]["fields"]
    assert list(row)[1:] == [item["name"] for item in described]
    assert list(world.rows("SELECT FIELDS(CUSTOM) FROM Account LIMIT 1")[0])[1:] == ["External_Id__c", "Regions__c"]


def test_typeof_gives_each_kind_of_parent_its_own_fields(world: World) -> None:
    query = (
        "SELECT TYPEOF What WHEN Account THEN Name, Phone WHEN Case THEN CaseNumber ELSE Name END FROM Task "
        "WHERE WhatId != null LIMIT 200"
    )
    shapes = {row["What"]["attributes"]["type"]: list(row["What"])[1:] for row in world.rows(query)}
    assert shapes == {"Account": ["Name", "Phone"], "Case": ["CaseNumber"], "Name": ["Name"]}


def test_a_parent_of_several_kinds_is_reached_as_name(world: World) -> None:
    rows = world.rows("SELECT Owner.Name, Owner.Type FROM Lead")
    assert {row["Owner"]["Type"] for row in rows} == {"User", "Group"}
    assert {row["Owner"]["attributes"]["type"] for row in rows} == {"Name"}


def test_aliases_and_the_objects_own_name_may_stand_in_front(world: World) -> None:
    plain = world.column("SELECT Name FROM Contact WHERE Account.Name != null")
    assert world.column("SELECT c.Name FROM Contact c, c.Account a WHERE a.Name != null") == plain
    assert world.column("SELECT Contact.Name FROM Contact WHERE Contact.Account.Name != null") == plain


def test_scope_mine_gives_the_callers_rows(world: World) -> None:
    mine = [row["Id"] for row in _values(world, "Account") if row["OwnerId"] == ADMIN]
    assert 0 < len(mine) < 120
    assert world.column("SELECT Id FROM Account USING SCOPE Mine") == mine


@pytest.mark.parametrize("tail", ["FOR VIEW", "FOR REFERENCE", "FOR VIEW, REFERENCE", "FOR UPDATE", "ALL ROWS"])
def test_closing_clauses_are_let_through(world: World, tail: str) -> None:
    assert len(world.rows(f"SELECT Id FROM Account LIMIT 3 {tail}")) == 3


def test_ids_of_15_and_18_characters_find_the_same_row(world: World) -> None:
    record_id = world.column("SELECT Id FROM Account LIMIT 1 OFFSET 5")[0]
    for text in (record_id, record_id[:15]):
        assert world.column(f"SELECT Id FROM Account WHERE Id = '{text}'") == [record_id]
        assert world.column(f"SELECT Id FROM Account WHERE Name != null AND Id IN ('{text}', null)") == [record_id]
    swapped = record_id[:15].swapcase()
    assert world.column(f"SELECT Id FROM Account WHERE Id = '{swapped}'") == []


def test_now_is_the_day_the_rows_were_made_around(world: World) -> None:
    assert all(row["CreatedDate"] < NOW for row in _values(world, "Account"))


def _moved(zone: str) -> World:
    world = World()
    world.api.know(replace(ORG, time_zone=zone))
    return world


@pytest.mark.parametrize(
    ("zone", "first", "end"),
    [
        ("GMT", datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 23, 10, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("No/Such_Zone", datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)),
    ],
)
def test_today_begins_and_ends_where_the_org_is(zone: str, first: datetime, end: datetime) -> None:
    world = _moved(zone)
    for moment in (first - timedelta(seconds=1), first, end - timedelta(seconds=1), end):
        world.clock.now = moment
        assert world.call("POST", "/sobjects/Account", body={"Name": f"{moment:%d %H:%M:%S}"})[0] == 201
    world.clock.now = first + timedelta(hours=12)
    names = world.column("SELECT Name FROM Account WHERE CreatedDate = TODAY AND Name LIKE '2% %:%:%'")
    assert names == [f"{first:%d %H:%M:%S}", f"{end - timedelta(seconds=1):%d %H:%M:%S}"]


def test_a_date_field_is_held_against_the_day_it_is_in_the_org() -> None:
    near, far = _moved("America/Los_Angeles"), _moved("Pacific/Auckland")
    for world in (near, far):
        world.clock.now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    fields = {"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-11-24"}
    for world in (near, far):
        assert world.call("POST", "/sobjects/Opportunity", body=fields)[0] == 201
    query = "SELECT COUNT() FROM Opportunity WHERE CloseDate = {} AND Name = 'x'"
    assert [near.soql(query.format(day))["totalSize"] for day in ("TODAY", "TOMORROW")] == [0, 1]
    assert [far.soql(query.format(day))["totalSize"] for day in ("TODAY", "TOMORROW")] == [1, 0]


def test_date_functions_read_gmt_and_within_convert_timezone_the_orgs_clock() -> None:
    world = _moved("America/Los_Angeles")
    world.clock.now = datetime(2026, 12, 31, 3, 30, tzinfo=UTC)
    assert world.call("POST", "/sobjects/Account", body={"Name": "Night"})[0] == 201
    row = world.rows(
        "SELECT DAY_ONLY(CreatedDate) a, HOUR_IN_DAY(CreatedDate) b, DAY_ONLY(convertTimezone(CreatedDate)) c, "
        "HOUR_IN_DAY(convertTimezone(CreatedDate)) d FROM Account WHERE Name = 'Night' GROUP BY DAY_ONLY(CreatedDate), "
        "HOUR_IN_DAY(CreatedDate), DAY_ONLY(convertTimezone(CreatedDate)), HOUR_IN_DAY(convertTimezone(CreatedDate))"
    )[0]
    assert [row[name] for name in "abcd"] == ["2026-12-31", 3, "2026-12-30", 19]


def test_the_organization_tells_its_time_zone() -> None:
    assert _moved("Europe/Paris").column("SELECT TimeZoneSidKey FROM Organization") == ["Europe/Paris"]


def test_format_writes_as_the_locale_does(world: World) -> None:
    query = (
        "SELECT Amount, FORMAT(Amount) a, CloseDate, FORMAT(CloseDate) d, CreatedDate, FORMAT(CreatedDate) m, "
        "FORMAT(convertCurrency(Amount)) c, FORMAT(Name) n, Name FROM Opportunity WHERE Amount > 1000 LIMIT 1"
    )
    row = world.rows(query)[0]
    day, moment = date.fromisoformat(row["CloseDate"]), datetime.fromisoformat(row["CreatedDate"])
    assert row["a"] == row["c"] == f"£{row['Amount']:,.2f}"
    assert row["d"] == f"{day:%d/%m/%Y}"
    assert row["m"] == f"{moment:%d/%m/%Y, %H:%M}"
    assert row["n"] == row["Name"]


def test_format_takes_aggregates(world: World) -> None:
    row = world.rows("SELECT MIN(CloseDate) a, FORMAT(MIN(CloseDate)) b FROM Opportunity")[0]
    assert row["b"] == f"{date.fromisoformat(row['a']):%d/%m/%Y}"
    alone = world.rows("SELECT FORMAT(MAX(Amount)) FROM Opportunity")[0]
    assert alone["expr0"].startswith("£")
    mean = world.rows("SELECT AVG(Amount) a, FORMAT(AVG(Amount)) b FROM Opportunity")[0]
    assert mean["b"] == f"£{mean['a']:,.2f}"


def test_distance_is_along_the_great_circle(world: World) -> None:
    london = "DISTANCE(BillingAddress, GEOLOCATION(51.5014, -0.1419), '{}')"
    rows = world.rows(
        f"SELECT BillingCity, {london.format('km')} far FROM Account WHERE {london.format('km')} < 400 "
        f"ORDER BY {london.format('mi')} NULLS LAST"
    )
    by_city = {row["BillingCity"]: row["far"] for row in rows}
    assert by_city["London"] == pytest.approx(0, abs=0.001)
    assert by_city["Paris"] == pytest.approx(340, abs=5)
    assert rows[0]["BillingCity"] == "London"
    assert "Tokyo" not in by_city
    miles = world.rows(f"SELECT {london.format('mi')} FROM Account WHERE BillingCity = 'Paris' LIMIT 1")[0]
    assert miles["expr0"] == pytest.approx(by_city["Paris"] / 1.609344, rel=0.001)


def test_not_may_be_doubled(world: World) -> None:
    plain = world.column("SELECT Id FROM Case WHERE Origin = 'Web'")
    assert world.column("SELECT Id FROM Case WHERE NOT NOT Origin = 'Web'") == plain

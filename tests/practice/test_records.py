"""The rows of a practice org: the same from the same seed, with right ids, and believable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rest_world import ADMIN, NOW, ORG

from sfrunbook.practice.org.ids import is_id, make_id, to18
from sfrunbook.practice.records.objects import SCHEMA
from sfrunbook.practice.records.record_store import Store
from sfrunbook.practice.records.records import build_store

_OBJECTS = {"Account": 120, "Contact": 200, "Opportunity": 150, "Lead": 80, "Case": 90, "Task": 2400, "Organization": 1}


@pytest.fixture(scope="module")
def store() -> Store:
    return build_store(1, ORG, NOW)


def _dump(store: Store, name: str) -> list[dict[str, object]]:
    return [dict(row.values) for row in store.rows(name)]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(store: Store) -> None:
    again, other = build_store(1, ORG, NOW), build_store(2, ORG, NOW)
    for name in ("Account", "Case", "Task"):
        assert _dump(again, name) == _dump(store, name)
        assert _dump(other, name) != _dump(store, name)


def test_every_object_has_its_rows_with_the_prefix_of_its_ids(store: Store) -> None:
    for name, count in _OBJECTS.items():
        rows = store.rows(name)
        assert len(rows) == count
        assert {row.id[:3] for row in rows} == {SCHEMA.objects[name.lower()].key_prefix}
        assert all(row.id == to18(row.id[:15]) for row in rows)


def test_every_lookup_leads_to_a_row_of_the_right_object(store: Store) -> None:
    for name in _OBJECTS:
        for field in SCHEMA.objects[name.lower()].fields:
            if field.type != "reference":
                continue
            values = {row.values[field.name] for row in store.rows(name)} - {None}
            assert {store.by_id[str(value)].type for value in values} <= set(field.reference_to)


def test_picklists_hold_values_of_their_list_and_texts_fit(store: Store) -> None:
    for name in _OBJECTS:
        for field in SCHEMA.objects[name.lower()].fields:
            for row in store.rows(name):
                value = row.values[field.name]
                if field.type == "picklist" and field.picklist and value is not None:
                    assert value in field.picklist
                if isinstance(value, str) and field.length:
                    assert len(value) <= field.length
                if not field.nillable:
                    assert value is not None, (name, field.name)


def test_the_org_and_its_users_are_those_that_were_given(store: Store) -> None:
    org = store.rows("Organization")[0].values
    assert (org["Id"], org["Name"], org["OrganizationType"]) == (ORG.org_id, ORG.name, ORG.edition)
    assert [row.values["Username"] for row in store.rows("User")] == [user.username for user in ORG.users]
    assert store.by_id[str(store.by_id[ADMIN].values["ProfileId"])].values["Name"] == "System Administrator"


def test_there_are_names_that_need_care(store: Store) -> None:
    names = {row.values["Name"] for row in store.rows("Account")}
    assert {"O'Brien & Sons", '"Quoted" Trading Ltd', "100% Natural Foods", "東京電子株式会社"} <= names
    assert any(row.values["ParentId"] for row in store.rows("Account"))


def test_the_checksum_is_that_of_published_ids() -> None:
    assert to18("00D000000000062") == "00D000000000062EAA"
    assert to18("0012800000p5c9Z") == "0012800000p5c9ZAAQ"


@given(st.text(alphabet="0123456789ABCXYZabcxyz", min_size=15, max_size=15))
def test_an_18_character_id_keeps_the_15_and_is_stable(id15: str) -> None:
    assert to18(id15)[:15] == id15
    assert to18(to18(id15)) == to18(id15)
    assert is_id(to18(id15))


@given(st.integers(min_value=0, max_value=62**9 - 1), st.integers(min_value=0, max_value=62**9 - 1))
def test_different_numbers_make_different_ids(one: int, two: int) -> None:
    assert (make_id("001", one) == make_id("001", two)) is (one == two)
    assert len(make_id("001", one)) == 18


@pytest.mark.parametrize("text", ["", "001", "001gK0000OcpmHz!!!", "0" * 16, "001gK0000OcpmHzAAA"])
def test_what_is_no_id_is_told(text: str) -> None:
    assert not is_id(text)

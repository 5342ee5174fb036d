"""SOQL as text: composed from a choice, and the place that Salesforce's error frame means."""

from __future__ import annotations

import pytest

from sfrunbook.salesforce.soql import Place, compose, object_of, place_of

HELP = "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."


def test_a_choice_becomes_a_query() -> None:
    assert compose("Account", ["Id", "Name"], 200) == "SELECT Id, Name FROM Account LIMIT 200"
    assert compose("Account", [], 0) == "SELECT Id FROM Account LIMIT 1"


@pytest.mark.parametrize(
    ("sobject", "fields"), [("Account; DROP", ["Id"]), ("Account", ["Id FROM User"]), ("", ["Id"])]
)
def test_what_is_no_name_is_not_put_into_a_query(sobject: str, fields: list[str]) -> None:
    with pytest.raises(ValueError, match="API name"):
        compose(sobject, fields, 1)


@pytest.mark.parametrize(
    ("soql", "name"),
    [
        ("SELECT Id FROM Account", "Account"),
        ("select Id, (select Id from Contacts) from Account where Id in (select Id from User)", "Account"),
        ("SELECT 1", ""),
    ],
)
def test_the_object_of_a_query_is_that_outside_of_brackets(soql: str, name: str) -> None:
    assert object_of(soql) == name


def frame(query: str, column: int, words: str, row: int = 1) -> str:
    return f"\n{query}\n{' ' * (column - 1)}^\nERROR at Row:{row}:Column:{column}\n{words}"


def test_a_parse_error_is_placed_at_its_token() -> None:
    soql = "SELECT Id, FROM Account"
    message = frame(soql, 11, "unexpected token: 'FROM'")
    assert place_of("MALFORMED_QUERY", message, soql) == Place(
        row=1,
        column=12,
        offset=11,
        picture="SELECT Id, FROM Account\n           ^",
        words="unexpected token: 'FROM'",
    )


def test_a_field_that_is_not_there_is_placed_at_its_name() -> None:
    soql = "SELECT Id,Invalid__x FROM Account"
    words = f"No such column 'Invalid__x' on entity 'Account'. {HELP}"
    place = place_of("INVALID_FIELD", frame(soql, 11, words), soql)
    assert place == Place(row=1, column=11, offset=10, picture=f"{soql}\n          ^", words=words)


def test_a_row_further_down_is_counted_in_the_whole_text() -> None:
    soql = "SELECT Id\n\tFROM Accountz"
    message = frame("\tFROM Accountz", 7, "sObject type 'Accountz' is not supported.", row=2)
    place = place_of("INVALID_TYPE", message, soql)
    assert place is not None
    assert (place.row, place.column, soql[place.offset :]) == (2, 7, "Accountz")
    assert place.picture == "\tFROM Accountz\n\t     ^"


def test_the_frame_without_an_echo_is_read_too() -> None:
    soql = "SELECT Id FROM Account WHERE Name = 'x"
    place = place_of("MALFORMED_QUERY", "line 1:36 mismatched character '<EOF>' expecting '''", soql)
    assert place is not None
    assert (place.column, place.words) == (37, "mismatched character '<EOF>' expecting '''")


@pytest.mark.parametrize("message", ["Your query request was running for too long.", ""])
def test_a_message_without_a_place_gives_none(message: str) -> None:
    assert place_of("QUERY_TIMEOUT", message, "SELECT Id FROM Account") is None


def test_a_place_outside_of_the_text_is_brought_to_its_end() -> None:
    place = place_of("MALFORMED_QUERY", "ERROR at Row:9:Column:99\nunexpected token: <EOF>", "SELECT")
    assert place is not None
    assert (place.row, place.column, place.picture) == (1, 7, "SELECT\n      ^")

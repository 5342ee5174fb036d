"""What a wrong query is told: code, frame and sentence, compared whole."""

from __future__ import annotations

import pytest
from support.rest_world import World

_REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."
_NO_COLUMN = (
    "No such column '{}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' "
    f"after the custom field name. {_REFERENCE}"
)
_NO_TYPE = (
    "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' "
    f"after the entity name. {_REFERENCE}"
)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def _frame(line: str, column: int, sentence: str, row: int = 1) -> str:
    return f"\n{line}\n{' ' * (column - 1)}^\nERROR at Row:{row}:Column:{column}\n{sentence}"


def test_a_missing_field_before_from_is_shown_at_its_zero_based_column(world: World) -> None:
    query = "SELECT Id, FROM Account"
    assert world.refusal(query) == (
        "MALFORMED_QUERY",
        "\nSELECT Id, FROM Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FROM'",
    )


def test_an_unknown_field_is_shown_at_its_one_based_column(world: World) -> None:
    query = "SELECT Id,Invalid__x FROM Account"
    assert world.refusal(query) == ("INVALID_FIELD", _frame(query, 11, _NO_COLUMN.format("Invalid__x", "Account")))


def test_an_unknown_object_is_shown_at_its_one_based_column(world: World) -> None:
    query = "SELECT Id FROM Accountz"
    assert world.refusal(query) == ("INVALID_TYPE", _frame(query, 16, _NO_TYPE.format("Accountz")))


def test_an_org_that_is_no_dev_hub_has_no_scratch_org_info(world: World) -> None:
    query = "SELECT Id FROM ScratchOrgInfo"
    assert world.refusal(query) == ("INVALID_TYPE", _frame(query, 16, _NO_TYPE.format("ScratchOrgInfo")))


def test_the_row_counts_lines_and_the_line_is_echoed(world: World) -> None:
    code, message = world.refusal("SELECT Id\nFROM Account\nWHERE Nope = 1")
    assert code == "INVALID_FIELD"
    assert message == _frame("WHERE Nope = 1", 7, _NO_COLUMN.format("Nope", "Account"), row=3)


def test_a_long_query_is_echoed_as_a_window_with_the_caret_in_place(world: World) -> None:
    query = "SELECT Id, Name, Phone, Fax, Website, Industry, Rating, Nope, Site, Type, Ownership, Sic FROM Account"
    _, message = world.refusal(query)
    _, echo, caret, place, _ = message.split("\n")
    assert place == f"ERROR at Row:1:Column:{query.index('Nope') + 1}"
    assert echo in query
    assert len(echo) < len(query)
    assert echo[caret.index("^") :].startswith("Nope")


@pytest.mark.parametrize(
    ("query", "column", "token"),
    [
        ("SELECT Id FROM Account WHERE", 28, "<EOF>"),
        ("SELECT * FROM Account", 7, "*"),
        ("SELECT FROM Account", 7, "SELECT FROM"),
        ("SELECT Id FROM Lead WHERE City = 'a' AND Fax = 'b' OR Fax = 'c'", 51, "OR"),
        ("SELECT Id FROM Lead WHERE (City = 'a' OR Fax = 'b') AND Fax = 'c' OR Fax = 'd'", 66, "OR"),
        ("SELECT Id FROM Account LIMIT ten", 29, "ten"),
        ("SELECT Id FROM Account JOIN Contact ON 1", 28, "Contact"),
        ("SELECT Id FROM Account USING everything", 29, "everything"),
        ("SELECT Id FROM Account WHERE Name LIKE NULL", 39, "NULL"),
        ("SELECT Id FROM Account WHERE Id IN ()", 36, "Id IN ()"),
        ("UPDATE Account SET Name = 'x'", 0, "UPDATE"),
    ],
)
def test_a_token_that_does_not_fit_is_named_with_its_place(world: World, query: str, column: int, token: str) -> None:
    code, message = world.refusal(query)
    _, echo, caret, place, sentence = message.split("\n")
    assert (code, place) == ("MALFORMED_QUERY", f"ERROR at Row:1:Column:{column}")
    assert sentence == f"unexpected token: '{token}'"
    assert len(caret) == max(1, column - query.index(echo))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT Id FROM $x", "line 1:15 unexpected token: '$'"),
        ('SELECT Id FROM Account WHERE Name = "a"', "line 1:36 unexpected token: '\"'"),
        ("SELECT Id FROM Account WHERE Name = 'a", "line 1:36 mismatched character '<EOF>' expecting '''"),
        ("SELECT FIELDS(ALL) FROM Account", "The SOQL FIELDS function must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "The SOQL FIELDS function must have a LIMIT of at most 200"),
        ("SELECT Id FROM Account WHERE Name = :name", "Bind variables only allowed in Apex code"),
        ("  ", "SOQL statements cannot be empty or null"),
    ],
)
def test_some_refusals_carry_no_frame(world: World, query: str, message: str) -> None:
    assert world.refusal(query) == ("MALFORMED_QUERY", message)


@pytest.mark.parametrize(
    ("query", "code", "column", "sentence"),
    [
        (
            "SELECT Id FROM Account WHERE SystemModstamp > 2020-52-12T12:12:00-05:00",
            "MALFORMED_QUERY",
            47,
            "Invalid datetime: 2020-52-12T12:12:00-05:00",
        ),
        ("SELECT Id FROM Account WHERE Id = 'abc'", "MALFORMED_QUERY", 35, "invalid ID field: abc"),
        ("SELECT Id FROM Account WHERE Id LIKE '001%'", "MALFORMED_QUERY", 30, "invalid operator on id field"),
        (
            "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            30,
            (
                "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed "
                "in "
                "quotes"
            ),
        ),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            30,
            "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE Description = 'x'",
            "INVALID_FIELD",
            30,
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description",
            "MALFORMED_QUERY",
            33,
            "field 'Description' can not be sorted in a query call",
        ),
        (
            "SELECT Nope.Name FROM Account",
            "INVALID_FIELD",
            8,
            (
                "Didn't understand relationship 'Nope' in field path. If you are attempting to use a custom "
                "relationship, "
                f"be sure to append the '__r' after the custom relationship name. {_REFERENCE}"
            ),
        ),
        (
            "SELECT (SELECT Id FROM Nopes) FROM Account",
            "INVALID_TYPE",
            24,
            (
                "Didn't understand relationship 'Nopes' in FROM part of query call. If you are attempting to use a "
                "custom "
                f"relationship, be sure to append the '__r' after the custom relationship name. {_REFERENCE}"
            ),
        ),
        (
            "SELECT Name, COUNT(Id) FROM Account",
            "MALFORMED_QUERY",
            8,
            "Field must be grouped or aggregated: Name",
        ),
        (
            "SELECT Name n FROM Account",
            "MALFORMED_QUERY",
            8,
            "only aggregate expressions use field aliasing",
        ),
        (
            "SELECT SUM(Name) FROM Account",
            "MALFORMED_QUERY",
            8,
            "field Name does not support aggregate operator SUM",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)",
            "MALFORMED_QUERY",
            37,
            "The inner and outer selects should not be on the same object type",
        ),
    ],
)
def test_an_error_of_meaning_stands_under_what_it_is_about(
    world: World, query: str, code: str, column: int, sentence: str
) -> None:
    found_code, message = world.refusal(query)
    assert found_code == code
    assert message.endswith(f"^\nERROR at Row:1:Column:{column}\n{sentence}")


def test_a_field_named_twice_is_refused(world: World) -> None:
    assert world.refusal("SELECT Id, FIELDS(STANDARD) FROM User") == ("INVALID_FIELD", "duplicate field selected: Id")


def test_an_offset_over_2000_is_out_of_range(world: World) -> None:
    message = "Maximum SOQL offset allowed is 2000"
    assert world.refusal("SELECT Id FROM Account OFFSET 2001") == ("NUMBER_OUTSIDE_VALID_RANGE", message)


def test_a_query_over_100_000_characters_is_too_long(world: World) -> None:
    code, message = world.refusal("SELECT Id FROM Account WHERE Name = '" + "a" * 100_000 + "'")
    assert code == "QUERY_TOO_COMPLICATED"
    assert message == "SOQL statements cannot be longer than 100,000 characters."


def test_with_security_enforced_is_let_through_and_a_data_category_is_not(world: World) -> None:
    assert len(world.rows("SELECT Id FROM Account WITH SECURITY_ENFORCED LIMIT 1")) == 1
    code, message = world.refusal("SELECT Id FROM Account WITH DATA CATEGORY Region__c AT Europe__c")
    assert code == "MALFORMED_QUERY"
    assert "rule soqlWithIdentifierClause failed predicate" in message

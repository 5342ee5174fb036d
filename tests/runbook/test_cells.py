"""Values of a query as they are shown and saved: readable, and without a secret or a formula."""

from __future__ import annotations

import pytest

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.runbook.forms.cells import Column, Kind, columns_of, csv_of, is_hidden, shown

TOKEN = "00DgK0000000BlP!" + "AQEAQ" * 19


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", None], Kind.TEXT),
        ([1, 2.5, None], Kind.NUMBER),
        ([True, False], Kind.BOOLEAN),
        (["2026-11-23"], Kind.DATE),
        (["2026-11-23T10:15:30.000+0000", "2026-11-23T10:15:30Z"], Kind.MOMENT),
        ([1, "a"], Kind.TEXT),
        ([None], Kind.TEXT),
        (["2026-11-23", "2026-11-23T10:15:30Z"], Kind.TEXT),
    ],
)
def test_a_column_is_what_all_its_values_are(values: list[object], kind: Kind) -> None:
    assert columns_of(["A"], [{"A": value} for value in values]) == (Column(name="A", kind=kind),)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Kind.TEXT, None, ""),
        (Kind.BOOLEAN, True, "yes"),
        (Kind.NUMBER, 12500.0, "12500"),
        (Kind.NUMBER, 0.25, "0.25"),
        (Kind.MOMENT, "2026-11-23T10:15:30.000+0200", "2026-11-23 08:15:30 UTC"),
        (Kind.MOMENT, "2026-13-23T10:15:30Z", "2026-13-23T10:15:30Z"),
        (Kind.TEXT, "<b>", "<b>"),
    ],
)
def test_a_value_is_shown_in_words(kind: Kind, value: object, words: str) -> None:
    assert shown(Column(name="A", kind=kind), value) == words


@pytest.mark.parametrize("name", ["Password__c", "API_Key__c", "Account.ClientSecret__c", "AccessToken", "SessionId"])
def test_a_field_called_like_a_credential_is_left_out_whatever_it_holds(name: str) -> None:
    assert is_hidden(name, "plain words")
    assert not is_hidden(name, None)
    assert not is_hidden(name, "")


def test_a_value_that_looks_like_a_secret_or_is_one_is_left_out() -> None:
    assert is_hidden("Description", f"use {TOKEN}")
    assert is_hidden("Description", Secret("canary-of-cells-0123456789").reveal())
    assert not is_hidden("Description", "an ordinary sentence")
    assert not is_hidden("Secretary__c", "Ada")


def test_csv_leaves_secrets_out_and_disarms_formulas_and_says_how_many() -> None:
    records = [
        {"Name": '=HYPERLINK("http://x")', "Amount": -5, "Token__c": "abc", "Note": TOKEN},
        {"Name": 'A "quoted", name', "Amount": None, "Token__c": None, "Note": "@cmd"},
        {"Name": "-1+1", "Amount": 2.5, "Token__c": "", "Note": "upper row\nlower row"},
    ]
    made = csv_of(columns_of(list(records[0]), records), records)
    assert made.text == (
        "Name,Amount,Token__c,Note\r\n"
        '"\'=HYPERLINK(""http://x"")",-5,***,***\r\n'
        '"A ""quoted"", name",,,\'@cmd\r\n'
        '\'-1+1,2.5,,"upper row\nlower row"\r\n'
    )
    assert (made.masked, made.guarded) == (2, 3)

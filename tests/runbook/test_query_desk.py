"""The query desk without a browser, against the practice world: run, mend, choose, turn pages, save."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest
from support.widget_support import parts, press, shown, states, the

from sfrunbook.connection import OpenConnection
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.query_desk import QueryDesk

TASKS = "SELECT Id, Subject, Status, CreatedDate FROM Task ORDER BY Id"

NO_SUCH_COLUMN = (
    "No such column 'Naame' on entity 'Account'. If you are attempting to use a custom field, be sure to append the "
    "'__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
)


class Desk:
    """A query desk."""

    def __init__(self, opened: OpenConnection) -> None:
        self.desk = QueryDesk(opened)
        self.screen: Any = self.desk.widget

    def run(self, soql: str) -> None:
        self.desk.show(soql)

    @property
    def table(self) -> Any:
        return the(self.screen, widgets.PagedTable)

    @property
    def editor(self) -> Any:
        return the(self.screen, widgets.SoqlEditor)

    def turn(self, page: int, size: int = 25) -> None:
        self.table._receive(self.table, {"page": page, "size": size}, [])

    def saved(self) -> str:
        sent: list[dict[str, str]] = []
        button = the(self.screen, widgets.DownloadButton)
        button.send = sent.append
        button._receive(button, {"ask": "text"}, [])
        return sent[0]["text"]


@pytest.fixture
def opened(opened: OpenConnection) -> Iterator[OpenConnection]:
    opened.prepare_practice(grant=True)
    opened.keep_client_secret(opened.practice.client_secret)
    opened.login.log_in_unattended()
    yield opened
    opened.grants.revoke()


@pytest.fixture
def desk(opened: OpenConnection) -> Desk:
    return Desk(opened)


def test_a_query_shows_its_first_page_and_tells_how_many_rows_there_are(desk: Desk) -> None:
    desk.run(TASKS)
    assert len(desk.table.rows) == 25
    assert desk.table.standing == "Rows 1 to 25 of 2,400"
    assert [column["kind"] for column in desk.table.columns] == ["text", "text", "text", "moment"]
    assert (desk.table.page, desk.table.pages) == (0, 96)


def test_further_rows_are_asked_for_only_when_somebody_turns_to_them(desk: Desk) -> None:
    desk.run(TASKS)
    button = the(desk.screen, widgets.DownloadButton)
    assert button.label == "Save the 2,000 rows read so far as CSV"
    desk.turn(79)
    assert button.label == "Save the 2,000 rows read so far as CSV"
    desk.turn(80)
    assert desk.table.standing == "Rows 2,001 to 2,025 of 2,400"
    assert button.label == "Save the 2,400 rows read so far as CSV"
    desk.turn(95, 25)
    assert desk.table.standing == "Rows 2,376 to 2,400 of 2,400"


def test_a_page_or_a_size_that_does_not_exist_is_brought_back(desk: Desk) -> None:
    desk.run("SELECT Id, Name FROM Account ORDER BY Name LIMIT 30")
    desk.turn(7)
    assert desk.table.standing == "Rows 26 to 30 of 30"
    desk.turn(-3)
    assert desk.table.standing == "Rows 1 to 25 of 30"
    desk.turn(0, 13)
    assert desk.table.size == 25


def test_what_is_saved_holds_every_row_that_was_read(desk: Desk) -> None:
    desk.run("SELECT Id, Name, AnnualRevenue FROM Account ORDER BY Name")
    rows = list(csv.reader(io.StringIO(desk.saved(), newline="")))
    assert rows[0] == ["Id", "Name", "AnnualRevenue"]
    assert len(rows) == 121
    assert "120 rows saved as practice-query.csv." in shown_said(desk)


def shown_said(desk: Desk) -> str:
    return str(the(desk.screen, widgets.DownloadButton).announcement)


@pytest.mark.parametrize(
    ("soql", "fault", "picture"),
    [
        (
            "SELECT Id, FROM Account",
            "Row 1, column 12: unexpected token: 'FROM'. Change the query and run it again.",
            "SELECT Id, FROM Account\n           ^",
        ),
        (
            "SELECT Id,\nNaame FROM Account",
            f"Row 2, column 1: {NO_SUCH_COLUMN} Change the query and run it again.",
            "Naame FROM Account\n^",
        ),
    ],
)
def test_an_error_is_pointed_at_and_the_right_query_takes_it_away(
    desk: Desk, soql: str, fault: str, picture: str
) -> None:
    desk.run(soql)
    assert (desk.editor.fault, desk.editor.picture) == (fault, picture)
    assert "Code:" in shown(desk.screen)
    assert not desk.editor.busy
    desk.run("SELECT Id FROM Account LIMIT 1")
    assert (desk.editor.fault, desk.editor.picture, desk.editor.offset) == ("", "", -1)
    assert "Code:" not in shown(desk.screen)


def test_a_count_and_an_empty_answer_are_told_in_words(desk: Desk) -> None:
    desk.run("SELECT COUNT() FROM Account")
    assert "COUNT() is 120." in shown(desk.screen)
    desk.run("SELECT Id FROM Account WHERE Name = 'nobody'")
    told = shown(desk.screen)
    assert "The query worked but found no records" in told
    assert "The org has no record that matches the query" in told
    assert "The user has “View All Data” (source: permission sets)." in told


def test_a_chart_is_drawn_of_a_group_by_and_of_months(desk: Desk) -> None:
    desk.run("SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry")
    assert the(desk.screen, widgets.BarChart).charts[0]["title"] == "n by Industry"
    desk.run(TASKS)
    titles = [chart["title"] for chart in the(desk.screen, widgets.BarChart).charts]
    assert titles == ["Records per month of CreatedDate", "Records by Subject", "Records by Status"]


def test_object_and_fields_are_chosen_and_make_the_query(desk: Desk) -> None:
    desk.run("SELECT Id FROM Contact LIMIT 1")
    press(desk.screen, "Choose object and fields")
    box = the(desk.screen, ipywidgets.Combobox)
    assert box.value == "Contact (Contact)"
    assert "Account (Account)" in box.options
    box.value = "account"
    fields = the(desk.screen, ipywidgets.SelectMultiple)
    assert fields.value == ("Id", "Name")
    fields.value = ("Id", "Name", "Industry")
    the(desk.screen, ipywidgets.BoundedIntText).value = 7
    assert desk.editor.soql == "SELECT Id, Name, Industry FROM Account LIMIT 7"
    desk.editor._receive(desk.editor, {"run": desk.editor.soql}, [])
    assert desk.table.standing == "Rows 1 to 7 of 7"


def test_an_object_that_is_none_is_said_and_changes_nothing(desk: Desk) -> None:
    desk.run("SELECT Id FROM Contact LIMIT 1")
    press(desk.screen, "Choose object and fields")
    before = desk.editor.soql
    the(desk.screen, ipywidgets.Combobox).value = "Nonsense"
    assert "You can't query an object with this name. Choose one from the list." in shown(desk.screen)
    assert desk.editor.soql == before


def test_a_value_that_looks_like_a_secret_reaches_neither_state_nor_file(
    desk: Desk, practice_world: Any, opened: OpenConnection
) -> None:
    from sfrunbook.core.secrets.secret import Secret

    canary = Secret("Alder Analytics").reveal()  # from now on this name is a known secret value
    try:
        desk.run("SELECT Id, Name FROM Account ORDER BY Name LIMIT 10")
        assert canary not in states(desk.screen)
        assert canary not in desk.saved()
        assert "values were replaced by ***" in desk.table.note
        assert "values were replaced by ***" in shown_said(desk)
    finally:
        from sfrunbook.core.secrets import secret

        secret._known.discard(canary)


def test_the_file_is_in_no_state(desk: Desk) -> None:
    desk.run(TASKS)
    desk.turn(1)
    first = desk.saved().splitlines()[1].split(",")[0]
    assert first not in states(desk.screen)


def test_an_empty_query_is_not_sent_and_says_what_to_do(desk: Desk) -> None:
    desk.run(TASKS)
    desk.run("  \n")
    assert desk.editor.fault == (
        "The query is empty. Choose object and fields above, or type one, such as SELECT Id, Name FROM Account LIMIT 5."
    )
    assert not [part for part in parts(desk.screen) if isinstance(part, widgets.PagedTable)]


def test_the_card_of_a_fault_does_not_repeat_the_query_that_the_mark_stands_in(desk: Desk) -> None:
    desk.run("SELECT Id, Naame FROM Account")
    card, details, _ = shown(desk.screen).partition("Message to copy")
    assert details
    assert "Row 1, column 12" in card
    assert "ERROR at Row" not in card
    assert NO_SUCH_COLUMN in card


def test_an_object_that_is_not_there_leaves_no_fields_of_the_one_before(desk: Desk) -> None:
    desk.run("SELECT Id FROM Account LIMIT 1")
    press(desk.screen, "Choose object and fields")
    fields, named = the(desk.screen, ipywidgets.SelectMultiple), the(desk.screen, ipywidgets.Combobox)
    assert fields.options
    named.value = "Opport"
    assert fields.options == ()
    assert "You can't query an object with this name" in shown(desk.screen)
    assert desk.editor.soql.endswith("FROM Account LIMIT 200")


def test_a_new_query_takes_away_what_was_said_of_the_file_before(desk: Desk) -> None:
    desk.run("SELECT Id FROM Account LIMIT 3")
    desk.saved()
    assert "3 rows saved" in shown_said(desk)
    desk.run("SELECT Id FROM Account LIMIT 4")
    assert shown_said(desk) == ""

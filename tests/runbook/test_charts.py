"""Which charts help with rows, and what stands in them."""

from __future__ import annotations

from sfrunbook.runbook.forms.charts import Bar, Tally, tallies


def rows(*values: object, name: str = "A") -> list[dict[str, object]]:
    return [{name: value} for value in values]


def test_dates_are_counted_by_month_with_the_empty_months_between() -> None:
    records = rows(*["2026-01-05"] * 5, *["2026-04-30"] * 4, None)
    assert tallies({"A": "date"}, records) == [
        Tally(
            title="Records per month of A",
            bars=(
                Bar(label="2026-01", value=5),
                Bar(label="2026-02", value=0),
                Bar(label="2026-03", value=0),
                Bar(label="2026-04", value=4),
            ),
        )
    ]


def test_no_more_than_two_years_are_drawn_and_that_is_said() -> None:
    (made,) = tallies({"A": "date"}, rows(*["2020-01-05"] * 5, *["2026-04-30"] * 4))
    assert len(made.bars) == 24
    assert made.note == "The chart shows the last 24 of 76 months."


def test_a_value_that_repeats_is_counted_most_frequent_first() -> None:
    records = rows(*["Hot"] * 5, *["Cold"] * 3, None, "")
    (made,) = tallies({"A": "text"}, records)
    assert made.title == "Records by A"
    assert made.bars == (Bar(label="Hot", value=5), Bar(label="Cold", value=3), Bar(label="(empty)", value=2))


def test_the_answer_of_a_group_by_is_drawn_as_it_is() -> None:
    records = [{"Industry": "Energy", "n": 4}, {"Industry": None, "n": 2}]
    assert tallies({"Industry": "text", "n": "number"}, records) == [
        Tally(title="n by Industry", bars=(Bar(label="Energy", value=4), Bar(label="(empty)", value=2)))
    ]


def test_names_that_never_repeat_few_rows_and_hidden_columns_give_no_chart() -> None:
    assert tallies({"A": "text"}, rows(*map(str, range(20)))) == []
    assert tallies({"A": "text"}, rows("a", "a", "b")) == []
    assert tallies({"A": "text"}, rows(*["a"] * 5, *["b"] * 5), hidden=["A"]) == []
    assert tallies({"A": "number"}, rows(*[1] * 10)) == []


def test_many_values_end_in_all_others() -> None:
    records = rows(*[str(number // 4) for number in range(80)])
    (made,) = tallies({"A": "text"}, records)
    assert made.bars[-1] == Bar(label="(all others)", value=32)
    assert len(made.bars) == 13

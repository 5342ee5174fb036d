"""The words of the language: those reserved for clauses, and the functions allowed in each place."""

from __future__ import annotations

from sfrunbook.practice.org.words import words

__all__ = [
    "AGGREGATES",
    "DATE_WORDS",
    "FUNCTIONS_BY_PLACE",
    "NOT_ALIAS_BEFORE",
    "OTHER_FUNCTIONS",
    "RESERVED",
    "SCOPES",
]


RESERVED = frozenset(
    words(
        "AND AS ASC CUBE DESC ELSE EXCLUDES FALSE FIRST FOR FROM HAVING IN INCLUDES LAST LIKE LIMIT NOT NULL NULLS OR "
        "ROLLUP SELECT TRUE UPDATE USING WHERE WITH"
    )
)
# These may be aliases, but not where they begin a clause.
NOT_ALIAS_BEFORE = {"ALL": "ROWS", "GROUP": None, "OFFSET": "number", "ORDER": "BY"}

SCOPES = frozenset(
    words(
        "ALLPRIVATE DELEGATED EVERYTHING MINE MINEANDMYGROUPS MINE_AND_MY_GROUPS MRU MY_TEAM_TERRITORY MY_TERRITORY "
        "SCOPINGRULE TEAM"
    )
)

AGGREGATES = frozenset({"AVG", "COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM"})
DATE_WORDS = frozenset(
    words(
        "CALENDAR_MONTH CALENDAR_QUARTER CALENDAR_YEAR DAY_IN_MONTH DAY_IN_WEEK DAY_IN_YEAR DAY_ONLY FISCAL_MONTH "
        "FISCAL_QUARTER FISCAL_YEAR HOUR_IN_DAY WEEK_IN_MONTH WEEK_IN_YEAR"
    )
)
OTHER_FUNCTIONS = frozenset({"CONVERTCURRENCY", "CONVERTTIMEZONE", "FORMAT", "GROUPING", "TOLABEL"})
_DISTANCE = frozenset({"DISTANCE"})

# Source: https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-functions.html
FUNCTIONS_BY_PLACE = {
    "select": AGGREGATES | DATE_WORDS | OTHER_FUNCTIONS | _DISTANCE,
    "where": AGGREGATES | DATE_WORDS | OTHER_FUNCTIONS | _DISTANCE,
    "having": AGGREGATES | DATE_WORDS | OTHER_FUNCTIONS,
    "group": DATE_WORDS,
    "order": AGGREGATES | DATE_WORDS | _DISTANCE | {"GROUPING"},
    "function": AGGREGATES | OTHER_FUNCTIONS,
    "aggregate": OTHER_FUNCTIONS,
}

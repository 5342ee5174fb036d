"""Statements that the practice org must take or refuse, and those where the oracle is of another opinion."""

# ruff: noqa: E501 - each statement stands on a line of its own

from __future__ import annotations

from pathlib import Path

__all__ = ["DIFFERENCES", "INVALID", "VALID"]


def _words(text: str) -> list[str]:
    return text.split()


_LITERALS = _words(
    "YESTERDAY TODAY TOMORROW LAST_WEEK THIS_WEEK NEXT_WEEK LAST_MONTH THIS_MONTH NEXT_MONTH LAST_90_DAYS NEXT_90_DAYS "
    "THIS_QUARTER LAST_QUARTER NEXT_QUARTER THIS_YEAR LAST_YEAR NEXT_YEAR THIS_FISCAL_QUARTER LAST_FISCAL_QUARTER "
    "NEXT_FISCAL_QUARTER THIS_FISCAL_YEAR LAST_FISCAL_YEAR NEXT_FISCAL_YEAR LAST_N_DAYS:30 NEXT_N_DAYS:7 N_DAYS_AGO:3 "
    "LAST_N_WEEKS:2 NEXT_N_WEEKS:4 N_WEEKS_AGO:1 LAST_N_MONTHS:6 NEXT_N_MONTHS:1 N_MONTHS_AGO:2 LAST_N_QUARTERS:3 "
    "NEXT_N_QUARTERS:2 N_QUARTERS_AGO:4 LAST_N_YEARS:5 NEXT_N_YEARS:1 N_YEARS_AGO:2 LAST_N_FISCAL_QUARTERS:2 "
    "NEXT_N_FISCAL_QUARTERS:3 N_FISCAL_QUARTERS_AGO:1 LAST_N_FISCAL_YEARS:2 NEXT_N_FISCAL_YEARS:1 N_FISCAL_YEARS_AGO:3"
)
_DATE_FUNCTIONS = _words(
    "CALENDAR_MONTH CALENDAR_QUARTER CALENDAR_YEAR DAY_IN_MONTH DAY_IN_WEEK DAY_IN_YEAR DAY_ONLY FISCAL_MONTH "
    "FISCAL_QUARTER FISCAL_YEAR HOUR_IN_DAY WEEK_IN_MONTH WEEK_IN_YEAR"
)
_SCOPES = _words("everything mine mineAndMyGroups delegated team my_territory my_team_territory allPrivate mru")
_SIGNS = _words("= != <> < <= > >=")


def _lines(name: str) -> list[str]:
    """The statements of a file beside this one, each on a line of its own."""
    return Path(__file__).with_name(name).read_text("utf-8").splitlines()


VALID = [
    *(f"SELECT Id FROM Opportunity WHERE CloseDate = {literal}" for literal in _LITERALS),
    *(
        f"SELECT {name}(CreatedDate), COUNT(Id) FROM Case GROUP BY {name}(CreatedDate) ORDER BY {name}(CreatedDate)"
        for name in _DATE_FUNCTIONS
    ),
    *(f"SELECT Id FROM Lead WHERE {name}(convertTimezone(CreatedDate)) = 3" for name in _DATE_FUNCTIONS[:4]),
    *(f"SELECT Id FROM Opportunity USING SCOPE {scope}" for scope in _SCOPES),
    *(f"SELECT Name FROM Account WHERE AnnualRevenue {sign} 1000" for sign in _SIGNS),
    *_lines("soql_valid.txt"),
    "SELECT Id,\n       Name\nFROM Account\nWHERE Name = 'a'\nLIMIT 1",
    "SELECT\tId\tFROM\tAccount",
    "SELECT Id\r\nFROM Account\r\n",
    "  SELECT Id FROM Account  ",
    # what the oracle does not take
    "SELECT Id FROM Account ALL ROWS",
    "SELECT Id FROM Contact WHERE IsDeleted = true LIMIT 5 ALL ROWS",
    "SELECT c.Id, a.Name FROM Contact c, c.Account a",
    "SELECT Id FROM Account USING SCOPE scopingRule",
    "SELECT Name FROM Account GROUP  BY Name",
    "SELECT Name FROM Account ORDER\nBY Name",
    "SELECT LeadSource FROM Lead GROUP BY ROLLUP(LeadSource) ORDER BY GROUPING(LeadSource) DESC",
    "SELECT CALENDAR_YEAR(CloseDate) FROM Opportunity GROUP BY ROLLUP(CALENDAR_YEAR(CloseDate))",
    "SELECT Title FROM FAQ__kav UPDATE TRACKING, VIEWSTAT",
    "SELECT Id FROM Account AS a",
    "SELECT Id FROM Account WHERE Name = 'x' OFFSET 5",
]

INVALID = _lines("soql_invalid.txt")

_FACT = "SOQL guide, SELECT syntax and alias notation; not known to the oracle."
_MIXED = "SOQL guide, conditionExpression: AND and OR are nested with parentheses, or the second is refused."
_CALENDAR = "SOQL guide, date formats: a date must exist; the oracle looks at the digits only."
_SPACE = "Any white space may stand between two words; the oracle wants exactly one blank."

_LIST = "SOQL guide, comparison operators: the values of IN, INCLUDES and EXCLUDES stand in parentheses, no others do."
_ALIAS = "An alias is one word; the oracle takes a path."
_OF_FIELD = "SOQL guide, functions: they are of a field; the oracle takes a value too."

DIFFERENCES = {
    "SELECT Id FROM Account WHERE Name IN 'a'": _LIST,
    "SELECT Id FROM Account WHERE Name INCLUDES 'a'": _LIST,
    "SELECT Id FROM Account WHERE Id = (SELECT AccountId FROM Contact)": (
        "SOQL guide, semi-joins: only IN and NOT IN take a query."
    ),
    "SELECT Id FROM Account WHERE AND Name = 'a'": _MIXED,
    "SELECT Id FROM Account GROUP": "SOQL guide, reserved keywords: GROUP is no alias.",
    "SELECT TYPEOF What FROM Event": "SOQL guide, TYPEOF: WHEN, THEN and END belong to it; the oracle sees a field.",
    "SELECT Id FROM Account AS a": "Likely: other grammars of SOQL take AS before an alias of FROM.",
    "SELECT Id FROM Account ALL ROWS": _FACT,
    "SELECT Id FROM Contact WHERE IsDeleted = true LIMIT 5 ALL ROWS": _FACT,
    "SELECT c.Id, a.Name FROM Contact c, c.Account a": _FACT,
    "SELECT Id FROM Account USING SCOPE scopingRule": "SOQL guide, USING SCOPE lists scopingRule.",
    "SELECT Name FROM Account GROUP  BY Name": _SPACE,
    "SELECT Name FROM Account ORDER\nBY Name": _SPACE,
    "SELECT LeadSource FROM Lead GROUP BY ROLLUP(LeadSource) ORDER BY GROUPING(LeadSource) DESC": (
        "SOQL guide, ORDER BY: every expression may carry ASC or DESC; the oracle leaves it out for GROUPING only."
    ),
    "SELECT CALENDAR_YEAR(CloseDate) FROM Opportunity GROUP BY ROLLUP(CALENDAR_YEAR(CloseDate))": (
        "Likely: a date function may be grouped wherever a field may."
    ),
    "SELECT Title FROM FAQ__kav UPDATE TRACKING, VIEWSTAT": "SOQL guide, SELECT syntax: UPDATE {TRACKING|VIEWSTAT}[,...].",
    "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'": _MIXED,
    "SELECT Id FROM Account WHERE Name = 'a' OR (Name = 'b') AND Name = 'c'": _MIXED,
    "SELECT Id FROM Account WHERE Name = 'a' Name = 'b'": _MIXED,
    "SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-30": _CALENDAR,
    "SELECT Id FROM Account WHERE CreatedDate = 2026-13-01T00:00:00Z": _CALENDAR,
    "SELECT Id FROM Account WHERE Name = 'bad \\q escape'": "SOQL guide, quoted string escapes: any other is an error.",
    "SELECT Account. FROM Contact": "A path ends in a field; the oracle takes the point as part of a name.",
    "SELECT Name, COUNT(Id) FROM Account GROUP BY ROLLUP(Name), Rating": (
        "SOQL guide, GROUP BY ROLLUP: it can not be combined with GROUP BY in one statement."
    ),
    "SELECT Id FROM Account WHERE Regions__c INCLUDES (SELECT Name FROM Contact)": (
        "SOQL guide, multi-select picklists: INCLUDES takes a list of texts."
    ),
    "SELECT Id FROM Account WHERE Name = ('a', 'b')": _LIST,
    "SELECT Name Owner.Name FROM Account": _ALIAS,
    "SELECT FORMAT(7) FROM Account": _OF_FIELD,
    "SELECT COUNT('x') FROM Account": _OF_FIELD,
    "SELECT Title FROM Question WITH DATA CATEGORY Geo__c AT a__c, b__c)": "SOQL guide, WITH DATA CATEGORY: several categories stand in parentheses.",
    "SELECT Id FROM Account WHERE Name = 'x' OFFSET 5": (
        "SOQL guide, SELECT syntax: OFFSET follows the conditions; the oracle takes it for a field there."
    ),
    "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:-5": "SOQL guide, date literals: n is greater than 0.",
}

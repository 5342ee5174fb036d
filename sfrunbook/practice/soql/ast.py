"""The shape of a parsed query: frozen, and every part that can be wrong keeps its offset in the text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

__all__ = [
    "Comparison",
    "Condition",
    "DateLiteral",
    "Expression",
    "FieldsFunction",
    "From",
    "Function",
    "Grouping",
    "Literal",
    "Logical",
    "Order",
    "Path",
    "Query",
    "SelectItem",
    "Selected",
    "TypeOf",
    "TypeOfWhen",
    "Value",
]


@dataclass(frozen=True, slots=True)
class Path:
    """A field, reached over relationships: `Account.Owner.Name`."""

    names: tuple[str, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Function:
    """`COUNT(Id)`, `CALENDAR_YEAR(convertTimezone(CreatedDate))`; `name` is in upper case.

    `literals` are the arguments that are values: the unit of DISTANCE, both numbers of GEOLOCATION.
    """

    name: str
    arguments: tuple[Expression, ...]
    offset: int
    text: str
    literals: tuple[Literal, ...] = ()


Expression = Path | Function


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """`TODAY` or `LAST_N_DAYS:30`; `name` is in upper case."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value; `kind` is string, number, currency, date, datetime, boolean, null or literal (a date literal)."""

    kind: str
    value: str | float | bool | date | datetime | DateLiteral | None
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is =, !=, <, <=, >, >=, LIKE, IN, NOT IN, INCLUDES or EXCLUDES; a semi-join has a query as value."""

    left: Expression
    operator: str
    value: Value
    offset: int


@dataclass(frozen=True, slots=True)
class Logical:
    """`operator` is AND, OR or NOT."""

    operator: str
    items: tuple[Condition, ...]


Condition = Comparison | Logical


@dataclass(frozen=True, slots=True)
class TypeOfWhen:
    """`WHEN Account THEN Phone, Name`."""

    type_name: str
    paths: tuple[Path, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class TypeOf:
    """`TYPEOF What WHEN ... ELSE ... END`."""

    relationship: str
    whens: tuple[TypeOfWhen, ...]
    otherwise: tuple[Path, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class FieldsFunction:
    """`FIELDS(ALL)`; `group` is ALL, STANDARD or CUSTOM."""

    group: str
    offset: int


@dataclass(frozen=True, slots=True)
class SelectItem:
    """A field or function with the alias it may have."""

    expression: Expression
    alias: str | None


@dataclass(frozen=True, slots=True)
class From:
    """The object (or, in a child query, the relationship) and its alias; `more` holds `Contact c, c.Account a`."""

    name: str
    alias: str | None
    offset: int
    more: tuple[tuple[Path, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Grouping:
    """GROUP BY; `kind` is plain, ROLLUP or CUBE."""

    kind: str
    expressions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One part of ORDER BY; `nulls_last` is None where the query leaves it to the default (nulls first)."""

    expression: Expression
    descending: bool
    nulls_last: bool | None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query or a child query."""

    select: tuple[Selected, ...]
    source: From
    offset: int
    scope: str | None = None
    where: Condition | None = None
    with_clause: str | None = None
    with_offset: int = 0
    group_by: Grouping | None = None
    having: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    skip: int | None = None
    skip_offset: int = 0
    all_rows: bool = False


Selected = SelectItem | FieldsFunction | TypeOf | Query
Value = Literal | tuple[Literal, ...] | Query

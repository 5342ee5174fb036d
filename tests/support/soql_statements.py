"""Statements of SOQL made at random from a small grammar, and the same with one word taken out, doubled or swapped."""

from __future__ import annotations

from random import Random

__all__ = ["broken_statement", "right_statement"]

_OBJECTS = ("Account", "Contact", "Opportunity", "Lead", "Case", "Thing__c", "ns__Thing__c", "Order", "Group")
_FIELDS = (
    "Id",
    "Name",
    "Owner.Name",
    "Account.Owner.Profile.Name",
    "Custom__c",
    "Parent__r.Custom__c",
    "Status",
    "Count",
)
_CHILDREN = ("Contacts", "Opportunities", "Line_Items__r", "Account.Contacts")
_AGGREGATES = ("COUNT(Id)", "count_distinct(Name)", "SUM(Amount)", "AVG(convertCurrency(Amount))", "MIN(CloseDate)")
_DATES = ("CALENDAR_YEAR(CreatedDate)", "DAY_ONLY(convertTimezone(CreatedDate))", "fiscal_quarter(CloseDate)")
_PLAIN = ("toLabel(Status)", "FORMAT(Amount)", "format(convertCurrency(Amount))", "convertCurrency(Amount)")
_DISTANCE = "DISTANCE(Location__c, GEOLOCATION(37.775, -122.418), 'mi')"
_VALUES = (
    *(
        "'text'",
        "'O\\'Brien'",
        "''",
        "'%a_%'",
        "5",
        "-5.25",
        "+3",
        ".5",
        "true",
        "FALSE",
        "null",
        "USD5000",
        "eur10.50",
    ),
    *(
        "eur1.50",
        "2026-11-23",
        "2026-11-23T10:00:00Z",
        "2026-11-23T10:00:00.0+01:00",
        "TODAY",
        "LAST_N_DAYS:30",
        "this_month",
    ),
)
_ORDERS = ("", " ASC", " DESC", " NULLS LAST", " desc nulls first")
_ENDS = ("", " FOR VIEW", " FOR REFERENCE", " FOR UPDATE", " UPDATE TRACKING", " UPDATE VIEWSTAT")
_ODD_WORDS = ("AND", "FROM", ",", "(", ")", "'x'", "Name", "7", "SELECT", "LIKE", "NOT", "null")
_MODES = (" WITH SECURITY_ENFORCED", " WITH USER_MODE", " WITH DATA CATEGORY Geo__c AT (a__c, b__c)")
_SCOPES = ("everything", "Mine", "team", "delegated", "mineAndMyGroups")


def right_statement(random: Random, *, depth: int = 0) -> str:
    """One that both the practice org and the oracle must take."""
    return _grouped(random) if depth == 0 and random.random() < 0.25 else _plain(random, depth)


def broken_statement(random: Random) -> str:
    """One that may be right or wrong: a right one after one or two accidents."""
    words = right_statement(random).replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split()
    for _ in range(random.randint(1, 2)):
        place = random.randrange(len(words))
        accident = random.randrange(4)
        if accident == 0 and len(words) > 1:
            del words[place]
        elif accident == 1:
            words.insert(place, words[place])
        elif accident == 2:
            other = random.randrange(len(words))
            words[place], words[other] = words[other], words[place]
        else:
            words[place] = random.choice(
                ("AND", "FROM", ",", "(", ")", "'x'", "Name", "7", "SELECT", "LIKE", "NOT", "null")
            )
    return " ".join(words)


def _some(random: Random, choices: tuple[str, ...], most: int = 3) -> list[str]:
    return [random.choice(choices) for _ in range(random.randint(1, most))]


def _plain(random: Random, depth: int) -> str:
    items = _some(random, _FIELDS)
    if random.random() < 0.3:
        items.append(random.choice((*_PLAIN, _DISTANCE)) + random.choice(("", " shown")))
    if random.random() < 0.15:
        items.append("TYPEOF What WHEN Account THEN Phone, Name ELSE Id END")
    if depth < 2 and random.random() < 0.3:
        items.append(f"({right_statement(random, depth=depth + 1)})")
    if random.random() < 0.1:
        items = [random.choice(("COUNT()", "FIELDS(ALL)", "fields(standard)"))]
    source = random.choice(_CHILDREN if depth else _OBJECTS) + random.choice(("", "", " a"))
    text = f"SELECT {', '.join(items)} FROM {source}"
    if random.random() < 0.1:
        text += f" USING SCOPE {random.choice(_SCOPES)}"
    if random.random() < 0.7:
        text += f" WHERE {_condition(random, depth)}"
    if random.random() < 0.1:
        text += random.choice(
            (" WITH SECURITY_ENFORCED", " WITH USER_MODE", " WITH DATA CATEGORY Geo__c AT (a__c, b__c)")
        )
    return text + _tail(random, (*_FIELDS, *_DATES, _DISTANCE))


def _grouped(random: Random) -> str:
    keys = list(dict.fromkeys(_some(random, (*_FIELDS, *_DATES))))
    plain = [key for key in keys if "(" not in key]
    shape = random.choice(("plain", "ROLLUP", "CUBE"))
    group = ", ".join(keys) if shape == "plain" or len(plain) < len(keys) else f"{shape}({', '.join(plain)})"
    items = [*keys, *(f"{each} {random.choice(('n', 'total'))}" for each in _some(random, _AGGREGATES))]
    text = f"SELECT {', '.join(items)} FROM {random.choice(_OBJECTS)}"
    if random.random() < 0.5:
        text += f" WHERE {_condition(random, 0)}"
    text += f" GROUP BY {group}"
    if random.random() < 0.5:
        text += f" HAVING {random.choice(_AGGREGATES)} {random.choice(('>', '<=', '!='))} {random.choice(('1', '5.5'))}"
    return text + _tail(random, (*keys, *_AGGREGATES))


def _condition(random: Random, depth: int) -> str:
    joint = random.choice((" AND ", " OR ", " and "))
    parts = [_comparison(random, depth) for _ in range(random.randint(1, 3))]
    if random.random() < 0.3:
        other = " OR " if joint.strip().upper() == "AND" else " AND "
        parts.append(f"({_comparison(random, depth)}{other}{_comparison(random, depth)})")
    return joint.join(parts)


def _comparison(random: Random, depth: int) -> str:
    field = random.choice(_FIELDS)
    shapes = [
        f"{field} {random.choice(('=', '!=', '<>', '<', '<=', '>', '>='))} {random.choice(_VALUES)}",
        f"{field} {random.choice(('LIKE', 'like'))} '%a_%'",
        f"{field} {random.choice(('IN', 'NOT IN', 'in'))} ({', '.join(_some(random, _VALUES))})",
        f"{field} {random.choice(('INCLUDES', 'EXCLUDES'))} ('a;b', 'c')",
        f"{random.choice(_DATES)} = 3",
        "toLabel(Status) != 'x'",
        f"{_DISTANCE} < 20",
        f"NOT {field} = 5",
        f"(NOT {field} LIKE 'a%')",
        f"({field} = 'x')",
    ]
    if depth == 0:
        shapes.append(f"Id {random.choice(('IN', 'NOT IN'))} (SELECT AccountId FROM Contact WHERE Name = 'x')")
    return random.choice(shapes)


def _tail(random: Random, orders: tuple[str, ...]) -> str:
    text = ""
    if random.random() < 0.4:
        text += " ORDER BY " + ", ".join(f"{each}{random.choice(_ORDERS)}" for each in _some(random, orders, 2))
    if random.random() < 0.3:
        text += f" LIMIT {random.choice(('0', '10', '2000'))}"
    if text and random.random() < 0.3:  # right after a condition the oracle takes OFFSET for a field
        text += f" OFFSET {random.choice(('0', '5'))}"
    return text + (random.choice(_ENDS) if random.random() < 0.2 else "")

"""Statements that the practice org must take or refuse, and those where the oracle is of another opinion."""

# ruff: noqa: E501 - each statement stands on a line of its own

from __future__ import annotations

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


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


VALID = [
    *(f"SELECT Id FROM Opportunity WHERE CloseDate = {literal}" for literal in _LITERALS),
    *(
        f"SELECT {name}(CreatedDate), COUNT(Id) FROM Case GROUP BY {name}(CreatedDate) ORDER BY {name}(CreatedDate)"
        for name in _DATE_FUNCTIONS
    ),
    *(f"SELECT Id FROM Lead WHERE {name}(convertTimezone(CreatedDate)) = 3" for name in _DATE_FUNCTIONS[:4]),
    *(f"SELECT Id FROM Opportunity USING SCOPE {scope}" for scope in _SCOPES),
    *(f"SELECT Name FROM Account WHERE AnnualRevenue {sign} 1000" for sign in _SIGNS),
    *_lines("""
SELECT Id FROM Account
select id from account
SeLeCt Id FrOm Account
SELECT Id, Name, Industry FROM Account
SELECT Id,Name,Industry FROM Account
SELECT  Id ,  Name   FROM   Account
SELECT Account.Name, Account.Owner.Profile.Name FROM Contact
SELECT Contact.LastName FROM Contact
SELECT c.LastName, c.Account.Name FROM Contact c
SELECT a.Name FROM Account a WHERE a.Industry = 'Media' ORDER BY a.Name
SELECT Parent.Parent.Parent.Name FROM Account
SELECT Regional_Plan__r.Lead__r.Name, Budget__c FROM Campaign_Plan__c
SELECT ns__Field__c FROM ns__Thing__c
SELECT COUNT() FROM Contact
SELECT COUNT() FROM Contact WHERE Email != null
SELECT COUNT()FROM Contact
SELECT COUNT(Id) FROM Contact
SELECT COUNT(Id) total FROM Contact
SELECT count(Id), count_distinct(AccountId) FROM Contact
SELECT SUM(Amount), AVG(Amount), MIN(Amount), MAX(Amount) FROM Opportunity
SELECT SUM(convertCurrency(Amount)) FROM Opportunity
SELECT MIN(CloseDate) first__c FROM Opportunity
SELECT LeadSource, COUNT(Id) FROM Lead GROUP BY LeadSource
SELECT LeadSource source, COUNT(Id) n FROM Lead GROUP BY LeadSource
SELECT LeadSource, Rating, COUNT(Id) FROM Lead GROUP BY LeadSource, Rating
SELECT Account.Industry, COUNT(Id) FROM Contact GROUP BY Account.Industry
SELECT LeadSource, COUNT(Id) FROM Lead GROUP BY LeadSource HAVING COUNT(Id) > 10
SELECT LeadSource, COUNT(Id) FROM Lead GROUP BY LeadSource HAVING COUNT(Id) > 10 AND LeadSource LIKE 'W%'
SELECT Name, COUNT(Id) FROM Lead GROUP BY Name HAVING (COUNT(Id) > 1 OR Name LIKE 'A%') AND Name != 'x'
SELECT LeadSource, COUNT(Id) FROM Lead GROUP BY LeadSource HAVING NOT COUNT(Id) > 10
SELECT Status, LeadSource, COUNT(Id) n FROM Lead GROUP BY ROLLUP(Status, LeadSource)
SELECT Status, LeadSource, COUNT(Id) n FROM Lead GROUP BY CUBE(Status, LeadSource)
SELECT LeadSource, GROUPING(LeadSource) g, COUNT(Id) FROM Lead GROUP BY ROLLUP(LeadSource)
SELECT LeadSource, GROUPING(LeadSource), COUNT(Id) FROM Lead GROUP BY rollup (LeadSource) ORDER BY GROUPING(LeadSource)
SELECT Rating, COUNT(Id) FROM Lead GROUP BY Rating ORDER BY COUNT(Id) DESC
SELECT Rating, COUNT(Id) FROM Lead GROUP BY Rating ORDER BY COUNT(Id) DESC NULLS LAST, Rating ASC NULLS FIRST
SELECT Name FROM Account ORDER BY Name
SELECT Name FROM Account ORDER BY Name ASC
SELECT Name FROM Account ORDER BY Name DESC NULLS LAST
SELECT Name FROM Account ORDER BY Owner.Name, Industry DESC, Name NULLS FIRST
SELECT Name FROM Account ORDER BY Name LIMIT 10
SELECT Name FROM Account ORDER BY Name LIMIT 10 OFFSET 20
SELECT Name FROM Account LIMIT 0
SELECT Name FROM Account OFFSET 5
SELECT Name FROM Account FOR VIEW
SELECT Name FROM Account FOR REFERENCE
SELECT Name FROM Account FOR UPDATE
SELECT Name FROM Account LIMIT 1 FOR VIEW
SELECT Title FROM FAQ__kav WHERE Title = 'x' UPDATE TRACKING
SELECT Title FROM FAQ__kav WHERE Title = 'x' UPDATE VIEWSTAT
SELECT Title FROM FAQ__kav FOR REFERENCE UPDATE VIEWSTAT
SELECT Name FROM Account WITH SECURITY_ENFORCED
SELECT Name FROM Account WHERE Name = 'x' WITH SECURITY_ENFORCED LIMIT 1
SELECT Name FROM Account WITH USER_MODE
SELECT Name FROM Account WITH SYSTEM_MODE ORDER BY Name
SELECT Title FROM Question WITH DATA CATEGORY Product__c AT mobile_phones__c
SELECT Title FROM Offer__kav WHERE Language = 'en_US' WITH DATA CATEGORY Geography__c AT (france__c,usa__c) AND Product__c ABOVE dsl__c
SELECT Title FROM KnowledgeArticleVersion WITH DATA CATEGORY Geography__c ABOVE_OR_BELOW europe__c AND Product__c BELOW All__c
SELECT FIELDS(ALL) FROM Account LIMIT 200
SELECT FIELDS(STANDARD) FROM Account
SELECT FIELDS(CUSTOM), Id FROM Account LIMIT 10
SELECT fields(standard), External_Id__c FROM Account
SELECT Name, (SELECT LastName FROM Contacts) FROM Account
SELECT (SELECT LastName FROM Contacts) FROM Account
SELECT Name, (SELECT LastName FROM Contacts WHERE Email != null ORDER BY LastName LIMIT 5) FROM Account
SELECT Name, (SELECT LastName FROM Contacts), (SELECT Amount FROM Opportunities) FROM Account
SELECT Name, (SELECT LastName, (SELECT Subject FROM Tasks) FROM Contacts) FROM Account
SELECT Name, (SELECT LastName FROM Account.Contacts) FROM Account
SELECT Name, (SELECT CreatedBy.Name FROM Notes) FROM Account
SELECT Name, (SELECT c.LastName FROM Contacts c WHERE c.Title = 'CEO') FROM Account a
SELECT Name, (SELECT Id FROM Line_Items__r) FROM Merchandise__c
SELECT TYPEOF What WHEN Account THEN Phone END FROM Task
SELECT TYPEOF What WHEN Account THEN Phone, Name ELSE Name END FROM Event
SELECT TYPEOF What WHEN Account THEN Phone WHEN Opportunity THEN Amount, CloseDate ELSE Name, Email END FROM Event
SELECT Id, TYPEOF Owner WHEN User THEN Username, Profile.Name WHEN Group THEN Name END, Subject FROM Case
SELECT Id, (SELECT TYPEOF What WHEN Account THEN Phone END FROM Tasks) FROM Contact
SELECT Id FROM Task WHERE What.Type IN ('Account', 'Opportunity')
SELECT Id FROM Event WHERE What.Type = 'Account' AND Owner.Name LIKE 'A%'
SELECT toLabel(Status) FROM Lead
SELECT toLabel(Status) shown, Status FROM Lead
SELECT Id FROM Lead WHERE toLabel(Status) = 'Open'
SELECT convertCurrency(Amount) FROM Opportunity
SELECT convertCurrency(Amount) mine FROM Opportunity
SELECT FORMAT(Amount) shown FROM Opportunity
SELECT Amount, FORMAT(Amount) a, convertCurrency(Amount) b, FORMAT(convertCurrency(Amount)) c FROM Opportunity
SELECT FORMAT(MIN(CloseDate)) earliest FROM Opportunity
SELECT Id, format(LastModifiedDate) changed FROM Account
SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)), COUNT(Id) FROM Lead GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate))
SELECT Id FROM Opportunity WHERE Amount > USD5000
SELECT Id FROM Opportunity WHERE Amount < eur5000.25
SELECT Id FROM Opportunity WHERE Amount IN (USD5000, USD-10)
SELECT Id, DISTANCE(Location__c, GEOLOCATION(37.775, -122.418), 'mi') FROM Warehouse__c
SELECT Id FROM Warehouse__c WHERE DISTANCE(Location__c, GEOLOCATION(37.775,-122.418), 'km') < 20
SELECT Name FROM Warehouse__c ORDER BY DISTANCE(Location__c, GEOLOCATION(37.775, -122.418), 'mi') DESC NULLS LAST
SELECT Name FROM Warehouse__c WHERE DISTANCE(Location__c, Other__c, 'mi') > 1.5 ORDER BY Name
SELECT DISTANCE(BillingAddress, GEOLOCATION(51.5, 0), 'km') far FROM Account
SELECT Id FROM Account WHERE Name = 'x'
SELECT Id FROM Account WHERE Name = ''
SELECT Id FROM Account WHERE Name = 'O\\'Brien'
SELECT Id FROM Account WHERE Name = 'back\\\\slash \\n \\t \\" end'
SELECT Id FROM Account WHERE Name = 'Übermaß 東京'
SELECT Id FROM Account WHERE Name LIKE '%a_b%'
SELECT Id FROM Account WHERE Name like '100\\%'
SELECT Id FROM Account WHERE NOT Name LIKE 'A%'
SELECT Id FROM Account WHERE NOT (Name LIKE 'A%')
SELECT Id FROM Account WHERE (NOT Name LIKE 'A%') AND (NOT Name LIKE 'B%')
SELECT Id FROM Account WHERE Name != null
SELECT Id FROM Account WHERE Name = NULL
SELECT Id FROM Contact WHERE HasOptedOutOfEmail = true AND IsDeleted = FALSE
SELECT Id FROM Account WHERE Rating IN ('Hot', 'Warm')
SELECT Id FROM Account WHERE Rating NOT IN ('Hot')
SELECT Id FROM Account WHERE Rating in('Hot','Cold')
SELECT Id FROM Account WHERE NumberOfEmployees IN (1, -2, 3.5)
SELECT Id FROM Account WHERE CreatedDate IN (TODAY, LAST_N_DAYS:3)
SELECT Id FROM Opportunity WHERE CloseDate IN (2026-01-01, 2026-02-01)
SELECT Id FROM Contact WHERE Email IN (null, 'a@b.example')
SELECT Id FROM Account WHERE Regions__c INCLUDES ('EMEA')
SELECT Id FROM Account WHERE Regions__c INCLUDES ('EMEA;AMER', 'APAC')
SELECT Id FROM Account WHERE Regions__c excludes ('LATAM')
SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)
SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity WHERE StageName = 'Closed Won')
SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'apple%') AND Industry = 'Media'
SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id NOT IN (SELECT AccountId FROM Case)
SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00Z
SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00.000Z
SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00+01:00
SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00-0800
SELECT Id FROM Account WHERE CreatedDate >= 2026-01-01T00:00:00z AND CreatedDate < 2026-02-01T00:00:00z
SELECT Id FROM Opportunity WHERE CloseDate = 2026-11-23
SELECT Id FROM Opportunity WHERE Amount = .5
SELECT Id FROM Opportunity WHERE Amount = +5.25 OR Amount = -0.5
SELECT Id FROM Account WHERE (Name = 'a')
SELECT Id FROM Account WHERE ((((Name = 'a'))))
SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b') AND Industry = 'Media'
SELECT Id FROM Account WHERE Name = 'a' AND (Industry = 'Media' OR (Rating = 'Hot' AND Type = 'Other'))
SELECT Id FROM Account WHERE ((Name = 'a' OR Name = 'b') AND Rating = 'Hot') OR (NOT(Type = 'Other'))
SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' AND Name = 'c' AND Name = 'd'
SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' OR Name = 'c'
SELECT Id FROM Account WHERE Owner.Profile.Name = 'System Administrator'
SELECT Format, Count, View, End, Distance FROM Thing__c
SELECT Id FROM Group
SELECT Id, Type FROM Group WHERE Type = 'Queue' ORDER BY Type
SELECT Today__c FROM Thing__c WHERE Today__c = TODAY
SELECT Id FROM Order
SELECT Id FROM Order ORDER BY OrderNumber
SELECT Id FROM Order o WHERE o.Status = 'Draft'
SELECT Id FROM Account offset
SELECT Id FROM Account ROWS
SELECT Id FROM Account ALL
SELECT FIELDS ALL FROM Account
SELECT Id FROM Account ORDER
SELECT Scope, Reference FROM Thing__c
SELECT Name, Id FROM Account USING SCOPE mine WHERE Name = 'a' WITH SECURITY_ENFORCED ORDER BY Name LIMIT 1 OFFSET 1 FOR VIEW
SELECT UserId, LoginTime FROM LoginHistory WHERE LoginTime > 2010-09-20T22:16:30.000Z AND LoginTime < 2010-09-21T22:16:30.000Z
SELECT Id FROM Account WHERE NOT NOT Name = 'a'
SELECT Name FROM Account WHERE Name = 'SELECT Id FROM Account WHERE'
SELECT Name aliased FROM Account
SELECT Id FROM Account WHERE Name = 'a' AND NOT (Rating = 'Hot' OR Rating = 'Cold')
SELECT Id FROM Account WHERE DAY_ONLY(CreatedDate) = 2026-11-23
SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) IN (2025, 2026)
SELECT COUNT_DISTINCT(AccountId) FROM Contact HAVING__c
SELECT AVG(Amount) avg, CampaignId FROM Opportunity GROUP BY CampaignId HAVING AVG(Amount) > 1
"""),
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

INVALID = _lines("""
SELECT
SELECT Id
SELECT FROM Account
SELECT Id,
SELECT Id, FROM Account
SELECT , Id FROM Account
SELECT Id Name, FROM Account
SELECT Id Name Industry FROM Account
SELECT * FROM Account
SELECT Id FROM
SELECT Id FROM WHERE Name = 'a'
SELECT Id FROM LIMIT 5
FROM Account SELECT Id
UPDATE Account SET Name = 'a'
DELETE FROM Account
INSERT INTO Account (Name) VALUES ('a')
SELECTId FROM Account
SELECT Id FROMAccount
SELECT Id FROM Account;
SELECT Id FROM Account --comment
SELECT "Id" FROM Account
SELECT [Id] FROM Account
SELECT `Id` FROM Account
SELECT 'Id' FROM Account
SELECT 1 FROM Account
SELECT DISTINCT Id, Name FROM Account a b
SELECT Id FROM Account JOIN Contact ON Contact.AccountId = Account.Id
SELECT Id FROM Account LEFT JOIN Contact
SELECT Id FROM Account UNION SELECT Id FROM Contact
SELECT Id FROM Account a b
SELECT Id FROM Account WHERE
SELECT Id FROM Account WHERE Name
SELECT Id FROM Account WHERE Name =
SELECT Id FROM Account WHERE = 'a'
SELECT Id FROM Account WHERE Name = a
SELECT Id FROM Account WHERE Name = "a"
SELECT Id FROM Account WHERE Name == 'a'
SELECT Id FROM Account WHERE Name = 'a
SELECT Id FROM Account WHERE Name = a'
SELECT Id FROM Account WHERE Name = 'a' 'b'
SELECT Id FROM Account WHERE Name = 'a' AND
SELECT Id FROM Account WHERE AND Name = 'a'
SELECT Id FROM Account WHERE Name = 'a' AND OR Name = 'b'
SELECT Id FROM Account WHERE Name = 'a' && Name = 'b'
SELECT Id FROM Account WHERE Name = 'a' XOR Name = 'b'
SELECT Id FROM Account WHERE Name IS NULL
SELECT Id FROM Account WHERE Name IS NOT NULL
SELECT Id FROM Account WHERE Name NOT LIKE 'a%'
SELECT Id FROM Account WHERE Name NOT NULL
SELECT Id FROM Account WHERE NumberOfEmployees BETWEEN 1 AND 5
SELECT Id FROM Account WHERE EXISTS (SELECT Id FROM Contact)
SELECT Id FROM Account WHERE NumberOfEmployees + 1 = 5
SELECT Id FROM Account WHERE NumberOfEmployees = 1 + 5
SELECT Id FROM Account WHERE Name LIKE
SELECT Id FROM Account WHERE Name IN
SELECT Id FROM Account WHERE Name IN 'a'
SELECT Id FROM Account WHERE Name IN ()
SELECT Id FROM Account WHERE Name IN ('a',)
SELECT Id FROM Account WHERE Name IN ('a' 'b')
SELECT Id FROM Account WHERE Name IN ('a', 'b'
SELECT Id FROM Account WHERE Name IN (a, b)
SELECT Id FROM Account WHERE Name IN :names
SELECT Id FROM Account WHERE Name = :name
SELECT Id FROM Account WHERE Name NOT ('a')
SELECT Id FROM Account WHERE Name INCLUDES 'a'
SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM)
SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact
SELECT Id FROM Account WHERE Id = (SELECT AccountId FROM Contact)
SELECT Id FROM Account WHERE (Name = 'a'
SELECT Id FROM Account WHERE Name = 'a')
SELECT Id FROM Account WHERE ((Name = 'a' OR Name = 'b')
SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b'))
SELECT Id FROM Account WHERE ()
SELECT Id FROM Account WHERE 'a' = Name
SELECT Id FROM Account WHERE Name = Industry
SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS
SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:
SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:x
SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:1.5
SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS(5)
SELECT Id FROM Account WHERE CreatedDate = LAST_DECADE
SELECT Id FROM Account WHERE CreatedDate = TODAY:1
SELECT Id FROM Account WHERE CreatedDate = 2026-1-1
SELECT Id FROM Account WHERE CreatedDate = 2026-01-01T00:00
SELECT Id FROM Account WHERE CreatedDate = 2026-01-01T00:00:00
SELECT Id FROM Account WHERE CreatedDate = 2026-01-01 00:00:00Z
SELECT Id FROM Account WHERE CreatedDate = 01/01/2026
SELECT Id FROM Account WHERE NumberOfEmployees = 1,000
SELECT Id FROM Account WHERE NumberOfEmployees = 1e3
SELECT Id FROM Account WHERE NumberOfEmployees = 5.
SELECT Id FROM Account WHERE NumberOfEmployees = 0x1F
SELECT Id FROM Account WHERE NumberOfEmployees = $5
SELECT Id FROM Account ORDER BY
SELECT Id FROM Account ORDER BY Name,
SELECT Id FROM Account ORDER Name
SELECT Id FROM Account ORDER BY Name UP
SELECT Id FROM Account ORDER BY Name ASC DESC
SELECT Id FROM Account ORDER BY Name NULLS
SELECT Id FROM Account ORDER BY Name NULLS MIDDLE
SELECT Id FROM Account ORDER BY Name NULLS LAST DESC
SELECT Id FROM Account ORDER BY 1
SELECT Id FROM Account ORDER BY toLabel(Industry)
SELECT Id FROM Account ORDER BY FORMAT(AnnualRevenue)
SELECT Id FROM Account LIMIT
SELECT Id FROM Account LIMIT -1
SELECT Id FROM Account LIMIT 1.5
SELECT Id FROM Account LIMIT 'x'
SELECT Id FROM Account LIMIT ten
SELECT Id FROM Account LIMIT 5, 10
SELECT Id FROM Account LIMIT :n
SELECT Id FROM Account OFFSET -1
SELECT Id FROM Account OFFSET 'x'
SELECT Id FROM Account OFFSET 5 LIMIT 10
SELECT Id FROM Account LIMIT 1 LIMIT 2
SELECT Id FROM Account LIMIT 1 WHERE Name = 'a'
SELECT Id FROM Account ORDER BY Name WHERE Name = 'a'
SELECT Id FROM Account WHERE Name = 'a' WHERE Name = 'b'
SELECT Id FROM Account WHERE Name = 'a' FROM Contact
SELECT Id FROM Account WHERE Name = 'a' USING SCOPE mine
SELECT Id FROM Account USING SCOPE
SELECT Id FROM Account USING SCOPE yours
SELECT Id FROM Account USING mine
SELECT Id FROM Account FOR
SELECT Id FROM Account FOR DELETE
SELECT Id FROM Account FOR VIEW LIMIT 1
SELECT Id FROM Account UPDATE
SELECT Id FROM Account UPDATE NAME
SELECT Id FROM Account WITH
SELECT Id FROM Account WITH NOTHING
SELECT Id FROM Account WITH SECURITY_ENFORCED WHERE Name = 'a'
SELECT Id FROM Question WITH DATA CATEGORY
SELECT Id FROM Question WITH DATA CATEGORY Product__c
SELECT Id FROM Question WITH DATA CATEGORY Product__c AT
SELECT Id FROM Question WITH DATA CATEGORY Product__c NEAR x__c
SELECT Id FROM Account GROUP
SELECT Id FROM Account GROUP BY
SELECT Name FROM Account GROUPBY Name
SELECT Name FROM Account GROUP BY Name,
SELECT Name FROM Account GROUP BY ROLLUP
SELECT Name FROM Account GROUP BY ROLLUP(Name
SELECT Name FROM Account GROUP BY CUBE Name
SELECT Name FROM Account GROUP BY COUNT(Id)
SELECT Name FROM Account GROUP BY toLabel(Name)
SELECT Name FROM Account GROUP BY Name HAVING
SELECT Name FROM Account HAVING COUNT(Id) > 1
SELECT Name FROM Account GROUP BY Name HAVING COUNT(Id)
SELECT Name FROM Account HAVING COUNT(Id) > 1 GROUP BY Name
SELECT COUNT( FROM Account
SELECT COUNT(*) FROM Account
SELECT COUNT(DISTINCT Id) FROM Account
SELECT COUNT(Id FROM Account
SELECT COUNT Id) FROM Account
SELECT UPPER(Name) FROM Account
SELECT LENGTH(Name) FROM Account
SELECT CONCAT(Name, Name) FROM Account
SELECT NOW() FROM Account
SELECT SUM(SUM(Amount)) FROM Opportunity
SELECT CALENDAR_YEAR(FISCAL_YEAR(CreatedDate)) FROM Opportunity
SELECT Id FROM Account WHERE UPPER(Name) = 'A'
SELECT FIELDS() FROM Account
SELECT FIELDS(SOME) FROM Account
SELECT FIELDS(ALL, CUSTOM) FROM Account
SELECT Name (SELECT LastName FROM Contacts) FROM Account
SELECT Name, SELECT LastName FROM Contacts FROM Account
SELECT Name, (SELECT LastName FROM Contacts FROM Account
SELECT Name, (SELECT LastName Contacts) FROM Account
SELECT Name, () FROM Account
SELECT Name, (LastName) FROM Account
SELECT TYPEOF What FROM Event
SELECT TYPEOF What END FROM Event
SELECT TYPEOF What ELSE Name END FROM Event
SELECT TYPEOF What WHEN Account THEN END FROM Event
SELECT TYPEOF What WHEN THEN Phone END FROM Event
SELECT TYPEOF What WHEN Account Phone END FROM Event
SELECT TYPEOF What WHEN Account THEN Phone FROM Event
SELECT TYPEOF What WHEN Account THEN Phone, END FROM Event
SELECT TYPEOF What WHEN Account THEN Phone ELSE END FROM Event
SELECT TYPEOF What WHEN Account THEN COUNT(Id) END FROM Event
SELECT TYPEOF What WHEN Account THEN Phone ELSE Name WHEN Opportunity THEN Amount END FROM Event
SELECT Account..Name FROM Contact
SELECT .Name FROM Contact
SELECT Account . Name FROM Contact
SELECT 1Name FROM Contact
SELECT _Name FROM Contact
SELECT Na-me FROM Contact
SELECT Na$me FROM Contact
SELECT Name FROM Con-tact
SELECT Name FROM 'Contact'
SELECT Name FROM (SELECT Id FROM Contact)
SELECT Name FROM Contact AS
SELECT Select FROM Contact
SELECT From FROM Contact
SELECT Where FROM Contact
SELECT Like FROM Contact
SELECT Null FROM Contact
SELECT True FROM Contact
SELECT Name FROM Select
SELECT Name FROM Where
SELECT Name FROM Contact And
SELECT DISTANCE(Location__c) FROM Warehouse__c
SELECT DISTANCE(Location__c, GEOLOCATION(1, 2)) FROM Warehouse__c
SELECT DISTANCE(Location__c, GEOLOCATION(1, 2), mi) FROM Warehouse__c
SELECT DISTANCE(Location__c, GEOLOCATION(1, 2), 'yd') FROM Warehouse__c
SELECT DISTANCE(Location__c, GEOLOCATION(1), 'mi') FROM Warehouse__c
SELECT DISTANCE(GEOLOCATION(1, 2), Location__c, 'mi') FROM Warehouse__c
SELECT GEOLOCATION(1, 2) FROM Warehouse__c
SELECT Id FROM Warehouse__c ORDER BY GEOLOCATION(1, 2)
SELECT Id FROM Opportunity WHERE Amount > USDX5000
SELECT Id FROM Opportunity WHERE Amount > 5000USD
SELECT Id FROM Account ALL ROWS LIMIT 5
{"q": "SELECT Id FROM Account"}
SELECT Id FROM Account\\nWHERE Name = 'a'
SELECT%20Id%20FROM%20Account
SELECT+Id+FROM+Account
<soql>SELECT Id FROM Account</soql>
SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'
SELECT Id FROM Account WHERE Name = 'a' OR (Name = 'b') AND Name = 'c'
SELECT Id FROM Account WHERE Name = 'a' Name = 'b'
SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-30
SELECT Id FROM Account WHERE CreatedDate = 2026-13-01T00:00:00Z
SELECT Id FROM Account WHERE Name = 'bad \\q escape'
SELECT Account. FROM Contact
SELECT Name, COUNT(Id) FROM Account GROUP BY ROLLUP(Name), Rating
SELECT Id FROM Account WHERE Regions__c INCLUDES (SELECT Name FROM Contact)
SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:-5
SELECT Name Owner.Name FROM Account
SELECT Id FROM Account WHERE Name = ('a', 'b')
SELECT TYPEOF What WHEN Not THEN Phone END FROM Event
SELECT FORMAT(7) FROM Account
SELECT COUNT('x') FROM Account
SELECT Title FROM Question WITH DATA CATEGORY Geo__c AT a__c, b__c)
""")

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

"""Facts about the data a user may see: whether other logins of the org find what the failing login does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sfrunbook.core.model import Grant
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.diagnosis.evidence.org_reader import permission_query
from sfrunbook.salesforce.api import DATA, ask
from sfrunbook.salesforce.soql import object_of

__all__ = ["ASKED_BY_PARTNER", "OF_ANY_USER", "Visibility"]

#: name in a failure's evidence, set where the query was a partner's, whose user need not be that of the connection
ASKED_BY_PARTNER = "asked_by_partner"
#: facts about the org's data, which hold for a partner's login as well
OF_ANY_USER = frozenset(
    {"others_find_rows", "others_know_object", "others_see_field", "object_has_records", "object_is_standard"}
)
#: objects that every org with the CRM of Salesforce has
_STANDARD = re.compile(
    r"account|campaign|case|contact|contract|event|lead|opportunity|order|product2|task|user", re.IGNORECASE
)
_OBJECT = re.compile(r"sobject type '(\w{1,80})' is not supported", re.IGNORECASE)
_COLUMN = re.compile(r"no such column '(\w{1,80})' on (?:entity|sobject of type) '?(\w{1,80})", re.IGNORECASE)
#: a query whose rows depend on who asks by its own words
_OWN_SCOPE = re.compile(r"\busing\s+scope\b", re.IGNORECASE)
#: a query that may find nothing of an object that has records
_CONDITION = re.compile(r"\b(where|having|offset|with|scope|limit\s+0)\b", re.IGNORECASE)


class Visibility:
    """What the user of the failure may see, by the answers to other logins and by the org's own count.

    "View All Data" looks past object permissions and sharing and not past field permissions. Source:
    https://help.salesforce.com/s/articleView?id=platform.users_profiles_view_all_mod_all.htm&type=5 (confirmed).
    """

    def __init__(self, case: Case) -> None:
        self._case = case

    def learn_rows(self) -> None:
        """Whether the query that found nothing finds rows with another login; the rows themselves are not stored."""
        soql = self._query
        if soql and not _OWN_SCOPE.search(soql):
            self._ask_others("others_find_rows", lambda login: self._finds_rows(login, soql))

    def learn_object(self) -> None:
        found = _OBJECT.search(self._case.failure.description)
        if found:
            self._case.learn("object_is_standard", _STANDARD.fullmatch(found[1]) is not None)
            self._ask_others("others_know_object", lambda login: self._knows(login, found[1]))

    def learn_field(self) -> None:
        """Whether the field exists for another login; that it does not proves nothing, whatever that user may see."""
        found = _COLUMN.search(self._case.failure.description)
        if found is None:
            return
        answers: dict[bool, str] = {}
        for login in self._others:
            names = self._fields_of(login, found[2])
            if names:
                answers.setdefault(found[1].lower() in names, _asked(login))
        for answer in (True, False):
            if answer in answers:
                self._case.learn("others_see_field", answer, answers[answer])
                return

    def learn_all_data(self) -> None:
        """Whether the user of the connection may see all data, asked with its own login."""
        grant = self._case.grant
        if grant is not None and not self._is_partners:
            self._case.learn("user_sees_all_data", self._sees_all(grant), "source: permission sets")

    def learn_count(self) -> None:
        """Whether the org counts records of the object; a query with conditions may find none of them all the same.

        The count is one that Salesforce keeps for some time. That it looks past sharing is likely: who wants what a
        user sees is advised to query. Source:
        https://developer.salesforce.com/docs/platform/api-rest/guide/resources-record-count.html
        """
        name = object_of(self._query)
        for login in self._case.logins if name else ():
            body = self._body(login, f"{DATA}/limits/recordCount", {"sObjects": name})
            counts = {str(row.get("name")).lower(): row.get("count") for row in _list(body, "sObjects")}
            count = counts.get(name.lower())
            if not isinstance(count, int):
                continue
            if count == 0 or not _CONDITION.search(self._query):
                self._case.learn("object_has_records", count > 0, _asked(login))
            return

    @property
    def _query(self) -> str:
        soql = self._case.failure.evidence.get("query", "")
        return soql if object_of(soql) else ""

    @property
    def _others(self) -> list[Grant]:
        """Logins that may see more than the one that failed."""
        case = self._case
        return [login for login in case.logins if self._is_partners or not case.is_same_user(login)]

    @property
    def _is_partners(self) -> bool:
        return ASKED_BY_PARTNER in self._case.failure.evidence

    def _ask_others(self, name: str, found: Callable[[Grant], bool | None]) -> None:
        """A yes of any login counts, a no only of a user who may see all data."""
        for login in self._others:
            answer = found(login)
            if answer or (answer is False and self._sees_all(login)):
                self._case.learn(name, answer, _asked(login))
                return

    def _finds_rows(self, login: Grant, soql: str) -> bool | None:
        total = self._body(login, f"{DATA}/query/", {"q": soql}).get("totalSize")
        return total > 0 if isinstance(total, int) else None

    def _knows(self, login: Grant, sobject: str) -> bool | None:
        names = self._fields_of(login, sobject)
        return None if names is None else bool(names)

    def _fields_of(self, login: Grant, sobject: str) -> frozenset[str] | None:
        """Lower-case names of the fields of an object; empty where it does not exist, None for any other refusal."""
        reply = ask(self._case.http, login, f"{DATA}/sobjects/{sobject}/describe/")
        if reply.status == 404:
            return frozenset()
        body = reply.json() if reply.ok else None
        return frozenset(str(field.get("name")).lower() for field in _list(body, "fields")) or None

    def _sees_all(self, login: Grant) -> bool | None:
        return self._finds_rows(login, permission_query(login.user_id, "ViewAllData"))

    def _body(self, login: Grant, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """The object of the reply; empty for any refusal."""
        reply = ask(self._case.http, login, path, params)
        body = reply.json() if reply.ok else None
        return body if isinstance(body, dict) else {}


def _list(body: object, name: str) -> list[Mapping[str, Any]]:
    found = body.get(name) if isinstance(body, dict) else None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _asked(login: Grant) -> str:
    return f"checked with the login of {login.connection}"

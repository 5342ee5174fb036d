"""What an org answers: versions, identity, itself, rows, fields and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Answers, Reply, origin_of, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Grant, Org, OrgKind, Stage
from sfrunbook.salesforce.reading import json_object, objects_in, text_of
from sfrunbook.salesforce.rows import Cursor, Rows
from sfrunbook.salesforce.soql import quoted

__all__ = ["DATA", "DATA_VERSION", "ApiVersion", "Field", "Identity", "Limits", "SObject", "Salesforce", "ask"]

#: a version of the API that every org has today
DATA_VERSION = "60.0"
DATA = f"/services/data/v{DATA_VERSION}"

_ORG_QUERY = (
    "SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization"
)
_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
_PAGES_AT_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class ApiVersion:
    """A version of the REST API, such as Winter '27, `/services/data/v68.0`, 68.0."""

    label: str
    url: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    user_id: str
    org_id: str
    username: str
    display_name: str


@dataclass(frozen=True, kw_only=True)
class SObject:
    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    label: str
    type: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Daily API requests of the org; None where neither the limits resource nor a header has them."""

    daily_api_maximum: int | None
    daily_api_remaining: int | None


class Salesforce:
    """Read-only requests to one org; every rejected request is a RunbookError."""

    def __init__(self, answers: Answers, *, version: str | None = None, identity_url: str | None = None) -> None:
        self._answers = answers
        self._version = version
        self._identity_url = identity_url
        self._usage: tuple[int, int] | None = None

    def versions(self) -> tuple[ApiVersion, ...]:
        """All versions, newest last. JSON: an array of `{label, url, version}`.

        Source: https://developer.salesforce.com/docs/platform/api-rest/guide/dome-versions.md (confirmed).
        """
        reply = self._get("/services/data/")
        found = [
            ApiVersion(label=text_of(item, "label"), url=text_of(item, "url"), version=text_of(item, "version"))
            for item in objects_in(reply.json())
            if re.fullmatch(r"\d+\.\d+", text_of(item, "version"))
        ]
        if not found:
            raise _unreadable(reply)
        return tuple(sorted(found, key=lambda version: float(version.version)))

    @property
    def root(self) -> str:
        """`/services/data/vNN.0` of the version given, else of the newest the org has."""
        if self._version is None:
            self._version = self.versions()[-1].version
        return f"/services/data/v{self._version}"

    def identity(self) -> Identity:
        """The user of the token, from the identity URL given, else from the one that the version root names."""
        address = self._identity_url or text_of(_object(self._get(f"{self.root}/")), "identity")
        user = _object(self._get(address)) if address else {}
        return Identity(
            user_id=text_of(user, "user_id"),
            org_id=text_of(user, "organization_id"),
            username=text_of(user, "username"),
            display_name=text_of(user, "display_name"),
        )

    def profile_of(self, user_id: str) -> str:
        """Name of a user's profile; empty where this user may not see it."""
        rows = self.query(f"SELECT Profile.Name FROM User WHERE Id = '{quoted(user_id)}'", max_rows=1)  # noqa: S608 -- SOQL, and quoted
        return str(rows.records[0].get("Profile.Name") or "") if rows.records else ""

    def org(self) -> Org:
        """Name, edition and kind of the org, by its own record.

        Kind: a sandbox without a trial end is a sandbox, with one a scratch org; edition "Developer Edition" is a
        developer org. Source: https://github.com/forcedotcom/sfdx-core (confirmed; the edition's name is likely).
        """
        reply = self._get(f"{self.root}/query/", {"q": _ORG_QUERY})
        records = _object(reply).get("records")
        if not isinstance(records, list) or len(records) != 1 or not isinstance(records[0], dict):
            raise _unreadable(reply)
        record = records[0]
        return Org(
            org_id=text_of(record, "Id"),
            name=text_of(record, "Name"),
            edition=text_of(record, "OrganizationType"),
            instance_name=text_of(record, "InstanceName"),
            instance_url=origin_of(reply.url),
            kind=_kind_of(record),
        )

    def query(self, soql: str, max_rows: int = 200) -> Rows:
        """Rows of a query, page after page, until `max_rows` are there.

        JSON: `{totalSize, done, nextRecordsUrl?, records}`; up to 2,000 records a page.
        """
        cursor = self.cursor(soql)
        cursor.ensure(max(1, max_rows))
        found = cursor.rows(0, max_rows)
        return replace(found, done=cursor.done and cursor.read <= max_rows)

    def cursor(self, soql: str) -> Cursor:
        """The rows of a query; each page is requested only when it is needed."""
        return Cursor(self._pages(soql))

    def _pages(self, soql: str) -> Iterator[Mapping[str, Any]]:
        reply = self._get(f"{self.root}/query/", {"q": soql})
        followed: set[str] = set()
        for _ in range(_PAGES_AT_MOST):
            page = _object(reply)
            yield page
            further = text_of(page, "nextRecordsUrl")
            if page.get("done") is not False or not further:
                return
            if further in followed or not further.startswith("/services/data/"):
                raise _unreadable(reply)
            followed.add(further)
            reply = self._get(further)

    def objects(self) -> tuple[SObject, ...]:
        """Every object that may be queried, by label. JSON: `{sobjects: [{name, label, queryable, ...}]}`."""
        named = [
            SObject(name=text_of(item, "name"), label=text_of(item, "label"))
            for item in self._listed(f"{self.root}/sobjects/", "sobjects")
            if item.get("queryable") is True and item.get("deprecatedAndHidden") is not True
        ]
        return tuple(sorted(named, key=lambda sobject: (sobject.label.lower(), sobject.name)))

    def fields(self, sobject: str) -> tuple[Field, ...]:
        if not re.fullmatch(r"\w+", sobject):
            raise ValueError("not the API name of an object")
        found = self._listed(f"{self.root}/sobjects/{sobject}/describe/", "fields")
        return tuple(
            Field(name=text_of(item, "name"), label=text_of(item, "label"), type=text_of(item, "type"))
            for item in found
        )

    def limits(self) -> Limits:
        """Daily API requests of the org.

        From the limits resource, which needs "View Setup and Configuration", else from the header
        `Sforce-Limit-Info: api-usage=18/5000` of the last reply that had one.
        """
        reply = self._answers.get(f"{self.root}/limits/")
        self._note_usage(reply)
        if reply.status != 403:
            daily = _object(_checked(reply)).get("DailyApiRequests")
            if isinstance(daily, dict) and {"Max", "Remaining"} <= daily.keys():
                return Limits(daily_api_maximum=_whole(daily["Max"]), daily_api_remaining=_whole(daily["Remaining"]))
        elif failure_of(reply, Stage.DATA).error == "REQUEST_LIMIT_EXCEEDED":
            _checked(reply)
        if self._usage is None:
            return Limits(daily_api_maximum=None, daily_api_remaining=None)
        used, maximum = self._usage
        return Limits(daily_api_maximum=maximum, daily_api_remaining=max(maximum - used, 0))

    def _listed(self, path: str, name: str) -> list[Mapping[str, Any]]:
        reply = self._get(path)
        found = _object(reply).get(name)
        if not isinstance(found, list):
            raise _unreadable(reply)
        return objects_in(found)

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = _checked(self._answers.get(path, params))
        self._note_usage(reply)
        return reply

    def _note_usage(self, reply: Reply) -> None:
        match = _USAGE.search(reply.headers.get("Sforce-Limit-Info", ""))
        if match:
            self._usage = int(match[1]), int(match[2])


def ask(http: requests.Session, grant: Grant, path: str, params: Mapping[str, str] | None = None) -> Reply:
    """GET a path of the grant's org; raises RunbookError for a transport fault, and refreshes nothing."""
    headers = {"Authorization": f"Bearer {grant.access_token.reveal()}"}
    return send(http, Stage.DATA, "GET", f"{grant.instance_url}{path}", params=params, headers=headers)


def _checked(reply: Reply) -> Reply:
    if not reply.ok:
        raise RunbookError(failure_of(reply, Stage.DATA))
    return reply


def _unreadable(reply: Reply) -> RunbookError:
    """The error of a 2xx reply without what it should contain, such as a maintenance page."""
    return RunbookError(failure_of(reply, Stage.DATA))


def _object(reply: Reply) -> Mapping[str, Any]:
    return json_object(reply, Stage.DATA)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _kind_of(record: Mapping[str, Any]) -> OrgKind:
    if record.get("IsSandbox") is True:
        return OrgKind.SCRATCH if record.get("TrialExpirationDate") else OrgKind.SANDBOX
    return OrgKind.DEVELOPER if record.get("OrganizationType") == "Developer Edition" else OrgKind.PRODUCTION

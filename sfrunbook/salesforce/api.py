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
from sfrunbook.salesforce.rows import Cell, Cursor, Rows

__all__ = [
    "DATA",
    "DATA_VERSION",
    "ApiVersion",
    "Cell",
    "Field",
    "Identity",
    "Limits",
    "ObjectDescription",
    "Rows",
    "SObject",
    "Salesforce",
    "ask",
]

#: a version of the API that every org of today has
DATA_VERSION = "60.0"
DATA = f"/services/data/v{DATA_VERSION}"

_ORG_QUERY = (
    "SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization"
)
_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
_PAGES_AT_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class ApiVersion:
    """One version of the REST API, such as Winter '27, `/services/data/v68.0`, 68.0."""

    label: str
    url: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the token stands for, from the identity service."""

    user_id: str
    org_id: str
    username: str
    display_name: str
    email: str
    user_type: str


@dataclass(frozen=True, kw_only=True)
class SObject:
    """One object by name and label."""

    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an object."""

    name: str
    label: str
    type: str


@dataclass(frozen=True, kw_only=True)
class ObjectDescription:
    """One object and its fields."""

    name: str
    label: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Daily API requests of the org; None where neither the limits resource nor a header told."""

    daily_api_maximum: int | None
    daily_api_remaining: int | None


class Salesforce:
    """Read-only questions to one org; every refusal is a RunbookError with the diagnosis of it."""

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
            ApiVersion(label=_text(item, "label"), url=_text(item, "url"), version=_text(item, "version"))
            for item in _list(reply)
            if re.fullmatch(r"\d+\.\d+", _text(item, "version"))
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
        """Who the token stands for, from the identity URL given, else from the one that the version root names."""
        address = self._identity_url or _text(_object(self._get(f"{self.root}/")), "identity")
        said = _object(self._get(address)) if address else {}
        return Identity(
            user_id=_text(said, "user_id"),
            org_id=_text(said, "organization_id"),
            username=_text(said, "username"),
            display_name=_text(said, "display_name"),
            email=_text(said, "email"),
            user_type=_text(said, "user_type"),
        )

    def org(self) -> Org:
        """What the org says of itself.

        Kind: a sandbox without a trial end is a sandbox, with one a scratch org; edition "Developer Edition" is a
        developer org. Source: https://github.com/forcedotcom/sfdx-core (confirmed; the edition's name is likely).
        """
        reply = self._get(f"{self.root}/query/", {"q": _ORG_QUERY})
        records = _object(reply).get("records")
        if not isinstance(records, list) or len(records) != 1 or not isinstance(records[0], dict):
            raise _unreadable(reply)
        record = records[0]
        return Org(
            org_id=_text(record, "Id"),
            name=_text(record, "Name"),
            edition=_text(record, "OrganizationType"),
            instance_name=_text(record, "InstanceName"),
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
        """The rows of a query, of which each page is asked for only when it is looked at."""
        return Cursor(self._pages(soql))

    def _pages(self, soql: str) -> Iterator[Mapping[str, Any]]:
        reply = self._get(f"{self.root}/query/", {"q": soql})
        seen: set[str] = set()
        for _ in range(_PAGES_AT_MOST):
            page = _object(reply)
            yield page
            further = _text(page, "nextRecordsUrl")
            if page.get("done") is not False or not further:
                return
            if further in seen or not further.startswith("/services/data/"):
                raise _unreadable(reply)
            seen.add(further)
            reply = self._get(further)

    def objects(self) -> tuple[SObject, ...]:
        """Every object that may be queried, by label. JSON: `{sobjects: [{name, label, queryable, ...}]}`."""
        reply = self._get(f"{self.root}/sobjects/")
        found = _object(reply).get("sobjects")
        if not isinstance(found, list):
            raise _unreadable(reply)
        named = [
            SObject(name=_text(item, "name"), label=_text(item, "label"))
            for item in found
            if isinstance(item, dict) and item.get("queryable") is True and item.get("deprecatedAndHidden") is not True
        ]
        return tuple(sorted(named, key=lambda one: (one.label.lower(), one.name)))

    def describe(self, sobject: str) -> ObjectDescription:
        """An object's label and fields."""
        if not re.fullmatch(r"\w+", sobject):
            raise ValueError("not the API name of an object")
        reply = self._get(f"{self.root}/sobjects/{sobject}/describe/")
        said = _object(reply)
        fields = said.get("fields")
        if not isinstance(fields, list):
            raise _unreadable(reply)
        return ObjectDescription(
            name=_text(said, "name"),
            label=_text(said, "label"),
            fields=tuple(
                Field(name=_text(item, "name"), label=_text(item, "label"), type=_text(item, "type"))
                for item in fields
                if isinstance(item, dict)
            ),
        )

    def limits(self) -> Limits:
        """Daily API requests of the org.

        From the limits resource, which wants "View Setup and Configuration", else from the header
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

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = _checked(self._answers.get(path, params))
        self._note_usage(reply)
        return reply

    def _note_usage(self, reply: Reply) -> None:
        match = _USAGE.search(reply.headers.get("Sforce-Limit-Info", ""))
        if match:
            self._usage = int(match[1]), int(match[2])


def ask(http: requests.Session, grant: Grant, path: str, params: Mapping[str, str] | None = None) -> Reply:
    """One question to the grant's org; raises RunbookError for a fault on the way, and refreshes nothing."""
    headers = {"Authorization": f"Bearer {grant.access_token.reveal()}"}
    return send(http, Stage.DATA, "GET", f"{grant.instance_url}{path}", params=params, headers=headers)


def _checked(reply: Reply) -> Reply:
    if not reply.ok:
        raise RunbookError(failure_of(reply, Stage.DATA))
    return reply


def _unreadable(reply: Reply) -> RunbookError:
    """A reply of status 200 that does not hold what it should, such as a maintenance page."""
    return RunbookError(failure_of(reply, Stage.DATA))


def _object(reply: Reply) -> Mapping[str, Any]:
    body = reply.json()
    if not isinstance(body, dict):
        raise _unreadable(reply)
    return body


def _list(reply: Reply) -> list[Mapping[str, Any]]:
    body = reply.json()
    if not isinstance(body, list):
        raise _unreadable(reply)
    return [item for item in body if isinstance(item, dict)]


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _kind_of(record: Mapping[str, Any]) -> OrgKind:
    if record.get("IsSandbox") is True:
        return OrgKind.SCRATCH if record.get("TrialExpirationDate") else OrgKind.SANDBOX
    return OrgKind.DEVELOPER if record.get("OrganizationType") == "Developer Edition" else OrgKind.PRODUCTION

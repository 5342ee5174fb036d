"""Reading the org with access tokens that are still valid; nothing is changed or refreshed by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from sfrunbook.core.http import Reply
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Grant, Stage
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.salesforce.api import DATA, ask

__all__ = ["OrgReader", "Row", "permission_query"]

Row = Mapping[str, Any]


def permission_query(user_id: str, *permissions: str) -> str:
    """The query that finds a row where a permission set, or the profile, gives the user all these permissions."""
    conditions = "".join(f" AND PermissionSet.Permissions{name} = true" for name in permissions)
    return f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{user_id}'{conditions}"  # noqa: S608 -- SOQL; an id from a token reply


class OrgReader:
    """Asks with the first login that the org lets in; one that may not know an object is asked last from then on."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._logins = list(case.logins)
        self._sees_everyone: dict[str, bool] = {}

    def rows(self, soql: str, *, ours_only: bool = False) -> list[Row] | None:
        """Rows of a query; None when there is no login or none may know.

        With `ours_only` an empty answer to a login of another user counts only when that user sees everyone's rows.
        """
        for login, reply in self._replies(f"{DATA}/query/", {"q": soql}):
            body = reply.json()
            rows = body.get("records") if reply.ok and isinstance(body, dict) else None
            if not isinstance(rows, list) or (not rows and ours_only and not self._sees_others(login)):
                return None
            return [row for row in rows if isinstance(row, dict)]
        return None

    def record(self, path: str) -> Row | None:
        """One record by its address below the API; None when there is no login or none may know."""
        bodies = (reply.json() for _, reply in self._replies(f"{DATA}/{path}") if reply.ok)
        return next((body for body in bodies if isinstance(body, dict)), None)

    def _replies(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[tuple[Grant, Reply]]:
        """The replies to logins that may ask this, each asked only when it is needed."""
        for login in tuple(self._logins):
            reply = ask(self._case.http, login, path, params)
            self._note(login, reply)
            if reply.status in (401, 403):
                self._logins.remove(login)
            elif reply.status in (400, 404):  # this user may not see the object or a column of it
                self._logins.remove(login)
                self._logins.append(login)
            else:
                yield login, reply

    def _sees_others(self, login: Grant) -> bool:
        """Whether an empty answer means that there is nothing: the same user, or both permissions that may be needed.

        Salesforce's pages name Manage Users and Customize Application as what shows everybody's rows.
        """
        if self._case.is_same_user(login):
            return True
        if login.connection not in self._sees_everyone:
            soql = permission_query(login.user_id, "ManageUsers", "CustomizeApplication")
            body = ask(self._case.http, login, f"{DATA}/query/", {"q": soql}).json()
            self._sees_everyone[login.connection] = isinstance(body, dict) and bool(body.get("records"))
        return self._sees_everyone[login.connection]

    def _note(self, login: Grant, reply: Reply) -> None:
        """Facts that follow from whether the question was let in at all."""
        how = f"source: {urlsplit(login.instance_url).netloc}"
        refusal = "" if reply.ok else failure_of(reply, Stage.DATA).description.lower()
        if reply.ok or "not valid for use" in refusal:
            self._case.learn("api_open", reply.ok, how)
        is_own = login.connection == self._case.connection.name
        if is_own and (reply.ok or "expired or invalid" in refusal):
            self._case.learn("access_token_active", reply.ok, how)
        if reply.ok and self._case.is_same_user(login):
            self._case.learn("user_let_in", True, how)

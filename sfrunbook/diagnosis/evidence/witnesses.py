"""Asking the org with access tokens that live; nothing is changed or renewed by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sfrunbook.core.http import Reply
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Grant, Stage
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.salesforce.api import DATA, ask

__all__ = ["Row", "Witnesses"]

Row = Mapping[str, Any]


class Witnesses:
    """Some grants, of which the first that is let in answers; one that may not know an object is asked last then."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._left = list(case.witnesses)
        self._see_all: dict[str, bool] = {}

    def rows(self, soql: str, *, ours_only: bool = False) -> list[Row] | None:
        """Rows of a query; None when there is no witness or none may know.

        With `ours_only` no rows from a witness of another user count only when it may see other people's rows.
        """
        for witness in tuple(self._left):
            reply = self._let_in(witness, f"{DATA}/query/", {"q": soql})
            if reply is None:
                continue
            body = reply.json()
            rows = body.get("records") if reply.ok and isinstance(body, dict) else None
            if not isinstance(rows, list) or (not rows and ours_only and not self._sees_others(witness)):
                return None
            return [row for row in rows if isinstance(row, dict)]
        return None

    def record(self, path: str) -> Row | None:
        """One record by its address below the API; None when there is no witness or none may know."""
        for witness in tuple(self._left):
            reply = self._let_in(witness, f"{DATA}/{path}", None)
            body = reply.json() if reply is not None and reply.ok else None
            if isinstance(body, dict):
                return body
        return None

    def _let_in(self, witness: Grant, path: str, params: Mapping[str, str] | None) -> Reply | None:
        """The answer; None where another witness has to be asked."""
        reply = ask(self._case.http, witness, path, params)
        self._note(witness, reply)
        if reply.status in (401, 403):
            self._left.remove(witness)
            return None
        if reply.status in (400, 404):  # this user may not see the object or a column of it
            self._left.remove(witness)
            self._left.append(witness)
            return None
        return reply

    def _sees_others(self, witness: Grant) -> bool:
        """Whether an empty answer means that there is nothing: the same user, or both permissions that may be needed.

        Salesforce's pages name Manage Users and Customize Application as what shows everybody's rows.
        """
        if self._case.is_same_user(witness):
            return True
        if witness.connection not in self._see_all:
            soql = (
                f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{witness.user_id}' "  # noqa: S608 -- SOQL; an id from a token reply
                "AND PermissionSet.PermissionsManageUsers = true "
                "AND PermissionSet.PermissionsCustomizeApplication = true"
            )
            body = ask(self._case.http, witness, f"{DATA}/query/", {"q": soql}).json()
            self._see_all[witness.connection] = isinstance(body, dict) and bool(body.get("records"))
        return self._see_all[witness.connection]

    def _note(self, witness: Grant, reply: Reply) -> None:
        """What the fate of the question itself tells."""
        how = f"asked {urlsplit(witness.instance_url).netloc}"
        said = "" if reply.ok else failure_of(reply, Stage.DATA).description.lower()
        if reply.ok or "not valid for use" in said:
            self._case.learn("api_open", reply.ok, how)
        is_own = witness.connection == self._case.connection.name
        if is_own and (reply.ok or "expired or invalid" in said):
            self._case.learn("access_token_active", reply.ok, how)
        if reply.ok and self._case.is_same_user(witness):
            self._case.learn("user_let_in", True, how)

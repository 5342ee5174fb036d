"""Facts from the org's logs: Login History, and the Setup Audit Trail."""

from __future__ import annotations

import re
from datetime import timedelta

from sfrunbook.core.moments import is_after
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.diagnosis.evidence.org_reader import OrgReader, Row

__all__ = ["OrgLogs"]

#: a line of Login History older than this is not about the failure
_RECENT = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)
_GRACE = timedelta(seconds=5)
#: Login Type of a login by an app (confirmed); the login page writes another one
_BY_APP = "Remote Access"
_LOGINS = (
    "SELECT UserId, LoginTime, LoginType, SourceIp, Status, Application FROM LoginHistory {}"
    "ORDER BY LoginTime DESC LIMIT 50"
)
_CHANGES = "SELECT Action, Display, CreatedDate FROM SetupAuditTrail ORDER BY CreatedDate DESC LIMIT 200"
#: the words of the trail are a guess: that it names the app and the thing that was done to it
_DELETED = re.compile(r"\bdelete", re.IGNORECASE)
_SECRET = re.compile(r"\b(secret|consumer details|credentials?)\b", re.IGNORECASE)
_NOT_IN_FORCE = re.compile(r"\bstaged\b", re.IGNORECASE)


class OrgLogs:
    """The org's logs, each asked once."""

    def __init__(self, case: Case, reader: OrgReader) -> None:
        self._case = case
        self._reader = reader
        self._rows: list[Row] | None = None
        self._asked = False

    def learn_logins(self) -> None:
        """What Login History shows of the last minutes, of the login page, and of logins that were not ours."""
        case, grant = self._case, self._case.grant
        rows = self._logins()
        if rows is None:
            return
        how = "source: Login History"
        self._learn_page(rows, how)
        own = [row for row in rows if not case.app_name or row.get("Application") == case.app_name]
        recent = self._since(own, _RECENT)
        if recent:
            case.learn("login_status", str(recent[0].get("Status", "")), how)
        if grant is not None and case.app_name:
            since = grant.issued_at + _GRACE
            others = [row for row in own if row.get("Status") == "Success" and is_after(row.get("LoginTime"), since)]
            case.learn("foreign_logins", float(len(others)), how)
            case.learn("success_just_now", bool(self._since(others, _MINUTE)), how)

    def learn_changes(self) -> None:
        """Whether the app was deleted, or its secret changed, since key and secret were stored here."""
        case = self._case
        since = case.credentials_since
        if not case.likely_names or since is None:
            return
        rows = self._reader.rows(_CHANGES)
        if rows is None:
            return
        how = "source: Setup Audit Trail"
        lines = [str(row.get("Display")) for row in rows if is_after(row.get("CreatedDate"), since)]
        lines = [line for line in lines if _is_of(line, case.likely_names) and not _NOT_IN_FORCE.search(line)]
        case.learn("app_deleted_in_setup", any(map(_DELETED.search, lines)), how)
        case.learn("secret_changed_in_setup", any(map(_SECRET.search, lines)), how)

    def user_of_failure(self) -> str:
        """The user of the grant; without one, the user of the newest line for the app, or of the login page alone."""
        if self._case.grant:
            return self._case.grant.user_id
        rows = self._logins() or []
        names = {self._case.app_name, *self._case.app_names}
        found = next((row for row in rows if row.get("Application") in names), None)
        if found is None:
            page = self._page(rows)
            found = page[0] if len({row.get("UserId") for row in page}) == 1 else None
        user_id = str(found.get("UserId")) if found else ""
        return user_id if re.fullmatch(r"\w{15,18}", user_id) else ""

    def refused_address(self) -> str:
        """The address from which the app was refused last; empty where no line shows it."""
        rows = self._since(self._logins() or [], _RECENT)
        found = next((row for row in rows if str(row.get("Status")) == "Restricted IP"), None)
        return str(found.get("SourceIp", "")) if found else ""

    def _learn_page(self, rows: list[Row], how: str) -> None:
        """How this login ended on the login page; only where all its lines are of the same user."""
        page = self._page(rows)
        if not page or len({row.get("UserId") for row in page}) > 1:
            return
        self._case.learn("page_status", str(page[0].get("Status", "")), how)
        refused = self.refused_address()
        let_in = {str(row.get("SourceIp")) for row in page if row.get("Status") == "Success"}
        if refused:
            self._case.learn("page_let_address_in", refused in let_in, how)

    def _page(self, rows: list[Row]) -> list[Row]:
        """Lines of login pages since this login was begun, newest first."""
        begun = self._case.login_begun
        if begun is None:
            return []
        return [
            row
            for row in rows
            if is_after(row.get("LoginTime"), begun - _GRACE) and not str(row.get("LoginType")).startswith(_BY_APP)
        ]

    def _since(self, rows: list[Row], span: timedelta) -> list[Row]:
        return [row for row in rows if is_after(row.get("LoginTime"), self._case.clock() - span)]

    def _logins(self) -> list[Row] | None:
        if not self._asked:
            self._asked = True
            grant = self._case.grant
            where = f"WHERE UserId = '{grant.user_id}' " if grant else ""
            self._rows = self._reader.rows(_LOGINS.format(where), ours_only=grant is not None)
        return self._rows


def _is_of(display: str, names: tuple[str, ...]) -> bool:
    """Whether a line names one of the apps, and not an app whose name begins alike."""
    return any(re.search(rf"(?<!\w){re.escape(name)}(?=$|[.,;:'\"”])", display) for name in names)

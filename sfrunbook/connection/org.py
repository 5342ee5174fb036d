"""The org of one connection: its API asked with the stored grant, its approvals counted, its token policy read."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from sfrunbook.connection.grants import Grants
from sfrunbook.connection.records import Records
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import Reply
from sfrunbook.core.model import Grant
from sfrunbook.salesforce.api import Salesforce
from sfrunbook.salesforce.approvals import Approvals, count_approvals
from sfrunbook.salesforce.oauth.session import AuthorizedSession
from sfrunbook.salesforce.policies import ask_policy
from sfrunbook.store.what_worked import Policy

__all__ = ["Org"]


class Org:
    def __init__(self, records: Records, grants: Grants) -> None:
        self._records = records
        self._grants = grants

    def api(self, grant: Grant | None = None) -> Salesforce | None:
        """The org's API, asked with the stored grant, or with `grant` where it is read already; None without any."""
        grant = grant or self._records.grant()
        if grant is None:
            return None
        session = AuthorizedSession(grant, self._grants.refresh, ca_file=self._records.connection.ca_file)
        return Salesforce(_UseNoting(session, self._records), identity_url=grant.identity_url)

    def api_or_raise(self) -> Salesforce:
        """The org's API, asked with the stored grant; raises RunbookError `no-grant-yet` without a grant."""
        api = self.api()
        if api is None:
            raise problem("no-grant-yet", connection=self._records.connection.name)
        return api

    def approvals(self) -> Approvals:
        """How many approvals this connection's user has given its app; never raises, and spends no token."""
        records = self._records
        last = records.readable_grant() or records.own_approvals.newest_of_connection(records.connection.name)
        known = last is not None and last.client_id == records.connection.client_id
        return count_approvals(
            user_id=last.user_id if last and known else "",
            org_id=last.org_id if last and known else "",
            client_id=records.connection.client_id,
            app_name=records.history.app_name,
            likely_names=records.app_names,
            witnesses=self._witnesses(),
            own=records.own_approvals,
            ca_file=records.connection.ca_file,
        )

    def token_policy(self) -> Policy | None:
        """The app's Refresh Token Policy, where a grant of this org may read it; never raises."""
        records = self._records
        return ask_policy(
            app_kind=records.connection.app_kind,
            names=(records.history.app_name,) if records.history.app_name else records.app_names,
            witnesses=self._witnesses(),
            ca_file=records.connection.ca_file,
        )

    def _witnesses(self) -> tuple[Grant, ...]:
        with contextlib.suppress(RunbookError):
            return self._records.witnesses()
        return ()


class _UseNoting:
    """A session that notes when the grant was used, which `grants show` reports."""

    def __init__(self, session: AuthorizedSession, records: Records) -> None:
        self._session, self._records = session, records

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply:
        reply = self._session.get(path_or_url, params)
        if reply.ok:
            with contextlib.suppress(RunbookError):  # the reply counts more than the note of it
                self._records.store.note_used(self._records.connection.name, self._records.now())
        return reply

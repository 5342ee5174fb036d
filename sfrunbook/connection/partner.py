"""The partner's side of one connection: its API credentials, what can be asked of it, and what is set there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property

from sfrunbook.connection.org import Org
from sfrunbook.connection.records import Records
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import is_loopback
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import OrgKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr.api import Api
from sfrunbook.partners.cyclr.client import Cyclr
from sfrunbook.partners.cyclr.regions import places_of
from sfrunbook.partners.cyclr.side import CREDENTIALS, CyclrSide
from sfrunbook.salesforce.oauth.hosts import classify
from sfrunbook.store.partner_record import PartnerRecord

__all__ = ["API_SECRET", "Partner"]

#: name under which the store keeps the secret of the partner's API
API_SECRET = "partner-api--{}"  # noqa: S105 - a name
_SANDBOXES = frozenset({OrgKind.SANDBOX, OrgKind.SCRATCH})
_LONGEST_READ_SECONDS = 60.0


class Partner:
    def __init__(self, records: Records, org: Org) -> None:
        self._records = records
        self._org = org
        #: what earlier runs saw of the partner's side
        self.record = PartnerRecord(records.folder / "partner", records.connection.name)

    def client_secret(self) -> Secret | None:
        """The secret of the partner's API; None when none was stored yet. Raises as `Records.secret` does."""
        return self._records.secret(self._records.connection.partner_client_secret)

    def keep_api(self, client_id: str, secret: Secret) -> None:
        """Store the credentials of the partner's API, the secret encrypted."""
        name = API_SECRET.format(self._records.connection.name)
        self._records.store.put_secret(name, secret)
        self._records.change(partner_client_id=client_id, partner_client_secret=f"store:{name}")
        self.reset()

    def keep_variables(self, values: dict[str, str]) -> None:
        """Store values of the profile's variables; raises `profile-variable-invalid` before anything is stored."""
        merged = {**self._records.connection.variables, **values}
        variables = {name: value for name, value in merged.items() if value}
        self._records.profile.values(variables)
        self._records.change(variables=variables)
        self.reset()

    def reset(self) -> None:
        """Ask the partner for everything again from now on."""
        self.__dict__.pop("side", None)

    @cached_property
    def side(self) -> CyclrSide | None:
        """The partner's side; None for a partner without an API that is known here, or without its credentials.

        Raises RunbookError: `cyclr-region-unknown`, `secret-not-found`.
        """
        connection, profile = self._records.connection, self._records.profile
        variables = profile.values(connection.variables)
        account = variables.get("account_id", "")
        if profile.api != "cyclr" or not connection.partner_client_id or not account:
            return None
        secret = self.client_secret()
        if secret is None:
            return None
        places = places_of(variables)
        # executing a method takes as long as Salesforce and the partner take together
        http = open_session(connection.ca_file, timeout=(5.0, _LONGEST_READ_SECONDS))
        api = Api(http, places.api_url, connection.partner_client_id, secret, clock=self._records.now)
        return CyclrSide(Cyclr(api), places, http, account_id=account, connector_name=profile.connector)

    def properties(self, side: CyclrSide) -> dict[str, str | Secret]:
        """The values that the installed connector needs and that are known here.

        The app's key and secret are set for the account only where the partner's console has none: by API they cannot
        be set there.
        """
        connection = self._records.connection
        properties: dict[str, str | Secret] = {"isSandbox": "true" if self._org_kind() in _SANDBOXES else "false"}
        host = classify(connection.login_url)
        if host.is_my_domain or is_loopback(host.origin.partition("://")[2].partition(":")[0]):
            properties["InstanceUrl"] = connection.login_url
        pair = (connection.client_id, self._records.client_secret())
        for name, value in zip(CREDENTIALS, pair, strict=True):
            if value and side.library.requires(name):
                properties[name] = value
        return properties

    def _org_kind(self) -> OrgKind:
        declared = self._records.connection.org_kind
        if declared is not OrgKind.UNKNOWN:
            return declared
        with contextlib.suppress(RunbookError):  # a lost grant is reported elsewhere; the host name is enough here
            if api := self._org.api():
                return api.org().kind
        return classify(self._records.connection.login_url).org_kind

    @property
    def end_sessions(self) -> Callable[[], None] | None:
        """Ends the partner's sessions with the org, so that its next call must refresh; in a practice org only."""
        with contextlib.suppress(RunbookError):  # a practice org that is gone is reported by whatever asks it
            org = self._records.practice_org
            return org.end_sessions if org else None
        return None

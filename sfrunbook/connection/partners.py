"""The partner's side of one connection: its API credentials, what can be asked of it, and what is set there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property

from sfrunbook.connection.logins import Logins
from sfrunbook.connection.records import secret_name
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import is_loopback, open_session
from sfrunbook.core.model import OrgKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr import Api, Cyclr, places_of
from sfrunbook.partners.cyclr.side import CREDENTIALS, CyclrSide
from sfrunbook.salesforce.oauth.hosts import classify
from sfrunbook.store.partner_record import PartnerRecord
from sfrunbook.store.references import resolve

__all__ = ["API_SECRET", "Partners"]

#: name under which the store keeps the secret of the partner's API
API_SECRET = "partner-api--{}"  # noqa: S105 - a name
_SANDBOXES = frozenset({OrgKind.SANDBOX, OrgKind.SCRATCH})
_LONGEST_READ_SECONDS = 60.0


class Partners(Logins):
    """What can be done at the partner with one connection."""

    @property
    def partner_record(self) -> PartnerRecord:
        """What earlier runs saw of the partner's side."""
        return PartnerRecord(self.folder / "partner", self.connection.name)

    def partner_client_secret(self) -> Secret | None:
        """The secret of the partner's API, resolved now; None when none was kept yet.

        Raises RunbookError `secret-not-found` when a reference outside the store leads nowhere.
        """
        reference = self.connection.partner_client_secret
        if not reference:
            return None
        if reference.startswith("store:"):
            return self.store.get_secret(secret_name(reference))
        return resolve(reference, self.store)

    def keep_partner_api(self, client_id: str, secret: Secret) -> None:
        """Keep the credentials of the partner's API, the secret in the encrypted store."""
        name = API_SECRET.format(self.connection.name)
        self.store.put_secret(name, secret)
        self.change(partner_client_id=client_id, partner_client_secret=f"store:{name}")
        self.forget_partner()

    def keep_partner_variables(self, values: dict[str, str]) -> None:
        """Keep values of the profile's variables; raises `profile-variable-invalid` before anything is kept."""
        merged = {**self.connection.variables, **values}
        kept = {name: value for name, value in merged.items() if value}
        self.profile.values(kept)
        self.change(variables=kept)
        self.forget_partner()

    def forget_partner(self) -> None:
        """Ask everything of the partner anew from now on."""
        self.__dict__.pop("partner_side", None)

    @cached_property
    def partner_side(self) -> CyclrSide | None:
        """The partner's side; None for a partner without an API that is known here, and without its credentials.

        Raises RunbookError: `cyclr-region-unknown`, `secret-not-found`.
        """
        connection, variables = self.connection, self.profile.values(self.connection.variables)
        account = variables.get("account_id", "")
        if self.profile.api != "cyclr" or not connection.partner_client_id or not account:
            return None
        secret = self.partner_client_secret()
        if secret is None:
            return None
        places = places_of(variables)
        # executing a method takes as long as Salesforce and the partner take together
        http = open_session(connection.ca_file, timeout=(5.0, _LONGEST_READ_SECONDS))
        api = Api(http, places.api_url, connection.partner_client_id, secret, clock=self._clock)
        return CyclrSide(Cyclr(api), places, http, account_id=account, connector_name=self.profile.connector)

    def partner_properties(self, side: CyclrSide) -> dict[str, str | Secret]:
        """What can be known of the values that the installed connector wants, the app's own pair where it is missing.

        The pair is set for the account only where the partner's console has none: by API it cannot be set there.
        """
        wanted: dict[str, str | Secret] = {"isSandbox": "true" if self._org_kind() in _SANDBOXES else "false"}
        host = classify(self.connection.login_url)
        if host.is_my_domain or is_loopback(host.origin.partition("://")[2].partition(":")[0]):
            wanted["InstanceUrl"] = self.connection.login_url
        pair = (self.connection.client_id, self.client_secret())
        for name, value in zip(CREDENTIALS, pair, strict=True):
            if value and side.library.requires(name):
                wanted[name] = value
        return wanted

    def _org_kind(self) -> OrgKind:
        declared = self.connection.org_kind
        if declared is not OrgKind.UNKNOWN:
            return declared
        with contextlib.suppress(RunbookError):  # a grant that is gone is told elsewhere; the name tells enough here
            if asked := self.salesforce():
                return asked.org().kind
        return classify(self.connection.login_url).org_kind

    @property
    def end_partner_sessions(self) -> Callable[[], None] | None:
        """Ends the partner's sessions with the org, so that its next call must renew; in rehearsal only."""
        return self.practice.end_sessions if self.practice else None

    def known_secrets(self) -> tuple[str, ...]:
        """The secrets of the connection, and that of the partner's API."""
        own = self.partner_client_secret()
        return (*super().known_secrets(), *((own.reveal(),) if own else ()))

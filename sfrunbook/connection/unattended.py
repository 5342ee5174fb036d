"""Grants without a login: which suits which org (words from `unattended.toml`), their key, and the change to them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sfrunbook.connection.grants import Grants, request_unattended
from sfrunbook.connection.records import Records
from sfrunbook.core.durable_file import disk, make_private_folder, write_durably
from sfrunbook.core.model import AppKind, Connection, Grant, GrantKind, Mark
from sfrunbook.diagnosis.investigate import investigated
from sfrunbook.salesforce.oauth.signing import CertificateFacts, make_signing_identity, read_certificate
from sfrunbook.store.json_file import toml_rows

__all__ = ["SIGNING_KEY", "Choice", "SetUpStep", "Unattended", "choices"]


#: name of the secret that is the private key of a connection's JWT bearer grant
SIGNING_KEY = "jwt-key.{}"


class Unattended:
    def __init__(self, records: Records, grants: Grants) -> None:
        self.records = records
        self._grants = grants

    @property
    def certificate_file(self) -> Path:
        """Where the certificate for the administrator is; it is public."""
        return self.records.folder / "certificates" / f"{self.records.connection.name}.crt"

    def certificate(self) -> CertificateFacts | None:
        with contextlib.suppress(OSError, ValueError):
            return read_certificate(self.certificate_file.read_text("ascii"))
        return None

    def make_signing_key(self, *, anew: bool = False) -> CertificateFacts:
        """A key for the JWT bearer grant, stored encrypted, and its certificate as a file; an existing pair stays.

        With `anew` a new pair replaces it, and the old certificate is of no use from then on.
        Raises RunbookError `store-unwritable`.
        """
        records, name = self.records, SIGNING_KEY.format(self.records.connection.name)
        certificate = self.certificate()
        if certificate is None or anew or records.store.get_secret(name) is None:
            identity = make_signing_identity(records.connection.name, records.now())
            records.store.put_secret(name, identity.private_key)
            with disk(self.certificate_file):
                make_private_folder(self.certificate_file.parent)
                write_durably(self.certificate_file, identity.certificate.encode())
            certificate = identity.facts
        reference = f"store:{name}"
        if records.connection.private_key != reference:
            records.change(private_key=reference)
        return certificate

    @investigated
    def prove(self, kind: GrantKind, *, username: str = "") -> Grant:
        """Request an unattended grant once, without storing it; uses no approval, and changes nothing here.

        Raises RunbookError: `private-key-missing`, `secret-missing`, or a refusal.
        """
        return request_unattended(self.records, self._with_kind(kind, username))

    @investigated
    def use(self, kind: GrantKind, *, username: str = "") -> Grant:
        """Request an unattended grant, then switch the connection to it and revoke the approval that it had.

        When Salesforce does not revoke it, the approval stays in our records and still counts among the five.
        """
        connection = self._with_kind(kind, username)
        grant = request_unattended(self.records, connection)
        before = self.records.readable_grant()
        if before is not None and before.kind is GrantKind.AUTHORIZATION_CODE:
            self._grants.give_up()
        self.records.change(grant_kind=kind, username=connection.username)
        return self._grants.keep(grant)

    def _with_kind(self, kind: GrantKind, username: str) -> Connection:
        if kind is GrantKind.AUTHORIZATION_CODE:
            raise ValueError("this grant needs a login")
        connection = self.records.connection
        return replace(connection, grant_kind=kind, username=username or connection.username)


@dataclass(frozen=True, kw_only=True)
class SetUpStep:
    who: str
    #: the screen, by the value of AppKind
    external_client_app: str
    connected_app: str
    what: str
    mark: Mark

    def where(self, kind: AppKind, *, connection: str) -> str:
        return str(getattr(self, kind.value)).replace("{connection}", connection)


@dataclass(frozen=True, kw_only=True)
class Choice:
    kind: GrantKind
    #: Salesforce's name of the flow
    label: str
    suits: str
    costs: str
    source: str
    steps: tuple[SetUpStep, ...] = ()


@cache
def choices() -> Mapping[GrantKind, Choice]:
    """Every kind of grant, first the kind with a login."""
    return {choice.kind: choice for choice in toml_rows(Path(__file__).with_name("unattended.toml"), "grant", Choice)}

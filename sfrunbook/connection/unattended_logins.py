"""Grants without a person: the key made, the grant proved, and only then put in place of the one before."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from sfrunbook.connection.logins import Logins
from sfrunbook.core.durable_file import make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Connection, Grant, GrantKind
from sfrunbook.diagnosis.investigate import investigated
from sfrunbook.salesforce.oauth.grants import ClientCredentials, JwtBearer
from sfrunbook.salesforce.oauth.signing import CertificateFacts, make_signing_identity, read_certificate
from sfrunbook.store.references import resolve

__all__ = ["Unattended", "signing_key_name"]


def signing_key_name(connection: str) -> str:
    """Name of the secret that is the private key of a connection's JWT bearer grant."""
    return f"jwt-key.{connection}"


class Unattended(Logins):
    """How a connection comes to a grant that needs nobody."""

    @property
    def certificate_file(self) -> Path:
        """Where the certificate for the administrator is; it is public."""
        return self.folder / "certificates" / f"{self.connection.name}.crt"

    def certificate(self) -> CertificateFacts | None:
        """The certificate that was made here, if there is one."""
        with contextlib.suppress(OSError, ValueError):
            return read_certificate(self.certificate_file.read_text("ascii"))
        return None

    def make_signing_key(self, *, anew: bool = False) -> CertificateFacts:
        """A key for the JWT bearer grant, kept encrypted, and its certificate as a file; one that is there stays.

        With `anew` another takes its place: the old certificate is of no use from then on.
        Raises RunbookError `store-unwritable`.
        """
        name = signing_key_name(self.connection.name)
        made = self.certificate()
        if made is None or anew or self.store.get_secret(name) is None:
            identity = make_signing_identity(self.connection.name, self._clock())
            self.store.put_secret(name, identity.private_key)
            try:
                make_private_folder(self.certificate_file.parent)
                write_durably(self.certificate_file, identity.certificate.encode())
            except OSError as error:
                raise problem("store-unwritable", path=self.certificate_file, reason=reason_of(error)) from None
            made = identity.facts
        reference = f"store:{name}"
        if self.connection.private_key != reference:
            self.change(private_key=reference)
        return made

    @investigated
    def prove_unattended(self, kind: GrantKind, *, username: str = "") -> Grant:
        """A grant of an unattended kind, asked for once and not kept; makes no approval, and changes nothing here.

        Raises RunbookError: `private-key-missing`, `secret-missing`, or the diagnosis of a refusal.
        """
        return self._asked(self._of_kind(kind, username))

    @investigated
    def use_unattended(self, kind: GrantKind, *, username: str = "") -> Grant:
        """Prove an unattended grant, then let the connection work by it; an approval that it had is taken back.

        Where that is refused the approval stays in our records, and goes on counting among the five.
        """
        trial = self._of_kind(kind, username)
        made = self._asked(trial)
        before = None
        with contextlib.suppress(RunbookError):
            before = self.grant()
        if before is not None and before.kind is GrantKind.AUTHORIZATION_CODE:
            self.give_up_grant()
        self.change(grant_kind=kind, username=trial.username)
        return self._keep(made)

    def _of_kind(self, kind: GrantKind, username: str) -> Connection:
        if kind is GrantKind.AUTHORIZATION_CODE:
            raise ValueError("a person makes this grant")
        return replace(self.connection, grant_kind=kind, username=username or self.connection.username)

    def _asked(self, connection: Connection) -> Grant:
        if connection.grant_kind is GrantKind.CLIENT_CREDENTIALS:
            return ClientCredentials(
                connection=connection, client_secret=self.client_secret(), clock=self._clock
            ).request()
        if not (connection.username and connection.private_key):
            raise problem("private-key-missing", connection=connection.name)
        key = resolve(connection.private_key, self.store)
        return JwtBearer(connection=connection, private_key=key, clock=self._clock).request()

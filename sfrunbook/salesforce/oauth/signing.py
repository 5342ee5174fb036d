"""Makes the key of the JWT bearer grant and the certificate that an administrator uploads for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sfrunbook.core.secrets.secret import Secret

__all__ = ["CertificateFacts", "SigningIdentity", "make_signing_identity", "read_certificate"]

_BITS = 3072
#: long enough to renew it rarely, short enough that a lost key expires; Salesforce names no limit
_VALID = timedelta(days=730)
#: so that the certificate is valid at once where the clock of this machine is a little ahead
_BEFORE = timedelta(hours=1)
_LONGEST_NAME = 64
#: the key signs and does nothing else
_OTHER_USAGES = (
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, kw_only=True)
class CertificateFacts:
    subject: str
    not_after: datetime
    #: SHA-256 in hexadecimal pairs with colons, as Salesforce and browsers show it
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class SigningIdentity:
    """A new key and the certificate for it; only the certificate may be shown."""

    #: PEM, PKCS #8, without a passphrase: the grant store encrypts it
    private_key: Secret
    #: PEM; public
    certificate: str
    facts: CertificateFacts


def make_signing_identity(name: str, now: datetime) -> SigningIdentity:
    """A new RSA key of 3,072 bits and a self-signed certificate for two years, as Salesforce takes it for RS256.

    Source: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm (confirmed: RSA with
    SHA-256, an X.509 certificate that is uploaded to the app; self-signed ones are taken).
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"sfrunbook {name}"[:_LONGEST_NAME])])
    start = (now.astimezone(UTC) - _BEFORE).replace(microsecond=0)
    usage = x509.KeyUsage(digital_signature=True, **dict.fromkeys(_OTHER_USAGES, False))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return SigningIdentity(
        private_key=Secret(pem),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        facts=_facts_of(certificate),
    )


def read_certificate(pem: str) -> CertificateFacts:
    """The facts of a PEM certificate; raises ValueError for any other text."""
    from cryptography import x509

    return _facts_of(x509.load_pem_x509_certificate(pem.encode()))


def _facts_of(certificate: Any) -> CertificateFacts:  # noqa: ANN401 - the library's class, loaded late
    from cryptography.hazmat.primitives import hashes

    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        not_after=certificate.not_valid_after_utc,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
    )

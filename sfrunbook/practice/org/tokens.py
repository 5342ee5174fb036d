"""How the values that an org hands out look: keys, secrets, codes, tokens, signatures and id_tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from sfrunbook.practice.org.words import words

__all__ = ["Mint", "SigningKey", "challenge_of", "from_base64url", "order_scopes", "public_key_of", "signature_of"]

_TOKEN = string.ascii_letters + string.digits + "._"
_LETTERS = string.ascii_letters + string.digits
_SCOPE_ORDER = words(
    "refresh_token cdp_ingest_api cdp_query_api cdp_profile_api pardot_api interaction_api chatbot_api "
    "einstein_gpt_api sfap_api mcp_api visualforce lightning content openid custom_permissions wave_api "
    "eclair_api chatter_api profile email address phone id api web full"
)


class Mint:
    """Makes every id and token of one world; the same seed gives the same values in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - practice values, repeatable on purpose

    def _text(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))

    def consumer_key(self) -> str:
        """85 characters that begin with 3MVG9 (confirmed by samples)."""
        return "3MVG9" + self._text(_TOKEN, 80)

    def consumer_secret(self) -> str:
        """64 hexadecimal digits in upper case."""
        return self._text("0123456789ABCDEF", 64)

    def access_token(self, org_id: str) -> str:
        """The org's 15-character id, `!`, and 96 characters (confirmed by two captures)."""
        return f"{org_id[:15]}!{self._text(_TOKEN, 96)}"

    def refresh_token(self) -> str:
        """Begins with 5Aep861 (likely); only characters that an auth URL of the Salesforce CLI can carry."""
        return "5Aep861" + self._text(_TOKEN, 80)

    def code(self) -> str:
        """Begins with aPrx and ends with == (confirmed), so a client must decode it exactly once."""
        return "aPrx" + self._text(_TOKEN, 72) + "=="

    def source(self) -> str:
        """The opaque text that carries an authorize call to the login page; begins with CAAAA."""
        return "CAAAA" + self._text(_LETTERS, 190) + "=="

    def opaque(self, length: int = 40) -> str:
        return self._text(_LETTERS, length)

    def digits(self, length: int = 6) -> str:
        return self._text(string.digits, length)

    def password(self) -> str:
        """Letters, digits and a sign, so that it passes a password policy."""
        return f"{self._text(string.ascii_letters, 10)}-{self._text(string.digits, 4)}"


@lru_cache(maxsize=1_000)
def order_scopes(scopes: frozenset[str]) -> tuple[str, ...]:
    """The server's own order, which is not the order of the request (confirmed); unknown ones come first."""
    known = {name: place for place, name in enumerate(_SCOPE_ORDER)}
    return tuple(sorted(scopes, key=lambda name: (known.get(name, -1), name)))


def signature_of(identity_url: str, issued_at: str, client_secret: str) -> str:
    """Base64 of HMAC-SHA256 over the identity URL and `issued_at`, keyed with the consumer secret (likely)."""
    digest = hmac.digest(client_secret.encode(), (identity_url + issued_at).encode(), "sha256")
    return base64.b64encode(digest).decode()


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier. Source: RFC 7636, section 4.2."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of base64url without padding; raises `ValueError`."""
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


class SigningKey:
    """The RSA key that signs id_tokens; made at its first use because making it takes a tenth of a second."""

    kid = "practice-1"

    @cached_property
    def _key(self) -> RSAPrivateKey:
        from cryptography.hazmat.primitives.asymmetric import rsa  # its import is slow and rarely wanted

        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwks(self) -> dict[str, Any]:
        """The key set of `/id/keys`."""
        from jwt.algorithms import RSAAlgorithm

        key = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        parts = {name: key[name] for name in ("kty", "n", "e")}
        return {"keys": [{**parts, "alg": "RS256", "use": "sig", "kid": self.kid}]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact RS256 token of these claims; PyJWT's `encode` would begin its header with another key."""
        from jwt.algorithms import RSAAlgorithm

        header = {"alg": "RS256", "typ": "JWT", "kid": self.kid}
        parts = [_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)]
        signed = ".".join(parts)
        return f"{signed}.{_base64url(RSAAlgorithm(RSAAlgorithm.SHA256).sign(signed.encode(), self._key))}"


def public_key_of(pem: str) -> RSAPublicKey:
    """The RSA public key of a PEM certificate or PEM public key; raises `ValueError`."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    raw = pem.encode()
    key = load_pem_x509_certificate(raw).public_key() if b"CERTIFICATE" in raw else load_pem_public_key(raw)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the key is not an RSA key")
    return key

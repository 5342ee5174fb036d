"""What secrets look like in text: forms of a known value, and the shapes of Salesforce's tokens, codes and keys."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote, quote_plus

__all__ = [
    "MARKER",
    "REFERENCE",
    "Form",
    "Hit",
    "forms_of",
    "forms_of_all",
    "is_opaque",
    "is_random",
    "shaped_values",
]

#: replaces a secret; of characters that no rule here takes for a value
MARKER = "***"

#: a reference to a secret, which may be shown
REFERENCE = re.compile(
    r"store:[A-Za-z0-9][A-Za-z0-9._-]{0,126}|env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/\s][^/]*/\S(?:.*\S)?|"
    r"file:(?:/|~/|[A-Za-z]:[\\/])\S(?:.*\S)?"
)

#: shorter known values are left alone: replacing every "abc" would destroy ordinary text
_SHORTEST_KNOWN = 6


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form in which a known value may appear in a text."""

    text: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A place in a text with a secret, `[start, end)`, and the likely kind of secret."""

    start: int
    end: int
    kind: str
    #: whether it follows a name such as `code` without quotes, as an expression of a program does
    doubtful: bool = False


@lru_cache(maxsize=4096)
def forms_of(value: str) -> tuple[Form, ...]:
    """The forms of `value`, longest first: raw, URL-encoded once and twice, escaped, hexadecimal, and base64.

    The base64 forms are the parts that stay the same whatever comes before and after, so they are found in a Basic
    header too, where the value is encoded together with the client_id.
    """
    if len(value) < _SHORTEST_KNOWN:
        return ()
    found: dict[str, str] = {value: "known value"}
    # a value may hold what no text has, such as a byte of an environment that is not UTF-8
    octets = value.encode("utf-8", "surrogatepass")
    for encoded in (quote(octets, safe=""), quote_plus(octets), quote(octets), quote(octets, safe="~")):
        found.setdefault(encoded, "known value, URL-encoded")
        found.setdefault(re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), encoded), "known value, URL-encoded")
    escaped = json.dumps(value)[1:-1]
    for other in (
        escaped,
        json.dumps(value, ensure_ascii=False)[1:-1],
        escaped.replace("/", "\\/"),
        json.dumps(escaped)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
    ):
        found.setdefault(other, "known value, escaped")
    for encoded in (quote(quote(octets, safe=""), safe=""), quote(quote_plus(octets), safe="")):
        found.setdefault(encoded, "known value, URL-encoded")
    for digits in (octets.hex(), octets.hex().upper()):
        found.setdefault(digits, "known value, in hexadecimal digits")
    for core in _base64_cores(octets):
        found.setdefault(core, "known value, in base64")
    return tuple(
        Form(text=text, kind=kind) for text, kind in sorted(found.items(), key=lambda item: len(item[0]), reverse=True)
    )


@lru_cache(maxsize=8)
def forms_of_all(values: frozenset[str]) -> tuple[Form, ...]:
    """All forms of all values, longest first, so that nothing is left of a longer value with a shorter inside."""
    forms = [form for value in sorted(values) for form in forms_of(value) if form.text.strip("*")]
    return tuple(sorted(forms, key=lambda form: len(form.text), reverse=True))


def _base64_cores(value: bytes) -> Iterator[str]:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            first = -(-before * 8 // 6)
            last = (before + len(value)) * 8 // 6
            core = encode(bytes(before) + value).decode()[first:last]
            if len(core) >= _SHORTEST_KNOWN:
                yield core


def is_opaque(value: str) -> bool:
    """Whether a value looks generated: long, without spaces, of letters and digits, varied."""
    return (
        len(value) >= 16
        and re.fullmatch(r"[\w.+/=~!%-]+", value, re.ASCII) is not None
        and len(re.findall(r"\d", value)) >= 2
        and re.search(r"[A-Za-z]", value) is not None
        and len(set(value)) >= 8
    )


def is_random(value: str) -> bool:
    """Whether a long run of letters and digits changes so often between them that no one has written it."""
    kinds = "".join("a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else "-" for c in value)
    changes = sum(one != other for one, other in pairwise(kinds))
    return len(set(value)) >= 12 and {"a", "A", "0"} <= set(kinds) and 3 * changes > len(value)


# --- shapes ----------------------------------------------------------------------------------------------------------

# Sources: the detectors of https://github.com/trufflesecurity/trufflehog (access token, refresh token), loosened
# because the length of a token is no contract, and the log filter of https://github.com/forcedotcom/sfdx-core.
_SHAPES = (
    (
        "private key",
        re.compile(
            r"-----BEGIN (?P<label>[A-Z0-9 ]*)PRIVATE KEY-----"
            r"(?:[A-Za-z0-9+/=\s:,-]|\\+[nr]){0,400}?[A-Za-z0-9+/=]{20}(?:[A-Za-z0-9+/=\s]|\\+[nr])*"
            r"(?:-----END (?P=label)PRIVATE KEY-----)?"
        ),
    ),
    ("Salesforce auth URL", re.compile(r"""force://(?P<value>[^\s"'<>@*]{8,})(?=@)""")),
    ("access token", re.compile(r"00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?(?:!|%21|\\u0021|&#33;)[A-Za-z0-9._]{20,}")),
    (
        "refresh token",
        re.compile(r"(?<![A-Za-z0-9])5Aep[0-9A-Za-z][A-Za-z0-9._-]{30,}(?:(?:=|%3D){1,2}(?![A-Za-z0-9]))?", re.I),
    ),
    ("JSON web token", re.compile(r"(?<![A-Za-z0-9_-])eyJ[\w-]{6,}\.eyJ[\w-]{6,}\.[\w-]*")),
    (
        "authorization code",
        re.compile(r"(?<![A-Za-z0-9])aPrx[A-Za-z0-9._-]{16,}(?:(?:=|%3D){1,2}(?![A-Za-z0-9]))?", re.I),
    ),
    ("consumer secret", re.compile(r"(?<![A-Za-z0-9])(?=[0-9A-F]*[A-F])(?=[A-F]*[0-9])[0-9A-F]{64}(?![A-Za-z0-9])")),
)


def shaped_values(text: str) -> Iterator[Hit]:
    """The values that give themselves away by their shape: Salesforce's tokens, codes and secrets, JWTs, private keys.

    A Consumer Key (`3MVG9…`) is an identifier and stays.
    """
    for kind, pattern in _SHAPES:
        for found in pattern.finditer(text):
            group = "value" if "value" in pattern.groupindex else 0
            yield Hit(start=found.start(group), end=found.end(group), kind=kind)

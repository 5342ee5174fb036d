"""What secrets look like in text: forms of a known value, names that stand before a secret, Salesforce's shapes."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus

__all__ = [
    "MARKER",
    "REFERENCE",
    "SECRET_NAMES",
    "WEAK_NAMES",
    "Form",
    "Hit",
    "forms_of",
    "forms_of_all",
    "is_opaque",
    "named_values",
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


# --- names -----------------------------------------------------------------------------------------------------------

_STRONG = (
    r"access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|consumer[_-]?secret|code[_-]?verifier|"
    r"client[_-]?assertion|assertion|pass(?:word|phrase|wd)|security[_-]?token|private[_-]?key|api[_-]?key|"
    r"session[_-]?id|auth[_-]?code|(?:[a-z]+_)?sid|sfdx[_-]?auth[_-]?url"
)
_WEAK = r"code|token|jwt|secret"
#: names whose value is always a secret
SECRET_NAMES = re.compile(_STRONG, re.I)
#: names whose value may be a word as well: `"code": "invalid-grant"` of a report is no authorization code
WEAK_NAMES = re.compile(_WEAK, re.I)

_KEY = rf"(?P<name>{_STRONG}|{_WEAK})"
_NAME = rf"(?<![A-Za-z0-9_-]){_KEY}"
#: what a parser says of a word that it quotes, as it is written for a page
_QUOTED_WORD = r"(?!(?<=unexpected token: )&(?:#39|quot);)"
_QUOTED = r"""(?P<open>["'])(?P<value>(?:\\.|(?!(?P=open)).)*)(?P=open)"""
_NAMED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        # JSON and Python dicts, and the same escaped inside another string
        rf"""(?<!\\)(?P<quote>["']){_KEY}(?P=quote)\s*:\s*b?{_QUOTED}""",
        rf"""(?P<quote>\\+["']){_KEY}(?P=quote)\s*:\s*b?(?P<open>\\+["'])(?P<value>.*?)(?<!\\)(?P=open)""",
        rf"""["']{_KEY}["']\s*:\s*(?P<value>\d[\w.]*)""",
        # query strings and forms, also percent-encoded inside another address
        (
            rf"""(?:(?P<form>[?&;\#]|%26|%3F)|(?<![A-Za-z0-9_-])){_KEY}(?:=|%3D)"""
            r"""(?P<value>(?:(?!%26)[^\s&"'<>;,)}\]\\])+)(?P<more>&?)"""
        ),
        # keyword arguments, locals in a traceback, INI and environment files
        rf"""{_NAME}\s*=\s*b?{_QUOTED}""",
        rf"""{_NAME}\s+=\s*(?P<word>)(?P<value>[^\s"'<>,;)}}\]]+)""",
        rf"""{_NAME}:[ \t]*{_QUOTED_WORD}(?P<word>)(?P<value>[^\s"'<>,;)}}\]]+)""",
        # the label on the screen
        (
            r"""\b(?P<name>(?:Consumer|Client) Secret|Security Token)\s*[:=]\s*(?P<word>)"""
            r"""(?P<value>[^\s"'<>,;)}\]]+)"""
        ),
        (
            r"""(?P<name>(?:Consumer|Client)[ _-]?Secret)\W{1,20}(?:is\W+)?"""
            r"""(?P<value>[A-Za-z0-9+/=.]{64}|\d{17,20})(?!\w)"""
        ),
    )
)
_HEADERS = (
    re.compile(
        r"""(?<![\w-])(?P<name>(?:Proxy-)?Authorization)\\*["']?\s*[:=]\s*b?\\*["']?"""
        r"""(?P<value>(?:(?:Bearer|Basic|OAuth|Digest|Token)\s+)[^\s"'<>\\,]+|[^\s"'<>\\,]{16,})""",
        re.I,
    ),
    re.compile(
        r"""(?<![\w-])(?P<name>(?:Set-)?Cookie)\\*["']?\s*:\s*b?\\*["']?(?P<value>[\w-]+=(?:(?!\\r|\\n)[^\r\n"'])+)""",
        re.I,
    ),
    re.compile(r"""\b(?P<name>Bearer|OAuth)\s+(?P<value>(?=[^\s"']*\d)[A-Za-z0-9._~+/!=-]{16,})"""),
)
_BASIC = re.compile(r"\b(?P<name>Basic)\s+(?P<value>[A-Za-z0-9+/_-]{8,}={0,2})")
_EMPTY = re.compile(
    r"""(?:\*+|null|none|true|false|undefined|\.{3}|…|<.*>|\{.*\}|\[.*\]|\$\{?\w+\}?|Secret\(hidden\))?""", re.I
)
_WORD = re.compile(r"[a-z]+(?:[-_.][a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)*|\d{1,5}")


def named_values(text: str) -> Iterator[Hit]:
    """The values that stand after the name of a secret, in JSON, forms, queries, headers, arguments and labels.

    Left alone: references, placeholders, `null`, and words in ordinary prose.
    """
    for pattern in _NAMED:
        for found in pattern.finditer(text):
            if _is_value(found, text):
                yield Hit(
                    start=found.start("value"),
                    end=found.end("value"),
                    kind=f"value of {found['name'].lower()}",
                    doubtful=_is_weak(found["name"]) and not _in_form(found) and not found.groupdict().get("open"),
                )
    for pattern in _HEADERS:
        for found in pattern.finditer(text):
            if found["value"].rpartition(" ")[2].strip("*"):
                yield Hit(start=found.start("value"), end=found.end("value"), kind=f"{found['name']} header")
    for found in _BASIC.finditer(text):
        if b":" in _decoded(found["value"]):
            yield Hit(start=found.start("value"), end=found.end("value"), kind="Basic header")


def _is_value(found: re.Match[str], text: str) -> bool:
    value = found["value"]
    if _EMPTY.fullmatch(value) or REFERENCE.fullmatch(value):
        return False
    if _in_form(found):
        return True
    if _is_weak(found["name"]) and _WORD.fullmatch(value):
        return False
    return found.groupdict().get("word") is None or not _is_prose(value, text, found.end("value"))


def _in_form(found: re.Match[str]) -> bool:
    groups = found.groupdict()
    return bool(groups.get("form") or groups.get("more"))


def _is_weak(name: str) -> bool:
    return WEAK_NAMES.fullmatch(name) is not None


def _is_prose(value: str, text: str, end: int) -> bool:
    """Whether a bare word after `name:` is a sentence's next word, a type or an expression, and not a value."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z_.]*[(\[|]?.*", value) or re.search(r"\d", value):
        return False
    rest_of_line = text[end:].split("\n", 1)[0].strip(" .\t\r")
    return bool(rest_of_line) or "(" in value or "[" in value


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
    except ValueError:
        return b""


def is_opaque(value: str) -> bool:
    """Whether a value looks generated: long, without spaces, of letters and digits, varied."""
    return (
        len(value) >= 16
        and re.fullmatch(r"[\w.+/=~!%-]+", value, re.ASCII) is not None
        and len(re.findall(r"\d", value)) >= 2
        and re.search(r"[A-Za-z]", value) is not None
        and len(set(value)) >= 8
    )


# --- shapes ----------------------------------------------------------------------------------------------------------

# Sources: the detectors of https://github.com/trufflesecurity/trufflehog (access token, refresh token), loosened
# because the length of a token is no contract, and the log filter of https://github.com/forcedotcom/sfdx-core.
_SHAPES = (
    (
        "private key",
        re.compile(
            r"-----BEGIN (?P<label>[A-Z0-9 ]*)PRIVATE KEY-----"
            r"(?:[A-Za-z0-9+/=\s:,-]|\\+[nr])*?[A-Za-z0-9+/=]{20}(?:[A-Za-z0-9+/=\s]|\\+[nr])*"
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

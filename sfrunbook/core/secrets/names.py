"""Which names stand before a secret, and which values are known to be harmless."""

from __future__ import annotations

import re
from enum import IntEnum

from sfrunbook.core.secrets.patterns import REFERENCE

__all__ = ["KEYWORD", "SECRET_NAMES", "WEAK_NAMES", "Weight", "is_expression", "is_harmless", "is_mixed", "weight_of"]

_STRONG = (
    r"access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|consumer[_-]?secret|code[_-]?verifier|"
    r"client[_-]?assertion|assertion|pass(?:word|phrase|wd)|security[_-]?token|private[_-]?key|api[_-]?key|"
    r"session[_-]?id|auth[_-]?code|(?:[a-z]+_)?sid|sfdx[_-]?auth[_-]?url"
)
#: names whose value is always a secret
SECRET_NAMES = re.compile(_STRONG, re.I)
#: names whose value may be a word as well: `"code": "invalid-grant"` of a report is no authorization code
WEAK_NAMES = re.compile(r"code|token|jwt|secret", re.I)

#: the last word of a name that may stand before a secret
KEYWORD = re.compile(
    r"(?:(?:passwor[dt]|kennwort|secret|token)s?|pass(?:phrase|wd|code)?|pwd?|(?:api|private)[ _-]?key|session[ _-]?id|"
    r"(?:session[ _-]?|\b|_|(?<=%[23][0-9A-F]))sid|"
    r"key|code|verifier|assertion|jwt|credentials?|saml(?:request|response|art)|signaturevalue|signature|csrf|"
    r"sfdx[ _-]?auth[ _-]?url)(?![a-z])",
    re.I,
)
_SURE = re.compile(
    r"passwor[dt]s?|kennwort|pass(?:phrase|wd|code)|pwd?|(?:api|private)[ _-]?key|.*sid|session[ _-]?id|verifier|"
    r"assertion|saml.*|signaturevalue|sfdx.*",
    re.I,
)
#: these count at the beginning of a word only: not in `monkey`, `barcode`, `compass`
_SHORT = re.compile(r"pass|pwd?|key|code|jwt", re.I)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SECRET_KEYS = frozenset(
    [
        "access",
        "account",
        "admin",
        "auth",
        "client",
        "consumer",
        "encryption",
        "hmac",
        "license",
        "master",
        "secret",
        "security",
        "server",
        "service",
        "shared",
        "signing",
        "ssh",
        "storage",
        "subscription",
        "wrapping",
    ]
)
_SECRET_CODES = frozenset(["auth", "authorization", "oauth", "device", "verification", "mfa", "otp"])
#: words that a label has before its last one: Consumer Secret, Refresh Token
_QUALIFIERS = _SECRET_KEYS | frozenset(["refresh", "bearer", "id", "session", "api", "user", "bot"])


class Weight(IntEnum):
    """How much a name says about the value behind it."""

    NONE = 0
    #: only a value that looks generated is a secret
    FAINT = 1
    #: a value that is a word is no secret
    WEAK = 2
    STRONG = 3


def weight_of(before: str, word: str, previous: str) -> Weight:
    """What a name says that ends with `word` after `before`, `previous` being the word of prose in front of it."""
    word, parts = word.lower(), [part.lower() for part in _WORDS.findall(before)]
    qualifier = parts[-1] if parts else previous.lower() if previous.lower() in _QUALIFIERS else ""
    if _SHORT.fullmatch(word) and before[-1:].isalpha() and not (before[-1].islower() and word[0].isupper()):
        return Weight.NONE
    if _SURE.fullmatch(word):
        return Weight.STRONG
    if word == "code":
        return Weight.WEAK if not qualifier else Weight.STRONG if qualifier in _SECRET_CODES else Weight.NONE
    if word == "key":
        return Weight.STRONG if qualifier in _SECRET_KEYS else Weight.FAINT
    if word in ("pass", "credential", "credentials", "signature", "csrf"):
        return Weight.STRONG if parts and word == "pass" else Weight.FAINT
    return Weight.NONE if previous.lower().endswith("unexpected") else Weight.STRONG if qualifier else Weight.WEAK


# --- values ----------------------------------------------------------------------------------------------------------

#: placeholders, variables, and what stands for a value that is hidden
_EMPTY = re.compile(
    r"(?:[*\u2022\u25cf.\u2026x]+|null|none|nil|true|false|undefined|<[\w .:-]*>|\$?\{\{?[\w .$-]*\}?\}|\*[\w ]+\*|"
    r"\[[\w .-]*\]|\$\{[^{}]*\}|\$[A-Z_]+|\$\(.*|%[A-Z_]+%|Secret\(hidden\))?",
    re.I,
)
_CONSUMER_KEY = re.compile(r"3MVG9[\w.\u2026]{8,}[.,;:!?]?")
#: what a password or a token may be said to be
_STATES = re.compile(
    r"(?:is|was|not|been|and|or|as|to|in|of|for|has|had|a|an|the|no|un\w+|in(?:valid|correct|active)\w*|expired?|expires?|"
    r"missing|required?|requires?|revoked?|wrong|bad|empty|reset|changed?|locked|blocked|denied|rejected|refused|failed|"
    r"found|valid|ok|accepted|optional|hidden|redacted|masked|removed|set|string|str|type|response|request|error|"
    r"endpoint|policy|grant|flow|string|text|bearer|basic)[.,;:!?]?",
    re.I,
)
#: the name of a secret again: of a constant or a field
_OF_A_PROGRAM = re.compile(rf"(?:[A-Za-z_]\w*\.)*(?:{_STRONG}|{KEYWORD.pattern})", re.I)
_WORD = re.compile(r"[a-z]+(?:[-_.][a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)*|[A-Z][a-z]+(?:_[A-Z][A-Za-z]+)+|\d{1,5}")
#: ids of records, UUIDs, dates, hosts, paths and versions
_IDENTIFIER = re.compile(
    r"(?:0[0-9A-Z]{2}|a[0-9A-Za-z]{2})[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
    r"\d{4}-\d\d-\d\d\S*|v?\d+(?:\.\d+)+|[A-Z]+/\d(?:\.\d)?|[\w.]+(?:::\w+)+|[\w.-]+\.(?:com|org|net|io|example|test|local|internal|htm|html|json|py|toml|"
    r"apexp|jsp|xml)(?:[:/?]\S*)?|/\S*|[a-z][a-z0-9+.-]*://\S*|[A-Za-z]+\d{0,2}|[a-z]+\d{0,2}(?:_[a-z]+\d{0,2})*|[A-Z]+\d{0,2}(?:_[A-Z]+\d{0,2})*",
)
_EXPRESSION = re.compile(r"(?:[A-Za-z_][\w.]*[(\[|].*|new|await|lambda)", re.S)


def is_harmless(value: str, weight: Weight) -> bool:
    """Whether a value behind a name is no secret: a placeholder, a reference, a state, an identifier."""
    if (
        _EMPTY.fullmatch(value.rstrip(".,;:!?") if len(value) > 3 else value)
        or REFERENCE.fullmatch(value)
        or _CONSUMER_KEY.fullmatch(value)
    ):
        return True
    if _STATES.fullmatch(value) or _OF_A_PROGRAM.fullmatch(value):
        return True
    if weight is Weight.WEAK:
        return _WORD.fullmatch(value.rstrip(".,;:!?")) is not None or _is_text(value)
    return weight is Weight.FAINT and not is_mixed(value)


def _is_text(value: str) -> bool:
    return " " in value.strip() and not any(map(is_mixed, value.split()))


def is_mixed(value: str) -> bool:
    """Whether a value looks generated: no word, no identifier, with letters and digits."""
    return re.fullmatch(r"\d{17,20}", value) is not None or (  # an older Consumer Secret
        len(value) >= 8
        and re.search(r"\d", value) is not None
        and re.search(r"[A-Za-z]", value) is not None
        and not re.search(r"\s|^[(\[]|\]\(", value)
        and not _IDENTIFIER.fullmatch(value.rstrip(".,;:!?)"))
    )


def is_expression(value: str) -> bool:
    """Whether a value without quotes is part of a program: a call, an index, a union of types."""
    return _EXPRESSION.fullmatch(value) is not None

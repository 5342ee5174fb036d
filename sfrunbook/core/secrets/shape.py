"""What a pasted credential looks like, before anything is sent: plain sentences that never hold the value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from sfrunbook.core.secrets.formats import named_values
from sfrunbook.core.secrets.patterns import REFERENCE, shaped_values

__all__ = [
    "COMMANDS_VARIABLE",
    "commands_allowed",
    "hint_of_client_id",
    "is_reference",
    "looks_like_secret",
    "shape_of_callback",
    "shape_of_client_id",
    "shape_of_client_secret",
]

#: must be `1` in the environment for a reference `cmd:` to be taken
COMMANDS_VARIABLE = "SFRUNBOOK_ALLOW_COMMANDS"

_HEX_SECRET = re.compile(r"[0-9A-Fa-f]{64}")
_DIGIT_SECRET = re.compile(r"\d{17,20}")
_INSIDE = "There are spaces or line breaks inside it."
_QUOTES = "\"'`“”\u2018\u2019«»"
#: Most Consumer Keys have 85 characters; this and the bounds are likely, not documented.
_SHORTEST_ID, _USUAL_ID, _LONGEST_ID = 80, 85, 256


def is_reference(text: str) -> bool:
    """Whether `text` is a well-formed reference to a secret and contains none itself."""
    return REFERENCE.fullmatch(text) is not None and not looks_like_secret(text.partition(":")[2])


def commands_allowed(environ: Mapping[str, str]) -> bool:
    """Whether the environment allows references that run commands."""
    return environ.get(COMMANDS_VARIABLE) == "1"


def looks_like_secret(text: str) -> bool:
    """Whether `text` is, or holds, a secret: a Consumer Secret, a token, a code, a key, a password with its name.

    A Consumer Key, an id, an address and a reference are none. It errs towards yes for long random strings, since it
    guards what is written to disk.
    """
    bare = text.strip().strip(_QUOTES).strip()
    if _HEX_SECRET.fullmatch(bare) or _DIGIT_SECRET.fullmatch(bare):
        return True
    if any(shaped_values(text)) or any(not hit.doubtful for hit in named_values(text)):
        return True
    return _is_random(bare)


def _is_random(text: str) -> bool:
    """Whether a text is a single long run of mixed letters and digits, as keys, verifiers and older secrets are."""
    if text.startswith(("3MVG9", "/", "~", ".")) or len(text) < 32:
        return False
    if not re.fullmatch(r"[A-Za-z0-9+/=_~.-]+", text) or text.count("/") > len(text) // 16:
        return False
    kinds = (r"[a-z]", r"[A-Z]", r"\d")
    return all(re.search(kind, text) for kind in kinds) and len(set(text)) >= 16


def shape_of_client_id(text: str) -> tuple[str, ...]:
    """What looks wrong with a Consumer Key (client_id); nothing when it looks right.

    Marks: that it starts with `3MVG9` and has about 85 characters is likely, taken from samples.
    """
    faults, bare = _wrapping(text, "Consumer Key")
    if not bare:
        return faults
    return _one_cause(faults, other=_other_than_client_id(bare), length=_length_of_client_id(bare))


def hint_of_client_id(text: str) -> str:
    """What to check of a Consumer Key that may well be right; empty where it is wrong or has the usual length."""
    if len(text) >= _USUAL_ID or shape_of_client_id(text):
        return ""
    return f"{len(text)} characters. Most Consumer Keys have {_USUAL_ID}: check that you copied all of it."


def _other_than_client_id(bare: str) -> str:
    """Why a value is no Consumer Key, or more than a Consumer Key."""
    if _HEX_SECRET.fullmatch(bare) or _DIGIT_SECRET.fullmatch(bare):
        return "This looks like a Consumer Secret: the Consumer Key and the Consumer Secret may be swapped."
    if other := _other_kind(bare):
        return other
    if not bare.startswith("3MVG9"):
        return "A Consumer Key starts with 3MVG9. This may be another field's value."
    if re.search(r"\.\.\.|…", bare):
        return "It has an ellipsis (…): it was copied from a shortened display."
    if re.search(r"[^A-Za-z0-9._]", bare):
        return "A Consumer Key has only letters, digits, dots and underscores. This has others."
    if _SHORTEST_ID <= len(bare) <= _LONGEST_ID and bare.count("3MVG9") > 1:
        return "It has 2 Consumer Keys: it may have been pasted twice."
    return ""


def _length_of_client_id(bare: str) -> str:
    if len(bare) < _SHORTEST_ID:
        return f"It has {len(bare)} characters, but a Consumer Key has about 85: the end may be missing."
    if len(bare) > _LONGEST_ID:
        return f"It has {len(bare)} characters, but a Consumer Key has about 85: too much was copied."
    return ""


def _one_cause(faults: tuple[str, ...], *, other: str, length: str) -> tuple[str, ...]:
    """What is around the value, and a single complaint about the value itself.

    Another value has spaces and a length of its own, and a value that was copied in pieces has a wrong length.
    """
    if other:
        return (*(fault for fault in faults if fault != _INSIDE), other)
    return (*faults, length) if length and _INSIDE not in faults else faults


def shape_of_callback(text: str) -> tuple[str, ...]:
    """What Salesforce would not take, or never match, in a Callback URL (redirect_uri); nothing when it looks right.

    Source: https://help.salesforce.com/s/articleView?id=xcloud.configure_external_client_app_oauth_settings.htm
    (confirmed: https, a scheme of one's own, or http for localhost; that wildcards are refused is likely).
    """
    faults, bare = _wrapping(text, "Callback URL")
    if not bare:
        return faults
    try:
        parts = urlsplit(bare)
        scheme, host = parts.scheme, parts.hostname or ""
    except ValueError:
        return (*faults, "It isn't an address.")
    if not scheme or not bare.startswith(f"{scheme}://"):
        return (*faults, "It doesn't begin with https://.")
    if scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        faults += ("It begins with http://, which Salesforce accepts only for localhost.",)
    if "*" in bare:
        faults += ("It has a *, but Salesforce accepts no wildcards here.",)
    if "#" in bare:
        faults += ("It has a #, and the part after it is never sent.",)
    return faults


def shape_of_client_secret(text: str) -> tuple[str, ...]:
    """What looks wrong with a Consumer Secret (client_secret); nothing when it looks right.

    Marks: 64 hexadecimal digits, or about 19 decimal digits for older apps, is likely, taken from samples.
    """
    faults, bare = _wrapping(text, "Consumer Secret")
    if not bare or _HEX_SECRET.fullmatch(bare) or _DIGIT_SECRET.fullmatch(bare):
        return faults
    return _one_cause(faults, other=_other_than_client_secret(bare), length=_length_of_secret(bare))


def _other_than_client_secret(bare: str) -> str:
    """Why a value is no Consumer Secret, or more than a Consumer Secret."""
    if bare.startswith("3MVG9"):
        return "This looks like a Consumer Key: the Consumer Key and the Consumer Secret may be swapped."
    if not bare.strip("•*●·.…"):
        return "These are the dots that hide the secret. Reveal it in Salesforce, then copy it."
    if is_reference(bare):
        return "This is a reference to a secret, not the secret itself."
    if other := _other_kind(bare):
        return other
    if _HEX_SECRET.fullmatch(bare[: len(bare) // 2]) and bare[: len(bare) // 2] == bare[len(bare) // 2 :]:
        return "It has the same Consumer Secret twice: it was pasted twice."
    if not re.fullmatch(r"[0-9A-Fa-f]+", bare):
        return "A Consumer Secret has only the characters 0-9 and A-F. This may be another value."
    return ""


def _length_of_secret(bare: str) -> str:
    if re.fullmatch(r"\d+", bare) and len(bare) < 32:
        return f"It has {len(bare)} digits, but an older Consumer Secret has about 19: part of it may be missing."
    more = "part of it may be missing" if len(bare) < 64 else "too much was copied"
    return f"It has {len(bare)} characters, but a Consumer Secret has 64: {more}."


def _wrapping(text: str, label: str) -> tuple[tuple[str, ...], str]:
    """What is wrong around the value, and the value without it."""
    faults: tuple[str, ...] = ()
    visible = "".join(
        char for char in text if unicodedata.category(char) not in {"Cf", "Cc", "Co", "Cn"} or char in "\n\r\t"
    )
    if visible != text:
        faults += ("It has invisible characters, perhaps from a web page or chat.",)
    bare = visible.strip()
    if not bare:
        return (*faults, f"The {label} is empty."), ""
    if bare != visible:
        faults += ("There are spaces or line breaks before or after it.",)
    if bare[0] in _QUOTES or bare[-1] in _QUOTES:
        faults += ("There are quotation marks around it.",)
        bare = bare.strip(_QUOTES).strip()
        if not bare:
            return (*faults, f"The {label} is empty."), ""
    labelled = re.match(r"(?:consumer|client)[ _-]?(?:key|secret|id)\s*[:=]?\s*", bare, re.I)
    if labelled and labelled.end() < len(bare):
        faults += ("The label in front was copied too.",)
        bare = bare[labelled.end() :]
    if re.search(r"\s", bare):
        faults += (_INSIDE,)
        bare = re.sub(r"\s", "", bare)
    return faults, bare


def _other_kind(bare: str) -> str:
    """The sentence for a value that is recognised as something else."""
    kinds = {hit.kind for hit in shaped_values(bare)} - {"consumer secret"}
    if kinds:
        return f"This looks like another kind of value: {', '.join(sorted(kinds))}."
    if "://" in bare:
        return "This is an address."
    if "@" in bare and "." in bare:
        return "This looks like a username or an e-mail address."
    return ""

"""Values in command lines, in prose and in headers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from sfrunbook.core.secrets.names import Weight, is_harmless, is_mixed
from sfrunbook.core.secrets.patterns import Hit
from sfrunbook.core.secrets.reading import MARK, PASSWORD, Name

__all__ = ["described", "headers", "options"]

#: longer values are cut there
_LONGEST = 2000
_OPTION = re.compile(
    rf"(?:{MARK}\s{{0,3}},\s{{0,20}}{MARK}|[ \t]{{1,20}}(?:{MARK})?)(?P<value>[^\s\"'<>`\\|-][^\s\"'`\\|]*)"
)
_SHORT_OPTIONS = (
    re.compile(r"(?<!\S)(?:-u|--user|--proxy-user)[ =]?[\"']?[^\s:\"'/]{1,200}:(?P<value>[^\s\"'`]+)"),
    re.compile(r"(?<!\S)-p[ =]?[\"']?(?P<value>(?!\w+=)[^\s\"'/.~-][^\s\"'/]{5,})"),
)


def options(name: Name) -> Iterator[Hit]:
    """`--client-secret x`, `-Password x`, `["--token", "x"]`, `ENV TOKEN x`, `login ann password x`."""
    before = name.text[max(0, name.start - 24) : name.start]
    if not name.whole.startswith("-") and not re.search(r"(?:^|\s)(?:ENV|login\s+\S+|setx?|export)\s+$", before):
        return
    if found := _OPTION.match(name.text, name.end):
        yield from name.hit(*found.span("value"))


_DESCRIBED = re.compile(
    r"(?=[ \t\r\n])(?P<verb>(?:[ \t]{1,4}(?:is|was|are|set|changed|reset|from|to|as)\b){1,3})?"
    r"[ \t]{0,4}:?[ \t]{0,40}(?:\r?\n[ \t]{0,40}){0,2}"
    rf"[(\[]?(?:(?P<quote>{MARK})|\*\*)?(?P<value>[^\s\"'<>`|\\]{{1,{_LONGEST}}})"
)
_CELL = re.compile(r"(?:\*\*)?[ \t]{0,40}\|[ \t]{0,40}`?(?P<value>[^\s|`\[][^\s|`]*)`?[ \t]{0,40}(?:\||$)", re.M)


def described(name: Name) -> Iterator[Hit]:
    """`the token is x`, `with password x`, a name above its value, and the next column of a table with bars."""
    if (cell := _CELL.match(name.text, name.end)) and not re.fullmatch(r"[A-Za-z_-]+|[-:]+", cell["value"]):
        yield from name.hit(*cell.span("value"), weight=Weight.WEAK)
    found = _DESCRIBED.match(name.text, name.end)
    if not found or found.start("value") == name.end:
        return
    start, value = found.start("value"), found["value"].rstrip(".,;:!?)]")
    sure = found["verb"] and len(value) >= 6 and re.search(r"[^A-Za-z_'\u2019-]", value)
    quoted = found["quote"] and len(value) >= 16 and not value.islower() and not value.isupper()
    if is_mixed(value) or quoted or (sure and name.weight is Weight.STRONG and PASSWORD.fullmatch(name.whole)):
        yield from name.hit(start, start + len(value), doubtful=not is_mixed(value))


# --- formats that are found without a name ---------------------------------------------------------------------------

_HEADERS = (
    re.compile(
        r"""(?<![\w-])(?P<name>(?:Proxy-)?Authorization)\\*["']?\s{0,3}[:=]\s{0,3}(?:b(?=["']))?\\*["']?"""
        r"""(?P<value>(?:(?:Bearer|Basic|OAuth|Digest|Token)\s+)[^\s"'<>\\,]+|(?:\w{1,20}\s+)?[^\s"'<>\\,]{16,})""",
        re.I,
    ),
    re.compile(
        r"""(?<![\w-])(?P<name>(?:Set-)?Cookie)\\*["']?\s{0,3}:\s{0,3}b?\\*["']?"""
        r"""(?P<value>[\w-]+=(?:(?!\\r|\\n)[^\r\n"'])+)""",
        re.I,
    ),
    re.compile(r"""\b(?P<name>Bearer|OAuth)\s{1,3}(?P<value>(?=[^\s"']*\d)[A-Za-z0-9._~+/!=-]{16,})"""),
    # a password in an address
    re.compile(r"""(?P<name>://)[^\s/:@"'<>]{0,128}:(?P<value>(?!\*+@)[^\s/"'<>]{1,512})@"""),
)
_BASIC = re.compile(r"\b(?P<name>Basic)\s{1,3}(?P<value>[A-Za-z0-9+/_-]{8,}={0,2})")


def headers(text: str) -> Iterator[Hit]:
    """Headers that hold a login, an address with a user and a password, and short options of commands."""
    for pattern in _HEADERS:
        for found in pattern.finditer(text):
            if found["value"].rpartition(" ")[2].strip("*") and not is_harmless(found["value"], Weight.STRONG):
                kind = "password in an address" if found["name"] == "://" else f"{found['name']} header"
                yield Hit(start=found.start("value"), end=found.end("value"), kind=kind)
    for found in _BASIC.finditer(text):
        if b":" in _decoded(found["value"]):
            yield Hit(start=found.start("value"), end=found.end("value"), kind="Basic header")
    for pattern in _SHORT_OPTIONS:
        for found in pattern.finditer(text):
            if not is_harmless(found["value"], Weight.STRONG) and not re.fullmatch(
                r"[a-z]+|\d{1,5}(?::\d{1,5})?", found["value"]
            ):
                yield Hit(start=found.start("value"), end=found.end("value"), kind="password of a command")


_CALL = re.compile(
    r"(?i)\b\w{0,40}(?:password|login|log_in|authenticat|credential)\w{0,40}\s?\((?P<arguments>[^()\n]{1,600})\)"
)
_ARGUMENT = re.compile(r"(?P<quote>[\"'`])(?P<value>[^\"'`\n]{6,300})(?P=quote)")


def arguments(text: str) -> Iterator[Hit]:
    """The arguments of a call that logs in, where they look generated; without a name nothing else shows them."""
    for call in _CALL.finditer(text):
        for found in _ARGUMENT.finditer(call["arguments"]):
            value = found["value"]
            if is_mixed(value) and not value.startswith("3MVG9") and not re.search(r"://|@[\w.-]+\.\w", value):
                start = call.start("arguments") + found.start("value")
                yield Hit(start=start, end=start + len(value), kind="argument of a login")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
    except ValueError:
        return b""

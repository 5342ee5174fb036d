"""`name = value`, in all the ways in which programs, settings, forms and addresses write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sfrunbook.core.secrets.names import Weight, is_expression, is_mixed
from sfrunbook.core.secrets.patterns import Hit
from sfrunbook.core.secrets.reading import BARE, MARK, PASSWORD, SPAN, Name, closing

__all__ = ["assigned"]

_ASSIGNED = re.compile(
    rf"(?P<close>(?:{MARK}|[\])*_\u201d\u00bb]){{0,4}})[ \t\u00a0]{{0,40}}"
    rf"(?P<sep>=>|->|\u2192|\uff1a|\.{{3,40}}|:=|={{1,3}}|:|%(?:25)*3[AaDd]|\\u003[dD])"
    rf"(?P<gap>[ \t]{{0,80}}(?:\r?\n[ \t]{{1,80}})?)"
    rf"(?:[bBrRfFu@$]{{1,2}}(?=[\"'])|!!?\w+[ \t]+|\*\*[ \t]*|"
    rf"(?:new )?[\w.]{{0,20}}(?:[Ss]tr|[Ss]ecret|code)\w{{0,8}}\()?"
    rf"(?P<open>{MARK})?"
)
#: the next literal of a value that is put together of several
_NEXT_LITERAL = re.compile(r"[ \t]*(?:\\?\r?\n[ \t]*)?(?:[+.&][ \t]*(?:\r?\n[ \t]*)?)?(?=[\"'])")
_BLOCK = re.compile(r"[|>][+-]?\d?[ \t]*\r?\n(?P<lines>(?P<indent>[ \t]+)\S.*(?:\r?\n(?P=indent)[ \t]*\S.*)*)")
#: an element of a list
_ITEM = re.compile(r"[\[,]\s{0,20}[\"']?(?P<value>[^\"',\[\]\n]+)")
#: the next lines of a value that was broken into several
_MORE_LINES = re.compile(
    r"[\"']?\\?(?:\r?\n[ \t]*[\"']?(?=[\w+/=.~!%-]*\d)"
    r"[\w+/.~!%-]{8,}={0,2}[\"']?\\?(?=[ \t]*(?:\r?\n|$)))+"
)
#: at the beginning of a line, a setting goes on to its end
_LINE = re.compile(r"(?:^|\n)[ \t]*(?:(?:export|ENV|set)[ \t]+)?$", re.I)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*[.,;:!?]?")
_OTHER_NAME = re.compile(r"\s[\w.-]+\s?=")
_PROSE = re.compile(
    r"\b(?:the|that|this|these|you|your|we|they|it|its|is|are|was|were|be|been|has|have|had|for|of|to|by|with|not|and|or|"
    r"from|in|on|at|as|if|can|can't|cannot|could|must|should|will|may|does|don't|isn't|user|see|enter|use|which|via|a|an|"
    r"invalid|incorrect|expired|wrong|required|missing|revoked)\b",
    re.I,
)


def assigned(name: Name) -> Iterator[Hit]:
    """`name = value`, `name: value`, `"name" => "value"`, also encoded for an address or escaped in another string."""
    found = _ASSIGNED.match(name.text, name.end)
    if not found:
        return
    if found["open"]:
        end = _end_of_quoted(name.text, found.end(), found["open"])
        yield from name.hit(found.end(), end)
    elif name.start < name.progress.bare:
        return
    elif found["sep"] in (":", "=") and (block := _BLOCK.match(name.text, found.end())):
        name.progress.bare = block.end()
        yield from name.hit(*block.span("lines"))
    elif "\n" in found["gap"]:
        below = BARE[0].match(name.text, found.end())
        if below and is_mixed(below[0]):
            yield from name.hit(*below.span())
    elif name.text.startswith("[", found.end()):
        for item in _ITEM.finditer(name.text, found.end(), found.end() + SPAN):
            yield from name.hit(*item.span("value"), weight=Weight.WEAK)
    else:
        yield from _bare(name, found)


def _bare(name: Name, found: re.Match[str]) -> Iterator[Hit]:
    """A value without quotes: one word, or the whole line of a setting for a password."""
    level = 0 if "%" not in found["sep"] else min(2, 1 + found["sep"].count("25"))
    value = BARE[level].match(name.text, found.end())
    if not value or value[0].startswith(("//", "***")):
        return
    name.progress.bare = value.end()
    loose, end = bool(found["gap"]) or found["sep"] == ":", value.end()
    rest = name.text[end : end + SPAN].partition("\n")[0]
    if _is_code(value[0], loose=loose, quoted_name=found["close"].strip("])*_") != ""):
        return
    if loose and found["sep"] == ":" and _is_prose(value[0], rest, PASSWORD.fullmatch(name.whole) is not None):
        return
    if PASSWORD.fullmatch(name.whole) and _LINE.search(name.text[max(0, name.start - 24) : name.start]):
        end += len(rest) if re.match(r"[ \t]+\S", rest) and not _OTHER_NAME.search(rest) else 0
    if more := _MORE_LINES.match(name.text, end):
        end = more.end()
    if name.weight is Weight.WEAK and _in_form(name, end):
        name.weight = Weight.STRONG
    doubtful = name.weight <= Weight.WEAK and found["sep"] in (":", "=")
    yield from name.hit(found.end(), end, doubtful=doubtful)


def _is_code(value: str, *, loose: bool, quoted_name: bool) -> bool:
    """Whether a value without quotes is a call, an index, a variable or a type in a program."""
    if re.fullmatch(r"[A-Za-z_][\w.]*[(\[]", value) or (loose and is_expression(value)):
        return True
    return loose and quoted_name and not is_mixed(value) and not value[0].isdigit()


def _is_prose(value: str, rest: str, password: bool) -> bool:
    """Whether a word is the first of a sentence; a password may itself have blanks."""
    if not _PLAIN.fullmatch(value) or not rest.strip(" .\t\r"):
        return False
    return not password or _PROSE.search(value + rest) is not None


def _in_form(name: Name, end: int) -> bool:
    """Whether a value is one of a query string or of a form, where a word is no prose."""
    before = name.text[max(0, name.start - 5) : name.start].upper()
    return before.endswith(("?", "&", "#", ";", "%3F", "%26", "%23")) or name.text.startswith("&", end)


def _end_of_quoted(text: str, start: int, mark: str) -> int:
    """Where a quoted value ends: at its mark, or with the line; literals that follow at once belong to it."""
    end = closing(text, start, mark)
    while mark in "\"'" and (following := _NEXT_LITERAL.match(text, min(end + 1, len(text)))):
        end = closing(text, following.end() + 1, text[following.end()])
    return end

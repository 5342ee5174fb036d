"""Which fault of the transport a program's text shows, and where each runtime is set; the rows are data.

Source: `transport_faults.toml`, with the address of each runtime's own documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomli

__all__ = ["OTHER", "Fault", "Runtime", "fault_in", "runtimes", "steps"]

#: the runtime of a text that names none
OTHER = "other"
#: the runtime of this program's own requests
_OWN = "runbook"
_STEPS = ("trust", "tls", "proxy")
#: how much of a long line is read before and after a hit
_LONGEST = 300
#: a name or number with its port, behind a user name and password that are no part of it
_ADDRESS = (
    r"(?:[a-z][a-z0-9+.-]{0,20}://)?(?:[^\s'\"<>]{0,300}@)?"
    r"(?P<address>(?:\[[0-9a-f:]{2,45}\]|[a-z0-9][a-z0-9.-]{0,252})(?::\d{1,5})?)"
)
_HOST = r"(?P<address>[a-z0-9][a-z0-9.-]{0,252})"
_NAMED = re.compile(r"<([a-z_]+)>")
#: an error code of OAuth or of Salesforce's API: whoever sent it was reached
_ANSWER = re.compile(
    r"(?i:errorcode)\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?[A-Z]+_|error_description"
    r"|[\"']error\\?[\"']\s{0,3}[:=]\s{0,3}\\?[\"'][a-z]+_"
)
_SALESFORCE = (".salesforce.com", ".force.com", ".salesforce-setup.com", ".salesforce.mil", ".sfcrmapps.cn")
#: pages that programs name in their messages
_MANUALS = ("curl.haxx.se", "curl.se", "urllib3.readthedocs.io", "help.salesforce.com", "developer.salesforce.com")
#: one line with an address that has no port, and the other address that was really asked: a proxy's
_ELSEWHERE = re.compile(
    r"https://[a-z0-9.-]{1,253}(?![a-z0-9.:-])[^\n]{0,300}?\b(?:econn[a-z]{1,10}|etimedout|connect to|dial tcp) "
    r"(?P<address>[a-z0-9][a-z0-9.-]{0,252}(?::| port )(?!443\b|80\b)\d{1,5})\b"
)
_USER_INFO = re.compile(r"(?<=://)[^\s'\"<>]{0,300}@")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a text shows."""

    #: the row of the catalogue
    code: str
    #: name of the runtime that wrote the text; "" where it isn't recognized
    runtime: str = ""
    #: host and port of the proxy that the text names, without user name and password
    proxy: str = ""
    #: the host that was asked, where the text names it
    host: str = ""
    #: the line that shows it, without user names and passwords in addresses
    line: str = ""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """A runtime, and what its user does to trust a certificate, to reach TLS 1.2, and to set a proxy."""

    name: str
    label: str
    #: by placeholder
    steps: Mapping[str, str]
    #: where each step is written, by placeholder
    sources: Mapping[str, str]
    recognized: _Patterns


@dataclass(frozen=True)
class _Patterns:
    """Several patterns, each with words that whatever fits must hold: few texts hold them, and that is found fast."""

    pairs: Sequence[tuple[str, str]]

    def search(self, text: str) -> re.Match[str] | None:
        """What the upmost pattern finds."""
        return next((hit for pattern in self._near(text) if (hit := pattern.search(text))), None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return (hit for pattern in self._near(text) for hit in pattern.finditer(text))

    def _near(self, text: str) -> Iterator[re.Pattern[str]]:
        return (_compiled(pattern) for words, pattern in self.pairs if words in text)


@dataclass(frozen=True, kw_only=True)
class _Row:
    code: str
    of_proxy: str
    beside: _Patterns
    near: _Patterns
    #: by runtime; "" for any
    shown: Mapping[str, _Patterns]

    def search(self, text: str, runtime: str) -> re.Match[str] | None:
        if self.beside.pairs and not self.beside.search(text):
            return None
        shown = [self.shown[name] for name in dict.fromkeys(("", runtime)) if name in self.shown]
        hits = (hit for patterns in shown for hit in patterns.finditer(text))
        return next((hit for hit in hits if not self.near.pairs or self.near.search(text[slice(*_line(hit))])), None)


@dataclass(frozen=True, kw_only=True)
class _Table:
    rows: Sequence[_Row]
    runtimes: Mapping[str, Runtime]
    proxy: _Patterns
    host: _Patterns


def fault_in(text: str) -> Fault | None:
    """The fault of the transport that a text shows; None where an API answered, or no row knows the text. Pure."""
    if _ANSWER.search(text):
        return None
    lowered = text.lower()
    runtime = next((one.name for one in runtimes().values() if one.recognized.search(lowered)), "")
    for row in _table().rows:
        if found := row.search(lowered, runtime):
            return _fault(row, found, runtime, text if len(text) == len(lowered) else lowered)
    return None


def runtimes() -> Mapping[str, Runtime]:
    """Every runtime by its name; what runs inside another one comes before it."""
    return _table().runtimes


def steps(runtime: str) -> Mapping[str, str]:
    """What the placeholders `{trust_step}`, `{tls_step}` and `{proxy_step}` say; "" for this program's own requests."""
    return runtimes().get(runtime or _OWN, runtimes()[OTHER]).steps


def _fault(row: _Row, found: re.Match[str], runtime: str, text: str) -> Fault:
    lowered = found.string
    start, end = _line(found)
    named = _table().proxy.search(lowered)
    proxy, code = ("" if named is None else named["address"]), row.code
    if row.of_proxy:
        line = lowered[start:end]
        if named is not None and start <= named.start() < end:
            line = lowered[start : named.start()] + lowered[named.end() : end]
        other = _ELSEWHERE.search(lowered, start, end)
        if proxy and _name_of(proxy) in line:
            code = row.of_proxy
        elif other is not None:
            code, proxy = row.of_proxy, other["address"].replace(" port ", ":")
    return Fault(
        code=code,
        runtime=runtime,
        proxy=proxy,
        host=_host(lowered, proxy),
        line=_shown(text, start, end, found.start()),
    )


def _line(found: re.Match[str]) -> tuple[int, int]:
    """Where the line of a hit begins and ends; of a long line, what surrounds the hit."""
    text, first, last = found.string, max(0, found.start() - _LONGEST), found.start() + _LONGEST
    start, end = text.rfind("\n", first, found.start()) + 1, text.find("\n", found.end(), last)
    return start or first, min(last, len(text)) if end < 0 else end


def _shown(text: str, start: int, end: int, at: int) -> str:
    """The line around a place in it, without user names and passwords; a word that is cut may be one, so it goes."""
    first, last = max(start, at - _LONGEST // 3), min(end, at + 2 * _LONGEST // 3)
    shown = text[first:last]
    if first and not text[first - 1].isspace():
        shown = re.sub(r"^\S+", "", shown)
    if last < len(text) and not text[last].isspace():
        shown = re.sub(r"\S+$", "", shown)
    return _USER_INFO.sub("", shown.strip())


def _name_of(address: str) -> str:
    return re.sub(r":\d+$", "", address)


def _host(lowered: str, proxy: str) -> str:
    """The Salesforce host that the text names, else the first host that isn't the proxy or a manual."""
    hosts = [host for host in _hosts(lowered) if host != _name_of(proxy) and host not in _MANUALS]
    return next((host for host in hosts if host.endswith(_SALESFORCE)), hosts[0] if hosts else "")


def _hosts(lowered: str) -> Iterator[str]:
    for found in _table().host.finditer(lowered):
        host = found["address"].rstrip(".-")
        if "." in host:
            yield host


@cache
def _table() -> _Table:
    document = tomli.loads(Path(__file__).with_name("transport_faults.toml").read_text(encoding="utf-8"))
    parts = document["parts"]
    return _Table(
        rows=[_row(table, parts) for table in document["fault"]],
        runtimes=MappingProxyType({name: _runtime(name, table) for name, table in document["runtime"].items()}),
        proxy=_patterns(document["names"]["proxy"], {"address": _ADDRESS}),
        host=_patterns(document["names"]["host"], {"address": _HOST}),
    )


def _row(table: Mapping[str, Any], parts: Mapping[str, Any]) -> _Row:
    unknown = set(table) - {"code", "shown", "shown_by", "beside", "near", "of_proxy"}
    if unknown:
        raise ValueError(f"a fault holds {', '.join(sorted(unknown))}")
    shown = {"": table.get("shown", []), **table.get("shown_by", {})}
    return _Row(
        code=table["code"],
        of_proxy=table.get("of_proxy", ""),
        beside=_patterns(table.get("beside", []), parts),
        near=_patterns(table.get("near", []), parts),
        shown={name: _patterns(patterns, parts) for name, patterns in shown.items()},
    )


def _runtime(name: str, table: Mapping[str, Any]) -> Runtime:
    return Runtime(
        name=name,
        label=table["label"],
        steps=MappingProxyType({f"{step}_step": table[step] for step in _STEPS}),
        sources=MappingProxyType({f"{step}_step": table["source"][step] for step in _STEPS}),
        recognized=_patterns(table.get("recognized", []), {}),
    )


def _patterns(patterns: Sequence[str], parts: Mapping[str, Any]) -> _Patterns:
    """The patterns with their <parts> filled in; one that is nothing but a list's name is all of that list."""
    lists = [parts[pattern[1:-1]] if isinstance(parts.get(pattern[1:-1]), list) else [pattern] for pattern in patterns]
    whole = [_NAMED.sub(lambda found: str(parts[found[1]]), pattern) for each in lists for pattern in each]
    return _Patterns([(_words_of(pattern), pattern) for pattern in whole])


def _words_of(pattern: str) -> str:
    """The longest run of plain characters outside of groups and sets, and not optional; "" where there is a choice."""
    bare = re.sub(r"\\.|\[[^\]]*\]", "\0", pattern)
    while (fewer := re.sub(r"\([^()]*\)", "\0", bare)) != bare:
        bare = fewer
    bare = re.sub(r"(?s).[?*]|.(?=\{)", "\0", bare)
    return "" if "|" in bare else max(re.split(r"\{[^}]*\}|[\0^$.+]", bare), key=len)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)

"""The leak gate: which secrets a text, a file or a notebook contains, and where, never the value."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from sfrunbook.core.secrets.formats import named_values
from sfrunbook.core.secrets.names import SECRET_NAMES, WEAK_NAMES, is_mixed
from sfrunbook.core.secrets.patterns import MARKER, REFERENCE, Hit, is_opaque, shaped_values
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.core.secrets.scan.containers import Content, contents_of
from sfrunbook.core.secrets.scan.decoding import decoded, lines_of
from sfrunbook.core.secrets.scan.needles import Needles, needles_for
from sfrunbook.core.secrets.scan.parts import Part, parts_of
from sfrunbook.core.secrets.secret import Secret, known_values

__all__ = ["NOT_LOOKED_INTO", "Leak", "scan_notebook", "scan_paths", "scan_text"]

#: the kind of what could not be opened, such as an archive with a password
NOT_LOOKED_INTO = "not looked into"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_EXCERPT = 72
#: a line that can hold an encoded shape; most lines cannot, and are not decoded
_MAY_HIDE = re.compile(r"%[0-9A-Fa-f]{2}|&#|\\[ux]|[A-Za-z0-9+/_-]{40}")
_LONG_LINE = 20_000


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A secret found in an artefact: its place and likely kind, never the value."""

    path: str
    #: such as `line 3` or `cell 2 (code), output 1, line 4`
    where: str
    kind: str
    #: the line with what is secret in it replaced by `***`; empty where that cannot be done safely
    excerpt: str = ""


def scan_text(text: str, values: Iterable[Secret | str] = (), *, path: str = "") -> tuple[Leak, ...]:
    """The secrets in a text: the given values and all known ones in any form, shapes, and named values.

    Known values are found whole, encoded (also several times over), split over lines, and in pieces. Stricter than
    `redact` about what it calls a named value: it must look made by a machine, so that documentation and tests give
    no alarm. Passwords of people are found as known values.
    """
    needles = _needles(values)
    return tuple(
        Leak(path=path, where=f"line {line}", kind=kind, excerpt=excerpt)
        for line, kind, excerpt in _found(_ANSI.sub("", text), needles)
    )


def scan_paths(
    paths: Iterable[Path | str], values: Iterable[Secret | str] = (), *, exclude: Iterable[str] = ()
) -> tuple[Leak, ...]:
    """The secrets in files, and in all files below folders; links are not followed.

    `exclude` are patterns such as `.git` or `tests/*`: a file whose name or path fits is left out.

    Notebooks are read as notebooks: sources, outputs, metadata, widget state and attachments (but for image data),
    each decoded from JSON first, and each stream of them once more as a whole. Archives, compressed files and databases
    are opened; what can't be is reported as NOT_LOOKED_INTO. Raises OSError when a file cannot be read, for an unread
    file is not a clean one.
    """
    needles = _needles(values)
    leaks: list[Leak] = []
    for path in _files(paths, tuple(exclude)):
        for content in contents_of(path.read_bytes()):
            leaks += _scan_content(content, values, needles, path)
    return tuple(dict.fromkeys(leaks))


def _scan_content(content: Content, values: Iterable[Secret | str], needles: Needles, path: Path) -> Iterator[Leak]:
    """The secrets in a text of a file, or the note that this place could not be looked into."""
    if content.text is None:
        yield Leak(path=str(path), where=content.inside or "all of it", kind=NOT_LOOKED_INTO)
        return
    notebook = (content.inside or path.name).endswith(".ipynb")
    document = _parsed(content.text) if notebook else None
    if document is None:
        found: Iterable[Leak] = scan_text(content.text, values, path=str(path))
    else:
        found = _scan_document(document, needles, str(path))
    for leak in found:
        yield replace(leak, where=f"{content.inside}, {leak.where}") if content.inside else leak


def scan_notebook(notebook: Mapping[str, Any], values: Iterable[Secret | str] = ()) -> tuple[Leak, ...]:
    """The same for a notebook that is not yet on disk."""
    return tuple(dict.fromkeys(_scan_document(notebook, _needles(values), "")))


def _needles(values: Iterable[Secret | str]) -> Needles:
    given = {value.reveal() if isinstance(value, Secret) else value for value in values}
    return needles_for(known_values() | given)


def _files(paths: Iterable[Path | str], exclude: tuple[str, ...]) -> Iterator[Path]:
    for given in map(Path, paths):
        if _excluded(given, exclude):
            continue
        if not given.is_dir():
            yield given
            continue
        for folder, folders, names in os.walk(given):
            here = Path(folder)
            folders[:] = sorted(name for name in folders if not _excluded(here / name, exclude))
            files = (here / name for name in sorted(names))
            yield from (path for path in files if not path.is_symlink() and not _excluded(path, exclude))


def _excluded(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path.name, pattern) or fnmatch(path.as_posix(), pattern) for pattern in patterns)


def _hits(text: str, needles: Needles) -> list[Hit]:
    """Every hit, the surest first: known values, shapes, names."""
    hits = list(needles.find(text)) if needles else []
    hits += shaped_values(text)
    if "\0" not in text:  # names in a binary file name nothing
        named = (hit for hit in named_values(text) if not hit.doubtful)
        hits += [hit for hit in named if _looks_made(hit, text[hit.start : hit.end])]
        hits += _hidden_shapes(text)
    return hits


def _looks_made(hit: Hit, value: str) -> bool:
    """Whether a named value looks made by a machine, or is a password with a digit."""
    return any(map(is_opaque, re.split(r"[\s\"']+", value))) or ("pass" in hit.kind and is_mixed(value))


def _hidden_shapes(text: str) -> Iterator[Hit]:
    """Lines with an encoded value of a shape of Salesforce."""
    for start, line in lines_of(text):
        if len(line) <= _LONG_LINE and _MAY_HIDE.search(line):
            for plain in decoded(line):
                for hit in shaped_values(plain):
                    yield Hit(start=start, end=start + len(line), kind=f"{hit.kind}, encoded")


def _found(text: str, needles: Needles) -> Iterator[tuple[int, str, str]]:
    """Line, kind and excerpt of every hit, in the order of the text; each place is reported once."""
    hits: list[Hit] = []
    for hit in _hits(text, needles):
        if not any(surer.start < hit.end and hit.start < surer.end for surer in hits):
            hits.append(hit)
    for hit in sorted(hits, key=lambda hit: hit.start):
        yield text.count("\n", 0, hit.start) + 1, hit.kind, _excerpt(text, hit, needles)


def _excerpt(text: str, hit: Hit, needles: Needles) -> str:
    """The line around a hit, masked; nothing when the mask does not hold or the hit goes over lines."""
    first, last = text.rfind("\n", 0, hit.start) + 1, text.find("\n", hit.end)
    before, after = text[first : hit.start], text[hit.end : last if last >= 0 else len(text)]
    if "\n" in text[hit.start : hit.end]:
        return ""
    masked = redact(f"{before[-_EXCERPT:]}\0{after[:_EXCERPT]}").replace("\0", MARKER).strip()
    whole = f"{before}{after}" if len(before) + len(after) < _LONG_LINE else masked
    return "" if _hits(masked, needles) or _hits(whole, needles) else masked


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _scan_document(document: Mapping[str, Any], needles: Needles, path: str) -> Iterator[Leak]:
    parts = list(parts_of(document))
    bad = set[str]()
    for part in parts:
        clean = _ANSI.sub("", part.text)
        for line, kind, excerpt in _found(clean, needles):
            where = f"{part.where}, line {line}" if "\n" in clean else part.where
            bad.add(part.where)
            yield Leak(path=path, where=where, kind=kind, excerpt=excerpt)
        if part.where not in bad and _is_named_secret(part.name, clean):
            yield Leak(path=path, where=part.where, kind=f"value of {part.name.lower()}")
    if needles:
        yield from _scan_streams(parts, needles, path, bad)


def _scan_streams(parts: Iterable[Part], needles: Needles, path: str, bad: set[str]) -> Iterator[Leak]:
    """Values that are spread over cells: the sources, and each kind of output, read one after the other."""
    streams: dict[str, list[Part]] = {}
    for part in parts:
        if part.stream and part.where not in bad:
            streams.setdefault(part.stream, []).append(part)
    for stream in streams.values():
        if len(stream) < 2:
            continue
        whole, begins = "", []
        for part in stream:
            begins.append(len(whole))
            whole += _ANSI.sub("", part.text) + "\n"
        for hit in needles.find_split(whole):
            at = max(number for number, begin in enumerate(begins) if begin <= hit.start)
            yield Leak(path=path, where=f"{stream[at].where} and after it", kind=hit.kind)


def _is_named_secret(name: str, value: str) -> bool:
    """Whether a string in metadata or widget state is a secret by its name there."""
    if REFERENCE.fullmatch(value) or not value.strip("*•"):
        return False
    if SECRET_NAMES.fullmatch(name):
        return len(value) >= 6 and " " not in value
    return WEAK_NAMES.fullmatch(name) is not None and is_opaque(value)

"""Keep secrets out of what is shown and find them in what was kept: texts, log records, artefacts."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sfrunbook.secret import Secret, known_values
from sfrunbook.secret_patterns import (
    MARKER,
    REFERENCE,
    SECRET_NAMES,
    WEAK_NAMES,
    Form,
    forms_of,
    is_opaque,
    named_values,
    shaped_values,
)

__all__ = [
    "Leak",
    "RedactingFilter",
    "install_log_redaction",
    "redact",
    "scan_paths",
    "scan_text",
    "shortened",
]

#: loggers that would write tokens, codes and verifiers when set to DEBUG
_LOGGERS = ("requests_oauthlib", "oauthlib", "urllib3", "http.client")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def redact(text: str) -> str:
    """`text` with every secret in it replaced by `***`; applying it again changes nothing.

    Three layers: the values that any Secret of this process held, in every form they may take; values after names such
    as `client_secret` or `code`; Salesforce's own shapes. Ordinary text, Consumer Keys and references stay.
    """
    while (cleaned := _redact_once(text)) != text:  # each turn shortens what is not yet marked, so it ends
        text = cleaned
    return text


def _redact_once(text: str) -> str:
    for form in _known_forms(known_values()):
        if form.text in text:
            # the rest of a base64 run goes too: it holds the value's last bits
            tail = r"[A-Za-z0-9+/_-]*={0,2}" if "base64" in form.kind else ""
            text = re.sub(re.escape(form.text) + tail, MARKER, text)
    for find in (shaped_values, named_values):
        spans = sorted((hit.start, hit.end) for hit in find(text))
        text = _cut(text, spans)
    return text


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        if start >= done:
            pieces += text[done:start], MARKER
        done = max(done, end)
    return "".join(pieces) + text[done:]


@lru_cache(maxsize=8)
def _known_forms(values: frozenset[str]) -> tuple[Form, ...]:
    """All forms of all values, longest first, so that a value inside another one leaves no rest of it."""
    forms = [form for value in values for form in forms_of(value) if form.text.strip("*")]
    return tuple(sorted(forms, key=lambda form: len(form.text), reverse=True))


def shortened(identifier: str) -> str:
    """An identifier such as a Consumer Key with its middle left out, for display; anything secret gives `***`.

    Only what starts as a Consumer Key does is shortened, since a key and a secret are easily swapped.
    """
    if redact(identifier) != identifier or not identifier.startswith("3MVG9") or len(identifier) < 24:
        return MARKER
    return f"{identifier[:9]}…{identifier[-4:]}"


# --- logs ------------------------------------------------------------------------------------------------------------


class RedactingFilter(logging.Filter):
    """Rewrites a log record so that its message, arguments, extras, traceback and stack hold no secret.

    The arguments are folded into the message and the traceback into text: a handler that formats them again, or keeps
    the record, finds nothing to leak.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # the caller's format does not fit its arguments
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = redact(message), None
        if record.exc_info:
            if not record.exc_text and isinstance(record.exc_info, tuple):
                record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        for name, value in record.__dict__.items():
            if name not in {"msg", "name"} and isinstance(value, str):
                record.__dict__[name] = redact(value)
            elif name not in _RECORD_FIELDS and not isinstance(value, int | float | bool | None):
                record.__dict__[name] = redact(repr(value))
        return True


_RECORD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__)
_filter = RedactingFilter()


def install_log_redaction() -> None:
    """Put the filter on the loggers of the HTTP and OAuth libraries and raise them to INFO unless a level was chosen.

    A logger's filter does not see what its children log, so each child gets it too: those that exist now, and later
    ones at their first record, by way of the record factory. May be called any number of times.
    """
    for name in _LOGGERS:
        top = logging.getLogger(name)
        if top.level == logging.NOTSET:
            top.setLevel(logging.INFO)
    for name in [*_LOGGERS, *logging.root.manager.loggerDict]:
        _cover(name)
    factory = logging.getLogRecordFactory()
    if isinstance(factory, _CoveringFactory):
        return
    logging.setLogRecordFactory(_CoveringFactory(factory))


def _cover(name: str) -> None:
    if name.startswith(_LOGGERS) and any(name == top or name.startswith(top + ".") for top in _LOGGERS):
        logging.getLogger(name).addFilter(_filter)


class _CoveringFactory:
    """A record factory that changes no record; it runs before a logger's filters do, in time to add ours."""

    def __init__(self, inner: Callable[..., logging.LogRecord]) -> None:
        self._inner = inner

    def __call__(self, name: str, *args: object, **kwargs: object) -> logging.LogRecord:
        _cover(name)
        return self._inner(name, *args, **kwargs)


# --- artefacts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A secret found in an artefact: where it stands and what it seems to be, never the value."""

    path: str
    #: such as `line 3` or `cell 2 (code), output 1, line 4`
    where: str
    kind: str


def scan_text(text: str, values: Iterable[Secret | str] = (), *, path: str = "") -> tuple[Leak, ...]:
    """The secrets in a text: the given values and all known ones in any form, shapes, and named values.

    Stricter than `redact` about what it calls a named value: it must look made by a machine, so that documentation and
    tests give no alarm. Passwords of people are found as known values.
    """
    return tuple(
        Leak(path=path, where=f"line {line}", kind=kind) for line, kind in _found(_ANSI.sub("", text), _forms(values))
    )


def scan_paths(paths: Iterable[Path | str], values: Iterable[Secret | str] = ()) -> tuple[Leak, ...]:
    """The secrets in files, and in all files below folders; links are not followed.

    Notebooks are read as notebooks: sources, outputs, metadata, widget state and attachments (but for image data),
    each decoded from JSON first. Raises OSError when a file cannot be read, for an unread file is not a clean one.
    """
    forms = _forms(values)
    leaks: list[Leak] = []
    for path in _files(paths):
        text = path.read_bytes().decode("utf-8", "replace")
        for where, kind in _scan_file(text, forms, notebook=path.suffix == ".ipynb"):
            leaks.append(Leak(path=str(path), where=where, kind=kind))
    return tuple(dict.fromkeys(leaks))


def _forms(values: Iterable[Secret | str]) -> tuple[Form, ...]:
    given = {value.reveal() if isinstance(value, Secret) else value for value in values}
    return _known_forms(known_values() | given)


def _files(paths: Iterable[Path | str]) -> Iterator[Path]:
    for one in map(Path, paths):
        if one.is_dir():
            yield from (path for path in sorted(one.rglob("*")) if path.is_file() and not path.is_symlink())
        else:
            yield one


def _found(text: str, forms: Iterable[Form]) -> Iterator[tuple[int, str]]:
    """Line and kind of every hit, in the order of the text; one hit for one place."""
    hits = [(text.find(form.text), form.kind) for form in forms if form.text in text]
    hits += [(hit.start, hit.kind) for hit in shaped_values(text)]
    if "\0" not in text:  # names in a binary file name nothing
        named = (hit for hit in named_values(text) if not hit.doubtful)
        hits += [(hit.start, hit.kind) for hit in named if is_opaque(text[hit.start : hit.end])]
    seen: set[int] = set()
    for start, kind in sorted(hits):
        if start not in seen:
            seen.add(start)
            yield text.count("\n", 0, start) + 1, kind


def _scan_file(text: str, forms: tuple[Form, ...], *, notebook: bool) -> Iterator[tuple[str, str]]:
    document = _parsed(text) if notebook else None
    if document is None:
        yield from ((f"line {line}", kind) for line, kind in _found(_ANSI.sub("", text), forms))
        return
    for where, name, part in _parts(document):
        clean = _ANSI.sub("", part)
        found = [(f"{where}, line {line}" if "\n" in clean else where, kind) for line, kind in _found(clean, forms)]
        if not found and _is_named_secret(name, clean):
            found = [(where, f"value of {name.lower()}")]
        yield from found


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _is_named_secret(name: str, value: str) -> bool:
    """Whether a string in metadata or widget state is a secret by the name it stands under."""
    if REFERENCE.fullmatch(value) or not value.strip("*•"):
        return False
    if SECRET_NAMES.fullmatch(name):
        return len(value) >= 6 and " " not in value
    return WEAK_NAMES.fullmatch(name) is not None and is_opaque(value)


def _parts(notebook: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every text of a notebook as (where it stands, name it stands under, text); cells are counted from 1."""
    cells = notebook.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else (), start=1):
        if not isinstance(cell, dict):
            continue
        here = f"cell {number} ({cell.get('cell_type', 'unknown')})"
        yield f"{here}, source", "", _joined(cell.get("source"))
        outputs = cell.get("outputs")
        for count, output in enumerate(outputs if isinstance(outputs, list) else (), start=1):
            yield from _strings(output, f"{here}, output {count}", "")
        rest = {key: value for key, value in cell.items() if key not in {"source", "outputs"}}
        yield from _strings(rest, here, "")
    for key, value in notebook.items():
        if key != "cells":
            yield from _strings(value, key, key)


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")


def _strings(value: object, where: str, name: str) -> Iterator[tuple[str, str, str]]:
    """The texts below a JSON value; a list of strings is one text, as the notebook format has it."""
    if isinstance(value, str):
        yield where, name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("image/") and key != "image/svg+xml":
                continue
            yield where, "", key
            yield from _strings(inner, f"{where}, {'widget state' if key == 'widgets' else key}", key)
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield where, name, "".join(value)
        for item in value:
            yield from _strings(item, where, name)

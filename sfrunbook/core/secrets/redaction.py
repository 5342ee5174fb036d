"""Keep secrets out of what is shown: texts and log records."""

from __future__ import annotations

import http.client
import logging
import re
from collections.abc import Callable, Iterable

from sfrunbook.core.secrets.formats import named_values
from sfrunbook.core.secrets.names import is_mixed
from sfrunbook.core.secrets.patterns import MARKER, forms_of_all, is_random, shaped_values
from sfrunbook.core.secrets.secret import known_values

__all__ = [
    "RedactingFilter",
    "cut",
    "install_log_redaction",
    "redact",
    "redact_unknown",
    "shortened",
]

#: loggers that would write tokens, codes and verifiers when set to DEBUG
_LOGGERS = ("requests_oauthlib", "oauthlib", "urllib3", "http.client")

#: a run that may be random: not a Consumer Key
_RUN = re.compile(r"(?<![A-Za-z0-9+/_~.-])(?!3MVG9)[A-Za-z0-9+/_~.-]{32,}={0,2}")
#: a run that is an address or a path: it begins with a slash, or has two parts that are words
_PATH = re.compile(r"/|(?:[^/]*/)*?[a-z]{4,}/(?:[^/]*/)*?[a-z]{4,}(?:/|$)")
_PART = re.compile(r"[^/]{32,}")
#: a text that may be nothing but a secret
_TOKEN = re.compile(r"[\w.!+=~%-]+")


def redact(text: str) -> str:
    """`text` with every secret in it replaced by `***`; applying it again changes nothing.

    Three layers: the values of every Secret of this process, in every form they may take; values after names such
    as `client_secret` or `code`; Salesforce's own shapes. Ordinary text, Consumer Keys and references stay.
    """
    return _redact(text)


def redact_unknown(text: str) -> str:
    """`redact`, and without the long random runs in a text of which nothing is known, such as a pasted one.

    Of an address or a path each part is judged alone: together they would look random. A Secret that is the whole text,
    as what was pasted into a field, doesn't mask all of it: its own secrets are looked for.
    """
    found = {text[hit.start : hit.end] for find in (shaped_values, named_values) for hit in find(text)}
    text = _redact(text, apart_from=text.strip())
    for value in sorted(filter(is_mixed, found), key=len, reverse=True):  # also where no name is before them
        text = text.replace(value, MARKER)
    return _RUN.sub(lambda run: _PART.sub(_masked, run[0]) if _PATH.match(run[0]) else _masked(run), text)


def _masked(run: re.Match[str]) -> str:
    return MARKER if is_random(run[0]) else run[0]


def _redact(text: str, *, apart_from: str = "") -> str:
    values = known_values()
    if apart_from and not _TOKEN.fullmatch(apart_from):
        values = frozenset(value for value in values if value.strip() != apart_from)
    while (cleaned := _redact_once(text, values)) != text:  # each turn shortens what is not yet marked, so it ends
        text = cleaned
    return text


def _redact_once(text: str, values: frozenset[str]) -> str:
    for form in forms_of_all(values):
        if form.text in text:
            # the rest of a base64 run goes too: it holds the value's last bits
            tail = r"[A-Za-z0-9+/_-]*={0,2}" if "base64" in form.kind else ""
            text = re.sub(re.escape(form.text) + tail, MARKER, text)
    for find in (shaped_values, named_values):
        spans = sorted((hit.start, hit.end) for hit in find(text))
        text = cut(text, spans)
    return text


def cut(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with `***` in the place of each span; they are sorted and may overlap."""
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        if start >= done:
            pieces += text[done:start], MARKER
        done = max(done, end)
    return "".join(pieces) + text[done:]


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
    http.client.print = _print  # type: ignore[attr-defined]  # its debug output is printed and not logged
    factory = logging.getLogRecordFactory()
    if isinstance(factory, _CoveringFactory):
        return
    logging.setLogRecordFactory(_CoveringFactory(factory))


def _print(*parts: object) -> None:
    print(redact(" ".join(map(str, parts))))  # noqa: T201 - in the place of the print that http.client debugs with


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

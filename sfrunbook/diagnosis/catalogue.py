"""The known failures as rows of data: reading them, refusing incomplete rows, and finding the row of a failure."""

from __future__ import annotations

import gc
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomli  # as the standard library's, compiled: three times as fast, and every `explain` reads all rows

from sfrunbook.core.model import AppKind, Cause, Failure, Mark, Remedy, Stage
from sfrunbook.diagnosis.published import Published, listed, published, source_of
from sfrunbook.diagnosis.rules import Rule, parse_rule

__all__ = ["UNRECOGNISED", "CatalogueError", "CauseRules", "Entry", "Match", "find", "is_family", "parse", "rows"]

#: code of the row for everything that no other row fits
UNRECOGNISED = "unrecognised-error"

_FOLDER = Path(__file__).with_name("catalogue_rows")
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: weight of a pattern that names an error code
_NAMED = 16
_ACTORS = ("Salesforce administrator", "Cyclr partner", "You")
#: a status in words, as someone copies it from a log
_ONLY_A_STATUS = re.compile(r"[\s\W\d]*(?:(?:https?|status|code|error)[\s\W\d]*)*", re.IGNORECASE)
#: stages of OAuth, where one `error` means the same thing whichever endpoint sends it
_OAUTH = frozenset({Stage.AUTHORIZE, Stage.TOKEN, Stage.REFRESH, Stage.REVOKE, Stage.INTROSPECT, Stage.USERINFO})


class CatalogueError(Exception):
    """A row of the catalogue is incomplete or contradicts another; a fault of this package, met by its tests."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A pattern that a failure may fit; an empty field is not compared."""

    stages: frozenset[Stage] = frozenset()
    #: exact `error` values in lower case; "" for a failure without an error code
    errors: frozenset[str] = frozenset()
    #: searched for in the description, case ignored; compiled when it is first looked at, since few are
    described: str | None = None
    statuses: frozenset[int] = frozenset()
    #: facts that the evidence must hold as they stand
    evidence: Mapping[str, str] = field(default_factory=dict)
    #: the code of a row, which this package itself writes: `timeout` is one, `Timeout` an error of the Bulk API
    own: bool = False

    @property
    def description(self) -> re.Pattern[str] | None:
        return None if self.described is None else _compiled(self.described)

    @property
    def weight(self) -> int:
        """How specific the pattern is: the error outweighs the description, which outweighs status and stage."""
        named = bool(self.errors - {""})
        return (
            _NAMED * named
            + 8 * (self.described is not None)
            + 4 * bool(self.evidence)
            + 2 * bool(self.statuses)
            + bool(self.stages)
        )

    def fits(self, failure: Failure, *, any_oauth_stage: bool = False) -> bool:
        """Whether the failure shows everything the pattern asks for."""
        if self.stages and failure.stage not in self.stages:
            elsewhere = (
                any_oauth_stage and bool(self.errors - {""}) and failure.stage in _OAUTH and self.stages & _OAUTH
            )
            if not elsewhere:
                return False
        error = failure.error if self.own else failure.error.strip().lower()
        return (
            (not self.errors or error in self.errors)
            and (not self.statuses or failure.http_status in self.statuses)
            and (self.description is None or self.description.search(failure.description) is not None)
            and all(failure.evidence.get(name) == value for name, value in self.evidence.items())
        )


@dataclass(frozen=True, kw_only=True)
class CauseRules:
    """The conditions on gathered facts that decide on one cause; of each kind, one that holds is enough.

    A cause among several has conditions, or says why no fact that can be gathered tells it from the others.
    """

    confirmed_by: tuple[Rule, ...] = ()
    #: the cause stays possible and comes before the other possible ones
    favoured_by: tuple[Rule, ...] = ()
    ruled_out_by: tuple[Rule, ...] = ()
    #: why there are no conditions
    no_rules_because: str = ""
    #: the fix is to wait: while it is only possible, the cause comes after every cause that can be checked now
    waits: bool = False

    @property
    def rules(self) -> tuple[Rule, ...]:
        return (*self.confirmed_by, *self.favoured_by, *self.ruled_out_by)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A known failure: texts, which may contain {placeholders}, and the patterns that lead here."""

    #: kebab-case, never reused
    code: str
    #: where the failure is at home; a local problem of this code is reported with this stage
    stage: Stage
    what: str
    why: str
    #: likeliest first
    causes: tuple[Cause, ...]
    #: public address where this is written
    source: str
    mark: Mark
    matches: tuple[Match, ...]
    infrastructure: bool = False
    #: by the code of the cause
    cause_rules: Mapping[str, CauseRules] = field(default_factory=dict)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@cache
def rows() -> Mapping[str, Entry]:
    """Every row by its code, in the order of the files; read from disk at the first call only."""
    collects = gc.isenabled()
    gc.disable()  # thousands of small objects are created and all of them stay: the collector would walk them in vain
    try:
        files = sorted(_FOLDER.glob("*.toml"))
        return parse({path.stem: tomli.loads(path.read_text(encoding="utf-8")) for path in files})
    finally:
        if collects:
            gc.enable()


def find(failure: Failure, entries: Mapping[str, Entry] | None = None) -> Entry:
    """The row that fits best: by its own code, then by its most specific pattern, else the row for the unknown.

    A second look lets an OAuth error count at an endpoint where it is not listed, since its meaning is the same there.
    The answer of the published list counts more than a pattern that ignores the code of the failure, so that the
    language of a text doesn't matter where there is a code; without a code, it counts less than any pattern.
    """
    entries = rows() if entries is None else entries
    weight, entry = _by_pattern(failure, entries)
    if entry is not None and (weight >= _NAMED or not failure.error):
        return entry
    return _by_list(failure, entries) or entry or entries[UNRECOGNISED]


def _by_pattern(failure: Failure, entries: Mapping[str, Entry]) -> tuple[int, Entry | None]:
    for any_oauth_stage in (False, True):
        fitting = [
            (match.weight, entry)
            for entry in entries.values()
            for match in entry.matches
            if match.fits(failure, any_oauth_stage=any_oauth_stage)
        ]
        if fitting:
            return max(fitting, key=lambda pair: pair[0])
    return 0, None


def _by_list(failure: Failure, entries: Mapping[str, Entry]) -> Entry | None:
    """The answer of published_codes.tsv; a bare HTTP status counts only where nothing else was said."""
    one = published(failure.error, failure.description)
    if one is None and not failure.error and failure.http_status is not None:
        bare = failure.stage is Stage.DATA or _ONLY_A_STATUS.fullmatch(failure.description)
        one = published(f"HTTP {failure.http_status}") if bare else None
    entry = entries.get(one.answer) if one else None
    return _answered(entry, one) if entry and one else None


def is_family(code: str) -> bool:
    """Whether a row is one of families.toml, which answer many published codes."""
    return code.startswith("published-")


def _answered(entry: Entry, one: Published) -> Entry:
    """The row as the answer for this code: what its list says of it, and the causes that the code leaves."""
    entry = replace(entry, why=entry.why.replace("{meaning}", one.meaning).replace("{listed}", listed(one)).strip())
    acting = [one.cause] if one.cause else one.who.split() if is_family(entry.code) else []
    if acting:
        entry = replace(entry, causes=tuple(cause for cause in entry.causes if cause.code in acting))
    if is_family(entry.code):
        entry = replace(entry, source=source_of(one), mark=Mark(one.mark))
    return entry


def parse(documents: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Entry]:
    """Turn parsed TOML documents, by name, into rows.

    A document holds `stage` and `[[row]]` tables; the one called `shared` holds
    `[sources]` (addresses used as `source = "@name"`), `[places]` (Setup paths used as `where = "@name"`; one path, or
    a table of `external_client_app` and `connected_app`) and `[causes.NAME]` (used as `use = "NAME"`). Raises
    CatalogueError on anything incomplete.
    """
    shared = documents.get("shared", {})
    found: dict[str, Entry] = {}
    for name, document in documents.items():
        for row in document.get("row", ()):
            entry = _entry(row, document.get("stage", name), shared)
            if entry.code in found:
                raise CatalogueError(f"{entry.code} stands twice")
            found[entry.code] = entry
    if UNRECOGNISED not in found:
        raise CatalogueError(f"no row {UNRECOGNISED}")
    return MappingProxyType(found)


def _entry(row: Mapping[str, Any], stage: str, shared: Mapping[str, Any]) -> Entry:
    code = _text(row, "code", "a row")
    if not _KEBAB.fullmatch(code):
        raise CatalogueError(f"{code} is not kebab-case")
    source = _text(row, "source", code)
    source = _text(shared["sources"], source[1:], code) if source.startswith("@") else source
    if not source.startswith("https://"):
        raise CatalogueError(f"{code}: the source is not an address: {source}")
    home = Stage(row.get("stage", stage))
    tables = [_unfolded(cause, code, shared) for cause in row.get("cause", ())]
    mark = Mark(_text(row, "mark", code))
    causes = tuple(_cause(table, code, shared, guessed=mark is Mark.GUESS) for table in tables)
    if not causes:
        raise CatalogueError(f"{code} names no cause")
    return Entry(
        code=code,
        stage=home,
        what=_text(row, "what", code),
        why=_text(row, "why", code),
        causes=causes,
        source=source,
        mark=mark,
        matches=(Match(errors=frozenset({code}), own=True), *(_match(match, home) for match in row.get("match", ()))),
        infrastructure=bool(row.get("infrastructure", False)),
        cause_rules={cause.code: _cause_rules(table, code) for cause, table in zip(causes, tables, strict=True)},
    )


def _unfolded(cause: Mapping[str, Any], code: str, shared: Mapping[str, Any]) -> Mapping[str, Any]:
    """The cause itself, or the shared cause that it names, with the fields that the row replaces."""
    if "use" not in cause:
        return cause
    name = cause["use"]
    if name not in shared.get("causes", {}):
        raise CatalogueError(f"{code} uses the unknown cause {name}")
    return {"code": name, **shared["causes"][name], **cause}


def _cause_rules(cause: Mapping[str, Any], code: str) -> CauseRules:
    try:
        return CauseRules(
            confirmed_by=tuple(parse_rule(text) for text in cause.get("confirmed_by", ())),
            favoured_by=tuple(parse_rule(text) for text in cause.get("favoured_by", ())),
            ruled_out_by=tuple(parse_rule(text) for text in cause.get("ruled_out_by", ())),
            no_rules_because=" ".join(str(cause.get("no_rules_because", "")).split()),
            waits=bool(cause.get("waits", False)),
        )
    except ValueError as wrong:
        raise CatalogueError(f"{code}, cause {cause.get('code')}: {wrong}") from None


def _cause(cause: Mapping[str, Any], code: str, shared: Mapping[str, Any], *, guessed: bool) -> Cause:
    """A cause with its remedies; the fix of a guessed failure is a guess as well."""
    remedies = tuple(_remedy(remedy, code, shared, guessed=guessed) for remedy in cause.get("remedy", ()))
    if not remedies:
        raise CatalogueError(f"{code}: the cause {cause.get('code')} has no remedy")
    return Cause(
        code=_text(cause, "code", code),
        summary=_text(cause, "summary", code),
        tell=_text(cause, "tell", code),
        remedies=remedies,
    )


def _remedy(remedy: Mapping[str, Any], code: str, shared: Mapping[str, Any], *, guessed: bool) -> Remedy:
    who, where = _text(remedy, "who", code), remedy.get("where")
    if who not in _ACTORS:
        raise CatalogueError(f"{code}: no role is called {who}")
    if isinstance(where, str) and where.startswith("@"):
        if where[1:] not in shared.get("places", {}):
            raise CatalogueError(f"{code} names the unknown place {where}")
        where = shared["places"][where[1:]]
    places = {kind: _text(where, kind.value, code) for kind in AppKind} if isinstance(where, Mapping) else {}
    both = ". ".join(f"{kind.label}: {place}" for kind, place in places.items())
    return Remedy(
        who=who,
        where=both or _text({"where": where}, "where", code),
        what=_text(remedy, "what", code),
        where_external_client_app=places.get(AppKind.EXTERNAL_CLIENT_APP, ""),
        where_connected_app=places.get(AppKind.CONNECTED_APP, ""),
        mark=Mark.GUESS if guessed else Mark(remedy.get("mark", Mark.CONFIRMED)),
    )


def _match(match: Mapping[str, Any], home: Stage) -> Match:
    unknown = set(match) - {"stage", "error", "description", "status", "evidence"}
    if unknown:
        raise CatalogueError(f"a pattern holds {', '.join(sorted(unknown))}")
    description = match.get("description")
    return Match(
        stages=frozenset(Stage(stage) for stage in _several(match.get("stage", home.value)) if stage != "any"),
        errors=frozenset(str(error).lower() for error in _several(match.get("error", ()))),
        described=None if description is None else str(description),
        statuses=frozenset(_several(match.get("status", ()))),
        evidence={str(name): str(value) for name, value in match.get("evidence", {}).items()},
    )


def _several(value: Any) -> Sequence[Any]:  # noqa: ANN401 - a TOML value: one or a list
    return value if isinstance(value, list | tuple) else (value,)


def _text(table: Mapping[str, Any], name: str, owner: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{owner} lacks {name}")
    return " ".join(value.split())

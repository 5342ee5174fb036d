"""Reads profiles from their TOML files, those that come with sfrunbook and the user's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.partners.faults import faults_of
from sfrunbook.partners.parts import Api, Callback, Console, Flag, RegistrationForm, Scope, Step, Variable
from sfrunbook.partners.profile import PartnerProfile

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

__all__ = ["Fault", "faults", "load", "names"]

_FOLDER = Path(__file__).with_name("profiles")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: a file names what it lists in the singular
_PLURALS = {"scope": "scope_rows", **{key: f"{key}s" for key in ("variable", "callback", "flag", "form", "step")}}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault in a profile's file."""

    #: the path of the field in the file, such as ("callback", 0, "url"); empty where it is not a single field
    place: tuple[str | int, ...] = ()
    reason: str

    @property
    def field(self) -> str:
        """The path of the field, tables counted from 1."""
        return ".".join(str(part + 1) if isinstance(part, int) else part for part in self.place)

    def line(self, lines: Sequence[str]) -> int | None:
        """The line of the field, else of its table, else the line that the message of a TOML error names."""
        if not self.place:
            found = re.search(r"at line (\d+)", self.reason)
            return int(found.group(1)) if found else None
        table, *rest = self.place
        if not rest:
            return _first(lines, 0, len(lines), f"{table}")
        number = rest[0] if isinstance(rest[0], int) else 0
        heads = [at for at, line in enumerate(lines) if line.split("#")[0].strip() in (f"[[{table}]]", f"[{table}]")]
        if number >= len(heads):
            return None
        end = next((at for at in range(heads[number] + 1, len(lines)) if lines[at].startswith("[")), len(lines))
        named = [part for part in rest if isinstance(part, str)]
        return _first(lines, heads[number], end, named[0]) if named else heads[number] + 1


def _first(lines: Sequence[str], start: int, end: int, name: str) -> int | None:
    for at in range(start, end):
        if re.match(rf"\s*{re.escape(name)}\s*=", lines[at]):
            return at + 1
    return start + 1 if start else None


@dataclass(frozen=True, kw_only=True)
class _Document:
    """A profile's TOML file; pydantic hands the configuration on to the parts."""

    #: a name that the file may not contain is a fault
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 -- pydantic reads it from the class

    label: str
    summary: str
    source: str
    api: Api = ""
    connector: str = ""
    console: Console | None = None
    variable: tuple[Variable, ...] = ()
    callback: tuple[Callback, ...]
    scope: tuple[Scope, ...]
    flag: tuple[Flag, ...] = ()
    form: tuple[RegistrationForm, ...] = ()
    step: tuple[Step, ...] = ()


def names(own: Path | None = None) -> tuple[str, ...]:
    """The profiles that come with sfrunbook, and those in the user's own folder."""
    folders = (_FOLDER, own) if own else (_FOLDER,)
    return tuple(
        sorted({path.stem for folder in folders for path in folder.glob("*.toml") if _NAME.fullmatch(path.stem)})
    )


def load(name_or_path: str | Path, own: Path | None = None) -> PartnerProfile:
    """A profile by its name, or from the user's own TOML file.

    A name is looked up among those that come with sfrunbook, then in the folder `own`.
    Raises the problems `profile-not-found` and `profile-invalid`.
    """
    text = str(name_or_path)
    if _NAME.fullmatch(text):
        if own and text not in names() and (own / f"{text}.toml").is_file():
            return _read(text, own / f"{text}.toml")
        return _packaged(text)
    path = Path(name_or_path).expanduser()
    if path.suffix != ".toml" or not path.is_file():
        raise _not_found(text)
    return _read(path.stem, path)


@cache
def _packaged(name: str) -> PartnerProfile:
    if name not in names():
        raise _not_found(name)
    return _read(name, _FOLDER / f"{name}.toml")


def _not_found(name: str) -> RunbookError:
    return problem("profile-not-found", name=name, known=names())


@cache
def _adapter() -> TypeAdapter[_Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Document)


def faults(path: Path) -> tuple[Fault, ...]:
    """Everything that is wrong with a profile's file, empty when it can be used.

    A file that is not TOML has one fault, with the line in its words; a file with wrong fields has those only.
    """
    from pydantic import ValidationError

    try:
        profile = _parsed(path.stem, path)
    except ValidationError as error:
        return _faults_in(error)
    except OSError as error:
        return (Fault(reason=reason_of(error)),)
    except ValueError as error:
        return (Fault(reason=str(error)),)
    return tuple(Fault(reason=reason) for reason in faults_of(profile))


def _read(name: str, path: Path) -> PartnerProfile:
    from pydantic import ValidationError

    try:
        profile = _parsed(name, path)
    except ValidationError as error:
        reasons = [f"{'.'.join(map(str, fault.place))}: {fault.reason}" for fault in _faults_in(error)[:5]]
        raise problem("profile-invalid", name=name, reason="; ".join(reasons)) from None
    except (OSError, ValueError) as error:
        raise problem("profile-invalid", name=name, reason=str(error)) from None
    for reason in faults_of(profile):
        raise problem("profile-invalid", name=name, reason=reason)
    return profile


def _faults_in(error: ValidationError) -> tuple[Fault, ...]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(Fault(place=tuple(entry["loc"]), reason=entry["msg"]) for entry in found)


def _parsed(name: str, path: Path) -> PartnerProfile:
    document = _adapter().validate_python(tomllib.loads(path.read_text("utf-8")))
    fields = {_PLURALS.get(key, key): value for key, value in vars(document).items()}
    return PartnerProfile(name=name, **fields)

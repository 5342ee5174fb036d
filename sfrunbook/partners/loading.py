"""Profiles read from their TOML files, those that come with sfrunbook and one's own."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.partners.faults import faults_of
from sfrunbook.partners.parts import STRICT, Api, Callback, Flag, RegistrationForm, Scope, Step, Variable
from sfrunbook.partners.profile import PartnerProfile

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["Fault", "faults", "load", "names"]

_FOLDER = Path(__file__).with_name("profiles")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a profile's file."""

    #: the field as a way through the file, such as ("callback", 0, "url"); empty where it is no single field
    place: tuple[str | int, ...] = ()
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Document:
    """A profile's TOML file as it stands."""

    __pydantic_config__ = STRICT

    label: str
    summary: str
    source: str
    api: Api = ""
    connector: str = ""
    variable: tuple[Variable, ...] = ()
    callback: tuple[Callback, ...]
    scope: tuple[Scope, ...]
    flag: tuple[Flag, ...] = ()
    form: tuple[RegistrationForm, ...] = ()
    step: tuple[Step, ...] = ()


def names(own: Path | None = None) -> tuple[str, ...]:
    """The profiles that come with sfrunbook, and those in a folder of one's own."""
    folders = (_FOLDER, own) if own else (_FOLDER,)
    return tuple(sorted({path.stem for one in folders for path in one.glob("*.toml") if _NAME.fullmatch(path.stem)}))


def load(name_or_path: str | Path, own: Path | None = None) -> PartnerProfile:
    """A profile by its name, or from a TOML file of one's own.

    A name is looked for among those that come with sfrunbook, then in the folder `own`.
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
    """Everything that is wrong with a profile's file, none when it can be used.

    A file that is not TOML has one fault, with the line in its words; one with wrong fields has those only.
    """
    from pydantic import ValidationError

    try:
        document = _adapter().validate_python(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return tuple(Fault(place=tuple(one["loc"]), reason=one["msg"]) for one in found)
    except OSError as error:
        return (Fault(reason=reason_of(error)),)
    except ValueError as error:
        return (Fault(reason=str(error)),)
    return tuple(Fault(reason=one) for one in faults_of(_profile(path.stem, document)))


def _read(name: str, path: Path) -> PartnerProfile:
    from pydantic import ValidationError

    try:
        document = _adapter().validate_python(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise problem("profile-invalid", name=name, reason=_reason(error, ValidationError)) from None
    profile = _profile(name, document)
    for fault in faults_of(profile):
        raise problem("profile-invalid", name=name, reason=fault)
    return profile


def _profile(name: str, document: _Document) -> PartnerProfile:
    return PartnerProfile(
        name=name,
        label=document.label,
        summary=document.summary,
        source=document.source,
        api=document.api,
        connector=document.connector,
        variables=document.variable,
        callbacks=document.callback,
        scopes=tuple(scope.name for scope in document.scope),
        scope_rows=document.scope,
        flags=document.flag,
        forms=document.form,
        steps=document.step,
    )


def _reason(error: Exception, validation: type[Exception]) -> str:
    """Every fault that pydantic found, by the place in the file; other errors in their own words."""
    if not isinstance(error, validation):
        return str(error)
    faults = error.errors(include_url=False, include_context=False, include_input=False)  # type: ignore[attr-defined]
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:5])

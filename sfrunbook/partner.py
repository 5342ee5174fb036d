"""What a partner needs of the app in Salesforce and of the person at the partner's screen, read from a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from sfrunbook.diagnose import problem
from sfrunbook.model import AppKind, Mark, RunbookError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = [
    "Callback",
    "Fault",
    "Field",
    "FilledField",
    "Flag",
    "Mistake",
    "Option",
    "PartnerProfile",
    "RegistrationForm",
    "Scope",
    "Step",
    "Variable",
    "faults",
    "load",
    "names",
]

_FOLDER = Path(__file__).with_name("profiles")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
#: Salesforce's limit for all Callback URLs of one app together, with the line breaks between them
_CALLBACK_CHARACTERS = 2000
_CONFIG = {"extra": "forbid"}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

#: what a field of the form is filled with, beside its own words or a flag's value
_Source = Literal["", "callbacks", "scopes"]
#: the partner APIs that this runbook has a client for
Api = Literal["", "cyclr"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """A value of a variable that is known, offered by name."""

    __pydantic_config__ = _CONFIG

    label: str
    value: str
    #: end of the other variables' values that belong to it, such as `.eu.cyclr.com`; the longest one that fits counts
    suffix: str = ""
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """Something else that is often entered for a variable."""

    __pydantic_config__ = _CONFIG

    #: regular expression that the whole value fits
    pattern: str
    #: a sentence on what it is and where the right value is found
    told: str


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A part of the Callback URLs that differs from partner to partner."""

    __pydantic_config__ = _CONFIG

    name: str
    label: str
    #: where the value is found and how it is written
    help: str
    example: str
    #: regular expression that the whole value fits
    pattern: str
    #: what is said of a value that does not fit
    reason: str
    #: empty when a value must be given
    default: str = ""
    #: whether the partner can be served without it
    optional: bool = False
    #: known values; another one may be entered all the same
    option: tuple[Option, ...] = ()
    mistake: tuple[Mistake, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Callback:
    """A Callback URL with {variables} in it."""

    __pydantic_config__ = _CONFIG

    url: str
    why: str
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A scope by its OAuth name and by the words on Salesforce's screen."""

    __pydantic_config__ = _CONFIG

    name: str
    label: str
    why: str
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A box of the app's OAuth settings; `leave` is for boxes that the partner's needs do not decide."""

    __pydantic_config__ = _CONFIG

    name: str
    label: str
    wanted: Literal["on", "off", "leave"]
    #: the value wanted, in words for people
    value: str
    why: str
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do on the partner's own screens, after the registration."""

    __pydantic_config__ = _CONFIG

    where: str
    what: str
    #: the value that is carried over in this step, by its OAuth name
    copies: Literal["", "client_id", "client_secret"] = ""
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of Salesforce's form; exactly one of `value`, `flag` and `fill` says what goes into it."""

    __pydantic_config__ = _CONFIG

    section: str
    label: str
    value: str = ""
    #: name of the flag whose value it takes
    flag: str = ""
    fill: _Source = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class RegistrationForm:
    """A form of Salesforce on which the app is registered, its fields in the order of the screen."""

    __pydantic_config__ = _CONFIG

    name: str
    app_kind: AppKind
    label: str
    #: when this form is the right one
    when: str
    #: click path to the empty form
    path: str
    #: what ends it
    finish: str
    #: click path to Consumer Key and Consumer Secret
    reveal: str
    #: click path to the policies of the finished app
    policies: str
    #: how long the app may not work yet
    delay: str
    mark: Mark
    source: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class FilledField:
    """One field of the form with the value to enter; several lines for several Callback URLs or scopes."""

    section: str
    label: str
    value: str
    why: str
    #: how well it is known that this value is the right one
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a profile's file."""

    #: the field as a way through the file, such as ("callback", 0, "url"); empty where it is no single field
    place: tuple[str | int, ...] = ()
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Document:
    """A profile's TOML file as it stands."""

    __pydantic_config__ = _CONFIG

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


@dataclass(frozen=True, kw_only=True)
class PartnerProfile:
    """A partner's needs, checked for completeness."""

    name: str
    label: str
    summary: str
    #: address of the partner's own guide
    source: str
    #: whose API can be asked; empty for a partner whose side is done and proved by hand
    api: Api = ""
    #: what the partner calls its Salesforce connector
    connector: str = ""
    variables: tuple[Variable, ...] = ()
    callbacks: tuple[Callback, ...]
    #: OAuth names of the scopes, in the order of `scope_rows`
    scopes: tuple[str, ...]
    scope_rows: tuple[Scope, ...]
    flags: tuple[Flag, ...] = ()
    forms: tuple[RegistrationForm, ...] = field(default=(), repr=False)
    steps: tuple[Step, ...] = field(default=(), repr=False)

    def values(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The value of every variable, defaults filled in; an optional one without a value is left out.

        Raises the problems `profile-variable-missing` and `profile-variable-invalid`.
        """
        known = {variable.name for variable in self.variables}
        for name in sorted(set(variables) - known):
            reason = f"the profile {self.name} has no such variable"
            raise problem("profile-variable-invalid", variable=name, value=variables[name], reason=reason)
        found: dict[str, str] = {}
        for variable in self.variables:
            value = variables.get(variable.name, "") or variable.default
            if not value and variable.optional:
                continue
            if not value:
                raise problem("profile-variable-missing", profile=self.name, variable=variable.name)
            if not re.fullmatch(variable.pattern, value):
                raise problem("profile-variable-invalid", variable=variable.name, value=value, reason=variable.reason)
            found[variable.name] = value
        return found

    def callback_urls(self, variables: Mapping[str, str]) -> tuple[str, ...]:
        """Every Callback URL that the app needs, each once; raises the problems of `values`."""
        return tuple(dict.fromkeys(self.filled_callbacks(variables)))

    def filled_callbacks(self, variables: Mapping[str, str]) -> tuple[str, ...]:
        """The Callback URL of each of `callbacks`, in their order; raises the problems of `values`."""
        values = self.values(variables)
        return tuple(_filled(callback.url, values) for callback in self.callbacks)

    def flag(self, name: str) -> Flag:
        """The flag called `name`; KeyError when there is none."""
        return {flag.name: flag for flag in self.flags}[name]

    def forms_for(self, app_kind: AppKind) -> tuple[RegistrationForm, ...]:
        """The forms on which an app of this kind is registered, the usual one first."""
        return tuple(form for form in self.forms if form.app_kind is app_kind)

    def fill(
        self, form: RegistrationForm, variables: Mapping[str, str], more_callbacks: Iterable[str] = ()
    ) -> tuple[FilledField, ...]:
        """The form filled in; `more_callbacks` are added to the partner's, such as the runbook's own.

        Raises the problems of `values`, and `profile-invalid` when the Callback URLs do not fit into their field.
        """
        callbacks = "\n".join(dict.fromkeys((*self.callback_urls(variables), *more_callbacks)))
        if len(callbacks) > _CALLBACK_CHARACTERS:
            reason = f"the Callback URLs have more than {_CALLBACK_CHARACTERS} characters together"
            raise problem("profile-invalid", name=self.name, reason=reason)
        ready = {"callbacks": callbacks, "scopes": "\n".join(scope.label for scope in self.scope_rows)}
        return tuple(self._filled_field(one, ready, form.mark) for one in form.fields)

    def _filled_field(self, one: Field, ready: Mapping[str, str], mark: Mark) -> FilledField:
        value, why = one.value, one.why
        if one.flag:
            flag = self.flag(one.flag)
            value, why, mark = flag.value, one.why or flag.why, flag.mark
        elif one.fill:
            value = ready[one.fill]
        return FilledField(section=one.section, label=one.label, value=value, why=why, mark=mark)


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
        return (Fault(reason=error.strerror or type(error).__name__),)
    except ValueError as error:
        return (Fault(reason=str(error)),)
    return tuple(Fault(reason=one) for one in _faults(_profile(path.stem, document)))


def _read(name: str, path: Path) -> PartnerProfile:
    from pydantic import ValidationError

    try:
        document = _adapter().validate_python(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise problem("profile-invalid", name=name, reason=_reason(error, ValidationError)) from None
    profile = _profile(name, document)
    for fault in _faults(profile):
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


def _faults(profile: PartnerProfile) -> Iterable[str]:
    """What the shape alone does not show: names that point nowhere, values that cannot be meant."""
    for group in (profile.variables, profile.scope_rows, profile.flags, profile.forms):
        seen = [one.name for one in group]
        for name in sorted({name for name in seen if seen.count(name) > 1}):
            yield f"{name} stands twice"
    if not profile.callbacks or not profile.scopes:
        yield "a profile needs at least one callback and one scope"
    variables = {variable.name for variable in profile.variables}
    optional = {variable.name for variable in profile.variables if variable.optional and not variable.default}
    for variable in profile.variables:
        yield from _faults_of_variable(variable)
    for callback in profile.callbacks:
        for name in sorted(set(_PLACEHOLDER.findall(callback.url)) - variables):
            yield f"the callback {callback.url} needs the variable {name}, which is not there"
        for name in sorted(set(_PLACEHOLDER.findall(callback.url)) & optional):
            yield f"the callback {callback.url} needs the variable {name}, which is optional"
        if not _is_safe(_PLACEHOLDER.sub("x", callback.url)):
            yield f"the callback {callback.url} is neither https nor on this machine"
    flags = {flag.name for flag in profile.flags}
    for form in profile.forms:
        for one in form.fields:
            if sum(map(bool, (one.value, one.flag, one.fill))) != 1:
                yield f"the field {one.label} of {form.name} needs exactly one of value, flag and fill"
            elif one.flag and one.flag not in flags:
                yield f"the field {one.label} of {form.name} names the flag {one.flag}, which is not there"


def _faults_of_variable(variable: Variable) -> Iterable[str]:
    try:
        pattern = re.compile(variable.pattern)
    except re.error:
        yield f"the pattern of {variable.name} is no regular expression"
        return
    for value in (variable.example, variable.default):
        if value and not pattern.fullmatch(value):
            yield f"the value {value} of {variable.name} does not fit its own pattern"


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL))


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; a practice partner, at a port of this machine, is met without TLS."""
    url = _PLACEHOLDER.sub(lambda found: values[found.group(1)], template)
    parts = urlsplit(url)
    on_this_machine = parts.scheme == "https" and parts.hostname in _LOCAL and parts.port is not None
    return parts._replace(scheme="http").geturl() if on_this_machine else url

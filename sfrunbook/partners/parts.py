"""The parts of a profile's file: variables, Callback URLs, scopes, boxes, forms and steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfrunbook.core.model import AppKind, Mark

__all__ = [
    "Api",
    "Callback",
    "Console",
    "Doubt",
    "Field",
    "FilledField",
    "Flag",
    "Mistake",
    "Option",
    "RegistrationForm",
    "Scope",
    "Shape",
    "Step",
    "Variable",
]

#: what fills a field of the form, beside its own words or a flag's value
_Source = Literal["", "callbacks", "scopes"]
#: the partner APIs that this runbook has a client for
Api = Literal["", "cyclr"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """A value of a variable that is known, offered by name."""

    label: str
    value: str
    #: end of the other variables' values that belong to it, such as `.eu.cyclr.com`; the longest match counts
    suffix: str = ""
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """Something else that is often entered for a variable."""

    #: regular expression that the whole value fits
    pattern: str
    #: a sentence on what it is and where the right value is found
    told: str


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The form of values that the partner itself issues."""

    pattern: str
    #: a sentence on what such a value is, and whether the shape is a guess
    told: str
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A value of no known shape, which may still be right: the user confirms it before it is used."""

    pattern: str
    #: why it is doubtful, and where the right value is found
    told: str
    #: how the user confirms it, with the value after it, such as "The Partner Console shows"
    sure: str


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A part of the Callback URLs that differs from partner to partner."""

    name: str
    label: str
    #: where the value is found and how it is written
    help: str
    example: str
    #: regular expression that the whole value fits
    pattern: str
    #: why a value does not fit
    reason: str
    #: empty when a value must be given
    default: str = ""
    #: a sentence on whose value the default is, where it is not everybody's
    default_told: str = ""
    #: whether the partner works without it
    optional: bool = False
    #: known values; another value may still be entered
    option: tuple[Option, ...] = ()
    mistake: tuple[Mistake, ...] = ()
    shape: tuple[Shape, ...] = ()
    #: the first that matches a value of no known shape counts
    doubt: tuple[Doubt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Console:
    """The partner's own screens, as far as their address is known."""

    #: address with {variables} in it
    url: str
    #: as the link names it
    label: str
    #: what the first part of a click path to one of its screens is called
    names: tuple[str, ...]
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Callback:
    """A Callback URL with {variables} in it."""

    url: str
    why: str
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A scope by its OAuth name and by the words on Salesforce's screen."""

    name: str
    label: str
    why: str
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A box of the app's OAuth settings; `leave` is for boxes that the partner's needs do not decide."""

    name: str
    label: str
    wanted: Literal["on", "off", "leave"]
    #: the value in words
    value: str
    why: str
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A task on the partner's own screens, after the registration."""

    where: str
    what: str
    #: the value that is carried over in this step, by its OAuth name
    copies: Literal["", "client_id", "client_secret"] = ""
    mark: Mark
    source: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of Salesforce's form; exactly one of `value`, `flag` and `fill` fills it."""

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

    name: str
    app_kind: AppKind
    label: str
    #: when this form is the right one
    when: str
    #: click path to the empty form
    path: str
    #: what completes it
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

    @property
    def app_path(self) -> str:
        """Click path to an app that is there already: the page on which Consumer Key and Consumer Secret begin."""
        return self.reveal.partition(";")[0].rpartition(" > ")[0]


@dataclass(frozen=True, kw_only=True)
class FilledField:
    """A field of the form with the value to enter; several lines for several Callback URLs or scopes."""

    section: str
    label: str
    value: str
    why: str
    #: how sure it is that this value is right
    mark: Mark
    #: whether it only names the app or its owner, and has no effect on access
    names_app: bool = False

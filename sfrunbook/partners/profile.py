"""A partner's needs, and Salesforce's form filled in by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sfrunbook.core.errors import problem
from sfrunbook.core.model import AppKind, Mark
from sfrunbook.partners.parts import (
    Api,
    Callback,
    Console,
    Field,
    FilledField,
    Flag,
    RegistrationForm,
    Scope,
    Step,
    Variable,
)

__all__ = ["LOCAL_HOSTS", "PLACEHOLDER", "PartnerProfile"]

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
#: Salesforce's limit for all Callback URLs of one app together, with the line breaks between them
_CALLBACK_CHARACTERS = 2000


@dataclass(frozen=True, kw_only=True)
class PartnerProfile:
    """A partner's needs, checked for completeness."""

    name: str
    label: str
    summary: str
    #: address of the partner's own guide
    source: str
    #: the API that can be asked; empty for a partner whose side is done and checked by hand
    api: Api = ""
    #: the partner's name for its Salesforce connector
    connector: str = ""
    #: None for a partner whose screens have no known address
    console: Console | None = None
    variables: tuple[Variable, ...] = ()
    callbacks: tuple[Callback, ...]
    scope_rows: tuple[Scope, ...]
    flags: tuple[Flag, ...] = ()
    forms: tuple[RegistrationForm, ...] = field(default=(), repr=False)
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def scopes(self) -> tuple[str, ...]:
        """OAuth names of the scopes."""
        return tuple(scope.name for scope in self.scope_rows)

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

    def console_address(self, variables: Mapping[str, str]) -> str:
        """The address of the partner's own screens, or "" where none is known; raises the problems of `values`."""
        return _filled(self.console.url, self.values(variables)) if self.console else ""

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
        return tuple(self._filled_field(field, ready, form.mark) for field in form.fields)

    def _filled_field(self, field: Field, ready: Mapping[str, str], mark: Mark) -> FilledField:
        value, why = field.value, field.why
        if field.flag:
            flag = self.flag(field.flag)
            value, why, mark = flag.value, field.why or flag.why, flag.mark
        elif field.fill:
            value = ready[field.fill]
        names_app = not (field.flag or field.fill or value in ("checked", "cleared"))
        return FilledField(
            section=field.section, label=field.label, value=value, why=why, mark=mark, names_app=names_app
        )


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; a practice partner, at a port of this machine, is reached without TLS."""
    url = PLACEHOLDER.sub(lambda found: values[found.group(1)], template)
    parts = urlsplit(url)
    on_this_machine = parts.scheme == "https" and parts.hostname in LOCAL_HOSTS and parts.port is not None
    return parts._replace(scheme="http").geturl() if on_this_machine else url

"""Faults of a profile beyond its shape: names that point nowhere, values that cannot be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from sfrunbook.partners.parts import Doubt, Mistake, Shape, Variable
from sfrunbook.partners.profile import LOCAL_HOSTS, PLACEHOLDER, PartnerProfile

__all__ = ["faults_of"]


def faults_of(profile: PartnerProfile) -> Iterable[str]:
    for group in (profile.variables, profile.scope_rows, profile.flags, profile.forms):
        names = [entry.name for entry in group]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{name} stands twice"
    if not profile.callbacks or not profile.scopes:
        yield "a profile needs at least one callback and one scope"
    variables = {variable.name for variable in profile.variables}
    optional = {variable.name for variable in profile.variables if variable.optional and not variable.default}
    for variable in profile.variables:
        yield from _faults_of_variable(variable)
    addresses = [(f"the callback {callback.url}", callback.url) for callback in profile.callbacks]
    if profile.console:
        addresses.append((f"the console {profile.console.url}", profile.console.url))
    for what, url in addresses:
        for name in sorted(set(PLACEHOLDER.findall(url)) - variables):
            yield f"{what} needs the variable {name}, which doesn't exist"
        for name in sorted(set(PLACEHOLDER.findall(url)) & optional):
            yield f"{what} needs the variable {name}, which is optional"
        if not _is_safe(PLACEHOLDER.sub("x", url)):
            yield f"{what} is neither https nor on this machine"
    flags = {flag.name for flag in profile.flags}
    for form in profile.forms:
        for field in form.fields:
            if sum(map(bool, (field.value, field.flag, field.fill))) != 1:
                yield f"the field {field.label} of {form.name} needs exactly one of value, flag and fill"
            elif field.flag and field.flag not in flags:
                yield f"the field {field.label} of {form.name} names the flag {field.flag}, which doesn't exist"


def _faults_of_variable(variable: Variable) -> Iterable[str]:
    try:
        pattern = re.compile(variable.pattern)
    except re.error:
        yield f"the pattern of {variable.name} isn't a regular expression"
        return
    for value in (variable.example, variable.default):
        if value and not pattern.fullmatch(value):
            yield f"the value {value} of {variable.name} doesn't match its own pattern"
    rows: tuple[Mistake | Shape | Doubt, ...] = (*variable.mistake, *variable.shape, *variable.doubt)
    for row in rows:
        try:
            re.compile(row.pattern)
        except re.error:
            yield f"the pattern {row.pattern} of {variable.name} isn't a regular expression"


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)
    )

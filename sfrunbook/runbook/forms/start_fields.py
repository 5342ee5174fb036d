"""The fields of the form in 00_start: which apply, a hint on each value, and the connection that they describe."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter

from sfrunbook import partners
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import DEFAULT_REDIRECT_URI, AppKind, Connection, OrgKind, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook.forms.finder import find, name_for
from sfrunbook.runbook.forms.partner_fields import (
    faults_of,
    prefix_of,
    variable_fields,
    variable_hints,
    variable_values,
    variables_of,
)
from sfrunbook.runbook.widgets import Field, FieldHint
from sfrunbook.salesforce.oauth.hosts import login_url_of
from sfrunbook.salesforce.oauth.redirect import can_receive
from sfrunbook.store.connections import check_name
from sfrunbook.store.progress import Progress

__all__ = [
    "EXISTING",
    "EXISTING_APP",
    "PRACTICE",
    "connection_of",
    "faults",
    "fields",
    "hints",
    "is_another",
    "name_of",
    "note_app",
    "values_of",
]

PRACTICE, _REAL = "practice", "real"
_NEW, EXISTING = "new", "existing"
#: name of the attestation that the app was there before the runbook
EXISTING_APP = "app-was-there-already"

_WHEN_REAL = {"mode": (_REAL,)}
_ORG_KINDS = (
    ("Production", OrgKind.PRODUCTION.value),
    ("Sandbox", OrgKind.SANDBOX.value),
    ("Developer org", OrgKind.DEVELOPER.value),
    ("I do not know", OrgKind.UNKNOWN.value),
)


_BEFORE_PARTNER = (
    Field(
        name="mode",
        label="Where",
        kind="radio",
        options=(("Practice on this machine", PRACTICE), ("A real org", _REAL)),
        help="Practice touches nothing real and needs nothing: every step can be rehearsed first.",
    ),
    Field(
        name="app",
        label="The app in Salesforce",
        kind="radio",
        options=(("I make a new one", _NEW), ("There is one already", EXISTING)),
        when=_WHEN_REAL,
    ),
    Field(
        name="app_kind",
        label="Kind of app",
        kind="radio",
        options=tuple((kind.label, kind.value) for kind in AppKind),
        when=_WHEN_REAL,
        help="External Client App for every new app: since Spring '26 new Connected Apps need Salesforce Support. "
        "A Connected App that is there already goes on working.",
    ),
    Field(name="org_kind", label="Kind of org", kind="choice", options=_ORG_KINDS, when=_WHEN_REAL),
    Field(
        name="login_url",
        label="Login address",
        placeholder="acme.my.salesforce.com",
        when=_WHEN_REAL,
        help="The org's My Domain: in Salesforce open Setup > My Domain > Current My Domain URL.",
    ),
    Field(
        name="name",
        label="Name",
        when=_WHEN_REAL,
        help="Yours to choose, to tell this connection from others: letters, digits, dot and dash.",
    ),
)
_AFTER_PARTNER = Field(
    name="redirect_uri",
    label="Callback URL of this runbook",
    placeholder=DEFAULT_REDIRECT_URI,
    when=_WHEN_REAL,
    help="Registered beside the partner's, so that a login comes back to this machine by itself.",
)


def fields() -> tuple[Field, ...]:
    """Every field in the order of the form."""
    profiles = [partners.load(name) for name in partners.names()]
    options = tuple((profile.label, profile.name) for profile in profiles)
    partner = Field(name="profile", label="Partner", kind="choice", options=options, when=_WHEN_REAL)
    variables = (field for profile in profiles for field in variable_fields(profile, _WHEN_REAL))
    return (*_BEFORE_PARTNER, partner, *variables, _AFTER_PARTNER)


def values_of(known: Connection | None) -> dict[str, str]:
    """The first values of the fields: the connection in use, or the usual case."""
    values = {
        "mode": _REAL if known else PRACTICE,
        "app": EXISTING if known and known.client_id else _NEW,
        "app_kind": (known.app_kind if known else AppKind.EXTERNAL_CLIENT_APP).value,
        "org_kind": (known.org_kind if known else OrgKind.PRODUCTION).value,
        "login_url": known.login_url.removeprefix("https://") if known else "",
        "name": known.name if known else "",
        "profile": known.profile if known else partners.names()[0],
        "redirect_uri": known.redirect_uri if known else DEFAULT_REDIRECT_URI,
    }
    for profile in map(partners.load, partners.names()):
        values |= variable_values(profile, known.variables if known and known.profile == profile.name else {})
    if values["org_kind"] not in {value for _, value in _ORG_KINDS}:
        values["org_kind"] = OrgKind.UNKNOWN.value
    return values


def hints(values: Mapping[str, str], *, known: tuple[str, ...]) -> dict[str, FieldHint]:
    """A hint for each field that is shown."""
    if values.get("mode") != _REAL:
        return {}
    found = {"login_url": _login_hint(values), "name": _name_hint(values, known)}
    if name_of(values) not in known:
        unsaved = "Nothing is saved yet: until you press “Save and use this connection”, the notebooks work on another."
        found["mode"] = _hint(Status.WARNING, unsaved)
    if values["app"] == _NEW and values["app_kind"] == AppKind.CONNECTED_APP:
        allowed = "A new Connected App can be made only where Salesforce Support has allowed it."
        found["app_kind"] = _hint(Status.WARNING, allowed, "Use an External Client App", app_kind="external_client_app")
    profile = partners.load(values["profile"])
    found |= variable_hints(profile, values, prefix_of(profile))
    return found | {"redirect_uri": _redirect_hint(values)}


def _login_hint(values: Mapping[str, str]) -> FieldHint:
    found = find(values["login_url"], OrgKind(values["org_kind"]))
    if found.use:
        return _hint(found.status, found.sentence, f"Use {found.use}", login_url=found.use)
    labels = {value: label for label, value in _ORG_KINDS}
    mismatch = found.status is Status.WARNING and found.org_kind.value in labels
    if mismatch and found.org_kind not in (OrgKind.UNKNOWN, OrgKind(values["org_kind"])):
        label = f"Kind of org: {labels[found.org_kind.value]}"
        return _hint(found.status, found.sentence, label, org_kind=found.org_kind.value)
    return _hint(found.status, found.sentence)


def _name_hint(values: Mapping[str, str], known: tuple[str, ...]) -> FieldHint:
    name = name_of(values)
    if not name:
        return _hint(Status.SKIPPED, "Enter a name, such as acme-production.")
    try:
        check_name(name)
    except RunbookError as error:
        diagnosis = diagnosis_of(error)
        return _hint(Status.FAILED, f"{diagnosis.what} {diagnosis.why}")
    if name.lower() in ("practice", "current"):
        return _hint(Status.FAILED, f"The name {name} is kept for this runbook itself. Choose another.")
    if name in known:
        return _hint(Status.WARNING, f"There is a connection {name} already: saving changes it.")
    return _hint(Status.PASSED, f"{name} is free." if values["name"] else f"Left empty, {name} is used.")


def _redirect_hint(values: Mapping[str, str]) -> FieldHint:
    redirect_uri = values["redirect_uri"] or DEFAULT_REDIRECT_URI
    if can_receive(redirect_uri):
        return _hint(Status.PASSED, f"The answer of a login comes to {redirect_uri} by itself.")
    if redirect_uri.startswith("https://"):
        return _hint(Status.WARNING, "The answer of a login does not come back by itself; you paste its address.")
    rule = "It must begin with https://, or be http://localhost with a port."
    return _hint(Status.FAILED, rule, f"Use {DEFAULT_REDIRECT_URI}", redirect_uri=DEFAULT_REDIRECT_URI)


def _hint(status: Status, sentence: str, use: str = "", **fills: str) -> FieldHint:
    return FieldHint(status=status, sentence=sentence, use=use, fills=fills)


def faults(values: Mapping[str, str], *, known: tuple[str, ...]) -> list[str]:
    """What must be fixed before anything is saved, by the label of its field."""
    labels = {field.name: field.label for field in fields()}
    return faults_of(labels, hints(values, known=known))


def name_of(values: Mapping[str, str]) -> str:
    """The name that was typed, or the My Domain's own."""
    return values["name"] or name_for(values["login_url"])


def connection_of(values: Mapping[str, str], known: Connection | None) -> Connection:
    """The connection that the fields describe; everything else stays as it is in a known one.

    Raises RunbookError: `not-a-login-address` and its kin.
    """
    profile = partners.load(values["profile"])
    login_url = login_url_of(values["login_url"])
    entered = variables_of(profile, values, prefix_of(profile))
    return replace(
        known or Connection(name="", login_url="", client_id=""),
        name=name_of(values),
        login_url=login_url,
        client_id=known.client_id if known and known.login_url == login_url else "",
        app_kind=AppKind(values["app_kind"]),
        org_kind=OrgKind(values["org_kind"]),
        redirect_uri=values["redirect_uri"] or DEFAULT_REDIRECT_URI,
        profile=profile.name,
        variables={name: value for name, value in entered.items() if value},
    )


def is_another(old: Connection, new: Connection) -> bool:
    """Whether what was verified of the old connection does not apply to the new one."""
    registered = attrgetter("login_url", "app_kind", "redirect_uri", "variables")
    return bool(registered(old) != registered(new))


def note_app(progress: Progress, *, existing: bool) -> None:
    """Remember whether the app was there already, for the notebook that registers it."""
    if existing:
        claim = "The app was there before this runbook; its settings are compared and not made."
        progress.attest(EXISTING_APP, claim, by=getpass.getuser(), at=datetime.now(UTC))
    else:
        progress.withdraw(EXISTING_APP)

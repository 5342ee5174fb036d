"""The fields of the form in 00_start: which apply, what is said of each value, and the connection they make."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime

from sfrunbook import partners
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import DEFAULT_REDIRECT_URI, AppKind, Connection, OrgKind, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook.forms.finder import find, name_for
from sfrunbook.runbook.forms.partner_fields import (
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


def fields() -> tuple[Field, ...]:
    """Every field in the order of the form."""
    known = [partners.load(name) for name in partners.names()]
    return (
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
        Field(
            name="profile",
            label="Partner",
            kind="choice",
            options=tuple((one.label, one.name) for one in known),
            when=_WHEN_REAL,
        ),
        *(line for profile in known for line in variable_fields(profile, _WHEN_REAL)),
        Field(
            name="redirect_uri",
            label="Callback URL of this runbook",
            placeholder=DEFAULT_REDIRECT_URI,
            when=_WHEN_REAL,
            help="Registered beside the partner's, so that a login comes back to this machine by itself.",
        ),
    )


def values_of(known: Connection | None) -> dict[str, str]:
    """What the fields hold at first: the connection that is in use, or what fits most."""
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
        kept = known.variables if known and known.profile == profile.name else {}
        values |= variable_values(profile, kept)
    if values["org_kind"] not in {value for _, value in _ORG_KINDS}:
        values["org_kind"] = OrgKind.UNKNOWN.value
    return values


def hints(values: Mapping[str, str], *, known: tuple[str, ...]) -> dict[str, FieldHint]:
    """What is said of each field that is shown."""
    if values.get("mode") != _REAL:
        return {}
    found = {"login_url": _login_hint(values), "name": _name_hint(values, known)}
    if name_of(values) not in known:
        told = "Nothing is saved yet: until you press “Save and use this connection”, the notebooks work on another."
        found["mode"] = _hint(Status.WARNING, told)
    if values["app"] == _NEW and values["app_kind"] == AppKind.CONNECTED_APP:
        told = "A new Connected App can be made only where Salesforce Support has allowed it."
        found["app_kind"] = _hint(Status.WARNING, told, "Use an External Client App", app_kind="external_client_app")
    profile = partners.load(values["profile"])
    found |= variable_hints(profile, values, prefix_of(profile))
    found["redirect_uri"] = _redirect_hint(values)
    return found


def _login_hint(values: Mapping[str, str]) -> FieldHint:
    found = find(values["login_url"], OrgKind(values["org_kind"]))
    if found.use:
        return _hint(found.status, found.told, f"Use {found.use}", login_url=found.use)
    labels = {value: label for label, value in _ORG_KINDS}
    mismatch = found.status is Status.WARNING and found.org_kind.value in labels
    if mismatch and found.org_kind not in (OrgKind.UNKNOWN, OrgKind(values["org_kind"])):
        label = f"Kind of org: {labels[found.org_kind.value]}"
        return _hint(found.status, found.told, label, org_kind=found.org_kind.value)
    return _hint(found.status, found.told)


def _name_hint(values: Mapping[str, str], known: tuple[str, ...]) -> FieldHint:
    name = name_of(values)
    if not name:
        return _hint(Status.SKIPPED, "Enter a name, such as acme-production.")
    try:
        check_name(name)
    except RunbookError as error:
        return _hint(Status.FAILED, f"{diagnosis_of(error).what} {diagnosis_of(error).why}")
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
    told = "It must begin with https://, or be http://localhost with a port."
    return _hint(Status.FAILED, told, f"Use {DEFAULT_REDIRECT_URI}", redirect_uri=DEFAULT_REDIRECT_URI)


def _hint(status: Status, told: str, use: str = "", **fills: str) -> FieldHint:
    return FieldHint(status=status, told=told, use=use, fills=fills)


def faults(values: Mapping[str, str], *, known: tuple[str, ...]) -> list[str]:
    """What must be mended before anything is saved, by the label of its field."""
    labels = {one.name: one.label for one in fields()}
    said = hints(values, known=known).items()
    return [f"{labels[name]}: {one.told}" for name, one in said if one.stops]


def name_of(values: Mapping[str, str]) -> str:
    """The name that was typed, or the My Domain's own."""
    return values["name"] or name_for(values["login_url"])


def connection_of(values: Mapping[str, str], known: Connection | None) -> Connection:
    """The connection that the fields describe; what they do not say stays as it is with a known one.

    Raises RunbookError: `not-a-login-address` and its kin.
    """
    profile = partners.load(values["profile"])
    login_url = login_url_of(values["login_url"])
    typed = {name: value for name, value in variables_of(profile, values, prefix_of(profile)).items() if value}
    return Connection(
        name=name_of(values),
        login_url=login_url,
        client_id=known.client_id if known and known.login_url == login_url else "",
        client_secret=known.client_secret if known else None,
        app_kind=AppKind(values["app_kind"]),
        org_kind=OrgKind(values["org_kind"]),
        public=known.public if known else False,
        redirect_uri=values["redirect_uri"] or DEFAULT_REDIRECT_URI,
        profile=profile.name,
        variables=typed,
        grant_kind=known.grant_kind if known else Connection.grant_kind,
        username=known.username if known else None,
        private_key=known.private_key if known else None,
        test_query=known.test_query if known else Connection.test_query,
        ca_file=known.ca_file if known else None,
        registered_at=known.registered_at if known else None,
    )


def is_another(old: Connection, new: Connection) -> bool:
    """Whether what was proved of the old one says nothing of the new one."""
    return (old.login_url, old.app_kind, old.redirect_uri, dict(old.variables)) != (
        new.login_url,
        new.app_kind,
        new.redirect_uri,
        dict(new.variables),
    )


def note_app(progress: Progress, *, existing: bool) -> None:
    """Remember whether the app was there already, for the notebook that registers it."""
    if existing:
        claim = "The app was there before this runbook; its settings are compared and not made."
        progress.attest(EXISTING_APP, claim, by=getpass.getuser(), at=datetime.now(UTC))
    else:
        progress.withdraw(EXISTING_APP)

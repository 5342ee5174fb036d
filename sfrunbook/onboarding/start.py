"""The form of 00_start: which connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sfrunbook import partner, report, widgets
from sfrunbook.connections import ConnectionBook
from sfrunbook.model import DEFAULT_REDIRECT_URI, AppKind, Connection, RunbookError, Status
from sfrunbook.oauth.hosts import login_url_of

__all__ = ["connection_form"]

_KIND_HELP = "External Client App for every new app; Connected App only where one is there already."
#: what the form of a connection may change of one that is known
_FORM_FIELDS = frozenset({"login_url", "app_kind", "profile", "variables", "redirect_uri"})


def connection_form(book: ConnectionBook, names: Sequence[str]) -> object:
    """A form that adds or changes a real connection; it holds no secret."""

    def save(values: Mapping[str, str]) -> str:
        try:
            made = _connection_of(values)
            if made.name in book.names():
                changes = {key: value for key, value in asdict(made).items() if key in _FORM_FIELDS}
                book.update(made.name, **changes)
            else:
                book.add(made)
        except RunbookError as error:
            return report.diagnosis_card(error.diagnosis).html
        told = f'Connection {made.name} is kept. Write connection = "{made.name}" into the parameters cell above.'
        return report.card(told, status=Status.PASSED).html

    kinds = [(kind.label, kind.value) for kind in AppKind]
    fields = [
        widgets.Field(name="name", label="Name", value="", help="Yours to choose: letters, digits, dot and dash."),
        widgets.Field(
            name="login_url",
            label="Login address",
            value="",
            help="The org's My Domain, such as acme.my.salesforce.com (Setup > My Domain), or login.salesforce.com.",
        ),
        widgets.Field(name="app_kind", label="Kind of app", value=kinds[0][1], options=kinds, help=_KIND_HELP),
        widgets.Field(
            name="profile",
            label="Partner",
            value="cyclr",
            options=[(one, one) for one in partner.names(book.folder / "profiles")],
        ),
        widgets.Field(
            name="service_domain",
            label="Service Domain",
            value="app-h.cyclr.com",
            help="Cyclr Partner Console > Settings > General Settings > Service Domain.",
        ),
        widgets.Field(
            name="redirect_uri",
            label="Callback URL of this runbook",
            value=DEFAULT_REDIRECT_URI,
            help="Registered beside the partner's, so that the login comes back to this machine by itself.",
        ),
    ]
    intro = f"Known: {', '.join(names)}. The Consumer Key is entered in the next notebook."
    return widgets.connection_form(fields, save, intro=intro)


def _connection_of(values: Mapping[str, str]) -> Connection:
    return Connection(
        name=values["name"],
        login_url=login_url_of(values["login_url"]),
        client_id="",
        app_kind=AppKind(values["app_kind"]),
        profile=values["profile"],
        variables={"service_domain": values["service_domain"]},
        redirect_uri=values["redirect_uri"],
    )

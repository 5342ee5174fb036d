"""What the findings of a step are about, so that no finding outlives what it was checked against."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of

__all__ = ["subject_of"]


def subject_of(opened: OpenConnection, step: str) -> Mapping[str, str]:
    """The facts that a step's findings depend on, as they are now; no secret is among them, and nothing is asked.

    `step` is a name of `store.progress.STEPS`. A finding counts while its `about` equals this.
    """
    return {name: _FACTS[name](opened) for name in _DEPENDS_ON[step]}


_APP = ("host", "client_id", "app_kind")
_LOGIN = (*_APP, "org", "user", "approved")
_DEPENDS_ON = {
    "connection": ("host",),
    "app": (*_APP, "callbacks"),
    "key": (*_APP, "client_secret"),
    "log_in": _LOGIN,
    "try_it": _LOGIN,
    "partner": (*_APP, "client_secret", "partner"),
    "stay_connected": (*_LOGIN, "client_secret"),
}


def _callbacks(opened: OpenConnection) -> str:
    urls = [opened.connection.redirect_uri]
    with contextlib.suppress(RunbookError):  # a profile that lacks a value has no Callback URLs yet
        urls += opened.profile.callback_urls(opened.connection.variables)
    return " ".join(urls)


def _client_secret(opened: OpenConnection) -> str:
    """Where the Consumer Secret comes from, and when it was entered: another one entered is another subject."""
    entered = opened.history.secret_kept
    return f"{opened.connection.client_secret} {entered.isoformat() if entered else ''}"


def _partner(opened: OpenConnection) -> str:
    connection = opened.connection
    values = {**connection.variables, "profile": connection.profile, "partner_client_id": connection.partner_client_id}
    return " ".join(f"{name}={values[name]}" for name in sorted(values))


def _of_grant(opened: OpenConnection, field: str) -> str:
    """A field of the stored grant; empty where none is stored, or the store is locked."""
    with contextlib.suppress(RunbookError):
        if grant := opened.grants.stored():
            return str(getattr(grant, field))
    return ""


_FACTS = {
    "host": lambda opened: origin_of(opened.connection.login_url),
    "client_id": lambda opened: opened.connection.client_id,
    "app_kind": lambda opened: opened.connection.app_kind.value,
    "callbacks": _callbacks,
    "client_secret": _client_secret,
    "org": lambda opened: _of_grant(opened, "org_id"),
    "user": lambda opened: _of_grant(opened, "user_id"),
    "approved": lambda opened: _of_grant(opened, "approved_at"),
    "partner": _partner,
}

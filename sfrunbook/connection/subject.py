"""What the findings of a step are about, so that no finding outlives what it was checked against."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of

__all__ = ["subject_of"]


def subject_of(opened: OpenConnection, step: str) -> Mapping[str, str]:
    """The facts that a step's findings depend on, as they are now; no secret is among them, and nothing is asked.

    `step` is a name of `store.progress.STEPS`. A finding counts while its `about` equals this.
    """
    names = _DEPENDS_ON[step]
    grant = opened.records.readable_grant() if "user" in names else None
    of_grant = {name: str(getattr(grant, field)) if grant else "" for name, field in _OF_GRANT.items()}
    return {name: of_grant[name] if name in of_grant else _FACTS[name](opened) for name in names}


_APP = ("host", "client_id", "app_kind")
_LOGIN = (*_APP, "org", "user", "approved")
_DEPENDS_ON = {
    "connection": ("host",),
    "app": (*_APP, "callbacks"),
    "key": (*_APP, "client_secret"),
    "log_in": (*_LOGIN, "scopes"),
    "try_it": (*_LOGIN, "test_query"),
    "partner": (*_APP, "client_secret", "partner", "scopes"),
    "stay_connected": (*_LOGIN, "client_secret"),
}


def _callbacks(opened: OpenConnection) -> str:
    return " ".join((opened.connection.redirect_uri, *opened.records.partner_callbacks))


def _client_secret(opened: OpenConnection) -> str:
    """Where the Consumer Secret comes from, and when it was entered: another one entered is another subject."""
    entered = opened.history.secret_kept
    return f"{opened.connection.client_secret} {entered.isoformat() if entered else ''}"


def _partner(opened: OpenConnection) -> str:
    connection = opened.connection
    values = {**connection.variables, "profile": connection.profile, "partner_client_id": connection.partner_client_id}
    return " ".join(f"{name}={values[name]}" for name in sorted(values))


def _scopes(opened: OpenConnection) -> str:
    """The scopes that the partner needs; empty where its profile cannot be read."""
    with contextlib.suppress(RunbookError):
        return " ".join(opened.profile.scopes)
    return ""


#: facts that are fields of the stored grant
_OF_GRANT = {"org": "org_id", "user": "user_id", "approved": "approved_at"}
_FACTS: Mapping[str, Callable[[OpenConnection], str]] = {
    "host": lambda opened: origin_of(opened.connection.login_url),
    "client_id": lambda opened: opened.connection.client_id,
    "app_kind": lambda opened: opened.connection.app_kind.value,
    "callbacks": _callbacks,
    "client_secret": _client_secret,
    "partner": _partner,
    "scopes": _scopes,
    "test_query": lambda opened: opened.connection.test_query,
}

"""Connections added, changed and removed without harm to their stored grants and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sfrunbook import partners
from sfrunbook.connection import open_connection, practice_connection
from sfrunbook.connection.login import PENDING_LOGIN
from sfrunbook.connection.partner import API_SECRET
from sfrunbook.connection.unattended import SIGNING_KEY
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Connection, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.redirect import can_receive
from sfrunbook.store import secret_place
from sfrunbook.store.connections import ConnectionBook, home
from sfrunbook.store.what_worked import CREDENTIALS, History

__all__ = ["add_connection", "remove_connection"]

#: what a grant belongs to; after a change of one of these, the stored grant belongs to something else
_IDENTITY = ("login_url", "client_id", "grant_kind")


def add_connection(
    connection: Connection,
    client_secret: Secret | None,
    environ: Mapping[str, str],
    *,
    partner_secret: Secret | None = None,
    replacing: bool = False,
) -> None:
    """Add a connection, or with `replacing` change the one of its name; secrets go into the encrypted store.

    The pinned org, and secrets and credentials of the partner's API where none are given, stay with a connection that
    is changed. `partner_secret` is that of the partner's API.
    Raises RunbookError: `connection-exists` and its kin, `connection-in-use` for a change that would leave a grant
    behind, `profile-variable-invalid` and its kin, `connection-invalid`, `private-key-missing`, `no-wrapping-key`.
    """
    folder, name = home(environ), connection.name
    book = ConnectionBook(folder)
    _check_complete(connection, folder / "profiles")
    known = name in book.names()
    if replacing and known:
        has_grant = secret_place.holds_grant(folder, name, environ)
        connection = _changed(book.get(name), connection, has_grant=has_grant)
    secrets = {
        "client_secret": (name, client_secret),
        "partner_client_secret": (API_SECRET.format(name), partner_secret),
    }
    given = {field: (record, secret) for field, (record, secret) in secrets.items() if secret is not None}
    store = secret_place.open_store(folder, name, environ) if given else None
    references: dict[str, Any] = {field: f"store:{record}" for field, (record, _) in given.items()}
    book.add(replace(connection, **references), replace=replacing)
    try:
        for record, secret in given.values():
            if store:
                store.put_secret(record, secret)
    except RunbookError:
        if not known:
            book.remove(name)
        raise
    if client_secret is not None:
        History(folder / "history", name).forget_stage(CREDENTIALS)


def _check_complete(connection: Connection, own_profiles: Path) -> None:
    """Reject now what would fail only at the login."""
    profile = partners.load(connection.profile, own_profiles)
    profile.callback_urls(connection.variables)
    redirect_uri = connection.redirect_uri
    if not (redirect_uri.startswith("https://") or can_receive(redirect_uri)):
        reason = "it must begin with https://, or be http://localhost with a port"
        raise problem("connection-invalid", name=connection.name, field="redirect_uri", reason=reason)
    if connection.grant_kind is GrantKind.JWT_BEARER and not (connection.username and connection.private_key):
        raise problem("private-key-missing", connection=connection.name)


def _changed(old: Connection, new: Connection, *, has_grant: bool) -> Connection:
    differs = [name for name in _IDENTITY if asdict(old)[name] != asdict(new)[name]]
    if differs and has_grant:
        raise problem("connection-in-use", name=old.name, fields=differs)
    return replace(
        new,
        org_id=None if differs else old.org_id,
        client_secret=new.client_secret or (None if new.public else old.client_secret),
        partner_client_id=new.partner_client_id or old.partner_client_id,
        partner_client_secret=new.partner_client_secret or old.partner_client_secret,
    )


def remove_connection(name: str, environ: Mapping[str, str], *, force: bool = False) -> tuple[str, ...]:
    """Revoke the grant at Salesforce, then forget grant, secret, progress and connection.

    With `force` what cannot be revoked or read is forgotten all the same. Returns a sentence for each thing done.
    Raises RunbookError: `connection-not-found`, `connection-name-reserved`, and without `force` why the grant could
    not be revoked, nothing being forgotten then.
    """
    if name == practice_connection.NAME:
        raise problem("connection-name-reserved", name=name)
    done = []
    try:
        opened = open_connection(name, environ)
        if opened.grants.stored():
            opened.grants.revoke()
            done.append("The login is revoked at Salesforce.")
        opened.progress.forget()
        opened.partner.record.forget()
    except RunbookError as error:
        if not force or error.code == "connection-not-found":
            raise
        done.append(f"Not revoked: {diagnosis_of(error).what} Revoke it in OAuth Connected Apps of the user.")
    History(home(environ) / "history", name).forget()
    others = (PENDING_LOGIN.format(name), API_SECRET.format(name), SIGNING_KEY.format(name))
    secret_place.forget(home(environ), name, environ, other_secrets=others)
    ConnectionBook(home(environ)).remove(name)
    return (*done, f"Connection {name} is removed.")

"""Problems of this side of the wire that nothing else in the tests comes to, each met where it arises."""

from __future__ import annotations

from datetime import UTC, datetime

from support.errors import raises_problem

from sfrunbook.checks import Context, run_checks
from sfrunbook.connection.manage import add_connection
from sfrunbook.core.http import send
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import Connection, Grant, GrantKind, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners import load
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file

ACME = {
    "name": "acme",
    "login_url": "https://acme.my.salesforce.com",
    "client_id": "3MVG9" + "a" * 80,
    "variables": {"service_domain": "app-h.cyclr.com"},
}


def environ_of(folder):
    if not (folder / "key").exists():
        create_key_file(folder / "key")
    return {"SFRUNBOOK_HOME": str(folder), "SFRUNBOOK_KEY_FILE": str(folder / "key")}


def a_grant():
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return Grant(
        connection="acme",
        kind=GrantKind.AUTHORIZATION_CODE,
        issuer=ACME["login_url"],
        client_id=ACME["client_id"],
        access_token=Secret("00D!a"),
        refresh_token=None,
        instance_url=ACME["login_url"],
        identity_url="",
        scopes=(),
        org_id="00D000000000001AAA",
        user_id="005000000000001AAA",
        issued_at=moment,
        approved_at=moment,
    )


def test_a_jwt_bearer_connection_that_names_no_key_is_not_added(tmp_path):
    with raises_problem("private-key-missing"):
        add_connection(Connection(**ACME, grant_kind=GrantKind.JWT_BEARER), None, environ_of(tmp_path))
    assert ConnectionBook(tmp_path).names() == ()


def test_a_connection_that_holds_a_grant_keeps_its_consumer_key(tmp_path):
    environ = environ_of(tmp_path)
    add_connection(Connection(**ACME), Secret("A" * 64), environ)
    open_store(tmp_path, "acme", environ).save(a_grant())
    changed = Connection(**{**ACME, "client_id": "3MVG9" + "b" * 80})
    with raises_problem("connection-in-use", "client_id can't change"):
        add_connection(changed, None, environ, replacing=True)


def test_a_certificate_file_that_is_none_is_told_before_anything_is_sent(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    unreadable = raises_problem("ca-file-unreadable", "no PEM certificate")
    with open_session(str(tmp_path / "ca.pem")) as session, unreadable:
        send(session, Stage.AUTHORIZE, "GET", "https://127.0.0.1:9/")


def test_a_consumer_secret_that_was_cut_off_is_told_without_a_request():
    context = Context(
        connection=Connection(**ACME), profile=load("cyclr"), http=open_session(), client_secret=Secret("0a1b2c")
    )
    told = {one.check: one.diagnosis for one in run_checks("credentials", context)}
    assert told["consumer-secret-is-well-formed"].code == "client-secret-shape"
    assert told["consumer-key-and-secret-are-accepted"] is None

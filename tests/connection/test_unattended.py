"""Grants that need nobody: a key and its certificate, a proof before any change, and no approval of any kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from support.evidence_support import Bench
from support.runbook_support import make_shell

from sfrunbook.connection.unattended import choices
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, GrantKind, Mark
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.practice.org.tokens import public_key_of
from sfrunbook.salesforce.oauth.signing import make_signing_identity, read_certificate
from sfrunbook.store.approvals import OwnApprovals

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def user(fresh_world, tmp_path) -> Bench:
    return Bench(fresh_world, tmp_path)


@pytest.fixture
def opened(user):
    """A connection to the practice org's app for machines."""
    app = user.world.app(kind="unattended")
    made = user.add("acme", client_id=app["client_id"], app_kind=AppKind(app["kind"]))
    made.keep_client_secret(Secret(app["client_secret"]))
    return made


def code(call, *args, **kwargs) -> str:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    return diagnosis_of(caught.value).code


def upload(user, opened) -> None:
    """What the administrator does with the certificate file."""
    pem = opened.unattended.certificate_file.read_text()
    user.world.control("POST", f"/apps/{opened.connection.client_id}", {"jwt_keys": [pem]})


# --- key and certificate ---------------------------------------------------------------------------------------------


def test_the_certificate_is_for_two_years_and_signs_only():
    from cryptography import x509

    made = make_signing_identity("acme", NOW)
    facts = read_certificate(made.certificate)
    assert facts == made.facts
    parsed = x509.load_pem_x509_certificate(made.certificate.encode())
    assert facts.subject == "CN=sfrunbook acme"
    assert parsed.not_valid_before_utc == NOW - timedelta(hours=1)
    assert facts.not_after == parsed.not_valid_before_utc + timedelta(days=730)
    assert public_key_of(made.certificate).key_size == 3072
    usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)
    assert parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert parsed.signature_hash_algorithm.name == "sha256"


def test_a_long_name_is_cut_to_what_a_certificate_takes():
    assert len(read_certificate(make_signing_identity("n" * 63, NOW).certificate).subject) == 3 + 64


def test_the_key_stays_encrypted_and_only_the_certificate_is_a_file(opened, user):
    opened.unattended.make_signing_key()
    everything = b"".join(path.read_bytes() for path in user.folder.rglob("*") if path.is_file())
    assert b"PRIVATE KEY" not in everything
    assert b"BEGIN CERTIFICATE" in everything
    assert user.book.get("acme").private_key == "store:jwt-key.acme"


def test_a_key_that_is_there_stays_until_another_is_asked_for(opened):
    first = opened.unattended.make_signing_key()
    assert opened.unattended.make_signing_key() == first
    assert opened.unattended.make_signing_key(anew=True) != first


# --- proved before it is used ----------------------------------------------------------------------------------------


def test_jwt_bearer_works_once_the_certificate_is_uploaded_and_says_what_is_missing_before(opened, user):
    opened.unattended.make_signing_key()
    name = user.world.user(profile="System Administrator")["username"]
    assert code(opened.unattended.prove, GrantKind.JWT_BEARER) == "private-key-missing"
    assert code(opened.unattended.prove, GrantKind.JWT_BEARER, username=name) == "assertion-invalid"
    upload(user, opened)
    made = opened.unattended.prove(GrantKind.JWT_BEARER, username=name)
    assert (made.kind, made.refresh_token, opened.grants.stored()) == (GrantKind.JWT_BEARER, None, None)
    assert user.book.get("acme").grant_kind is GrantKind.AUTHORIZATION_CODE
    opened.unattended.use(GrantKind.JWT_BEARER, username=name)
    assert user.open("acme").connection.username == name
    assert user.open("acme").grants.refresh().kind is GrantKind.JWT_BEARER
    assert user.world.control("GET", "/approvals") == []


def test_client_credentials_take_the_place_of_a_login_and_its_approval_is_taken_back(opened, user):
    user.world.control("POST", f"/apps/{opened.connection.client_id}", {"scopes": ["api", "refresh_token"]})
    web = user.logged_in("web")
    client_id, secret = opened.connection.client_id, opened.client_secret()
    assert web.grants.stored() is not None
    before = user.world.control("GET", "/approvals")
    web.change(client_id=client_id)
    web.keep_client_secret(secret)
    made = web.unattended.use(GrantKind.CLIENT_CREDENTIALS)
    assert (made.kind, web.grants.stored()) == (GrantKind.CLIENT_CREDENTIALS, made)
    assert (len(before), user.world.control("GET", "/approvals")) == (1, [])
    assert OwnApprovals(user.folder).all()[0].revoked_at is not None


def test_a_refused_proof_changes_nothing(user):
    opened = user.logged_in("acme")
    held = opened.grants.stored()
    with pytest.raises(RunbookError):
        opened.unattended.use(GrantKind.CLIENT_CREDENTIALS)
    assert opened.grants.stored() == held
    assert user.book.get("acme").grant_kind is GrantKind.AUTHORIZATION_CODE


def test_a_person_is_no_unattended_grant(opened):
    with pytest.raises(ValueError, match="this grant needs a login"):
        opened.unattended.prove(GrantKind.AUTHORIZATION_CODE)


# --- words and commands ----------------------------------------------------------------------------------------------


def test_every_kind_of_grant_says_whom_it_suits_and_every_click_has_both_screens():
    known = choices()
    assert set(known) == set(GrantKind)
    assert all(known[kind].label == kind.label for kind in GrantKind.unattended())
    for one in known.values():
        assert one.source.startswith("https://")
        assert one.suits.endswith(".") and one.costs.endswith(".")
        for step in one.steps:
            assert isinstance(step.mark, Mark)
            for kind in AppKind:
                assert "{" not in step.where(kind, connection="acme")
    assert [kind for kind, one in known.items() if not one.steps] == [GrantKind.AUTHORIZATION_CODE]


def test_the_commands_make_a_key_and_prove_a_grant(fresh_world, tmp_path):
    world = fresh_world
    shell, app = make_shell(tmp_path / "user"), world.app(kind="unattended")
    words = ["--login-url", world.my_domain(), "--client-id", app["client_id"], "--app-kind", app["kind"]]
    variable = ["--variable", "service_domain=app-h.cyclr.com", "--secret-stdin"]
    assert shell.run("connections", "add", "acme", *words, *variable, said=app["client_secret"]).returncode == 0
    told = json.loads(shell.run("grants", "key", "acme", "--json").stdout)
    assert told["certificate_file"] == str(shell.home / "certificates" / "acme.crt")
    proved = shell.run("grants", "unattended", "acme", "client_credentials", "--only-prove")
    assert proved.stdout.endswith("Nothing changed.\n")
    used = shell.run("grants", "unattended", "acme", "client_credentials")
    assert used.stdout.startswith("acme now uses client_credentials, as user 005")
    assert shell.run("check", "acme", "--stage", "data").returncode == 0
    assert shell.run("grants", "unattended", "acme", "password").returncode == 2

"""Grants without a person: client credentials and signed assertions."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from support.oauth_support import MY_DOMAIN, NOW, code_of, connection_to

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Connection, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.grants import ClientCredentials, JwtBearer, audience_of


def test_client_credentials_give_a_grant_without_a_refresh_token(practice_world):
    connection, secret = connection_to(practice_world, kind="unattended")
    grant = ClientCredentials(connection=connection, client_secret=secret).request()
    assert (grant.kind, grant.refresh_token) == (GrantKind.CLIENT_CREDENTIALS, None)
    assert grant.org_id == practice_world.org()["org_id"]
    assert grant.signature_valid is True


def test_client_credentials_at_the_login_host_are_refused_by_it(practice_world):
    connection, secret = connection_to(practice_world, kind="unattended", login_url=practice_world.login_url)
    with pytest.raises(RunbookError) as error:
        ClientCredentials(connection=connection, client_secret=secret).request()
    assert error.value.failure.description == "request not supported on this domain"


def test_unattended_grants_without_their_secret_ask_nobody():
    connection = Connection(name="acme", login_url="http://127.0.0.1:9", client_id="3MVG9canary")
    for flow in (
        ClientCredentials(connection=connection, client_secret=None),
        JwtBearer(connection=connection, private_key=None),
    ):
        with pytest.raises(RunbookError) as error:
            flow.request()
        assert code_of(error) == "secret-missing"


@pytest.fixture(scope="module")
def key_pair() -> tuple[Secret, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Secret(private.decode()), public.decode()


def test_a_signed_assertion_gives_a_grant(fresh_world, key_pair):
    private, public = key_pair
    app, user = fresh_world.app(kind="unattended"), fresh_world.user()["username"]
    policies = {"jwt_keys": [public], "jwt_bearer": True, "permitted_users": "admin", "pre_authorized": [user]}
    fresh_world.control("POST", f"/apps/{app['client_id']}", policies)
    connection, _ = connection_to(fresh_world, kind="unattended", username=user)
    grant = JwtBearer(connection=connection, private_key=private).request()
    assert (grant.kind, grant.refresh_token) == (GrantKind.JWT_BEARER, None)
    assert grant.org_id == fresh_world.org()["org_id"]


def test_the_claims_are_short_lived_and_signed_with_rs256(key_pair):
    private, public = key_pair
    connection = Connection(name="acme", login_url=MY_DOMAIN, client_id="3MVG9canary", username="ada@acme.example")
    token = JwtBearer(connection=connection, private_key=private, clock=lambda: NOW).assertion().reveal()
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    claims = jwt.decode(token, public, algorithms=["RS256"], audience=MY_DOMAIN, options={"verify_exp": False})
    assert claims["iss"] == "3MVG9canary"
    assert claims["sub"] == "ada@acme.example"
    assert 0 < claims["exp"] - NOW.timestamp() <= 180


def test_a_key_that_is_none_is_told_without_its_content():
    connection = Connection(name="acme", login_url=MY_DOMAIN, client_id="3MVG9canary")
    with pytest.raises(RunbookError) as error:
        JwtBearer(connection=connection, private_key=Secret("canary-key")).assertion()
    assert error.value.failure.error == "private-key-unreadable"
    assert "canary-key" not in repr(diagnosis_of(error.value))


@pytest.mark.parametrize(
    ("login_url", "kind", "audience"),
    [
        (MY_DOMAIN, AppKind.EXTERNAL_CLIENT_APP, MY_DOMAIN),
        (MY_DOMAIN, AppKind.CONNECTED_APP, "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", AppKind.CONNECTED_APP, "https://test.salesforce.com"),
        ("https://acme.my.sfcrmproducts.cn", AppKind.CONNECTED_APP, "https://login.sfcrmproducts.cn"),
        ("https://login.salesforce.com", AppKind.CONNECTED_APP, "https://login.salesforce.com"),
        ("http://127.0.0.1:8080", AppKind.CONNECTED_APP, "http://127.0.0.1:8080"),
    ],
)
def test_the_audience_depends_on_host_and_kind_of_app(login_url, kind, audience):
    connection = Connection(name="acme", login_url=login_url, client_id="3MVG9canary", app_kind=kind)
    assert audience_of(connection) == audience

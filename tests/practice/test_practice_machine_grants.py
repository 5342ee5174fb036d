"""Client credentials, JWT bearer and password: the grants without a person."""

from __future__ import annotations

import base64
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = (
    KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)


@pytest.fixture
def machine(steps):
    steps.app = steps.world.app(kind="unattended")
    return steps


@pytest.fixture
def own_machine(fresh):
    fresh.app = fresh.world.app(kind="unattended")
    fresh.policies(jwt_keys=[PEM])
    return fresh


def ask(steps, host=None, **changes):
    return steps.token(host, **{"grant_type": "client_credentials", **steps.credentials(), **changes})


def assertion(steps, key=KEY, algorithm="RS256", **changes):
    right = {
        "iss": steps.app["client_id"],
        "sub": steps.user["username"],
        "aud": steps.world.login_url,
        "exp": int(time.time()) + 180,
    }
    return jwt.encode({**right, **changes}, key, algorithm=algorithm)


def bear(steps, host=None, **changes):
    return steps.token(host, grant_type=JWT_BEARER, assertion=assertion(steps, **changes))


def test_client_credentials_acts_as_the_run_as_user_with_filtered_scopes(machine):
    token = ask(machine).json()
    assert list(token) == ["access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"]
    assert token["scope"] == "api"
    who = machine.get("/services/oauth2/userinfo", token["access_token"]).json()
    assert who["preferred_username"] == machine.world.user(profile="Standard User")["username"]


def test_client_credentials_takes_basic(machine):
    pair = base64.b64encode(":".join(machine.credentials().values()).encode()).decode()
    reply = machine.token(headers={"Authorization": f"Basic {pair}"}, grant_type="client_credentials")
    assert reply.status_code == 200


def test_client_credentials_works_on_a_my_domain_only(machine, refused):
    expected = (400, "invalid_grant", "request not supported on this domain")
    assert refused(ask(machine, machine.world.login_url)) == expected


def test_client_credentials_refuses_a_scope_a_wrong_secret_and_an_app_without_the_flow(machine, refused):
    assert refused(ask(machine, scope="api")) == (400, "invalid_request", "scope parameter not supported")
    assert refused(ask(machine, client_secret="no")) == (400, "invalid_client", "invalid client credentials")
    machine.app = machine.world.app()
    assert refused(ask(machine)) == (400, "unsupported_grant_type", "grant type not supported")


def test_client_credentials_needs_a_run_as_user_and_a_usable_scope(own_machine, refused):
    own_machine.policies(scopes=["full", "refresh_token"])
    assert refused(ask(own_machine)) == (400, "invalid_grant", "no valid scopes defined")
    own_machine.policies(run_as="")
    assert refused(ask(own_machine)) == (400, "invalid_grant", "no client credentials user enabled")
    own_machine.policies(client_credentials=False)
    own_machine.settings(client_credentials_off_error="client credentials flow not enabled")
    assert refused(ask(own_machine)) == (400, "invalid_grant", "client credentials flow not enabled")


def test_client_credentials_minds_the_permitted_users(own_machine, refused):
    own_machine.policies(pre_authorized=[])
    expected = (400, "invalid_app_access", "user is not admin approved to access this app")
    assert refused(ask(own_machine)) == expected


def test_jwt_bearer_gives_an_access_token_without_refresh_issued_at_or_signature(own_machine):
    token = bear(own_machine).json()
    assert list(token) == ["access_token", "scope", "instance_url", "id", "token_type"]
    assert token["scope"] == "api"
    assert own_machine.is_alive(token["access_token"])


def test_jwt_bearer_takes_a_text_or_milliseconds_as_exp_and_a_my_domain_as_audience(own_machine):
    soon = int(time.time()) + 100
    for changes in ({"exp": str(soon)}, {"exp": soon * 1000 + 300}, {"aud": own_machine.host}):
        assert bear(own_machine, **changes).status_code == 200, changes


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"aud": "https://login.example.com"}, "invalid_grant", "audience is invalid"),
        ({"aud": "https://test.salesforce.com"}, "invalid_grant", "audience is invalid"),
        ({"exp": 1_700_000_000}, "invalid_grant", "expired authorization code"),
        ({"exp": int(time.time()) + 86_400}, "invalid_grant", "expired authorization code"),
        ({"exp": "soon"}, "invalid_grant", "expired authorization code"),
        ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
    ],
)
def test_jwt_bearer_refuses_wrong_claims_with_the_documented_words(own_machine, refused, changes, error, description):
    assert refused(bear(own_machine, **changes)) == (400, error, description)


def test_jwt_bearer_refuses_what_the_apps_certificate_did_not_sign(own_machine, refused):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    expected = (400, "invalid_grant", "invalid assertion")
    assert refused(bear(own_machine, key=stranger)) == expected
    assert refused(bear(own_machine, key="s" * 32, algorithm="HS256")) == expected
    for broken in ("", "a.b", "a.b.c", "..", "é.é.é", assertion(own_machine)[:-9]):
        assert refused(own_machine.token(grant_type=JWT_BEARER, assertion=broken)) == expected


def test_jwt_bearer_needs_an_approval_when_users_authorize_themselves(own_machine, refused):
    own_machine.policies(permitted_users="self")
    assert refused(bear(own_machine)) == (400, "invalid_grant", "user hasn't approved this consumer")
    own_machine.grant()
    assert bear(own_machine).status_code == 200


def test_jwt_bearer_needs_the_assignment_when_an_administrator_approves(own_machine, refused):
    own_machine.policies(pre_authorized=["Nobody"])
    expected = (400, "invalid_app_access", "user is not admin approved to access this app")
    assert refused(bear(own_machine)) == expected


def test_a_certificate_does_as_well_as_a_public_key(own_machine):
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "practice")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(KEY, hashes.SHA256())
    )
    own_machine.policies(jwt_keys=[certificate.public_bytes(serialization.Encoding.PEM).decode()])
    assert bear(own_machine).status_code == 200


def password(steps, **changes):
    sent = {"grant_type": "password", "username": steps.user["username"], "password": steps.user["password"]}
    return steps.token(**{**steps.credentials(), **sent, **changes})


def test_the_password_flow_is_blocked_and_checks_client_id_then_secret_then_user(fresh, refused):
    fresh.app = fresh.world.app(kind="connected_app")
    assert refused(password(fresh, client_id="nobody", client_secret="no"))[1] == "invalid_client_id"
    assert refused(password(fresh, client_secret="no", username="nobody"))[1] == "invalid_client"
    assert refused(password(fresh)) == (400, "invalid_grant", "authentication failure")
    assert fresh.world.control("GET", "/logins")[-1]["status"] == "Username-Password Flow Disabled"
    fresh.settings(username_password_flow=True)
    token = password(fresh).json()
    assert list(token) == ["access_token", "instance_url", "id", "token_type", "issued_at", "signature"]
    assert refused(password(fresh, password="no")) == (400, "invalid_grant", "authentication failure")


def test_external_client_apps_have_no_password_flow_at_all(steps, refused):
    assert refused(password(steps)) == (400, "unsupported_grant_type", "grant type not supported")

from __future__ import annotations

import pytest
from support.oauth_support import connection_to
from support.scripted_host import Answer, ScriptedHost, as_json

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import OrgKind
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.hosts import HostKind, classify, discover, login_url_of


@pytest.mark.parametrize(
    ("address", "kind", "org_kind"),
    [
        ("https://login.salesforce.com", HostKind.LOGIN, OrgKind.UNKNOWN),
        ("https://test.salesforce.com", HostKind.TEST, OrgKind.SANDBOX),
        ("https://acme.my.salesforce.com", HostKind.MY_DOMAIN, OrgKind.PRODUCTION),
        ("https://acme--dev.sandbox.my.salesforce.com", HostKind.SANDBOX, OrgKind.SANDBOX),
        ("https://acme--dev.my.salesforce.com", HostKind.SANDBOX, OrgKind.SANDBOX),
        ("https://acme--dev.cs12.my.salesforce.com", HostKind.SANDBOX, OrgKind.SANDBOX),
        ("https://acme-dev-ed.develop.my.salesforce.com", HostKind.DEVELOPER, OrgKind.DEVELOPER),
        ("https://fun-park-123.scratch.my.salesforce.com", HostKind.SCRATCH, OrgKind.SCRATCH),
        ("https://brave-bear-1.trailblaze.my.salesforce.com", HostKind.PLAYGROUND, OrgKind.DEVELOPER),
        ("https://acme.demo.my.salesforce.com", HostKind.MY_DOMAIN, OrgKind.UNKNOWN),
        ("https://acme.my.salesforce.mil", HostKind.MY_DOMAIN, OrgKind.PRODUCTION),
        ("https://acme--dev.sandbox.my.salesforce.mil", HostKind.SANDBOX, OrgKind.SANDBOX),
        ("https://acme.my.sfcrmproducts.cn", HostKind.MY_DOMAIN, OrgKind.PRODUCTION),
        ("https://acme--uat.sandbox.my.sfcrmproducts.cn", HostKind.SANDBOX, OrgKind.SANDBOX),
        ("https://login.sfcrmproducts.cn", HostKind.LOGIN, OrgKind.UNKNOWN),
        ("https://test.sfcrmproducts.cn", HostKind.TEST, OrgKind.SANDBOX),
        ("http://127.0.0.1:8000", HostKind.LOOPBACK, OrgKind.UNKNOWN),
    ],
)
def test_hosts_to_log_in_at_are_known_by_their_names(address, kind, org_kind):
    host = classify(address)
    assert (host.kind, host.org_kind, host.origin, host.can_log_in, host.reason) == (kind, org_kind, address, True, "")


@pytest.mark.parametrize(
    ("address", "kind", "my_domain"),
    [
        ("https://acme.lightning.force.com", HostKind.LIGHTNING, "https://acme.my.salesforce.com"),
        (
            "https://acme--dev.sandbox.lightning.force.com",
            HostKind.LIGHTNING,
            "https://acme--dev.sandbox.my.salesforce.com",
        ),
        ("https://acme.my.salesforce-setup.com", HostKind.SETUP, "https://acme.my.salesforce.com"),
        (
            "https://acme--dev.sandbox.my.salesforce-setup.com",
            HostKind.SETUP,
            "https://acme--dev.sandbox.my.salesforce.com",
        ),
        ("https://acme.my.site.com", HostKind.SITE, "https://acme.my.salesforce.com"),
        ("https://acme.lightning.crmforce.mil", HostKind.LIGHTNING, "https://acme.my.salesforce.mil"),
        (
            "https://acme--dev.sandbox.my.salesforce-setup.mil",
            HostKind.SETUP,
            "https://acme--dev.sandbox.my.salesforce.mil",
        ),
        (
            "https://acme--uat.sandbox.lightning.sfcrmapps.cn",
            HostKind.LIGHTNING,
            "https://acme--uat.sandbox.my.sfcrmproducts.cn",
        ),
        ("https://acme.setup.sfcrmproducts.cn", HostKind.SETUP, "https://acme.my.sfcrmproducts.cn"),
        ("https://acme.my.salesforce.cn", HostKind.OTHER, None),
        ("https://acme.my.salesforce.mil.evil.example", HostKind.OTHER, None),
        ("https://na224.salesforce.com", HostKind.INSTANCE, None),
        ("https://help.salesforce.com", HostKind.OTHER, None),
        ("https://acme.my.salesforce.com.evil.example", HostKind.OTHER, None),
        ("https://acme.my-salesforce.com", HostKind.OTHER, None),
        ("https://acme.two.more.my.salesforce.com", HostKind.OTHER, None),
    ],
)
def test_wrong_hosts_are_known_and_name_the_my_domain_where_they_imply_it(address, kind, my_domain):
    host = classify(address)
    assert (host.kind, host.my_domain, host.can_log_in) == (kind, my_domain, False)
    assert (my_domain or "Setup > My Domain") in host.reason


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("  https://acme.my.salesforce.com/  ", "https://acme.my.salesforce.com"),
        ("HTTPS://ACME.MY.SALESFORCE.COM/?ec=302&startURL=x", "https://acme.my.salesforce.com"),
        ("<https://login.salesforce.com>", "https://login.salesforce.com"),
        ('"test.salesforce.com/services/oauth2/authorize"', "https://test.salesforce.com"),
        ("http://acme.my.salesforce.com:80", "https://acme.my.salesforce.com"),
        ("//acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("127.0.0.1:8123/x", "http://127.0.0.1:8123"),
        ("[::1]:8123", "http://[::1]:8123"),
        ("acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("https:/acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https//acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https:\\\\acme.my.salesforce.com\\", "https://acme.my.salesforce.com"),
        ("https://https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("\u201chttps://acme.my.salesforce.com\u201d", "https://acme.my.salesforce.com"),
        ("\u00abacme.my.salesforce.com\u00bb", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com.", "https://acme.my.salesforce.com"),
        ("(https://acme.my.salesforce.com/),", "https://acme.my.salesforce.com"),
        ("[acme.my.salesforce.com];", "https://acme.my.salesforce.com"),
        ("[our org](https://acme.my.salesforce.com/x)", "https://acme.my.salesforce.com"),
        ("**https://acme.my.salesforce.com**", "https://acme.my.salesforce.com"),
        ("<https://acme.my.salesforce.com|acme>", "https://acme.my.salesforce.com"),
        ("\x1b\x00acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("\ufeffhttps://acme\u200b.my.salesforce.com\u00a0", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com:443", "https://acme.my.salesforce.com"),
        ("http://acme.my.salesforce.com:443/x", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/lightning/o/My View", "https://acme.my.salesforce.com"),
        ("localhost:8123", "http://localhost:8123"),
        ("https://localhost:8123", "https://localhost:8123"),
    ],
)
def test_a_login_url_is_read_from_what_people_type(typed, expected):
    assert login_url_of(typed) == expected


@pytest.mark.parametrize(
    ("typed", "code", "hint"),
    [
        ("", "not-a-login-address", "Nothing was entered"),
        ("   ", "not-a-login-address", "Nothing was entered"),
        ("ada@acme.example", "not-a-login-address", "username"),
        ("acme", "not-a-login-address", "https://acme.my.salesforce.com"),
        ("https://acme.lightning.force.com/lightning/setup", "not-a-login-address", "https://acme.my.salesforce.com"),
        ("na224.salesforce.com", "not-a-login-address", "Setup > My Domain"),
        ("ftp://acme.my.salesforce.com", "not-a-login-address", "https://"),
        ("https://[::1", "not-a-login-address", "isn't an address"),
        ("acme.my salesforce.com", "not-a-login-address", "contains a space"),
        ("see https://acme.my.salesforce.com", "not-a-login-address", "contains a space"),
        ("\x1b\x00", "not-a-login-address", "Nothing was entered"),
        ("My Domain: acme.my.salesforce.com", "not-a-login-address", "contains a space"),
        ("acme\u2014dev.sandbox.my.salesforce.com", "not-a-login-address", "contains the character \u2014"),
        ("acme.my.s\u0430lesforce.com", "not-a-login-address", "contains the character \u0430"),
        ("https://acme.my.salesforce.com:port", "not-a-login-address", "isn't an address"),
        ("https://acme.my.salesforce.co", "not-a-salesforce-host", "isn't the host of a Salesforce org"),
        ("https://acme.my.salesforce.com@evil.example", "not-a-salesforce-host", "isn't the host of a Salesforce org"),
    ],
)
def test_what_is_no_login_address_is_refused_with_a_hint(typed, code, hint):
    with pytest.raises(RunbookError) as error:
        login_url_of(typed)
    assert diagnosis_of(error.value).code == code
    assert hint in error.value.failure.evidence["reason"]


@pytest.mark.parametrize(
    "typed", ["my domain acme.my.salesforce.com/x", "ada@acme.example/x", "acme/x", "https://[::1/x"]
)
def test_a_refused_address_is_repeated_as_it_was_typed(typed):
    with pytest.raises(RunbookError) as error:
        login_url_of(typed)
    assert error.value.failure.evidence["text"] == typed


def test_a_host_of_the_practice_world_names_itself_and_its_endpoints(practice_world):
    connection, _ = connection_to(practice_world)
    with open_session() as session:
        discover(session, connection.login_url)


def test_discovery_works_over_tls_with_the_authority_that_was_named(practice_world_tls):
    connection, _ = connection_to(practice_world_tls)
    with open_session(connection.ca_file) as session:
        discover(session, connection.login_url)


def document(origin: str, **changes: str) -> dict[str, str]:
    paths = {"authorization": "authorize", "token": "token", "revocation": "revoke", "introspection": "introspect"}
    given = {f"{name}_endpoint": f"{origin}/services/oauth2/{path}" for name, path in paths.items()}
    given["userinfo_endpoint"] = f"{origin}/services/oauth2/userinfo"
    return {"issuer": origin} | given | changes


def discovered(answer_of) -> RunbookError:
    with ScriptedHost({}) as host, open_session(backoff_seconds=0) as session:
        host.script["/.well-known/openid-configuration"] = [answer_of(host.origin)]
        with pytest.raises(RunbookError) as error:
            discover(session, host.origin)
    return error.value


def test_a_host_that_calls_itself_something_else_is_an_issuer_mismatch():
    error = discovered(lambda origin: as_json(document(origin, issuer="https://login.salesforce.com")))
    assert diagnosis_of(error).code == "issuer-mismatch"
    assert error.failure.evidence["seen"] == "https://login.salesforce.com"


def test_a_host_that_names_a_token_endpoint_elsewhere_is_not_believed():
    elsewhere = "https://evil.example/services/oauth2/token"
    error = discovered(lambda origin: as_json(document(origin, token_endpoint=elsewhere)))
    assert diagnosis_of(error).code == "not-a-salesforce-host"
    assert "token endpoint" in error.failure.evidence["reason"]


@pytest.mark.parametrize("answer", [Answer(404, "no"), Answer(200, "<html>welcome</html>"), as_json(["x"])])
def test_a_host_without_the_document_is_not_salesforce(answer):
    assert discovered(lambda _: answer).code == "not-a-salesforce-host"


def test_an_outage_is_not_taken_for_a_wrong_host():
    error = discovered(lambda _: Answer(503, "<html><title>Maintenance</title></html>"))
    assert diagnosis_of(error).code != "not-a-salesforce-host"
    assert diagnosis_of(error).infrastructure

"""A partner's needs are data: complete, checked when read, and turned into the words of Salesforce's screens."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sfrunbook import partners
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Mark
from sfrunbook.diagnosis.diagnose import diagnosis_of

TEXT = (Path(partners.__file__).with_name("profiles") / "cyclr.toml").read_text("utf-8")
OWN = "http://localhost:17171/callback"

MINIMAL = """
label = "Acme"
summary = "Acme."
source = "https://acme.example/guide"
[[variable]]
name = "host"
label = "Host"
help = "Ask Acme."
example = "a.example"
pattern = "[a-z.]+"
reason = "small letters and dots only"
[[callback]]
url = "https://{host}/cb"
why = "x"
mark = "confirmed"
source = "https://acme.example/guide"
[[scope]]
name = "api"
label = "Manage user data via APIs (api)"
why = "x"
mark = "likely"
source = "https://acme.example/guide"
"""


@pytest.fixture
def cyclr() -> partners.PartnerProfile:
    return partners.load("cyclr")


def _own(tmp_path, text) -> partners.PartnerProfile:
    path = tmp_path / "acme.toml"
    path.write_text(text, "utf-8")
    return partners.load(path)


def _refused(call, *args) -> dict[str, str]:
    with pytest.raises(RunbookError) as caught:
        call(*args)
    return {"code": diagnosis_of(caught.value).code, **caught.value.failure.evidence}


# --- Cyclr ---------------------------------------------------------------------------------------------------------


def test_cyclr_comes_with_the_package():
    assert "cyclr" in partners.names()


def test_cyclr_needs_both_callbacks_and_two_scopes(cyclr):
    assert cyclr.callback_urls({}) == (
        "https://my.cyclr.com/connector/callback",
        "https://app-h.cyclr.com/connector/callback",
    )
    assert cyclr.callback_urls({"service_domain": "acme-h.cyclr.uk", "console_host": "my.cyclr.uk"}) == (
        "https://my.cyclr.uk/connector/callback",
        "https://acme-h.cyclr.uk/connector/callback",
    )
    assert cyclr.scopes == ("full", "refresh_token")
    assert [scope.label for scope in cyclr.scope_rows] == [
        "Full access (full)",
        "Perform requests at any time (refresh_token, offline_access)",
    ]


def test_one_host_for_both_gives_one_callback(cyclr):
    same = {"service_domain": "my.cyclr.com"}
    assert cyclr.callback_urls(same) == ("https://my.cyclr.com/connector/callback",)


@pytest.mark.parametrize(
    "value",
    [
        "https://app-h.cyclr.com", "app-h.cyclr.com/", "app-h.cyclr.com/x", "App-h.cyclr.com", " app-h.cyclr.com",
        "app-h.cyclr.com\n", "app-h", "app-h.cyclr.com:443", "a@app-h.cyclr.com", "-a.cyclr.com", "a..cyclr.com",
        "app-h.cyclr.com?x", "äpp.cyclr.com", "127.0.0.1", "{console_host}", "a." * 130 + "com",
    ],
)  # fmt: skip
def test_a_service_domain_is_a_host_name_only(cyclr, value):
    refused = _refused(cyclr.callback_urls, {"service_domain": value})
    assert refused["code"] == "profile-variable-invalid"
    assert refused["variable"] == "service_domain"
    assert refused["reason"] == (
        "it must be a host name only, in lowercase, without https:// or a path, such as app-h.cyclr.com"
    )


@pytest.mark.parametrize(
    "value", ["app-h.cyclr.com", "acme-h.eu.cyclr.com", "acme-h.cyclr.uk", "integration.acme.example"]
)
def test_the_known_forms_of_a_service_domain_are_taken(cyclr, value):
    assert f"https://{value}/connector/callback" in cyclr.callback_urls({"service_domain": value})


def test_an_unknown_variable_is_refused(cyclr):
    refused = _refused(cyclr.callback_urls, {"service-domain": "app-h.cyclr.com"})
    assert refused == {
        "code": "profile-variable-invalid",
        "variable": "service-domain",
        "value": "app-h.cyclr.com",
        "reason": "the profile cyclr has no such variable",
    }


def test_the_boxes_that_decide_are_as_cyclrs_guide_and_the_facts_have_them(cyclr):
    wanted = {flag.name: (flag.wanted, flag.mark) for flag in cyclr.flags}
    assert wanted["secret-for-web-server-flow"] == ("on", Mark.LIKELY)
    assert wanted["secret-for-refresh-token-flow"] == ("off", Mark.CONFIRMED)
    assert wanted["authorization-code-and-credentials-flow"] == ("off", Mark.LIKELY)
    assert wanted["pkce"] == ("leave", Mark.GUESS)
    assert cyclr.flag("secret-for-refresh-token-flow").label == "Require Secret for Refresh Token Flow"


def test_every_row_says_why_and_where_it_is_written(cyclr):
    for row in (*cyclr.callbacks, *cyclr.scope_rows, *cyclr.flags):
        assert row.why.endswith("."), row
    for row in (*cyclr.callbacks, *cyclr.scope_rows, *cyclr.flags, *cyclr.forms, *cyclr.steps):
        assert row.source.startswith("https://"), row


def test_the_steps_carry_the_consumer_key_and_secret_into_cyclr(cyclr):
    assert cyclr.steps[0].where == "Cyclr Partner Console > Connectors > Application Connector Library > Salesforce"
    assert [step.copies for step in cyclr.steps if step.copies] == ["client_id", "client_secret"]


def test_each_kind_of_app_has_its_form(cyclr):
    assert [form.name for form in cyclr.forms_for(AppKind.EXTERNAL_CLIENT_APP)] == ["external-client-app"]
    assert [form.name for form in cyclr.forms_for(AppKind.CONNECTED_APP)] == [
        "connected-app-lightning",
        "connected-app-classic",
    ]


def test_the_form_of_an_external_client_app_is_filled_in_the_order_of_the_screen(cyclr):
    (form,) = cyclr.forms_for(AppKind.EXTERNAL_CLIENT_APP)
    filled = cyclr.fill(form, {}, [OWN, "https://my.cyclr.com/connector/callback"])
    assert [(field.label, field.value) for field in filled] == [
        ("External Client App Name", "Cyclr"),
        ("API Name", "Cyclr"),
        ("Contact Email", "your e-mail address"),
        ("Distribution State", "Local"),
        ("Enable OAuth", "checked"),
        (
            "Callback URL",
            "https://my.cyclr.com/connector/callback\nhttps://app-h.cyclr.com/connector/callback\n" + OWN,
        ),
        ("Selected OAuth Scopes", "Full access (full)\nPerform requests at any time (refresh_token, offline_access)"),
        ("Enable Client Credentials Flow", "cleared"),
        ("Enable Authorization Code and Credentials Flow", "cleared"),
        ("Require Secret for Web Server Flow", "checked"),
        ("Require Secret for Refresh Token Flow", "cleared"),
        (
            "Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows",
            "leave as is",
        ),
        ("Enable Refresh Token Rotation", "leave as is"),
        ("Limit Idle Refresh Token TTL to 30 Days", "leave as is"),
        ("Enforce Refresh Token IP Allowlist", "leave as is"),
        ("Issue JSON Web Token (JWT)-based access tokens for named users", "cleared"),
    ]
    assert form.finish == "Create"
    secret = filled[10]
    assert secret.mark is Mark.CONFIRMED
    assert secret.why == cyclr.flag("secret-for-refresh-token-flow").why


def test_every_form_asks_for_every_box_under_the_flags_own_label(cyclr):
    for form in cyclr.forms:
        for field in form.fields:
            if field.flag:
                assert field.label == cyclr.flag(field.flag).label


def test_too_many_callbacks_for_the_field_are_refused(cyclr):
    many = [f"https://host-{number}.example/callback" for number in range(60)]
    assert "2000 characters" in _refused(cyclr.fill, cyclr.forms[0], {}, many)["reason"]


# --- profiles of one's own -----------------------------------------------------------------------------------------


def test_a_profile_of_ones_own_is_read_from_a_path(tmp_path):
    profile = _own(tmp_path, MINIMAL)
    assert (profile.name, profile.label, profile.scopes) == ("acme", "Acme", ("api",))
    assert profile.callback_urls({"host": "b.example"}) == ("https://b.example/cb",)


def test_a_variable_without_a_default_must_be_given(tmp_path):
    profile = _own(tmp_path, MINIMAL)
    for variables in ({}, {"host": ""}):
        assert _refused(profile.callback_urls, variables) == {
            "code": "profile-variable-missing",
            "profile": "acme",
            "variable": "host",
        }


@pytest.mark.parametrize("name", ["salesforce", "../cyclr", "cyclr.toml", "", "/nowhere/x.toml", "CYCLR"])
def test_an_unknown_profile_lists_the_known_ones(name):
    assert _refused(partners.load, name) == {
        "code": "profile-not-found",
        "name": name,
        "known": ", ".join(partners.names()),
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('label = "Acme"', ""), "label: Field required"),
        (('mark = "likely"', 'mark = "sure"'), "scope.0.mark: Input should be 'confirmed', 'likely' or 'guess'"),
        (('label = "Acme"', 'label = "Acme"\ncolour = "red"'), "colour: Unexpected keyword argument"),
        (('name = "api"', 'name = "api"\ncolour = "red"'), "scope.0.colour: Unexpected keyword argument"),
        (('"https://{host}/cb"', '"http://{host}/cb"'), "neither https nor on this machine"),
        (('"https://{host}/cb"', '"https://{hots}/cb"'), "needs the variable hots, which doesn't exist"),
        (('"[a-z.]+"', '"[a-z"'), "the pattern of host isn't a regular expression"),
        (('"a.example"', '"A"'), "the value A of host doesn't match its own pattern"),
        (("label = ", "label ="[:-1]), "(at line 2"),
    ],
)
def test_a_faulty_profile_says_what_is_wrong_and_where(tmp_path, change, reason):
    refused = _refused(_own, tmp_path, MINIMAL.replace(*change, 1))
    assert (refused["code"], refused["name"]) == ("profile-invalid", "acme")
    assert reason in refused["reason"]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ('{ section = "s", label = "l" }', "needs exactly one of value, flag and fill"),
        ('{ section = "s", label = "l", value = "v", fill = "scopes" }', "needs exactly one of value, flag and fill"),
        ('{ section = "s", label = "l", flag = "nope" }', "names the flag nope, which doesn't exist"),
        ('{ section = "s", label = "l", fill = "nope" }', "form.0.fields.0.fill: Input should be"),
    ],
)
def test_a_faulty_form_says_what_is_wrong(tmp_path, field, reason):
    document = tomllib.loads(TEXT)["form"][0]
    lines = [f'{key} = "{value}"' for key, value in document.items() if key != "fields"]
    text = "\n".join([MINIMAL, "[[form]]", *lines, f"fields = [{field}]"])
    assert reason in _refused(_own, tmp_path, text)["reason"]


def test_a_name_that_stands_twice_is_refused(tmp_path):
    scope = MINIMAL[MINIMAL.index("[[scope]]") :]
    assert _refused(_own, tmp_path, MINIMAL + scope)["reason"] == "api stands twice"


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    assert _refused(partners.load, tmp_path / "bad.toml")["code"] == "profile-invalid"


@pytest.mark.parametrize("name", ["cyclr", "n8n"])
def test_a_row_that_is_confirmed_holds_no_guess(name: str) -> None:
    profile = partners.load(name)
    rows = (*profile.callbacks, *profile.scope_rows, *profile.flags)
    assert [row.why for row in rows if row.mark is Mark.CONFIRMED and "guess" in row.why.lower()] == []

"""The pages of the Partner Console and the service domain: who gets in, what they show, and that they escape it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.partner_support import text_of
from support.tails import long_or

EVIL = "\"><script>alert('x')</script>&amp;"
ESCAPED = "&#34;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;"


class Labels(HTMLParser):
    """The boxes of a page that no label names."""

    def __init__(self, page):
        super().__init__()
        self.boxes, self.labels = [], set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "label":
            self.labels.add(values.get("for"))
        elif tag in ("input", "select", "textarea") and values.get("type") != "hidden":
            self.boxes.append(values.get("id"))

    @property
    def nameless(self):
        return [each for each in self.boxes if each not in self.labels]


@pytest.fixture
def console(partner):
    partner.log_in()
    return partner


def test_nobody_gets_in_without_the_password_and_login_leads_back(partner):
    first = partner.console.get(partner.cyclr["console_url"] + "/accounts", timeout=10)
    assert urlsplit(first.url).path == "/login"
    wrong = partner.log_in(password="wrong")
    assert text_of(wrong.text, "error") == "The username or password is incorrect."
    form = partner.cyclr["console_user"]
    assert partner.console.post(first.url, data=form, timeout=10).url == partner.cyclr["console_url"] + "/accounts"
    partner.console.get(partner.cyclr["console_url"] + "/logout", timeout=10)
    again = partner.console.get(partner.cyclr["console_url"] + "/accounts", timeout=10)
    assert urlsplit(again.url).path == "/login"


def test_the_console_of_another_region_does_not_know_the_partner(partner):
    elsewhere = partner.cyclr["regions"][1]["console_url"]
    reply = partner.console.post(f"{elsewhere}/login", data=partner.cyclr["console_user"], timeout=10)
    assert text_of(reply.text, "error") == "The username or password is incorrect."


@pytest.mark.parametrize("target", ["//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example"])
def test_a_login_leads_nowhere_else(partner, target):
    url = f"{partner.cyclr['console_url']}/login?ReturnUrl={quote(target, safe='')}"
    reply = partner.console.post(url, data=partner.cyclr["console_user"], timeout=10, allow_redirects=False)
    assert reply.headers["location"] == "/connectors/library"


def test_the_login_page_names_its_users_or_not(partner):
    url = partner.cyclr["console_url"] + "/login"
    password = partner.cyclr["console_user"]["password"]
    assert password in partner.get(url).text
    partner.settings(login_page_names_users=False)
    assert password not in partner.get(url).text


def test_a_form_without_the_page_s_token_changes_nothing(console):
    reply = console.send("/connectors/library/412", csrf="wrong", client_id="x")
    assert reply.status_code == 403
    assert console.world.control("GET", "/cyclr/library/412")["client_id"] == ""


def test_the_library_is_searched(console):
    page = console.page("/connectors/library?query=chatter")
    assert "Salesforce Chatter" in page
    assert "HubSpot" not in page
    assert "No connector has this name." in console.page("/connectors/library?query=zzz")
    assert "Setup Required" in page


def test_a_pasted_pair_is_saved_to_the_letter_or_trimmed_by_setting(console):
    console.send("/connectors/library/412", client_id=" key\t", client_secret="secret\n")
    held = console.world.control("GET", "/cyclr/library/Salesforce")
    assert (held["client_id"], held["client_secret"]) == (" key\t", "secret\n")
    console.settings(cyclr_trims_credentials=True)
    console.send("/connectors/library/412", client_id=" key\t", client_secret="secret\n")
    held = console.world.control("GET", "/cyclr/library/Salesforce")
    assert (held["client_id"], held["client_secret"]) == ("key", "secret")


def test_what_is_blank_in_the_console_is_asked_at_install(console):
    path = f"/accounts/{console.account}/connectors/install/412"
    assert 'name="ClientId"' in console.page(path)
    console.paste("key", "secret")
    assert 'name="ClientId"' not in console.page(path)
    console.paste("", "")
    app = console.app
    reply = console.send(path, isSandbox="false", ClientId=app["client_id"], ClientSecret=app["client_secret"])
    back = console.land(reply.headers["location"])
    assert text_of(console.page(urlsplit(back.headers["location"]).path), "authenticated") == "Yes"


def test_without_setup_nothing_is_authenticated_and_setup_does_it_later(console):
    console.paste(console.app["client_id"], console.app["client_secret"])
    path = f"/accounts/{console.account}/connectors/install/412"
    reply = console.send(path, isSandbox="false", without_setup="1")
    assert text_of(reply.text, "notice") == "The connector has been installed without setup."
    assert text_of(reply.text, "authenticated") == "No"
    where = urlsplit(reply.url).path
    console.land(console.send(f"{where}/setup").headers["location"])
    assert text_of(console.page(where), "authenticated") == "Yes"
    gone = console.send(f"{where}/deauthenticate")
    assert text_of(gone.text, "notice") == "Connector 'Salesforce' successfully de-authenticated."
    assert text_of(gone.text, "authenticated") == "No"
    console.send(f"{where}/delete")
    assert console.done("GET", "/account/connectors") == []


def test_an_install_in_a_new_window_ends_on_a_page_to_be_closed(console):
    console.paste(console.app["client_id"], console.app["client_secret"])
    reply = console.send(f"/accounts/{console.account}/connectors/install/412", isSandbox="false", popup="1")
    assert "You can close this window." in console.land(reply.headers["location"]).text


def test_properties_are_changed_on_the_connector_s_page(console):
    console.paste("key", "secret")
    number = console.install()
    console.send(f"/installed/{number}", isSandbox="true", InstanceUrl="", ClientId="own", ClientSecret="")
    held = console.done("GET", f"/account/connectors/{number}/properties")
    assert {each["Name"]: each["Value"] for each in held} == {"isSandbox": "true", "ClientId": "own"}
    assert console.redirect(number).startswith(console.world.test_url)
    console.send(f"/installed/{number}", isSandbox="", InstanceUrl="https://acme.my.salesforce.com")
    refused = console.send(f"/installed/{number}/setup")
    assert refused.status_code == 400
    assert "Instance URL is not an address of the practice orgs: https://acme.my.salesforce.com" in refused.text


def test_a_login_that_failed_is_shown_on_the_connector_s_page(console):
    console.paste(console.app["client_id"], "wrong")
    number = console.install()
    failed = console.land(console.send(f"/installed/{number}/setup").headers["location"])
    assert failed.status_code == 400
    assert "Salesforce answered:" in failed.text
    assert "invalid client credentials" in text_of(console.page(f"/installed/{number}"), "last-error")


def test_a_setup_token_is_a_link_for_one_use(console):
    console.paste(console.app["client_id"], console.app["client_secret"])
    number = console.install()
    link = text_of(console.send(f"/installed/{number}/setup-token").text, "told")
    assert console.get(link).headers["location"].startswith(console.world.login_url)
    assert console.get(link).headers["location"].startswith("/account/login")


def test_the_test_tab_shows_salesforce_s_refusal(console):
    number = console.connected()
    method = str(next(each["id"] for each in console.cyclr["connector"]["methods"] if each["name"] == "Run Query"))
    page = console.send(f"/installed/{number}/test", method=method, q="SELECT Nope FROM Account", run="1").text
    assert text_of(page, "failure") == "Failed to call the method"
    assert "INVALID_FIELD" in text_of(page, "detail")
    missing = console.send(f"/installed/{number}/test", method=method, run="1")
    assert missing.status_code == 400
    assert "SOQL Query is required." in missing.text


def test_credentials_are_generated_shown_and_deleted_and_five_are_the_most(console):
    page = console.page("/settings/oauth")
    client = console.cyclr["api_clients"][0]
    assert client["client_secret"] not in page
    assert client["client_secret"] in console.page(f"/settings/oauth?show={client['client_id']}")
    for number in range(4):
        made = console.send("/settings/oauth", description=f"set {number}")
        assert text_of(made.text, "notice") == "The credentials have been generated."
    sixth = console.send("/settings/oauth", description="one more")
    assert sixth.status_code == 400
    assert "At most 5 sets of credentials can be generated. Delete one first." in sixth.text
    assert console.call("GET", "/accounts").ok
    console.send("/settings/oauth", delete=client["client_id"])
    assert console.call("GET", "/accounts").status_code == 401
    known = console.world.control("GET", "/cyclr/api-clients")
    assert [each["description"] for each in known] == ["set 0", "set 1", "set 2", "set 3"]
    fresh = console.ask_token(client_id=known[0]["client_id"], client_secret=known[0]["client_secret"])
    assert fresh.status_code == 200


def test_general_settings_show_the_service_domain_and_take_the_webhook(console):
    page = console.page("/settings/general")
    box = f'<input type="text" id="service-domain" value="{console.cyclr["service_url"]}" readonly>'
    assert box in page
    console.send("/settings/general", webhook_url="https://x.example/hook", webhook_enabled="on")
    held = console.world.control("GET", "/cyclr/webhook")
    assert (held["url"], held["enabled"]) == ("https://x.example/hook", True)


def test_accounts_are_made_and_show_their_api_id(console):
    made = console.send("/accounts", name="Brand New", account_id="a/b c")
    assert text_of(made.text, "notice") == "The account Brand New has been created."
    assert text_of(console.page(f"/accounts/{quote('a/b c', safe='')}/settings"), "api-id") == "a/b c"
    assert "Install Connector" in console.page("/accounts/a%2Fb%20c/connectors")
    assert console.send("/accounts", name="x", account_id="contoso-tea").status_code == 400
    console.send("/accounts/contoso-tea/settings", webhook_url="https://x.example", webhook_enabled="on")
    webhook = console.done("GET", "/accounts/contoso-tea")["TransactionErrorWebhook"]
    assert webhook == {"Enabled": True, "Url": "https://x.example", "IncludeWarnings": False}


PAGES = [
    "/login",
    "/connectors/library",
    "/connectors/library/412",
    "/settings/general",
    "/settings/oauth",
    "/accounts",
    "/accounts/contoso-tea/settings",
    "/accounts/contoso-tea/connectors",
    "/accounts/contoso-tea/connectors/install/412",
    "/templates/connectors",
    "/templates/connectors/install/412",
    "/installed/{number}",
    "/installed/{number}/test?method=41203",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_box_has_a_label_and_no_page_runs_a_script(console, path):
    number = console.install()
    reply = console.console.get(console.cyclr["console_url"] + path.format(number=number), timeout=10)
    assert reply.status_code == 200
    assert Labels(reply.text).nameless == []
    assert "<script" not in reply.text
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


def test_what_people_typed_is_escaped_on_every_page(console):
    console.send("/connectors/library/412", client_id=EVIL, client_secret=EVIL)
    console.send("/settings/general", webhook_url=EVIL)
    console.send("/settings/oauth", description=EVIL)
    console.send("/accounts", name=EVIL, account_id=EVIL, description=EVIL)
    console.account = EVIL
    number = console.done("POST", "/connectors/412/install", {"Name": EVIL, "Description": EVIL})["Id"]
    console.send(f"/installed/{number}", InstanceUrl=EVIL, ClientId=EVIL)
    account = quote(EVIL, safe="")
    for path in (
        "/connectors/library/412",
        f"/connectors/library?query={account}",
        "/settings/general",
        "/settings/oauth",
        "/accounts",
        f"/accounts/{account}/settings",
        f"/accounts/{account}/connectors",
        f"/installed/{number}",
        f"/installed/{number}/test?method={account}",
    ):
        page = console.page(path)
        assert "<script>" not in page, path
        assert ESCAPED in page or "test" in path, path
    started = console.send(f"/installed/{number}/setup")
    assert "<script>" not in started.text
    service = console.cyclr["service_url"]
    for path in (f"/connector/callback?state={account}&error={account}", f"/account/login?ReturnUrl={account}"):
        assert "<script>" not in console.get(service + path).text


def test_salesforce_s_words_on_the_callback_are_escaped(console):
    console.paste(console.app["client_id"], console.app["client_secret"])
    state = parse_qs(urlsplit(console.redirect(console.install())).query)["state"][0]
    query = f"state={state}&error={quote(EVIL)}&error_description={quote(EVIL)}"
    shown = console.get(f"{console.cyclr['service_url']}/connector/callback?{query}")
    assert shown.status_code == 400
    assert "<script>" not in shown.text
    assert ESCAPED in shown.text


TEXT = st.text(max_size=40) | st.sampled_from(["1", "412", "41201", "true", EVIL, "../..", "\x00"])
FIELDS = st.sampled_from(
    [
        "client_id",
        "client_secret",
        "name",
        "account_id",
        "description",
        "delete",
        "webhook_url",
        "isSandbox",
        "InstanceUrl",
        "ClientId",
        "method",
        "q",
        "limit",
        "run",
        "popup",
        "without_setup",
        "id",
        "token",
        "targetOrigin",
        "callbackMessage",
        "state",
        "code",
        "error",
        "ReturnUrl",
        "back",
    ]
)


def test_no_form_and_no_address_gives_a_500(console):
    number = console.install()
    paths = [each.format(number=number) for each in PAGES if "?" not in each] + [
        f"/installed/{number}/{each}" for each in ("setup", "deauthenticate", "setup-token", "test", "delete")
    ]
    service = ["/connector/callback", "/connectorauth/updateaccountconnectoroauth", "/account/signinwithtoken"]
    service += ["/connectorauth/start", "/launch", "/account/login", "/"]
    targets = [(console.cyclr["console_url"], each) for each in paths]
    targets += [(console.cyclr["service_url"], each) for each in service]
    csrf = re.search(r'name="csrf" value="([^"]+)"', console.page("/accounts"))[1]
    checks = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)

    @settings(max_examples=long_or(250, 60), deadline=None, suppress_health_check=checks, derandomize=True)
    @given(target=st.sampled_from(targets), fields=st.dictionaries(FIELDS, TEXT, max_size=5), posts=st.booleans())
    def send(target, fields, posts):
        url = "".join(target)
        if posts:
            reply = console.console.post(url, data={"csrf": csrf, **fields}, timeout=10, allow_redirects=False)
        else:
            reply = console.console.get(url, params=fields, timeout=10, allow_redirects=False)
        assert reply.status_code < 500, (url, fields)

    send()

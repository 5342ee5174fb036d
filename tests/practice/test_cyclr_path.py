"""The whole way through the practice Cyclr over sockets: from the Console to rows, and what ends it later."""

from __future__ import annotations

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from support.partner_support import EXPIRED, partner_of, text_of

from sfrunbook.practice.setup.callbacks import callback_errors


def test_the_guide_is_followed_in_the_console_and_a_method_returns_rows(partner):
    assert partner.log_in().url == partner.cyclr["console_url"] + "/connectors/library"
    number = partner.cyclr["connector"]["id"]
    shown = partner.page(f"/connectors/library/{number}")
    assert re.findall(r'class="callback">([^<]+)<', shown) == partner.cyclr["callback_urls"]
    app = partner.app
    saved = partner.send(
        f"/connectors/library/{number}", client_id=app["client_id"], client_secret=app["client_secret"]
    )
    assert text_of(saved.text, "notice") == "Your changes have been saved."
    to_salesforce = partner.send(
        f"/accounts/{partner.account}/connectors/install/{number}", name="Our Salesforce", isSandbox="false"
    )
    assert to_salesforce.status_code == 302
    back = partner.land(to_salesforce.headers["location"])
    assert back.status_code == 302
    installed = urlsplit(back.headers["location"]).path
    assert text_of(partner.page(installed), "authenticated") == "Yes"
    method = str(next(each["id"] for each in partner.cyclr["connector"]["methods"] if each["name"] == "List Accounts"))
    tested = partner.send(f"{installed}/test", method=method, limit="3", run="1")
    rows = json.loads(text_of(tested.text, "method-response"))["records"]
    assert len(rows) == 3
    assert all(re.fullmatch(r"001\w{15}", each["Id"]) for each in rows)
    assert "Bearer [redacted]" in text_of(tested.text, "request")


def test_the_api_does_the_same_and_the_browser_ends_at_the_target(partner):
    partner.paste(partner.app["client_id"], partner.app["client_secret"])
    number = partner.install()
    assert not partner.is_authenticated(number)
    target = partner.cyclr["service_url"] + "/done?x=1"
    back = partner.land(partner.redirect(number, targetOrigin=target))
    assert (back.status_code, back.headers["location"]) == (302, target)
    assert partner.is_authenticated(number)
    reply = partner.execute(number, body={"Parameters": {}}).json()
    assert reply["totalSize"] == len(reply["records"]) == 120
    me = partner.execute(number, "Get Current User").json()
    assert me["username"] == partner.world.user()["username"]


def test_a_sandbox_connector_logs_in_at_the_test_host_and_another_at_its_my_domain(partner):
    app = partner.find_app(org="second")
    partner.paste(app["client_id"], app["client_secret"])
    sandbox = partner.install("true")
    assert partner.redirect(sandbox).startswith(partner.world.test_url + "/services/oauth2/authorize?")
    partner.authenticate(sandbox, partner.world.user("second"))
    assert partner.execute(sandbox, "Get Current User").json()["username"] == "admin@second.practice.example"
    own = partner.install("true")
    my_domain = partner.world.my_domain("second")
    partner.done("POST", f"/account/connectors/{own}/properties", {"Name": "InstanceUrl", "Value": my_domain})
    assert partner.redirect(own).startswith(my_domain + "/services/oauth2/authorize?")


def test_a_template_connector_comes_back_to_the_console_host(partner):
    partner.log_in()
    partner.paste(partner.app["client_id"], partner.app["client_secret"])
    to_salesforce = partner.send("/templates/connectors/install/412", name="For templates")
    asked = parse_qs(urlsplit(to_salesforce.headers["location"]).query)
    assert asked["redirect_uri"] == [partner.cyclr["callback_urls"][0]]
    back = partner.land(to_salesforce.headers["location"])
    assert text_of(partner.page(urlsplit(back.headers["location"]).path), "authenticated") == "Yes"
    assert partner.done("GET", "/account/connectors") == []
    assert "For templates" in partner.page("/templates/connectors")


def test_an_app_made_with_the_callbacks_that_cyclr_shows_works(partner):
    """The callbacks pass the rules of the box Callback URL, so that an app can be made for them in Setup."""
    made = partner.world.control(
        "POST",
        "/apps",
        {
            "org": "first",
            "name": "By the guide",
            "kind": "connected_app",
            "callback_urls": partner.cyclr["callback_urls"],
            "pkce_required": False,
        },
    )
    assert callback_errors("\n".join(made["callback_urls"]), ("localhost",)) == []
    partner.paste(made["client_id"], made["client_secret"])
    partner.authenticate(partner.install())


def test_today_s_external_client_app_works_and_is_refused_where_cyclr_sends_no_pkce_or_no_secret(partner):
    partner.app = partner.find_app("external_client_app")
    partner.paste(partner.app["client_id"], partner.app["client_secret"])
    number = partner.install()
    partner.settings(cyclr_sends_pkce=False, cyclr_refresh_sends_secret=False)
    refused = partner.get(partner.redirect(number))
    assert refused.status_code == 400
    assert refused.text == "error=invalid_request&error_description=missing%20required%20code%20challenge"
    partner.settings(cyclr_sends_pkce=True)
    partner.authenticate(number)
    assert partner.execute(number).status_code == 200
    partner.expire()
    late = partner.execute(number)
    assert late.status_code == 400
    assert late.json() == {
        "Message": "Failed to authenticate the connector",
        "Detail": '400 {"error":"invalid_client","error_description":"invalid client credentials"}',
    }
    assert partner.is_authenticated(number)
    partner.settings(cyclr_refresh_sends_secret=True)
    assert partner.execute(number).status_code == 200


@pytest.mark.parametrize(
    ("required", "sent", "works"), [(False, False, True), (True, False, False), (True, True, True)]
)
def test_a_refresh_works_with_or_without_the_secret_as_the_app_wants(partner, required, sent, works):
    number = partner.connected()
    partner.policies(secret_required_for_refresh=required)
    partner.settings(cyclr_refresh_sends_secret=sent)
    partner.expire()
    assert partner.execute(number).ok == works


@pytest.mark.parametrize("keeps", [True, False])
def test_a_rotated_refresh_token_is_kept_or_dropped(partner, keeps):
    partner.policies(rotates_refresh_token=True)
    partner.settings(cyclr_keeps_rotated_token=keeps)
    number = partner.connected()
    partner.expire()
    assert partner.execute(number).ok
    partner.expire()
    second = partner.execute(number)
    assert second.ok == keeps
    if not keeps:
        assert second.json()["Detail"] == f"400 {EXPIRED}"


def test_a_failed_refresh_clears_authenticated_only_by_setting(partner):
    partner.settings(cyclr_failed_refresh_clears=True)
    number = partner.connected()
    partner.start("revoked-elsewhere")
    assert partner.execute(number).json()["Detail"] == f"400 {EXPIRED}"
    assert not partner.is_authenticated(number)


def test_a_sixth_connector_of_the_same_user_evicts_the_first_and_the_webhook_tells(partner):
    first = partner.connected()
    cycle = partner.done("POST", f"/templates/{partner.cyclr['templates'][0]['id']}/install")["Id"]
    partner.done("PUT", f"/cycles/{cycle}/activate", {"RunOnce": True, "Interval": 5})
    assert [each["Status"] for each in partner.done("GET", f"/cycles/{cycle}/transactions")] == ["Completed"]
    hook = partner.world.ready["control_url"] + "/no/such/webhook"
    partner.world.control("POST", "/cyclr/webhook", {"url": hook})
    for _ in range(5):
        partner.authenticate(partner.install())
    failed = partner.execute(first)
    assert failed.json() == {"Message": "Failed to authenticate the connector", "Detail": f"400 {EXPIRED}"}
    partner.done("PUT", f"/cycles/{cycle}/activate", {"RunOnce": True, "Interval": 5})
    incidents = partner.done("GET", f"/cycles/{cycle}/incidents")
    assert [each["ShortMessage"] for each in incidents] == ["Failed to authenticate the connector"]
    assert incidents == partner.done("GET", "/cycles/incidents/error")
    assert partner.done("GET", "/cycles/incidents/warning") == []
    told = partner.world.control("GET", "/cyclr/webhook")["calls"]
    assert [(each["url"], each["body"]["Message"]) for each in told] == [(hook, incidents[0]["ShortMessage"])]
    assert told[0]["body"]["Detail"].startswith(f"400 {EXPIRED}")
    assert list(told[0]["body"]) == [
        "Timestamp",
        "AccountId",
        "AccountExternalId",
        "AccountName",
        "CycleId",
        "CycleName",
        "StepId",
        "StepName",
        "StepType",
        "TransactionId",
        "Message",
        "Detail",
        "IncidentLevel",
    ]


def test_a_webhook_elsewhere_is_never_called(partner):
    partner.connected()
    partner.world.control("POST", "/cyclr/webhook", {"url": "https://hooks.partner.example/cyclr"})
    partner.start("revoked-elsewhere")
    cycle = partner.done("POST", f"/templates/{partner.cyclr['templates'][0]['id']}/install")["Id"]
    partner.done("PUT", f"/cycles/{cycle}/activate", {"RunOnce": True})
    (call,) = partner.world.control("GET", "/cyclr/webhook")["calls"]
    assert call["outcome"] in ("waiting", "Not sent: hooks.partner.example is not on this computer.")


def test_the_calls_of_cyclr_come_from_its_own_addresses(partner):
    number = partner.connected()
    partner.policies(enforces_refresh_ip_allowlist=True, refresh_ip_ranges=[partner.cyclr["outbound_ip"]])
    partner.expire()
    assert partner.execute(number).ok
    partner.policies(refresh_ip_ranges=["127.0.0.1"])
    partner.expire()
    assert "ip restricted" in partner.execute(number).json()["Detail"]


def test_many_calls_at_once_after_an_expiry_refresh_once(partner):
    partner.policies(rotates_refresh_token=True)
    number = partner.connected()
    partner.expire()
    partner.bearer()
    partner.world.control("DELETE", "/journal")
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: partner.execute(number).status_code, range(6)))
    assert statuses == [200] * 6
    rows = partner.world.control("GET", "/journal")["requests"]
    assert sum(each["path"] == "/services/oauth2/token" for each in rows) == 1


def test_the_whole_way_over_tls(practice_world_tls):
    with partner_of(practice_world_tls) as partner:
        assert partner.cyclr["callback_urls"][1].startswith("https://localhost:")
        number = partner.connected()
        partner.settings(cyclr_allowed_ips=[])
        reply = partner.call("POST", f"/account/connectors/{number}/test/{partner.method()}", {})
        assert reply.status_code == 403
        partner.log_in()
        tested = partner.send(f"/installed/{number}/test", method="41201", run="1")
        assert json.loads(text_of(tested.text, "method-response"))["totalSize"] == 120


def test_a_snapshot_holds_cyclr_too(partner):
    number = partner.connected()
    partner.world.control("POST", "/snapshots", {"name": "connected"})
    partner.done("PUT", f"/account/connectors/{number}/deauthenticate", {})
    assert not partner.is_authenticated(number)
    partner.world.control("POST", "/snapshots/connected")
    assert partner.is_authenticated(number)
    assert partner.execute(number).ok
    partner.world.control("POST", "/reset")
    partner.token_text = ""
    assert partner.done("GET", "/account/connectors") == []


def test_what_a_callback_shows_that_belongs_to_nothing(partner):
    partner.paste(partner.app["client_id"], partner.app["client_secret"])
    number = partner.install()
    address = partner.redirect(number)
    state = parse_qs(urlsplit(address).query)["state"][0]
    service, console = partner.cyclr["service_url"], partner.cyclr["console_url"]
    callback = "/connector/callback?code=aPrx&state="
    for url in (
        f"{service}{callback}unknown",
        f"{service}/connector/callback?code=aPrx",
        f"{console}{callback}{state}",
        f"{partner.cyclr['regions'][1]['service_url']}{callback}{state}",
    ):
        shown = partner.get(url)
        assert shown.status_code == 400
        assert "We could not match this request." in shown.text
    landed = partner.land(address)
    assert "The connector has been authenticated." in landed.text
    again = partner.get(f"{service}{callback}{state}")
    assert again.status_code == 400
    partner.settings(cyclr_bad_state="login_page")
    assert partner.get(f"{service}{callback}unknown").headers["location"] == "/account/login"
    partner.settings(cyclr_bad_state="page_200")
    assert partner.get(f"{service}{callback}unknown").status_code == 200
    assert partner.is_authenticated(number)


def test_a_person_who_presses_deny_sees_salesforce_s_error_and_nothing_is_authenticated(partner):
    partner.paste(partner.app["client_id"], partner.app["client_secret"])
    number = partner.install()
    shown = partner.land(partner.redirect(number), allow=False)
    assert shown.status_code == 400
    assert text_of(shown.text, "told") == "access_denied: end-user denied authorization"
    assert not partner.is_authenticated(number)
    partner.settings(cyclr_error_callback="target")
    target = partner.cyclr["service_url"] + "/done"
    back = partner.land(partner.redirect(number, targetOrigin=target), allow=False)
    assert back.headers["location"] == target


def test_a_message_to_the_window_that_opened_it_is_escaped_and_its_script_is_the_only_one_allowed(partner):
    partner.paste(partner.app["client_id"], partner.app["client_secret"])
    number = partner.install()
    target = partner.cyclr["service_url"]
    back = partner.land(partner.redirect(number, targetOrigin=target, callbackMessage='"><script>x</script>'))
    assert "<script>x" not in back.text
    assert 'data-message="&#34;&gt;&lt;script&gt;x&lt;/script&gt;"' in back.text
    assert "script-src 'sha256-" in back.headers["content-security-policy"]
    assert html.unescape(text_of(back.text, "told")).startswith("The connector has been authenticated.")


@pytest.mark.parametrize("target", ["javascript:alert(1)", "//elsewhere.example", "data:text/html,x"])
def test_a_target_that_is_no_web_address_is_refused(partner, target):
    partner.paste(partner.app["client_id"], partner.app["client_secret"])
    assert partner.get(partner.link(partner.install(), targetOrigin=target)).status_code == 400


def test_the_orgs_know_the_local_callbacks_beside_the_literal_ones(partner):
    literal = ["https://my.cyclr.com/connector/callback", "https://app-h.cyclr.com/connector/callback"]
    for app in partner.cyclr["apps"]:
        assert app["callback_urls"] == [*literal, *partner.cyclr["callback_urls"]]
    assert [urlsplit(each).hostname for each in partner.cyclr["callback_urls"]] == ["localhost", "localhost"]
    listed = [app["client_id"] for org in partner.world.ready["orgs"] for app in org["apps"]]
    assert {app["client_id"] for app in partner.cyclr["apps"]} <= set(listed)


def test_nothing_secret_is_in_the_journal(partner):
    partner.connected()
    text = json.dumps(partner.world.control("GET", "/journal"))
    assert partner.app["client_secret"] not in text
    assert partner.bearer() not in text

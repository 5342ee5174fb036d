from __future__ import annotations

import gzip
import random
import socket
from pathlib import Path

import pytest
import requests
import trustme
from support.scripted_host import DROP, HANG, Answer, ScriptedHost, as_json

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Reply, is_loopback, origin_of, require_safe, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import Stage
from sfrunbook.diagnosis.diagnose import diagnosis_of


def reply(
    text: str, *, status: int = 400, url: str = "https://acme.my.salesforce.com/services/oauth2/token", **headers
):
    sent = requests.structures.CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Reply(method="POST", url=url, status=status, headers=sent, text=text)


def fault(error: pytest.ExceptionInfo[RunbookError]) -> tuple[Stage, str, str | None]:
    failure = error.value.failure
    return failure.stage, failure.error, failure.evidence.get("phase")


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.my.salesforce.com/x",
        "http://127.0.0.1:8000/x",
        "http://127.9.9.9/",
        "http://localhost:1/",
        "http://[::1]:8/",
    ],
)
def test_https_and_plain_http_on_this_machine_are_safe(url):
    require_safe(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com/",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "https://user:word@acme.my.salesforce.com/",
        "http://127.0.0.1\\@evil.example/",
        "https://acme.my.salesforce.com\\@evil.example/",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/",
        "ftp://127.0.0.1/",
        "https://",
        "//127.0.0.1/",
        "http://127.0.0.1:99999/",
        "https://acme.my.sales force.com/",
        "http://[::1/",
    ],
)
def test_every_other_address_is_refused(url, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with pytest.raises(RunbookError) as error:
        require_safe(url)
    assert diagnosis_of(error.value).code == "insecure-address"
    assert "word" not in repr(diagnosis_of(error.value))


def test_loopback_is_judged_by_the_address_and_not_by_how_it_begins():
    assert [host for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]") if not is_loopback(host)] == []
    assert [
        host for host in ("127.0.0.1.nip.io", "localhost.localdomain", "::", "128.0.0.1", "") if is_loopback(host)
    ] == []


def test_an_origin_has_no_default_port_and_no_capitals():
    assert origin_of("HTTPS://Acme.my.salesforce.com:443/x?y") == "https://acme.my.salesforce.com"
    assert origin_of("http://[::1]:80/") == "http://[::1]"
    assert origin_of("http://localhost:8080") == "http://localhost:8080"


def test_a_reply_is_captured_without_its_query_and_shows_no_body():
    with ScriptedHost({"/x": [as_json({"access_token": "canary-token"})]}) as host, open_session() as session:
        answer = send(session, Stage.DATA, "GET", f"{host.origin}/x", params={"q": "canary-query"})
    assert answer.url == f"{host.origin}/x"
    assert answer.status == 200 and answer.ok
    assert answer.headers["content-TYPE"] == "application/json;charset=UTF-8"
    assert answer.json() == {"access_token": "canary-token"}
    assert "canary" not in repr(answer)


def test_utf8_is_assumed_where_the_reply_names_no_charset():
    page = Answer(200, "Grüße", {"Content-Type": "text/plain"})
    with ScriptedHost({"/x": [page]}) as host, open_session() as session:
        assert send(session, Stage.DATA, "GET", f"{host.origin}/x").text == "Grüße"


def test_redirects_are_not_followed():
    with ScriptedHost({"/x": [Answer(302, "", {"Location": "/y"})]}) as host, open_session() as session:
        answer = send(session, Stage.AUTHORIZE, "GET", f"{host.origin}/x")
    assert (answer.status, answer.headers["Location"], len(host.asked)) == (302, "/y", 1)


def test_no_cookie_is_kept_and_no_netrc_is_read(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password canary-password\n")
    monkeypatch.setenv("NETRC", str(netrc))
    cookie = Answer(200, "", {"Set-Cookie": "BrowserId=canary; Path=/"})
    with ScriptedHost({"/x": [cookie]}) as host, open_session() as session:
        send(session, Stage.DATA, "GET", f"{host.origin}/x")
        send(session, Stage.DATA, "GET", f"{host.origin}/x")
    assert [asked.headers.keys() & {"Cookie", "Authorization"} for asked in host.asked] == [set(), set()]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_get_is_repeated_twice_while_the_host_is_busy(status):
    with (
        ScriptedHost({"/x": [Answer(status), Answer(status), Answer(200)]}) as host,
        open_session(backoff_seconds=0) as session,
    ):
        assert send(session, Stage.DATA, "GET", f"{host.origin}/x").status == 200
    assert len(host.asked) == 3


def test_a_host_that_stays_busy_gives_its_last_reply():
    with (
        ScriptedHost({"/x": [Answer(503, "busy", {"Retry-After": "soon"})]}) as host,
        open_session(backoff_seconds=0) as session,
    ):
        assert send(session, Stage.DATA, "GET", f"{host.origin}/x").text == "busy"
    assert len(host.asked) == 3


def test_a_retry_after_of_a_day_does_not_hold_anybody_up():
    with open_session() as session:
        retries = session.get_adapter("https://acme.my.salesforce.com").max_retries
    assert retries.parse_retry_after("86400") == 10
    assert retries.parse_retry_after("3") == 3
    assert retries.parse_retry_after("soon") == 0


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_post_is_never_repeated_whatever_its_status(status):
    with ScriptedHost({"/x": [Answer(status)]}) as host, open_session(backoff_seconds=0) as session:
        assert send(session, Stage.TOKEN, "POST", f"{host.origin}/x", data={"a": "b"}).status == status
    assert len(host.asked) == 1


def test_a_post_whose_connection_is_lost_is_never_repeated():
    with (
        ScriptedHost({"/x": [DROP]}) as host,
        open_session(backoff_seconds=0) as session,
        pytest.raises(RunbookError) as error,
    ):
        send(session, Stage.REFRESH, "POST", f"{host.origin}/x", data={"a": "b"})
    assert fault(error) == (Stage.TRANSPORT, "connection-lost", "read")
    assert len(host.asked) == 1


def test_a_post_without_an_answer_times_out_and_is_never_repeated():
    with (
        ScriptedHost({"/x": [HANG]}) as host,
        open_session(timeout=(2, 0.2), backoff_seconds=0) as session,
        pytest.raises(RunbookError) as error,
    ):
        send(session, Stage.REFRESH, "POST", f"{host.origin}/x", data={"secret": "canary"})
    assert fault(error) == (Stage.TRANSPORT, "timeout", "read")
    assert error.value.failure.evidence["during"] == "refresh"
    assert "canary" not in repr(diagnosis_of(error.value))
    assert len(host.asked) == 1


def test_a_reply_that_is_cut_short_is_a_lost_connection():
    cut = Answer(200, "half", {"Content-Length": "1000"})
    with (
        ScriptedHost({"/x": [cut]}) as host,
        open_session(backoff_seconds=0) as session,
        pytest.raises(RunbookError) as error,
    ):
        send(session, Stage.TOKEN, "POST", f"{host.origin}/x")
    assert fault(error) == (Stage.TRANSPORT, "connection-lost", "read")


def test_a_closed_port_is_connection_refused_and_surely_not_sent():
    with socket.socket() as taken, open_session(backoff_seconds=0) as session:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RunbookError) as error:
            send(session, Stage.TOKEN, "POST", f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert fault(error) == (Stage.TRANSPORT, "connection-refused", "connect")


def test_a_name_that_nobody_has_is_a_dns_failure():
    with open_session(backoff_seconds=0) as session, pytest.raises(RunbookError) as error:
        send(session, Stage.TOKEN, "GET", "https://no-such-host.invalid/")
    assert fault(error) == (Stage.TRANSPORT, "dns-failure", "connect")


def test_a_dead_proxy_is_named_for_real_hosts_and_not_used_for_this_machine(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with ScriptedHost({"/x": [Answer(200)]}) as host, open_session(backoff_seconds=0) as session:
        assert send(session, Stage.DATA, "GET", f"{host.origin}/x").status == 200
        with pytest.raises(RunbookError) as error:
            send(session, Stage.DATA, "GET", "https://acme.my.salesforce.com/")
    assert fault(error) == (Stage.TRANSPORT, "proxy-failure", "connect")


def certificate(folder: Path) -> tuple[Path, Path]:
    authority = trustme.CA()
    trust, own = folder / "ca.pem", folder / "host.pem"
    authority.cert_pem.write_to_path(trust)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(own)
    return trust, own


def test_a_further_authority_is_trusted_only_where_it_is_named(tmp_path):
    trust, own = certificate(tmp_path)
    with ScriptedHost({"/x": [Answer(200)]}, certificate=own) as host, open_session(str(trust)) as session:
        assert send(session, Stage.DATA, "GET", f"{host.origin}/x").status == 200
        with open_session(backoff_seconds=0) as session, pytest.raises(RunbookError) as error:
            send(session, Stage.DATA, "GET", f"{host.origin}/x")
    assert fault(error) == (Stage.TRANSPORT, "tls-failure", "connect")


def test_plain_http_to_another_host_is_refused_even_past_send():
    with open_session() as session, pytest.raises(RunbookError) as error:
        session.get("http://acme.my.salesforce.com/", timeout=1)
    assert diagnosis_of(error.value).code == "insecure-address"


@pytest.mark.parametrize("length", [0, 1, 70_000, 3_000_000])
def test_a_compressed_reply_is_read_whole(length):
    text = "".join(random.Random(7).choices("abcdef ", k=length))
    packed = Answer(200, gzip.compress(text.encode()), {"Content-Encoding": "gzip", "Content-Type": "text/plain"})
    with ScriptedHost({"/x": [packed]}) as host, open_session() as session:
        assert send(session, Stage.DATA, "GET", f"{host.origin}/x").text == text


def test_a_small_reply_that_unpacks_into_a_huge_one_is_cut_at_the_limit(monkeypatch):
    monkeypatch.setattr("sfrunbook.core.http_session._MAX_BODY_BYTES", 100_000)
    bomb = Answer(200, gzip.compress(b"x" * 20_000_000), {"Content-Encoding": "gzip"})
    with ScriptedHost({"/x": [bomb]}) as host, open_session() as session:
        assert len(send(session, Stage.DATA, "GET", f"{host.origin}/x").text) == 100_000


def test_a_body_that_cannot_be_unpacked_is_a_lost_connection():
    broken = Answer(200, "not gzip at all", {"Content-Encoding": "gzip"})
    with ScriptedHost({"/x": [broken]}) as host, open_session() as session, pytest.raises(RunbookError) as error:
        send(session, Stage.DATA, "GET", f"{host.origin}/x")
    assert fault(error) == (Stage.TRANSPORT, "connection-lost", "read")


def test_a_body_without_end_is_cut_at_the_limit(monkeypatch):
    monkeypatch.setattr("sfrunbook.core.http_session._MAX_BODY_BYTES", 100_000)
    with ScriptedHost({"/x": [Answer(200, "x" * 300_000)]}) as host, open_session() as session:
        assert len(send(session, Stage.DATA, "GET", f"{host.origin}/x").text) == 100_000


def test_an_oauth_error_is_read_from_json_whatever_the_order():
    failure = failure_of(reply('{"error_description":"authentication failure","error":"invalid_grant"}'), Stage.TOKEN)
    assert (failure.stage, failure.http_status) == (Stage.TOKEN, 400)
    assert (failure.error, failure.description) == ("invalid_grant", "authentication failure")
    assert failure.host == "acme.my.salesforce.com"


def test_a_rest_error_is_read_from_the_first_of_the_array():
    body = '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'
    failure = failure_of(reply(body, status=401), Stage.DATA)
    assert (failure.stage, failure.error) == (Stage.DATA, "INVALID_SESSION_ID")
    assert failure.description == "Session expired or invalid"


def test_the_bare_error_of_authorize_is_decoded_once():
    body = "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration"
    failure = failure_of(reply(body), Stage.AUTHORIZE)
    assert failure.error == "redirect_uri_mismatch"
    assert failure.description == "redirect_uri must match configuration"


def test_the_one_word_of_the_identity_service_is_an_error():
    assert failure_of(reply("Bad_OAuth_Token", status=403), Stage.USERINFO).error == "Bad_OAuth_Token"


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("<html><head><title>Down for\n Maintenance</title></head></html>", "The host answered with a web page."),
        ("", "The host answered with an empty reply."),
        ("upstream connect error", "The host answered with something other than JSON."),
    ],
)
def test_a_page_in_place_of_json_is_a_matter_of_transport(text, description):
    failure = failure_of(reply(text, status=503, Content_Type="text/html"), Stage.TOKEN)
    assert (failure.stage, failure.error, failure.http_status) == (Stage.TRANSPORT, "not-json", 503)
    assert failure.description == description
    assert failure.evidence["during"] == "token"


def test_a_secret_in_an_error_text_is_taken_out():
    token = "00D5e000000abcd!" + "AQ4AQ" * 20
    failure = failure_of(reply('{"error":"invalid_grant","error_description":"bad token ' + token + '"}'), Stage.TOKEN)
    assert token not in failure.description

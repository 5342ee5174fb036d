from __future__ import annotations

import base64
import hashlib
import html
import http.client
import re
import socket
import threading
from urllib.parse import urlencode, urlsplit

import pytest
from support.oauth_support import MY_DOMAIN, landing_of, pending_login

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.callback import parse_address
from sfrunbook.salesforce.oauth.grants import AuthorizationCode
from sfrunbook.salesforce.oauth.redirect import LoopbackReceiver, can_receive, free_redirect_uri

STATE = "state-of-this-login"
CODE = "aPrxCanary.code=="
CALLBACK = "http://localhost:17171/callback"
ERROR_PAGE = f"{MY_DOMAIN}/setup/secur/RemoteAccessErrorPage.apexp"


def address(base: str = CALLBACK, **fields: str) -> str:
    return f"{base}?{urlencode(fields)}"


def refusal(text: str, **changes) -> RunbookError:
    with pytest.raises(RunbookError) as error:
        parse_address(text, pending_login(**changes))
    assert CODE not in repr(diagnosis_of(error.value))
    assert STATE not in repr(diagnosis_of(error.value))
    return error.value


@pytest.mark.parametrize(
    "text",
    [
        address(code=CODE, state=STATE),
        f"  <{address(code=CODE, state=STATE)}>\n",
        address(code=CODE, state=STATE).replace("&", "\n&"),
        address("HTTP://LOCALHOST:17171/callback", code=CODE, state=STATE),
        "?" + urlencode({"code": CODE, "state": STATE}),
        urlencode({"state": STATE, "code": CODE, "sfdc_community_id": "x"}),
        address(code=CODE, state=STATE) + "#",
    ],
)
def test_a_code_is_read_from_an_address_or_its_query_and_decoded_once(text):
    assert parse_address(text, pending_login()).code == Secret(CODE)


def test_a_code_that_holds_a_percent_sign_is_not_decoded_twice():
    text = f"{CALLBACK}?state={STATE}&code=aPrx%253D"
    assert parse_address(text, pending_login()).code == Secret("aPrx%3D")


@pytest.mark.parametrize("text", ["", "  \n", "<>", '""'])
def test_nothing_pasted_is_said_to_be_nothing(text):
    assert refusal(text).code == "nothing-pasted"


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        "https://acme.my.salesforce.com/?ec=302&startURL=%2Fsetup",
        CALLBACK,
        address(code="", state=STATE),
        f"{CALLBACK}?code={CODE}&code=other&state={STATE}",
        "http://[::1/callback?code=x",
        "hello there",
    ],
)
def test_an_address_without_exactly_one_code_is_refused(text):
    assert refusal(text).code == "callback-without-code"


@pytest.mark.parametrize(
    "text",
    [
        address(code=CODE, state="state-of-another-login"),
        address(code=CODE),
        address(code=CODE, state=""),
        address(code=CODE, state=STATE.upper()),
        address(code=CODE, state="zustand-ü"),
        f"{address(code=CODE, state=STATE)}&state={STATE}",
        f"{address(code=CODE, state=STATE)}&state=other",
        address(error="access_denied", state="state-of-another-login"),
    ],
)
def test_a_state_that_is_not_exactly_ours_is_refused(text):
    assert refusal(text).code == "state-mismatch"


@pytest.mark.parametrize(
    "base",
    [
        "https://my.cyclr.com/connector/callback",
        "http://127.0.0.1:17171/callback",
        "http://localhost:17172/callback",
        "http://localhost:17171/callback/",
        "https://localhost:17171/callback",
    ],
)
def test_a_code_for_another_callback_is_not_taken(base):
    error = refusal(address(base, code=CODE, state=STATE))
    assert diagnosis_of(error).code == "callback-for-another-address"
    assert error.failure.evidence == {"expected": CALLBACK, "seen": base}


def test_a_partners_own_callback_is_taken_when_the_login_asked_for_it():
    cyclr = "https://my.cyclr.com/connector/callback"
    taken = parse_address(address(cyclr, code=CODE, state=STATE), pending_login(redirect_uri=cyclr))
    assert taken.code == Secret(CODE)


def test_the_issuer_is_compared_where_the_answer_names_one():
    taken = parse_address(address(code=CODE, state=STATE, iss=f"{MY_DOMAIN}/"), pending_login())
    assert taken.issuer == f"{MY_DOMAIN}/"
    error = refusal(address(code=CODE, state=STATE, iss="https://other.my.salesforce.com"))
    assert diagnosis_of(error).code == "issuer-mismatch"


@pytest.mark.parametrize(
    ("text", "delivered"),
    [
        (address(error="access_denied", error_description="end-user denied authorization", state=STATE), "callback"),
        (
            address(ERROR_PAGE, error="access_denied", error_description="end-user denied authorization"),
            "error page",
        ),
        (
            address(
                "https://my.cyclr.com/connector/callback",
                error="access_denied",
                error_description="end-user denied authorization",
            ),
            "callback",
        ),
        ("error=access_denied&error_description=end-user%20denied%20authorization", "unknown"),
    ],
)
def test_an_error_is_told_from_wherever_it_arrived(text, delivered):
    failure = refusal(text).failure
    assert (failure.stage, failure.host) == (Stage.AUTHORIZE, "acme.my.salesforce.com")
    assert (failure.error, failure.description) == ("access_denied", "end-user denied authorization")
    assert failure.evidence["delivered"] == delivered


def test_the_code_on_the_screen_of_the_generic_error_page_is_enough():
    assert refusal("OAUTH_APPROVAL_ERROR_GENERIC").failure.error == "OAUTH_APPROVAL_ERROR_GENERIC"


def test_an_answer_with_an_error_gives_no_code():
    assert refusal(address(error="access_denied", code=CODE, state=STATE)).failure.error == "access_denied"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


NEEDS_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")


@pytest.fixture
def pending():
    return pending_login(redirect_uri=f"http://localhost:{free_port()}/callback")


def call(pending, target: str, *, method: str = "GET", address: str = "127.0.0.1", host: str = ""):
    place = urlsplit(pending.redirect_uri)
    connection = http.client.HTTPConnection(address, place.port, timeout=5)
    try:
        connection.request(method, target, headers={"Host": host or place.netloc})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def headings(page: str) -> list[str]:
    """What the page shows, piece by piece."""
    return [html.unescape(text) for text in re.findall("<(?:h1|p)[^>]*>(.*?)</(?:h1|p)>", page)]


def good(state: str = STATE) -> str:
    return f"/callback?{urlencode({'code': CODE, 'state': state})}"


@pytest.mark.parametrize("family", ["127.0.0.1", pytest.param("::1", marks=NEEDS_IPV6)])
def test_the_answer_is_received_on_both_loopback_families(pending, family):
    with LoopbackReceiver(pending.redirect_uri, pending=pending) as receiver:
        status, headers, page = call(pending, good(), address=family)
        assert receiver.wait().code == Secret(CODE)
    assert status == 200
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    allowed = "default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; "
    policy = headers["Content-Security-Policy"]
    assert re.fullmatch(allowed + "form-action 'none'; frame-ancestors 'none'", policy)
    assert headings(page) == ["Access was granted", "Return to sfrunbook \u2013 this tab closes itself.", "sfrunbook"]
    for part in ("style", "script"):
        inline = re.search(f"<{part}>(.*?)</{part}>", page, re.DOTALL)[1]
        named = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{part}-src 'sha256-{named}'" in policy, "the browser would not let it in"
    assert "window.close()" in page
    assert "Canary" not in page
    assert STATE not in page
    assert "Python" not in headers["Server"]


def test_strays_do_not_end_the_flow_and_get_nothing_done(pending):
    with LoopbackReceiver(pending.redirect_uri, pending=pending) as receiver:
        statuses = [
            call(pending, "/favicon.ico")[0],
            call(pending, "/"),
            call(pending, f"/other{good()[9:]}")[0],
            call(pending, good(), method="POST")[0],
            call(pending, good(), method="HEAD")[0],
            call(pending, good("state-of-another-login"))[0],
            call(pending, f"/callback?{urlencode({'error': 'access_denied'})}")[0],
            call(pending, "/callback")[0],
            call(pending, good(), host="evil.example")[0],
        ]
        statuses[1] = statuses[1][0]
        assert statuses == [404, 404, 404, 405, 405, 400, 400, 400, 404]
        assert not receiver.done
        assert call(pending, good())[0] == 200
        assert receiver.wait().code == Secret(CODE)
        assert receiver.done


def test_a_refused_method_is_told_which_one_is_allowed(pending):
    with LoopbackReceiver(pending.redirect_uri, pending=pending):
        assert call(pending, good(), method="POST")[1]["Allow"] == "GET"


def test_a_second_caller_gets_a_plain_page_and_changes_nothing(pending):
    place = urlsplit(pending.redirect_uri)
    with LoopbackReceiver(pending.redirect_uri, pending=pending) as receiver:
        with socket.create_connection(("127.0.0.1", place.port), timeout=5) as late:
            late.sendall(f"GET {good().replace('Canary', 'Second')} HTTP/1.1\r\n".encode())
            assert call(pending, good())[0] == 200
            late.sendall(f"Host: {place.netloc}\r\n\r\n".encode())
            page = late.makefile().read()
        assert page.startswith("HTTP/1.0 410 ")
        assert "Second" not in page
        assert receiver.wait().code == Secret(CODE)


def test_an_error_with_our_state_ends_the_flow_with_its_diagnosis(pending):
    fields = {"error": "access_denied", "error_description": "end-user denied authorization", "state": STATE}
    with LoopbackReceiver(pending.redirect_uri, pending=pending) as receiver:
        status, _, page = call(pending, f"/callback?{urlencode(fields)}")
        with pytest.raises(RunbookError) as error:
            receiver.wait()
    assert status == 200
    assert headings(page) == ["Access wasn't granted", "Go back to sfrunbook to see why.", "sfrunbook"]
    assert "<script" not in page, "what was denied stays until it was read"
    assert "denied authorization" not in page
    assert error.value.failure.error == "access_denied"


def test_the_port_is_free_again_after_the_answer(pending):
    with LoopbackReceiver(pending.redirect_uri, pending=pending) as receiver:
        call(pending, good())
        receiver.wait()
        with pytest.raises(ConnectionRefusedError):
            call(pending, good())
    with LoopbackReceiver(pending.redirect_uri, pending=pending) as again:
        call(pending, good())
        assert again.wait().code == Secret(CODE)


def test_a_login_that_nobody_answers_times_out(pending):
    with LoopbackReceiver(pending.redirect_uri, pending=pending, time_limit_seconds=0) as receiver:
        with pytest.raises(RunbookError) as error:
            receiver.wait()
        assert receiver.done
    assert diagnosis_of(error.value).code == "login-timed-out"


def test_when_only_foreign_answers_came_their_problem_is_told(pending):
    receiver = LoopbackReceiver(pending.redirect_uri, pending=pending, time_limit_seconds=0)
    assert receiver._receive(urlencode({"code": CODE, "state": "other"}))[0] == 400
    with receiver, pytest.raises(RunbookError) as error:
        receiver.wait()
    assert diagnosis_of(error.value).code == "state-mismatch"


def test_a_cancelled_login_lets_go_of_its_port_and_of_who_waits(pending):
    receiver = LoopbackReceiver(pending.redirect_uri, pending=pending).start()
    raised: list[RunbookError] = []

    def wait() -> None:
        with pytest.raises(RunbookError) as error:
            receiver.wait()
        raised.append(error.value)

    waiter = threading.Thread(target=wait)
    waiter.start()
    receiver.cancel()
    waiter.join(10)
    assert [diagnosis_of(error).code for error in raised] == ["login-timed-out"]
    assert free_redirect_uri([pending.redirect_uri]) == pending.redirect_uri


@pytest.mark.parametrize(
    ("family", "place"),
    [(socket.AF_INET, "127.0.0.1"), pytest.param(socket.AF_INET6, "::1", marks=NEEDS_IPV6)],
)
def test_a_port_in_use_is_named_and_the_next_registered_one_is_taken(pending, family, place):
    port = urlsplit(pending.redirect_uri).port
    other = f"http://localhost:{free_port()}/callback"
    with socket.socket(family) as taken:
        taken.bind((place, port))
        taken.listen()
        with pytest.raises(RunbookError) as error:
            LoopbackReceiver(pending.redirect_uri, pending=pending).start()
        assert free_redirect_uri(["https://my.cyclr.com/connector/callback", pending.redirect_uri, other]) == other
        with pytest.raises(RunbookError) as none_left:
            free_redirect_uri([pending.redirect_uri])
    assert diagnosis_of(error.value).code == "port-in-use"
    assert diagnosis_of(none_left.value).failure.evidence == {"ports": str(port)}


def test_only_an_http_address_of_this_machine_with_a_port_can_be_listened_at():
    assert can_receive("http://127.0.0.1:8080/x")
    for redirect_uri in ("https://localhost:1/x", "http://localhost/x", "http://acme.example:1/x", "http://[::1"):
        assert not can_receive(redirect_uri)
        with pytest.raises(ValueError, match="use an http address of this machine with a port"):
            LoopbackReceiver(redirect_uri, pending=pending_login())


@pytest.mark.parametrize("allow", [True, False])
def test_a_person_who_logs_in_and_decides_reaches_the_listener(fresh_world, allow):
    from support.oauth_support import connection_to

    app = fresh_world.app()
    redirect_uri = f"http://localhost:{free_port()}/callback"
    fresh_world.control("POST", f"/apps/{app['client_id']}", {"callback_urls": [redirect_uri]})
    connection, secret = connection_to(fresh_world, redirect_uri=redirect_uri)
    web = AuthorizationCode(connection=connection, client_secret=secret)
    pending = web.begin(("api", "refresh_token"))
    with LoopbackReceiver(redirect_uri, pending=pending) as receiver:
        landing_of(fresh_world, web, pending, allow=allow)
        if allow:
            assert receiver.wait().code
        else:
            with pytest.raises(RunbookError) as error:
                receiver.wait()
            assert error.value.failure.error == "access_denied"

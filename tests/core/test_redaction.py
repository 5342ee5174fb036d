"""Redaction hides every secret in every form, changes nothing else, and is idempotent."""

from __future__ import annotations

import base64
import html
import http.client
import json
import logging
import re
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import for_each
from support.scripted_host import ScriptedHost, as_json

from sfrunbook.core.secrets.redaction import RedactingFilter, install_log_redaction, redact, shortened
from sfrunbook.core.secrets.scan import scan_text
from sfrunbook.core.secrets.secret import Secret

# Synthetic values of the shapes that Salesforce gives out.
ACCESS_TOKEN = (
    "00Dxx0000001gPF!" + "AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6LYUfiDUkWe6H34r1AAwOR8B8fLEz6n04"
)
REFRESH_TOKEN = "5Aep861" + "TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrfFLQWTthDVyAq7e7l4WK8dbHcsBmpwdPjWQ2VbW9nZTm"
CODE = "aPrx" + "k0a6mjMbfcWhbdTbOOLQ9Uykv1pWcJXyvFbTuJkRb8dQ"
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJjYW5hcnkiLCJleHAiOjF9.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
CLIENT_ID = "3MVG9" + "pRzvMkjMb6lZlt3YjDQwe1v9uHk0fJ2d5xXlq7rTnYcB4sWmZ8gAaE6iUoKjVhPtLyNbQ1"
CLIENT_SECRET = "8F3A5C1D7E9B2046" * 4
PEM_BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
PEM = f"-----BEGIN PRIVATE KEY-----\n{PEM_BODY}\n{PEM_BODY}\n-----END PRIVATE KEY-----"

VALUE = 'kn0wn/vålue+with "all" & sorts=!'


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture(autouse=True)
def _known() -> None:
    Secret(VALUE)


# --- layer one: known values ---------------------------------------------------------------------------------------

FORMS = {
    "raw": VALUE,
    "url-encoded": quote(VALUE, safe=""),
    "url-encoded with slashes": quote(VALUE),
    "url-encoded in small letters": re.sub("%..", lambda code: code[0].lower(), quote(VALUE, safe="")),
    "form-encoded": urlencode({"x": VALUE})[2:],
    "json": json.dumps(VALUE),
    "json in unicode": json.dumps(VALUE, ensure_ascii=False),
    "json in json": json.dumps(json.dumps(VALUE)),
    "python": repr({"x": VALUE}),
    "html": html.escape(VALUE),
    "base64": base64.b64encode(VALUE.encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(VALUE.encode()).decode(),
    "basic header": _basic(CLIENT_ID, VALUE),
    "basic header, other length of id": _basic(CLIENT_ID + "x", VALUE),
    "basic header, third length of id": _basic(CLIENT_ID + "xy", VALUE),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_known_value_is_hidden_in_every_form(form):
    text = f"before {FORMS[form]} after"
    assert "***" in redact(text)
    assert not scan_text(redact(text), [VALUE])
    assert redact(text).startswith("before ")
    assert redact(text).endswith(" after")


@pytest.mark.parametrize("form", FORMS)
def test_the_scanner_finds_a_given_value_in_every_form(form):
    given_value = VALUE.replace("kn0wn", "gfv3n")
    text = FORMS[form].replace("kn0wn", "gfv3n")
    if "base64" in form or "basic" in form:
        pad = form.count("other") + 2 * form.count("third")
        text = _basic("x" * pad, given_value) if "basic" in form else base64.b64encode(given_value.encode()).decode()
    (leak, *_) = scan_text(f"one\ntwo {text}", [Secret(given_value)])
    assert leak.where == "line 2"
    assert "known value" in leak.kind
    assert "gfv3n" not in repr(leak)


def test_a_value_inside_another_one_leaves_no_rest():
    Secret("inner-9f2c")
    Secret("outer-inner-9f2c-outer")
    assert redact("x outer-inner-9f2c-outer y") == "x *** y"


def test_very_short_known_values_do_not_destroy_ordinary_text():
    Secret("the")
    assert redact("the word is the word") == "the word is the word"


# --- layer two: names ----------------------------------------------------------------------------------------------

NAMED = [
    "access_token", "refresh_token", "client_secret", "code", "code_verifier", "assertion", "sid", "password",
    "id_token", "client_assertion", "token", "lightning_sid", "passphrase", "consumer_secret", "accessToken",
]  # fmt: skip


@for_each("name", NAMED)
@for_each(
    "frame",
    [
        '{"%s": "V", "x": 1}', "{'%s': 'V'}", '{"%s":"V"}', '"{\\"%s\\": \\"V\\"}"', "https://h.example/p?%s=V&a=b",
        "https://h.example/p?a=b&%s=V", "https://h.example/p#%s=V&a=b", "a=b&%s=V", "%s=V&a=b", "%s='V'", '%s = "V"',
        "next=%%2Fcb%%3F%s%%3DV%%26a%%3Db", "b'a=b&%s=V'", "<a href='/p?a=b&amp;%s=V'>",
    ],
)  # fmt: skip
def test_the_value_after_a_telling_name_is_hidden(name, frame):
    value = "w4-Opaque_Value.17"
    text = (frame % name).replace("V", value)
    cleaned = redact(text)
    assert value not in cleaned
    assert cleaned == text.replace(value, "***")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: Bearer abc.def-0123456789", "Authorization: ***"),
        ("authorization: OAuth abc", "authorization: ***"),
        ("{'Authorization': 'Basic Zm9vOmJhcmJheg=='}", "{'Authorization': '***'}"),
        (
            "b'POST /t\\r\\nAuthorization: Basic Zm9vOmJhcmJheg==\\r\\nHost: h\\r\\n'",
            "b'POST /t\\r\\nAuthorization: ***\\r\\nHost: h\\r\\n'",
        ),
        ("Set-Cookie: sid=a!b; Path=/; Secure", "Set-Cookie: ***"),
        ("sent with Bearer 0123456789abcdefgh", "sent with Bearer ***"),
        ("sent with Basic Zm9vOmJhcmJheg==", "sent with Basic ***"),
        ("Consumer Secret: 1234567890123456789", "Consumer Secret: ***"),
        ("Your consumer secret is 1234567890123456789.", "Your consumer secret is ***."),
        ("password: hunter2", "password: ***"),
        ("Password: swordfish\nnext", "Password: ***\nnext"),
        ('{"password": 12345678}', '{"password": ***}'),
        ('{"client_secret": "with \\" quote", "a": 1}', '{"client_secret": "***", "a": 1}'),
    ],
)
def test_headers_labels_and_odd_values_are_hidden(text, cleaned):
    for secret in ("abc", "Zm9v", "a!b", "0123456789", "swordfish", "hunter2", "quote"):
        if secret in text:
            assert secret not in redact(text)
    assert redact(text).replace("Bearer ***", "***").replace("OAuth ***", "***").replace("Basic ***", "***") == (
        cleaned.replace("Bearer ***", "***").replace("Basic ***", "***")
    )


# --- layer three: shapes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [
        ACCESS_TOKEN, ACCESS_TOKEN.replace("!", "%21"), "00Dxx0000001gPFEA2" + ACCESS_TOKEN[15:], REFRESH_TOKEN, CODE,
        CODE + "==", CODE + "%3D%3D", JWT, CLIENT_SECRET, PEM, PEM.replace("PRIVATE", "RSA PRIVATE"),
        PEM.replace("\n", "\\n"), PEM.rpartition("\n")[0],
    ],
    ids=lambda value: value[:16],
)  # fmt: skip
def test_a_shape_of_salesforce_is_hidden_without_any_name(secret):
    cleaned = redact(f"seen {secret} there")
    assert cleaned.startswith("seen ***")
    assert "***" in cleaned
    assert secret[20:40] not in cleaned
    assert PEM_BODY[:20] not in cleaned
    assert scan_text(f"seen {secret} there")


def test_an_auth_url_keeps_its_host_only():
    url = f"force://{CLIENT_ID}:{CLIENT_SECRET}:{REFRESH_TOKEN}@acme.my.salesforce.com"
    assert redact(url) == "force://***@acme.my.salesforce.com"


# --- what stays ----------------------------------------------------------------------------------------------------


@for_each(
    "text",
    [
        "",
        "The Consumer Secret is asked for on the next screen.",
        "password: the one that you use for Salesforce",
        f"client_id={CLIENT_ID}&response_type=code&scope=full%20refresh_token",
        "grant_type=authorization_code",
        '{"error":"invalid_grant","error_description":"expired access/refresh token"}',
        '{"code": "callback-url-mismatch", "errorCode": "INVALID_SESSION_ID", "token_type": "Bearer"}',
        "Basic authentication is used",
        'client_secret = "store:acme", private_key: "file:/etc/keys/jwt.pem"',
        "exit code=3, status code: 400",
        "ERROR at Row:1:Column:0 unexpected token: 'hello'",
        "ERROR at Row:1:Column:0 unexpected token: &#39;hello&#39;",
        "SELECT Id, Name FROM Account WHERE Id = '001xx000003DGb2AAG'",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "def login(client_secret: str | None = None, password: Secret | None = None) -> None:",
        '{"access_token": null, "refresh_token": "", "password": "***"}',
        "See https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm&type=5",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    assert redact(text) == text
    assert scan_text(text) == ()


def test_a_consumer_key_is_shortened_in_its_middle_and_a_swapped_secret_is_not_shown():
    assert shortened(CLIENT_ID) == f"{CLIENT_ID[:9]}…{CLIENT_ID[-4:]}"
    assert shortened(CLIENT_SECRET) == "***"
    assert shortened("1234567890123456789") == "***"
    assert shortened("3MVG9short") == "***"
    assert shortened(ACCESS_TOKEN) == "***"


_pieces = st.sampled_from(
    [
        "code=", "&", "?", '"', "'", "access_token", ": ", "=", "***", "Authorization: ", "Bearer ", "Basic ", "sid",
        "\\", "\n", " ", "%3D", "%26", "password", "{", "}", ",", "a", "1", "Zm9vOmJhcmJheg==", "Cookie: ", ";",
        ACCESS_TOKEN, REFRESH_TOKEN, CODE, JWT, CLIENT_SECRET, VALUE, quote(VALUE), "force://", "@", "-----BEGIN ",
        "PRIVATE KEY-----", PEM_BODY, "Consumer Secret", "client_secret", "token", "null", "store:acme", "b'", "(", ")",
    ]
)  # fmt: skip


@given(st.lists(_pieces, max_size=14).map("".join))
def test_redacting_twice_is_redacting_once_and_nothing_known_survives(text):
    once = redact(text)
    assert redact(once) == once
    assert ACCESS_TOKEN not in once
    assert VALUE not in once


# --- logs ----------------------------------------------------------------------------------------------------------


class _Keeper(logging.Handler):
    """Keeps what a handler would write, and the records themselves as a handler that ships them would."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record) + repr(record.__dict__))


@pytest.fixture
def keeper(request):
    handler = _Keeper()
    logging.getLogger().addHandler(handler)
    levels = {}
    for name in ("requests_oauthlib", "oauthlib", "urllib3", "http.client"):
        levels[name] = logging.getLogger(name).level
        logging.getLogger(name).setLevel(logging.DEBUG)
    install_log_redaction()
    yield handler
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


CANARY = "log-canary-7351"


@pytest.mark.parametrize(
    "name",
    [
        "requests_oauthlib", "requests_oauthlib.oauth2_session", "oauthlib.oauth2.rfc6749.clients.base",
        "urllib3.connectionpool", "http.client", "urllib3.a_child_that_never_was",
    ],
)  # fmt: skip
def test_no_log_of_the_libraries_shows_a_canary_even_at_debug(name, keeper):
    Secret(CANARY)
    logger = logging.getLogger(name)
    logger.debug("Passing through key %s with %r", CANARY, {"client_secret": "another-0815"})
    logger.debug("body=%s", f"grant_type=refresh_token&refresh_token={REFRESH_TOKEN}")
    logger.debug("extra", extra={"payload": {"code": CANARY}, "line": f"sid={CANARY}"})
    logger.debug("%d arguments do not fit", CANARY)
    try:
        raise ValueError(f"https://h.example/cb?code={CODE}&x={CANARY}")
    except ValueError:
        logger.exception("failed for %s", CANARY, stack_info=True)
    everything = "\n".join(keeper.written)
    assert len(keeper.written) == 5
    assert "Traceback" in everything
    for secret in (CANARY, "another-0815", REFRESH_TOKEN, CODE):
        assert secret not in everything


def test_a_child_logger_made_after_the_filter_was_installed_is_covered_too(keeper):
    Secret(CANARY)
    logging.getLogger("oauthlib.made.later.than.install").debug("value %s", CANARY)
    assert keeper.written
    assert CANARY not in keeper.written[0]


def test_other_loggers_are_left_alone(keeper):
    install_log_redaction()
    logger = logging.getLogger("urllib3000.not.ours")
    assert not any(isinstance(one, RedactingFilter) for one in logger.filters)
    logger.error("x")
    assert not any(isinstance(one, RedactingFilter) for one in logger.filters)


def test_installing_twice_puts_one_filter_and_one_factory():
    install_log_redaction()
    factory = logging.getLogRecordFactory()
    install_log_redaction()
    assert logging.getLogRecordFactory() is factory
    assert len([one for one in logging.getLogger("urllib3").filters if isinstance(one, RedactingFilter)]) == 1


def test_the_libraries_do_not_log_details_unless_somebody_asks():
    for name in ("requests_oauthlib", "http.client"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    install_log_redaction()
    assert logging.getLogger("requests_oauthlib.oauth2_session").getEffectiveLevel() == logging.INFO
    assert logging.getLogger("http.client").level == logging.INFO


def test_a_value_that_no_encoding_has_stops_no_redaction():
    odd = Secret("Qk8-\udcff-canary-of-an-odd-value").reveal()
    assert redact(f"seen {odd} there") == "seen *** there"
    assert scan_text(f"seen {odd} there", [odd])


def test_what_http_client_prints_when_it_debugs_holds_no_secret(capsys):
    install_log_redaction()
    with ScriptedHost({"/token": [as_json({"ok": True}, **{"Set-Cookie": f"sid={ACCESS_TOKEN}"})]}) as host:
        connection = http.client.HTTPConnection(urlsplit(host.origin).netloc)
        connection.set_debuglevel(1)
        headers = {"Authorization": f"Bearer {ACCESS_TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/token", f"client_secret=unknown-0815&refresh_token={REFRESH_TOKEN}", headers)
        connection.getresponse().read()
        connection.close()
    shown = capsys.readouterr().out
    assert "send: b'POST /token HTTP/1.1" in shown
    assert "header: Set-Cookie: ***" in shown
    for secret in ("unknown-0815", REFRESH_TOKEN[8:20], ACCESS_TOKEN[16:30]):
        assert secret not in shown

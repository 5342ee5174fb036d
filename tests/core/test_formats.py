"""Every format of the table is masked wherever it appears, and what is plainly harmless stays readable."""

from __future__ import annotations

import json
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import for_each
from support.tails import long_or

from sfrunbook.core.secrets.formats import FORMATS, Format
from sfrunbook.core.secrets.redaction import redact, redact_unknown
from sfrunbook.core.secrets.scan import scan_text
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.report.cards import diagnosis_card
from sfrunbook.report.data import diagnosis_data
from sfrunbook.report.letter import RECIPIENTS, message
from sfrunbook.report.text import diagnosis_text

PLAIN = ("x7Kp-Qm2_vR9tLw4", "8F3A5C1D" * 8, "1234567890123456789", "hunter2x.y")
ODD = ("zq8\"W'x<>p9&k=/+ee1", "Som&mer,2026;x)y$z", "p@ss:w0rd/with?all#")


def _planted(row: Format, secret: str) -> tuple[str, set[str]]:
    """A text of this format with a secret, and all pieces of eight characters that must not be shown."""
    written = row.write(secret) if row.write else secret
    shown = {value[at : at + 8] for value in (secret, written) for at in range(max(1, len(value) - 7))}
    return row.example.replace("HIDDEN", written), shown


def _left(text: str, pieces: set[str]) -> list[str]:
    return [piece for piece in pieces if piece in text]


@for_each("row", FORMATS, ids=lambda row: row.name)
def test_every_format_is_masked_and_the_rest_of_its_text_stays(row: Format):
    for secret in (*PLAIN, *(ODD if row.write else ())):
        text, pieces = _planted(row, secret)
        cleaned = redact(text)
        assert not _left(cleaned, pieces), cleaned
        for word in ("ann", "acme", "https://", "state"):
            assert word in cleaned or word not in row.example, cleaned
        assert redact(cleaned) == cleaned


@for_each("row", FORMATS, ids=lambda row: row.name)
def test_the_leak_gate_finds_every_format(row: Format):
    text, pieces = _planted(row, PLAIN[0])
    leaks = scan_text(text)
    assert leaks, text
    assert not _left(repr(leaks), pieces)


def test_there_are_more_formats_than_forty():
    assert len({row.name for row in FORMATS}) == len(FORMATS) > 40


# --- what explanations show ------------------------------------------------------------------------------------------

WORDS = """
the token code error invalid_grant: password ' " { } [ ] ( ) <a> </a> | , ; = : & ? # % \\ secret= key --x -u 400
error=invalid_client expired access/refresh https://acme.my.salesforce.com/ {"error":"x"} name: "name": user,password
%22 value=
"""
_word = st.sampled_from(WORDS.split())
_noise = st.lists(_word | st.text(max_size=6), max_size=12).map(" ".join)
_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@st.composite
def _secrets(draw: st.DrawFn, more: str) -> str:
    """A value with letters and digits from its first to its last character."""
    middle = "".join(
        draw(st.lists(st.sampled_from(_letters + more), min_size=8, max_size=56))
    )  # st.text would bring words
    return f"{draw(st.sampled_from('kQz'))}{draw(st.integers(10, 99))}{middle}{draw(st.sampled_from('7Rw'))}"


@st.composite
def _plants(draw: st.DrawFn) -> tuple[str, set[str]]:
    row = draw(st.sampled_from(FORMATS))
    text, pieces = _planted(row, draw(_secrets("!@#$%^&*()+/=?:;,'\"<>" if row.write else "._~-")))
    return f"{draw(_noise)}\n{text}\n{draw(_noise)}", pieces


def _outputs(text: str) -> list[str]:
    """All that `sfrunbook explain` and the cards show of a text."""
    diagnosis = diagnose(explain_text(text))
    card = diagnosis_card(diagnosis)
    letters = [message(diagnosis, to=to, connection=None, callbacks=()) for to in RECIPIENTS]
    return [diagnosis_text(diagnosis), json.dumps(diagnosis_data(diagnosis)), card.text, card.html, *letters]


@settings(max_examples=long_or(5000, 150), deadline=None)
@given(_plants())
def test_no_piece_of_a_planted_secret_is_shown_in_any_explanation(plant: tuple[str, set[str]]):
    text, pieces = plant
    for output in _outputs(text):
        assert not _left(output, pieces)


def test_a_random_value_without_a_name_is_masked_in_a_pasted_text_only():
    text = "seen aZ4kP9xQ2mW7vL1bR6tY8uN3cJ5hG0dF today"
    assert redact_unknown(text) == "seen *** today"
    assert redact(text) == text
    key = "3MVG9" + "pRzvMkjMb6lZlt3YjDQwe1v9uHk0fJ2d5xXlq7rTnYcB4sWmZ8gAaE6iUoKjVhPtLyNbQ1"
    for other in (key, "com.acme.integration.SalesforceConnector2Factory.create", f"https://h.example/{'a1' * 30}"):
        assert redact_unknown(other) == other


def test_of_an_address_or_a_path_each_part_is_judged_alone():
    for path in (
        "https://acme.my.salesforce.com/services/Soap/u/53.0",
        "services/async/41.0/job/7505G00000b89IIQAY/batch",
    ):
        assert redact_unknown(path) == path
    assert redact_unknown("https://h.example/a/aZ4kP9xQ2mW7vL1bR6tY8uN3cJ5hG0dF/b") == "https://h.example/a/***/b"


def test_a_long_value_in_quotation_marks_behind_a_name_is_masked():
    assert redact("The access token 'wjlDummyDummyDummyDummy' is invalid.") == "The access token '***' is invalid."


# --- what stays ------------------------------------------------------------------------------------------------------

HARMLESS = """
invalid_grant: expired access/refresh token
invalid_grant: token validity expired
invalid_grant: authentication failure
invalid_grant: invalid authorization code
invalid_client: invalid client credentials
invalid_client_id: client identifier invalid
invalid_client: invalid client_secret
Refresh Token Policy: Expire refresh token after 24 hours
Refresh Token Policy: Refresh token is valid until revoked
Refresh token is valid until revoked
The refresh token is invalid or expired.
The access token is missing.
refresh_token, offline_access
scope=full refresh_token offline_access
Selected OAuth Scopes: Perform requests at any time (refresh_token, offline_access)
grant_type=password
grant_type=refresh_token&scope=api
response_type=code
response_type=token id_token
token_type: Bearer
{"token_type": "Bearer", "expires_in": 7200}
{"error":"invalid_grant","error_description":"expired authorization code"}
{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}
[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]
INVALID_LOGIN: Invalid username, password, security token; or user locked out.
Failed: Invalid Password
Failed: Password Lockout
Failed: Password expired
Your password expired. Reset it.
password expired
Password: expired
password: the one that you use for Salesforce
Password policy: 8 characters
Passwords expire in: 90 days
Bad_OAuth_Token
Missing_OAuth_Token
Missing OAuth Token
Error: token endpoint returned HTTP 400
token endpoint: https://login.salesforce.com/services/oauth2/token
POST /services/oauth2/token HTTP/1.1
{"token_endpoint": "https://acme.my.salesforce.com/services/oauth2/token"}
unsupported_grant_type: grant type not supported
OAUTH_APP_ACCESS_DENIED: user is not admin approved to access this app
redirect_uri_mismatch: redirect_uri must match configuration
status code: 401
exit code 3
Error code: 1800
error_code=REDIRECT_URI_MISSING
errorCode: REQUEST_LIMIT_EXCEEDED
unexpected token: 'FROM'
unexpected token: FROM
SyntaxError: Unexpected token < in JSON at position 0
Record 001xx000003DGb2AAG was not found
key: 001xx000003DGb2AAG
Org 00Dxx0000001gPFEAY, user 005xx000001SvogAAC
Host: acme--uat.sandbox.my.salesforce.com
Consumer Key
Enter the Consumer Key and the Consumer Secret.
Consumer Key: KEY
client_id=KEY&redirect_uri=https%3A%2F%2Fapp.example%2Fcb
The Consumer Secret is asked for on the next screen.
client_secret = os.environ["CLIENT_SECRET"]
client_secret: <your client secret>
password=${SF_PASSWORD}
client_secret: store:acme
Authorization: Bearer ***
Certificate and key don't match
invalid assertion
Invalid JWT: the assertion expired
code_challenge_method=S256
code challenge required
CSRF token missing or incorrect
Token revoked: user revoked access
2026-11-29T12:00:00Z ERROR token request failed
HTTP 400 for /services/oauth2/token
MFA is required: enter a verification code
public key: see the certificate
{"password": ["This field may not be blank."], "token": ["This field is required."]}
Authorization: header is missing
The password was set to expire
tokens: 3
secrets: none
The signature is invalid
Invalid signature: check the key
pw
""".strip().splitlines()
KEY = "3MVG9" + "pRzvMkjMb6lZlt3YjDQwe1v9uHk0fJ2d5xXlq7rTnYcB4sWmZ8gAaE6iUoKjVhPtLyNbQ1pQ7"


def test_more_than_sixty_harmless_texts_are_tried():
    assert len(set(HARMLESS)) > 60


@for_each("text", [line.replace("KEY", KEY) for line in HARMLESS])
def test_what_is_harmless_stays_readable(text: str):
    assert redact_unknown(text) == text
    assert scan_text(text) == ()


# --- time ------------------------------------------------------------------------------------------------------------

HARD = {
    "names": "token=", "quotes": 'token="', "escapes": "\\", "tags": "<password ", "addresses": "://a:",
    "table": "password,a\n",
    "bars": "| password ", "keys": "-----BEGIN PRIVATE KEY-----", "pairs": '"name":"token",', "blocks": "secret: |\n  ",
    "values": 'value="x" name="password" ', "letters": "a", "percent": "%3D", "blanks": " ", "lines": "token:\n",
}  # fmt: skip


@for_each("name", HARD)
def test_no_text_takes_long(name: str):
    begun = time.process_time()
    redact(HARD[name] * (100_000 // len(HARD[name])))
    assert time.process_time() - begun < 2


def test_an_explanation_of_a_million_characters_takes_less_than_two_seconds():
    log = "2026-11-29 INFO token request for client_id=x, password=abc: invalid_grant\n" * 13_000
    begun = time.process_time()
    assert "***" in repr(explain_text(log))
    assert time.process_time() - begun < 2


# --- characters that change what a screen shows ----------------------------------------------------------------------

CONTROLS = (
    "\x1b[31m",
    "\x1b]8;;https://evil.example\x07",
    "\x1b]0;title\x1b\\",
    "\x9b2J",
    "\0",
    "\u202e",
    "\u200b",
    "\x1bc",
    "\b",
)


@for_each("control", CONTROLS)
def test_control_characters_are_removed_before_a_text_is_read(control: str):
    text = f"invalid_{control}grant: client_se{control}cret=x7Kp-Qm2_{control}vR9tLw4 expired access/refresh token"
    failure = explain_text(text)
    assert failure.error == "invalid_grant"
    assert not _left(repr(failure), {"x7Kp-Qm2", "vR9tLw4"})
    for output in _outputs(text):
        assert control not in output


def test_control_characters_that_were_written_as_codes_are_shown_as_escapes():
    diagnosis = diagnose(explain_text("error=server_error&error_description=x%1B%5B31my%E2%80%AEz"))
    assert diagnosis.failure.description == "x\\x1b[31my\\u202ez"

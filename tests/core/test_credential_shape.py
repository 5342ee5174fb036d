"""Credentials are judged by their look, in sentences that never hold the value, and alike in the browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from support.each import for_each

from sfrunbook.core.secrets.shape import (
    hint_of_client_id,
    is_reference,
    looks_like_secret,
    shape_of_callback,
    shape_of_client_id,
    shape_of_client_secret,
)
from sfrunbook.runbook.widgets.scripts import script

KEY = "3MVG9" + "pRzvMkjMb6lZlt3YjDQwe1v9uHk0fJ2d5xXlq7rTnYcB4sWmZ8gAaE6iUoKjVhPtLyNbQ1_x.a9RsTuV"
HEX = "8F3A5C1D7E9B2046" * 4
DIGITS = "1234567890123456789"
TOKEN = "00Dxx0000001gPF!" + "AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6LYUfiDUkWe6H34r1AAwOR8B8f"

SWAPPED_KEY = "This looks like a Consumer Key: the Consumer Key and the Consumer Secret may be swapped."
SWAPPED_SECRET = "This looks like a Consumer Secret: the Consumer Key and the Consumer Secret may be swapped."
AROUND = "There are spaces or line breaks before or after it."
INSIDE = "There are spaces or line breaks inside it."
INVISIBLE = "It has invisible characters, perhaps from a web page or chat."
QUOTED = "There are quotation marks around it."


@for_each(
    ("text", "sentences"),
    [
        (KEY, ()),
        ("", ("The Consumer Key is empty.",)),
        (" \n", ("The Consumer Key is empty.",)),
        (HEX, (SWAPPED_SECRET,)),
        (DIGITS, (SWAPPED_SECRET,)),
        (f" {KEY}\n", (AROUND,)),
        (f'"{KEY}"', (QUOTED,)),
        (f"\u201c{KEY}\u201d", (QUOTED,)),
        (f"\u200b{KEY}", (INVISIBLE,)),
        (f"{KEY[:40]} {KEY[40:]}", (INSIDE,)),
        (f"Consumer Key: {KEY}", ("The label in front was copied too.",)),
        (KEY[:50], ("It has 50 characters, but a Consumer Key has about 85: the end may be missing.",)),
        (KEY * 2, ("It has 2 Consumer Keys: it may have been pasted twice.",)),
        (KEY[:79], ("It has 79 characters, but a Consumer Key has about 85: the end may be missing.",)),
        (KEY[:80] + "…", ("It has an ellipsis (…): it was copied from a shortened display.",)),
        (KEY[:20] + "…", ("It has an ellipsis (…): it was copied from a shortened display.",)),
        (f"{KEY[:6]} {KEY[6:11]}", (INSIDE,)),
        (f"{KEY[:40]}\n{KEY}", ("It has 2 Consumer Keys: it may have been pasted twice.",)),
        ("hello world", ("A Consumer Key starts with 3MVG9. This may be another field's value.",)),
        (f" {KEY[:50]}", (AROUND, "It has 50 characters, but a Consumer Key has about 85: the end may be missing.")),
        ("x" + KEY, ("A Consumer Key starts with 3MVG9. This may be another field's value.",)),
        (
            KEY + "/",
            ("A Consumer Key has only letters, digits, dots and underscores. This has others.",),
        ),
        (TOKEN, ("This looks like another kind of value: access token.",)),
        ("https://acme.my.salesforce.com", ("This is an address.",)),
        ("ann@acme.example", ("This looks like a username or an e-mail address.",)),
    ],
)
def test_a_consumer_key_is_judged(text, sentences):
    assert shape_of_client_id(text) == sentences


@for_each(
    ("text", "sentences"),
    [
        (HEX, ()),
        (HEX.lower(), ()),
        (DIGITS, ()),
        ("", ("The Consumer Secret is empty.",)),
        (KEY, (SWAPPED_KEY,)),
        (f"{HEX}\t", (AROUND,)),
        (f"'{HEX}'", (QUOTED,)),
        (f"{HEX}\u2060", (INVISIBLE,)),
        (HEX[:63], ("It has 63 characters, but a Consumer Secret has 64: part of it may be missing.",)),
        (HEX + "A", ("It has 65 characters, but a Consumer Secret has 64: too much was copied.",)),
        (f"{HEX[:5]} {HEX[5:9]}", (INSIDE,)),
        (f"{HEX} {HEX}", ("It has the same Consumer Secret twice: it was pasted twice.",)),
        (
            "two words",
            ("A Consumer Secret has only the characters 0-9 and A-F. This may be another value.",),
        ),
        (HEX * 2, ("It has the same Consumer Secret twice: it was pasted twice.",)),
        (DIGITS[:12], ("It has 12 digits, but an older Consumer Secret has about 19: part of it may be missing.",)),
        (
            "not-a-secret",
            ("A Consumer Secret has only the characters 0-9 and A-F. This may be another value.",),
        ),
        ("••••••••", ("These are the dots that hide the secret. Reveal it in Salesforce, then copy it.",)),
        ("store:acme", ("This is a reference to a secret, not the secret itself.",)),
        (TOKEN, ("This looks like another kind of value: access token.",)),
    ],
)
def test_a_consumer_secret_is_judged(text, sentences):
    assert shape_of_client_secret(text) == sentences


@for_each(
    ("text", "hint"),
    [
        (KEY, ""),
        (KEY[:-1], "84 characters. Most Consumer Keys have 85: check that you copied all of it."),
        (KEY[:80], "80 characters. Most Consumer Keys have 85: check that you copied all of it."),
        (KEY + "a", ""),
        (KEY[:79], ""),
        (f" {KEY[:80]}", ""),
        ("x" * 82, ""),
        ("", ""),
    ],
)
def test_a_consumer_key_that_is_a_little_short_gets_a_hint_and_no_fault(text, hint):
    assert hint_of_client_id(text) == hint


#: spaces, labels, quotation marks, invisible characters, halves, doubles, other values
SAMPLES = (
    "", " ", KEY, f"{KEY}\n", f"“{KEY}”", f"Consumer Key: {KEY}", KEY[:40], KEY + KEY, KEY * 4, f"{KEY[:30]} {KEY}",
    f"{KEY[:20]}…", f"{KEY}!", f"\ufeff{KEY}", HEX, HEX.lower(), f"client_secret={HEX}", HEX + HEX, HEX[:63], HEX + "0",
    DIGITS, DIGITS[:12], DIGITS[:17], "•" * 64, "store:acme", "https://acme.my.salesforce.com", "ada@acme.com", "zq81x",
    '"', "consumer key", f"'{HEX}'", f"{HEX} {HEX}", f"{KEY[:6]} {KEY[6:11]}", "hello world", f" {KEY[:40]}",
    f"{KEY[:40]}\n{KEY}", f"{HEX[:5]} {HEX[5:9]}", KEY[:-1], KEY[:80], KEY[:79], KEY + "a",
)  # fmt: skip


def in_the_browser(expression: str) -> Any:
    """What the browser's script makes of the samples, by Node.js."""
    if (node := shutil.which("node")) is None:
        pytest.skip("needs Node.js")
    program = (
        f"{script('shape.js')}\nconst samples = {json.dumps(SAMPLES)};\nconsole.log(JSON.stringify({expression}));"
    )
    done = subprocess.run([node, "--input-type=module"], input=program, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.node
def test_the_browser_says_of_a_key_or_a_secret_what_the_runbook_says():
    assert in_the_browser("samples.map((one) => [shapeOfKey(one), hintOfKey(one), shapeOfSecret(one)])") == [
        [list(shape_of_client_id(one)), hint_of_client_id(one), list(shape_of_client_secret(one))] for one in SAMPLES
    ]


@pytest.mark.node
def test_a_field_warns_of_a_key_that_is_a_little_short_and_praises_a_usual_one():
    element = "({ dataset: {}, setAttribute() {}, append() {}, replaceChildren() {} })"
    sees = f"(one) => {{ const place = {element}; sayShape(place, 'client_id', one); return place.dataset.said; }}"
    document = f"globalThis.document = {{ createElement: () => {element} }}"
    shown = dict(zip(SAMPLES, in_the_browser(f"({document}, samples.map({sees}))"), strict=True))
    assert shown[KEY[:80]] == f"warning|{hint_of_client_id(KEY[:80])}"
    assert shown[KEY] == "passed|85 characters, and it starts with 3MVG9."
    assert shown[KEY[:79]].startswith("failed|It has 79 characters, but")


@pytest.mark.parametrize("value", [KEY, HEX, DIGITS, TOKEN, f" {HEX} x", HEX[:60] + "zz", "ab cd" + HEX])
def test_no_sentence_holds_a_piece_of_the_value(value):
    for sentence in (*shape_of_client_id(value), *shape_of_client_secret(value)):
        assert not any(value[start : start + 8] in sentence for start in range(len(value) - 8))


@pytest.mark.parametrize(
    "text",
    [
        HEX, HEX.lower(), f" {HEX}\n", f'"{HEX}"', DIGITS, TOKEN, f"Bearer {TOKEN}", "client_secret=hunter2-and-more",
        "https://h.example/callback?code=anything&state=x", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrfFLQWTthDVyAq", "aPrxk0a6mjMbfcWhbdTbOOLQ9Uykv1pWcJXyv",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "force://a:b:c-d-e-f@acme.my.salesforce.com",
    ],
)  # fmt: skip
def test_a_secret_is_recognised(text):
    assert looks_like_secret(text)
    assert not is_reference(text)


@for_each(
    "text",
    [
        "", "acme-production", KEY, "store:acme", "env:ACME_SECRET", "keyring:sfrunbook/acme", "file:/run/secrets/x",
        "https://acme--uat.sandbox.my.salesforce.com", "http://localhost:17171/callback", "ann.admin@acme.example",
        "SELECT Id, Name FROM Account ORDER BY Name LIMIT 5", "001xx000003DGb2AAG", "00Dxx0000001gPFEAY",
        "/home/Ann/Certificates2026/Practice-CA-4711/ca.pem", "62.0", "2026-11-23T09:00:00+00:00",
        "550e8400-e29b-41d4-a716-446655440000", "the password is asked for later",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_let_through(text):
    assert not looks_like_secret(text)


@pytest.mark.parametrize(
    "text", ["store:acme", "env:ACME_SECRET", "keyring:sfrunbook/acme prod", "file:/run/secrets/x", "file:~/key.pem"]
)
def test_a_reference_is_recognised(text):
    assert is_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme",
        "store:",
        "store:../x",
        "env:1X",
        "env:A B",
        "keyring:only-service",
        "file:relative",
        "cmd:cat x",
        f"store:{HEX}",
        f"store:{DIGITS}",
        "vault:x",
        "STORE:acme",
        "store:acme\n",
    ],
)  # fmt: skip
def test_what_is_no_reference_is_refused(text):
    assert not is_reference(text)


@pytest.mark.parametrize(
    "callback",
    [
        "https://app-h.cyclr.com/connector/callback",
        "https://app-h.cyclr.com/connector/callback/",
        "http://localhost:17171/callback",
        "http://127.0.0.1:8080/",
        "http://[::1]:8080/callback",
        "com.example.app://oauth/callback",
    ],
)
def test_a_callback_url_that_salesforce_takes_is_left_alone(callback):
    assert shape_of_callback(callback) == ()


@pytest.mark.parametrize(
    ("callback", "faults"),
    [
        ("", ("The Callback URL is empty.",)),
        (" https://a.example/cb", ("There are spaces or line breaks before or after it.",)),
        ("https://a.example/\u200bcb", (INVISIBLE,)),
        ("http://a.example/cb", ("It begins with http://, which Salesforce accepts only for localhost.",)),
        ("a.example/cb", ("It doesn't begin with https://.",)),
        ("https://*.example/cb", ("It has a *, but Salesforce accepts no wildcards here.",)),
        ("https://a.example/cb#top", ("It has a #, and the part after it is never sent.",)),
        ("https://[a.example/cb", ("It isn't an address.",)),
    ],
)
def test_a_callback_url_that_cannot_work_is_told(callback, faults):
    assert shape_of_callback(callback) == faults

"""Requests and replies as they may be shown: names stay, secret and unknown values go."""

from __future__ import annotations

import json

from sfrunbook.core import http_trace
from sfrunbook.core.http_trace import Exchange, request_text

KEY = "3MVG9" + "w1I2r3E4" * 10


def seen(**changes: object) -> list[Exchange]:
    told: list[Exchange] = []
    given = {"method": "GET", "url": "https://x.example/id/1", "headers": {}, "body": None, "status": 200, "text": ""}
    with http_trace.watching(told.append):
        http_trace.note(**{**given, **changes})  # type: ignore[arg-type]
    return told


def test_a_token_exchange_is_shown_without_its_secrets() -> None:
    (told,) = seen(
        method="POST",
        url="https://acme.my.salesforce.com/services/oauth2/token",
        body=f"grant_type=authorization_code&code=aPrxCANARY&client_id={KEY}&client_secret=CANARY&code_verifier=CANARY",
        text=json.dumps(
            {
                "access_token": "00DCANARY",
                "id_token": "CANARY",
                "a_new_field": "CANARY",
                "scope": "full",
                "nested": {"a": "CANARY"},
            }
        ),
    )
    assert told.request == (
        "POST https://acme.my.salesforce.com/services/oauth2/token\n"
        "grant_type = authorization_code\n"
        "code = ***\n"
        "client_id = 3MVG9w1I2…r3E4\n"
        "client_secret = ***\n"
        "code_verifier = ***"
    )
    assert told.reply == "HTTP 200\naccess_token = ***\nid_token = ***\na_new_field = ***\nscope = full\nnested = ***"


def test_an_error_keeps_its_words() -> None:
    (told,) = seen(status=400, text='{"error":"invalid_grant","error_description":"authentication failure"}')
    assert told.reply == "HTTP 400\nerror = invalid_grant\nerror_description = authentication failure"


def test_a_bearer_token_is_named_and_not_shown() -> None:
    (told,) = seen(headers={"Authorization": "Bearer CANARY"}, text="<html>CANARY</html>")
    assert told.request == "GET https://x.example/id/1\nAuthorization: ***"
    assert told.reply == "HTTP 200\n(19 characters that are not JSON)"


def test_nothing_is_told_when_nobody_watches_any_more() -> None:
    told = seen()
    http_trace.note(method="GET", url="https://x.example/", headers={}, body=None, status=200, text="")
    assert len(told) == 1


def test_a_query_of_an_address_becomes_lines() -> None:
    assert request_text("GET", "https://x.example/a?state=CANARY", [("state", "CANARY"), ("prompt", "login")]) == (
        "GET https://x.example/a\nstate = ***\nprompt = login"
    )

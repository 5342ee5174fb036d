"""Scenarios of the way, met over sockets by an ordinary client: what it sees, what the org did, and that it ends."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
import requests


@pytest.fixture
def on(fresh):
    """Turn a scenario on by the control API; gives a function that turns it off."""

    def start(name, **parameters):
        fresh.world.control("POST", f"/scenarios/{name}", parameters)
        return lambda: fresh.world.control("DELETE", f"/scenarios/{name}")

    return start


def discovery(steps, host=None):
    return steps.get(f"{host or steps.host}/.well-known/openid-configuration")


def limits(steps, token):
    return steps.get("/services/data/v68.0/limits", token)


def kind(reply):
    return reply.status_code, reply.headers.get("content-type", "").partition(";")[0]


def test_an_html_503_stands_where_json_should_be_as_often_as_asked(fresh, on):
    off = on("html-503", times=2)
    assert kind(fresh.refresh("nothing")) == (503, "text/html")
    assert kind(discovery(fresh)) == (503, "text/html")
    assert kind(discovery(fresh)) == (200, "application/json")
    off()
    on("html-503", path="/services/oauth2/")
    assert kind(fresh.refresh("nothing")) == (503, "text/html")
    assert discovery(fresh).status_code == 200


def test_under_maintenance_pages_are_html_and_data_says_server_unavailable(fresh, on):
    off = on("maintenance")
    assert kind(fresh.authorize()) == (503, "text/html")
    reply = limits(fresh, "x")
    assert (kind(reply), reply.json()[0]["errorCode"]) == ((503, "application/json"), "SERVER_UNAVAILABLE")
    off()
    assert fresh.authorize().status_code == 200


def test_one_kind_of_host_is_refused_and_the_others_go_on(fresh, on):
    off = on("host-refused")
    assert kind(fresh.authorize(fresh.world.login_url)) == (404, "text/html")
    assert fresh.authorize().status_code == 200
    off()
    assert fresh.authorize(fresh.world.login_url).status_code == 200


def test_too_many_requests_gives_429_without_retry_after(fresh, on):
    off = on("too-many-requests")
    reply = fresh.refresh("nothing")
    assert (kind(reply), "retry-after" in reply.headers) == ((429, "text/plain"), False)
    off()
    assert fresh.refresh("nothing").status_code == 400


def test_the_login_rate_is_told_by_the_token_endpoint(fresh, on, refused):
    off = on("login-rate-exceeded")
    assert refused(fresh.refresh("nothing")) == (400, "rate_limit_exceeded", "login rate exceeded")
    off()
    assert refused(fresh.refresh("nothing"))[1] == "invalid_grant"


def test_userinfo_refuses_while_data_is_served(fresh, on):
    token = fresh.grant()["access_token"]
    off = on("userinfo-refused")
    reply = fresh.get("/services/oauth2/userinfo", token)
    assert (reply.status_code, reply.text) == (403, "Bad_OAuth_Token")
    assert limits(fresh, token).status_code == 200
    off()
    assert fresh.is_alive(token)


def test_a_revoke_that_is_refused_leaves_the_token(fresh, on):
    granted = fresh.grant()
    off = on("revoke-refused")
    url = f"{fresh.host}/services/oauth2/revoke"
    reply = fresh.session.post(url, data={"token": granted["refresh_token"]}, timeout=10)
    assert (reply.status_code, reply.text) == (400, "error=invalid_token&error_description=invalid%20token")
    off()
    assert fresh.refresh(granted["refresh_token"]).status_code == 200


def test_a_code_exchange_that_is_repeated_on_the_way_is_refused_as_expired(fresh, on, refused):
    off = on("code-replayed")
    assert refused(fresh.exchange(fresh.code())) == (400, "invalid_grant", "expired authorization code")
    assert fresh.world.control("GET", "/logins")[-1]["status"] == "Failed: Invalid Nonce"
    assert len(fresh.world.control("GET", "/approvals")) == 1
    off()
    on("code-replayed", revokes=True)
    fresh.exchange(fresh.code())
    assert len(fresh.world.control("GET", "/approvals")) == 1, "the new one is gone"


def test_a_refresh_that_is_repeated_on_the_way_ends_the_whole_grant(fresh, on, refused):
    granted, other = fresh.grant(), fresh.grant()
    off = on("refresh-repeated")
    assert refused(fresh.refresh(granted["refresh_token"]))[2] == "expired access/refresh token"
    assert len(fresh.world.control("GET", "/approvals")) == 1
    off()
    assert fresh.refresh(other["refresh_token"]).status_code == 200


def test_a_lost_reply_has_rotated_all_the_same(fresh, on, refused):
    granted = fresh.grant()
    on("rotated-reply-lost")
    with pytest.raises(requests.ConnectionError):
        fresh.refresh(granted["refresh_token"])
    assert fresh.world.control("GET", "/approvals")[0]["use_count"] == 2
    assert refused(fresh.refresh(granted["refresh_token"]))[2] == "expired access/refresh token"
    assert fresh.world.control("GET", "/approvals") == []


def test_a_lost_reply_without_rotation_costs_nothing(fresh, on):
    fresh.policies(rotates_refresh_token=False)
    granted = fresh.grant()
    on("rotated-reply-lost")
    with pytest.raises(requests.ConnectionError):
        fresh.refresh(granted["refresh_token"])
    assert fresh.refresh(granted["refresh_token"]).status_code == 200


def test_a_connection_reset_before_the_org_saw_the_request_did_nothing(fresh, on):
    granted = fresh.grant()
    off = on("connection-reset")
    with pytest.raises(requests.ConnectionError):
        fresh.refresh(granted["refresh_token"])
    off()
    assert fresh.world.control("GET", "/approvals")[0]["use_count"] == 1
    assert fresh.refresh(granted["refresh_token"]).status_code == 200


def test_a_truncated_reply_breaks_off_after_the_work_was_done(fresh, on):
    granted = fresh.grant()
    off = on("truncated-replies")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        fresh.refresh(granted["refresh_token"])
    assert fresh.world.control("GET", "/approvals")[0]["use_count"] == 2
    off()
    assert fresh.authorize().status_code == 200


def test_a_duplicate_reply_is_there_twice_on_its_connection_and_only_there(fresh, on):
    on("duplicate-replies", path="/services/data", times=1)
    where = urlsplit(fresh.host)
    with socket.create_connection((where.hostname, where.port), timeout=10) as link:
        link.sendall(b"GET /services/data HTTP/1.1\r\nHost: x\r\n\r\n")
        link.shutdown(socket.SHUT_WR)
        text = b"".join(iter(lambda: link.recv(65536), b""))
    assert text.count(b"HTTP/1.1 200") == 2
    assert text.count(b'"version":"68.0"') == 2
    assert discovery(fresh).json()["issuer"] == fresh.host


def test_a_slow_reply_outlasts_an_impatient_client_and_is_right_in_the_end(fresh, on):
    granted = fresh.grant()
    off = on("slow-replies", seconds=1.5, path="/services/oauth2/token")
    body = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"], **fresh.credentials()}
    with pytest.raises(requests.ReadTimeout):
        fresh.session.post(f"{fresh.host}/services/oauth2/token", data=body, timeout=(5, 0.2))
    off()
    on("slow-replies", seconds=0.1)
    assert fresh.refresh("nothing").status_code == 400


def test_the_journal_names_the_fault(fresh, on):
    on("connection-reset", times=1)
    with pytest.raises(requests.ConnectionError):
        fresh.refresh("nothing")
    rows = fresh.world.control("GET", "/journal")["requests"]
    assert [row["note"] for row in rows if row["path"] == "/services/oauth2/token"] == ["reset"]


def test_a_scenario_given_on_the_command_line_is_on_from_the_start(start_world):
    with start_world("--scenario", "session-timeout:minutes=30", "--scenario", "app-blocked:app=Cyclr") as world:
        rows = {row["name"]: row for row in world.control("GET", "/scenarios") if row["on"]}
        assert rows["session-timeout"]["with"] == {"minutes": 30.0, "app": ""}
        assert set(rows) == {"session-timeout", "app-blocked"}

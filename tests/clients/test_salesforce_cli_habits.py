"""What the official Salesforce CLI (2.146) was seen to need of the practice world, without the CLI itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

from sfrunbook.practice.visitor import tour


class Callback(BaseHTTPRequestHandler):
    """As the CLI's own listener: the callback redirects to a page that tells of success, and both are waited for."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path.partition("?")[0])
        self.send_response(303 if self.path.startswith("/OauthRedirect") else 200)
        self.send_header("Location", "/OauthSuccess")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


class Listener(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Callback)
        self.asked: list[str] = []


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listener
        listener.shutdown()
        thread.join()


def test_the_scripted_person_follows_the_callback_to_the_page_that_the_cli_waits_for(
    fresh_world: Any, listener: Listener
) -> None:
    callback = f"http://127.0.0.1:{listener.server_port}/OauthRedirect"
    app = {"org": "first", "name": "A program on this computer", "callback_urls": [callback], "pkce_required": False}
    client_id = fresh_world.control("POST", "/apps", app)["client_id"]
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": callback, "prompt": "login"}
    user = fresh_world.user()
    url = f"{fresh_world.my_domain()}/services/oauth2/authorize?{urlencode(asked)}"
    ended = tour(url, user["username"], user["password"])
    assert (ended.landed, ended.delivered) == (callback, True)
    assert listener.asked == ["/OauthRedirect", "/OauthSuccess"]


def test_the_doubled_slash_of_the_access_token_login_is_taken_for_one(practice_world: Any) -> None:
    usual = requests.get(f"{practice_world.my_domain()}/services/data", timeout=10)
    doubled = requests.get(f"{practice_world.my_domain()}//services/data", timeout=10)
    assert usual.status_code == doubled.status_code == 200
    assert doubled.json() == usual.json()


def test_the_columns_that_data_query_asks_for_name_every_selected_field(practice_world: Any) -> None:
    app = practice_world.app(kind="unattended")
    host = practice_world.my_domain()
    sent = {"grant_type": "client_credentials", **{name: app[name] for name in ("client_id", "client_secret")}}
    token = requests.post(f"{host}/services/oauth2/token", data=sent, timeout=10).json()["access_token"]
    soql = quote("SELECT Id, Name, Owner.Name FROM Account")
    answer = requests.get(
        f"{host}/services/data/v68.0/query?q={soql}&columns=true",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    ).json()
    assert answer["entityName"] == "Account"
    assert [column["columnName"] for column in answer["columnMetadata"]] == ["Id", "Name", "Owner"]
    assert [column["columnName"] for column in answer["columnMetadata"][2]["joinColumns"]] == ["Name"]

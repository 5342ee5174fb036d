"""The scripted person as a program."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


def visitor(steps, url, *options, password=None, username=None):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "sfrunbook.practice.visitor",
            "--username",
            username or steps.user["username"],
            *options,
            url,
        ],
        input=(password or steps.user["password"]) + "\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def listener():
    """A callback on this computer; gives its port and the addresses it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, asked
        server.shutdown()
        thread.join()


def test_it_opens_a_callback_on_this_computer_and_prints_no_code(fresh, listener):
    port, asked = listener
    callback = f"http://127.0.0.1:{port}/callback"
    fresh.policies(callback_urls=[callback])
    ended = visitor(fresh, fresh.authorize_url(redirect_uri=callback))
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {"landed": callback, "delivered": True}
    assert asked[0].startswith("/callback?code=aPrx")
    assert "aPrx" not in ended.stdout + ended.stderr


def test_it_stops_before_a_callback_elsewhere_and_shows_it_only_when_asked(steps):
    ended = visitor(steps, steps.authorize_url())
    assert json.loads(ended.stdout) == {"landed": "https://my.cyclr.com/connector/callback", "delivered": False}
    shown = json.loads(visitor(steps, steps.authorize_url(), "--print-landing").stdout)["landed"]
    assert "?code=aPrx" in shown


def test_it_can_press_deny(steps):
    shown = json.loads(visitor(steps, steps.authorize_url(), "--deny", "--print-landing").stdout)["landed"]
    assert "error=access_denied" in shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"password": "wrong"}, "Please check your username and password."), ({"username": "nobody"}, "Please check")],
)
def test_a_refused_login_is_exit_code_1_and_a_sentence(steps, changes, words):
    ended = visitor(steps, steps.authorize_url(), **changes)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_no_answer_is_exit_code_1_and_a_sentence(steps):
    ended = visitor(steps, "http://127.0.0.1:9/services/oauth2/authorize")
    assert (ended.returncode, ended.stderr) == (1, "No answer from 127.0.0.1:9: ConnectionError.\n")

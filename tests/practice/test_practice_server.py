"""The process: its one line, its ports, its end, its limits."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

COMMAND = [sys.executable, "-m", "sfrunbook.practice"]


def run(*options, **more):
    return subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=30, check=False, **more)


def free_base():
    for base in range(21_000, 30_000, 20):
        opened = [socket.socket() for _ in range(11)]
        try:
            for number, each in enumerate(opened):
                each.bind(("127.0.0.1", base + number))
        except OSError:
            continue
        finally:
            for each in opened:
                each.close()
        return base
    pytest.skip("no eleven free ports in a row")


def test_the_ready_line_has_the_promised_shape(practice_world):
    ready = practice_world.ready
    assert list(ready) == ["control_url", "ca_file", "login_url", "test_url", "orgs", "cyclr"]
    assert ready["ca_file"] is None
    assert [(org["name"], org["kind"]) for org in ready["orgs"]] == [("first", "production"), ("second", "sandbox")]
    for org in ready["orgs"]:
        assert list(org) == ["name", "my_domain_url", "org_id", "kind", "users", "apps"]
        assert [user["profile"] for user in org["users"]] == ["System Administrator", "Standard User"]
        for app in org["apps"]:
            assert list(app) == ["name", "kind", "client_id", "client_secret", "callback_urls", "scopes"]
            assert len(app["client_id"]) == 85
            assert app["client_id"].startswith("3MVG9")
    guide = practice_world.app(kind="connected_app")
    assert guide["callback_urls"] == [
        "https://my.cyclr.com/connector/callback",
        "https://app-h.cyclr.com/connector/callback",
    ]
    assert guide["scopes"] == ["full", "refresh_token"]


def test_the_same_seed_gives_the_same_world_and_another_seed_another(start_world):
    def keys(*options):
        with start_world(*options) as world:
            return [(app["client_id"], app["client_secret"]) for org in world.ready["orgs"] for app in org["apps"]]

    assert keys("--seed", "7") == keys("--seed", "7") != keys("--seed", "8")


def test_ports_follow_the_base_and_a_port_in_use_is_one_sentence_and_exit_code_2(start_world):
    base = free_base()
    with start_world("--port-base", str(base)) as world:
        addresses = [world.login_url, world.test_url, world.my_domain(), world.my_domain("second")]
        assert addresses == [f"http://127.0.0.1:{base + number}" for number in range(4)]
        assert world.ready["control_url"] == f"http://127.0.0.1:{base + 4}"
        partner = [
            each[kind] for each in world.ready["cyclr"]["regions"] for kind in ("console_url", "service_url", "api_url")
        ]
        assert partner == [f"http://localhost:{base + number}" for number in range(5, 11)]
        second = run("--port-base", str(base))
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == (
        f"Port {base} on 127.0.0.1 (for the login) cannot be used: address already in use. "
        "Choose another --port-base, or 0 for free ports.\n"
    )


def test_a_port_base_that_leaves_no_room_is_a_usage_error():
    assert run("--port-base", "65526").returncode == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_leaves_no_files(tmp_path, number):
    ready_file = tmp_path / "world.json"
    command = [*COMMAND, "--tls", "--ready-file", str(ready_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        ready = json.loads(line)
        assert ready_file.read_text() == line
        assert stat.S_IMODE(ready_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(Path(ready["ca_file"]).parent.stat().st_mode) == 0o700
        process.send_signal(number)
        rest, errors = process.communicate(timeout=15)
    assert (process.returncode, rest) == (0, "")
    assert "Traceback" not in errors
    assert not ready_file.exists()
    assert not Path(ready["ca_file"]).parent.exists()
    for secret in [app["client_secret"] for org in ready["orgs"] for app in org["apps"]]:
        assert secret not in errors


def test_it_ends_when_standard_input_does():
    ended = run("--until-stdin-closes", input="")
    assert ended.returncode == 0
    assert ended.stdout.count("\n") == 1
    assert run("--until-stdin-closes", stdin=subprocess.DEVNULL).returncode == 0


def test_an_open_connection_does_not_keep_it_alive(start_world):
    with start_world() as world, requests.Session() as session:
        session.trust_env = False
        session.get(world.login_url, timeout=10)
        world.process.send_signal(signal.SIGTERM)
        assert world.process.wait(timeout=10) == 0


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    ended = run("--ready-file", str(tmp_path / "none" / "world.json"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_tls_is_trusted_with_the_throw_away_ca_and_not_without(practice_world_tls, name):
    url = practice_world_tls.login_url.replace("127.0.0.1", name) + "/.well-known/openid-configuration"
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(url, verify=practice_world_tls.ca_file, timeout=10).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            session.get(url, timeout=10)


def test_the_whole_flow_works_over_tls(practice_world_tls):
    from sfrunbook.practice.visitor import visit

    app, user = practice_world_tls.app(), practice_world_tls.user()
    query = f"response_type=code&client_id={app['client_id']}&redirect_uri={app['callback_urls'][0]}&code_challenge=x"
    url = f"{practice_world_tls.login_url}/services/oauth2/authorize?{query}"
    landing = visit(url, user["username"], user["password"], ca_file=practice_world_tls.ca_file)
    assert landing.startswith(f"{app['callback_urls'][0]}?code=aPrx")


def test_bodies_over_8_mb_are_refused_whole_or_in_chunks(steps):
    url = f"{steps.host}/services/oauth2/token"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    piece = b"x" * (1024 * 1024)
    for body in (piece * 9, iter([piece] * 9)):
        reply = steps.session.post(url, data=body, headers=headers, timeout=30)
        assert reply.status_code == 413
    reply = steps.session.post(url, data=piece * 7, headers=headers, timeout=30)
    assert reply.status_code == 400


def test_a_connection_is_kept_alive(steps):
    first = steps.get("/.well-known/openid-configuration")
    assert first.raw.version == 11
    assert "connection" not in first.headers


def test_an_unknown_address_is_not_there(steps):
    assert steps.get("/no/such/page").status_code == 404

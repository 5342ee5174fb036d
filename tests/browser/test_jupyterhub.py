"""JupyterHub under a base URL: a login by pasting its address, and two users who see nothing of each other."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect
from support.browser_support import DONE, PAGE, Lab, Person
from support.hands import log_in
from support.own_app import World, add_org, enter_key, enter_secret
from test_no_secret_on_disk import enter_passphrase

from sfrunbook.cli.lab import copy_notebooks
from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = [pytest.mark.browser, pytest.mark.long]

PROXY = Path(__file__).parents[1] / "node_clients" / "node_modules" / ".bin" / "configurable-http-proxy"
BASE = "/onboarding/"
_CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}{base}"
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.cleanup_servers = True
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.Authenticator.allow_all = True
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.args = {arguments}
c.Spawner.default_url = "/lab/tree/{page}"
c.Spawner.env_keep = ["PATH", "PYTHONPATH", "LANG"]
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for_hub(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return once the hub answers; a hub that ends, or is silent for two minutes, fails with its own words."""
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(240):
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(requests.ConnectionError):
                if session.get(address, timeout=60).ok:
                    return
            time.sleep(0.5)
    pytest.fail(log.read_text())


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """A JupyterHub with a home folder of its own for each user; gives its address."""
    port, hub_port, proxy_port = free_ports(3)
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    places = {"port": port, "hub_port": hub_port, "proxy_port": proxy_port, "base": BASE, "page": PAGE}
    config = _CONFIG.format(**places, proxy=PROXY, folder=tmp_path, python=sys.executable, arguments=root)
    (tmp_path / "config.py").write_text(config)
    for user in ("ada", "ben"):
        copy_notebooks(tmp_path / user)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SFRUNBOOK", "JUPYTER"))}
    with (tmp_path / "hub.log").open("w") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(tmp_path / "config.py")]
        process = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}{BASE}"
    try:
        wait_for_hub(process, f"{address}hub/api", tmp_path / "hub.log")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def sign_in(browser: Browser, hub: str, user: str, home: Path) -> Person:
    """A user at the page, which they have run with Run All Cells."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    person = Person(context, Lab(url=hub, token="", folder=home, home=home), f"jupyterhub-{user}")
    person.page.goto(f"{hub}hub/login")  # leads to the page
    person.page.get_by_label("Username").fill(user)
    person.page.get_by_label("Password").fill("any")
    person.page.get_by_role("button", name="Sign in").click()
    person.rest()
    person.run_all()
    person.settle()
    return person


def test_the_page_works_by_pasting_and_two_users_see_nothing_of_each_other(
    browser: Browser, hub: str, world: PracticeConnection, tmp_path: Path
) -> None:
    there, secret = World(world), world.client_secret.reveal()
    ada = sign_in(browser, hub, "ada", tmp_path / "ada")
    add_org(ada, there)
    enter_key(ada, world.connection.client_id)
    enter_passphrase(ada)  # a hub has no keyring
    enter_secret(ada, secret)
    ada.expect_step("key", DONE)
    section = ada.section("log_in")
    expect(section).to_contain_text("JupyterHub")
    with ada.context.expect_page() as opened:
        section.get_by_role("link", name=re.compile("Log in at Salesforce")).click()
    login, arrived = opened.value, list[str]()
    login.on("request", lambda request: arrived.append(request.url) if "code=" in request.url else None)
    log_in(world.ready, login)
    ada.context.route("http://localhost:17171/**", lambda route: route.abort("connectionrefused"))
    with login.expect_event("requestfailed", lambda request: "code=" in request.url):
        login.get_by_role("button", name="Allow").click()
    login.close()
    address = section.get_by_label("Address after login")
    address.fill(arrived[-1])
    address.press("Enter")
    ada.expect_step("try_it", DONE)
    expect(ada.complaints).to_have_count(0)
    ada.picture("rows")

    ben = sign_in(browser, hub, "ben", tmp_path / "ben")
    expect(ben.section("connection")).not_to_contain_text("made")
    ben.expect_step("key", "to do")
    ben.picture("open")
    assert ben.page.goto(f"{hub}user/ada/lab").status == 403  # type: ignore[union-attr] - a page has a response
    homes = {user: list((tmp_path / user).rglob("made*")) for user in ("ada", "ben")}
    assert homes["ada"]
    assert not homes["ben"]

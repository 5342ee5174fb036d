"""A real JupyterLab and a real Chromium for the browser tests; in a long run every step leaves a screenshot."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from ensure_browser import find_browser
from filelock import FileLock
from playwright.sync_api import Browser, expect, sync_playwright
from support.browser_support import Lab, Person
from support.lab import running_lab
from support.pictures import MISSING

from sfrunbook.cli.lab import copy_notebooks
from sfrunbook.connection import practice_connection

#: a busy machine shows late what an idle one shows at once; what never comes fails all the same
expect.set_options(timeout=30_000)

#: no background traffic: nothing but loopback can be reached in a test
FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(autouse=True)
def _one_page_at_a_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Two kernels can't listen at one port; a page whose port is taken asks to paste the address instead."""
    with ExitStack() as stack:
        if "world" in request.fixturenames:
            stack.enter_context(FileLock(Path(tempfile.gettempdir()) / "sfrunbook-tests-login.lock"))
        yield


@pytest.fixture(autouse=True)
def _missing_pictures(request: pytest.FixtureRequest) -> Iterator[None]:
    """Pictures that could not be taken stand in the report of the test, and at the end of the run."""
    MISSING.clear()
    yield
    request.node.user_properties += [("missing picture", one) for one in MISSING]


@pytest.fixture(scope="module")  # while Playwright runs, nothing else in this process can run an event loop
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium: run python tests/browser/ensure_browser.py"
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *sandbox])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def _practice_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[practice_connection.PracticeConnection]:
    """One practice world with a session folder for a worker, as `sfrunbook lab` would have started it."""
    practice = practice_connection.start(tmp_path_factory.mktemp("lab") / "session")
    yield practice
    practice.stop()


@pytest.fixture(scope="session")
def _lab_of_tests(_practice_of_tests: practice_connection.PracticeConnection) -> Iterator[Lab]:
    """One JupyterLab for a worker."""
    with running_lab(_practice_of_tests.folder.parent, _practice_of_tests) as lab:
        yield lab


@pytest.fixture
def world(_practice_of_tests: practice_connection.PracticeConnection) -> practice_connection.PracticeConnection:
    """A practice world on its first day, whose session folder holds what it starts with."""
    practice = _practice_of_tests
    assert _asked("POST", practice.ready["control_url"] + "/reset").json() == practice.ready
    _empty(practice.folder, {"ready.json"})
    return practice


@pytest.fixture
def lab(_lab_of_tests: Lab, world: practice_connection.PracticeConnection) -> Iterator[Lab]:
    """JupyterLab on a machine with a key file, as on the first day; its kernels end with the test."""
    lab = _lab_of_tests
    _empty(lab.folder, set())
    _empty(lab.folder.parent, _OF_THE_LAB)
    copy_notebooks(lab.folder)
    yield lab
    headers = {"Authorization": f"token {lab.token}"}
    for kernel in _asked("GET", f"{lab.url}/api/kernels", headers=headers).json():
        _asked("DELETE", f"{lab.url}/api/kernels/{kernel['id']}", headers=headers)


#: what a JupyterLab that runs needs of its folder; everything else there is what a test has made
_OF_THE_LAB = {"notebooks", "session", "key", "lab.log", "runtime", "tmp", "config", "data"}


def _empty(folder: Path, kept: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _asked(method: str, url: str, **options: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        reply = session.request(method, url, timeout=30, **options)
    reply.raise_for_status()
    return reply


@pytest.fixture
def person(browser: Browser, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    someone = Person(context, lab, request.node.name)
    yield someone
    someone.picture("end")
    context.close()

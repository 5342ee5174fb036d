"""A real JupyterLab and a real Chromium for the browser tests; every step leaves a screenshot."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ensure_browser import find_browser
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, sync_playwright

from sfrunbook import rehearsal

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
#: no background traffic: nothing but loopback can be reached in a test
FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium: run python tests/browser/ensure_browser.py"
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *sandbox])
        yield chromium
        chromium.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[rehearsal.Rehearsal]:
    """A practice world with a session folder, as `sfrunbook lab` would have started it."""
    practice = rehearsal.start(tmp_path / "session")
    yield practice
    practice.stop()


@dataclass
class Lab:
    """A running JupyterLab on working copies of the notebooks."""

    url: str
    token: str
    folder: Path
    home: Path

    def address(self, notebook: str) -> str:
        return f"{self.url}/lab/tree/{notebook}?reset&token={self.token}"


@pytest.fixture
def lab(tmp_path: Path, world: rehearsal.Rehearsal) -> Iterator[Lab]:
    folder, home = tmp_path / "notebooks", tmp_path / "home"
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SFRUNBOOK")},
        **world.environment,
        "SFRUNBOOK_HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    command = [sys.executable, "-m", "sfrunbook", "lab", "--no-browser", "--port", "0", "--folder", str(folder)]
    log = tmp_path / "lab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield _ready(process, log, folder, home)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready(process: subprocess.Popen[bytes], log: Path, folder: Path, home: Path) -> Lab:
    import time

    for _ in range(600):
        found = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+)/lab\S*\?token=(\w+)", log.read_text())
        if found:
            return Lab(url=found[1], token=found[2], folder=folder, home=home)
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


class Person:
    """What a person does in the browser, in their words; each step is kept as a picture."""

    def __init__(self, context: BrowserContext, lab: Lab, story: str) -> None:
        self.context = context
        self.lab = lab
        self.page: Page = context.new_page()
        self.warnings: list[str] = []
        self._folder = SCREENSHOTS / story
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._shots = 0

    def open(self, notebook: str) -> None:
        self.page.goto(self.lab.address(notebook))
        self.notebook.locator(".jp-Cell").first.wait_for(timeout=60_000)
        self.page.get_by_text("| Idle").first.wait_for(timeout=60_000)
        self.rest()

    def run_all(self) -> None:
        """Run > Run All Cells, and again when JupyterLab was not ready to hear it the first time."""
        started = self.notebook.locator(".jp-CodeCell .jp-InputPrompt", has_text=re.compile(r"\[[\d*]+\]"))
        for _ in range(5):
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.get_by_text("Run All Cells", exact=True).click()
            try:
                started.first.wait_for(timeout=5_000)
            except TimeoutError:
                continue
            break
        self.settle()

    def settle(self) -> None:
        """Until the last code cell has its number and the kernel rests; working copies come without numbers."""
        prompts = self.notebook.locator(".jp-CodeCell .jp-OutputPrompt")
        prompts.last.filter(has_text=re.compile(r"\[\d+\]")).wait_for(state="attached", timeout=90_000)
        self.rest()

    def rest(self) -> None:
        """Until this notebook's own kernel is idle."""
        self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(timeout=60_000)

    def run_cell(self, source: str) -> None:
        """Run the code cell whose source contains these words, again."""
        cell = self.cell(source)
        cell.locator(".jp-InputPrompt").first.click()
        self.page.keyboard.press("Control+Enter")
        self.rest()

    @property
    def panel(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    @property
    def notebook(self) -> Locator:
        return self.panel.locator(".jp-Notebook")

    def cell(self, source: str) -> Locator:
        return self.notebook.locator(".jp-CodeCell", has_text=source)

    def picture(self, name: str, page: Page | None = None) -> None:
        self._shots += 1
        (page or self.page).screenshot(path=self._folder / f"{self._shots:02d}-{name}.png")


@pytest.fixture
def person(browser: Browser, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    someone = Person(context, lab, request.node.name)
    yield someone
    someone.picture("end")
    context.close()

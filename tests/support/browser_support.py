"""What the browser tests share: a running JupyterLab, and a person who uses it in their own words."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, Locator, Page, Response, TimeoutError, expect

from support.pictures import photograph, story_folder

PAGE = "runbook.ipynb"
#: what a notebook has that was saved with the state of its widgets
WIDGET_STATE = '"application/vnd.jupyter.widget-state+json"'
#: a state of a step in the header
DONE = re.compile("^done")

#: two frames: what a change of size or theme asks for has been laid out by then
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def _saves(response: Response) -> bool:
    return response.request.method == "PUT" and "/api/contents/" in response.url


@dataclass
class Lab:
    """A running JupyterLab on working copies of the notebooks."""

    url: str
    token: str
    folder: Path
    home: Path

    def address(self, notebook: str) -> str:
        return f"{self.url}/lab/tree/{notebook}?reset&token={self.token}"


class Person:
    """What a person does in the browser, in their words; each step is kept as a picture."""

    def __init__(self, context: BrowserContext, lab: Lab, story: str) -> None:
        self.context = context
        self.lab = lab
        self.page: Page = context.new_page()
        self.warnings: list[str] = []
        self.folder = story_folder(story)
        self._shots = 0

    def open(self, notebook: str = PAGE) -> None:
        """Open a notebook; JupyterLab runs the page by itself."""
        self.page.goto(self.lab.address(notebook))
        if notebook == PAGE:
            self.settle()
        else:
            self.rest()

    def settle(self) -> None:
        """Until every section of the page is shown, and the kernel rests."""
        expect(self.header).to_be_visible(timeout=90_000)
        expect(self.section("finish")).to_be_visible(timeout=90_000)
        self.rest()

    def rest(self) -> None:
        """Until this notebook's own kernel is idle."""
        self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(timeout=60_000)

    def run_all(self) -> None:
        """Run > Run All Cells, and again when JupyterLab wasn't ready, or asked which kernel to take."""
        asked = self.page.locator(".jp-Dialog .jp-mod-accept", has_text="Select")
        # it may come between any two clicks, and once more for each time that Run All Cells was pressed
        self.page.add_locator_handler(asked, lambda button: button.click(), no_wait_after=True)
        for _ in range(5):
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.get_by_text("Run All Cells", exact=True).click()
            with suppress(TimeoutError):
                self.notebook.locator(".jp-OutputArea-output").first.wait_for(state="attached", timeout=8_000)
                break
        self.page.remove_locator_handler(asked)

    @property
    def header(self) -> Locator:
        return self.page.get_by_role("navigation", name="Your progress")

    def section(self, name: str) -> Locator:
        return self.page.locator(f".sfr-section-{name}")

    def step(self, name: str) -> Locator:
        """A step in the header."""
        return self.header.locator(f'[data-step="{name}"]')

    def expect_step(self, name: str, state: str | re.Pattern[str]) -> None:
        expect(self.step(name)).to_have_attribute("data-state", state, timeout=60_000)

    def expect_next(self, name: str) -> None:
        expect(self.step(name)).to_have_attribute("aria-current", "step", timeout=60_000)

    def button(self, name: str, section: str) -> Locator:
        return self.section(section).get_by_role("button", name=name)

    @property
    def panel(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    @property
    def notebook(self) -> Locator:
        return self.panel.locator(".jp-Notebook")

    @property
    def complaints(self) -> Locator:
        """Tracebacks and whatever else came by the error stream."""
        kinds = ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr")
        return self.notebook.locator(",".join(f'[data-mime-type="{kind}"]' for kind in kinds))

    def saved(self, notebook: str = PAGE, until: str = "") -> str:
        """The notebook as it stands on disk, saved again until it holds these words."""
        path = self.lab.folder / notebook
        for _ in range(30):
            with suppress(TimeoutError), self.page.expect_response(_saves, timeout=2_000):
                self.page.keyboard.press("Control+s")
            if until in path.read_text("utf-8"):
                break
        return path.read_text("utf-8")

    def resize(self, width: int, height: int, page: Page | None = None) -> None:
        """A window of another size, and everything drawn in it."""
        (page or self.page).set_viewport_size({"width": width, "height": height})
        (page or self.page).evaluate(_DRAWN)

    def kernels(self) -> list[str]:
        """The ids of the kernels that run."""
        return [kernel["id"] for kernel in self.ask("GET", "/api/kernels").json()]

    def ask(self, method: str, path: str) -> requests.Response:
        """A request to JupyterLab's own API."""
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"token {self.lab.token}"}
            reply = session.request(method, self.lab.url + path, headers=headers, timeout=30)
        reply.raise_for_status()
        return reply

    def picture(self, name: str, page: Page | None = None) -> None:
        self._shots += 1
        photograph(page or self.page, self.folder / f"{self._shots:02d}-{name}.png")

"""What the browser tests share: a running JupyterLab, and a person who uses it in their own words."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, Response, TimeoutError

from support.pictures import photograph, story_folder

#: what stands in a notebook that was saved with the state of its widgets
WIDGET_STATE = '"application/vnd.jupyter.widget-state+json"'


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
        """Until the last code cell shows something and the kernel rests; working copies come without outputs."""
        last = self.notebook.locator(".jp-CodeCell").last
        last.locator(".jp-OutputArea-output").first.wait_for(state="attached", timeout=90_000)
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

    @property
    def complaints(self) -> Locator:
        """Tracebacks and whatever else came by the error stream."""
        kinds = ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr")
        return self.notebook.locator(",".join(f'[data-mime-type="{kind}"]' for kind in kinds))

    def saved(self, notebook: str, until: str = "") -> str:
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

    def saved_counts(self, notebook: str) -> list[int]:
        """Save, and give the number of the run of every code cell, 0 for one that has not run to its end."""
        cells = json.loads(self.saved(notebook))["cells"]
        return [one["execution_count"] or 0 for one in cells if one["cell_type"] == "code"]

    def picture(self, name: str, page: Page | None = None) -> None:
        self._shots += 1
        photograph(page or self.page, self.folder / f"{self._shots:02d}-{name}.png")


def name_the_connection(notebook: Path, name: str = "made") -> None:
    """What a person types into the parameters cell."""
    book = json.loads(notebook.read_text("utf-8"))
    cell = next(one for one in book["cells"] if "parameters" in one["metadata"].get("tags", []))
    cell["source"] = [f'connection: str = "{name}"  # name of a connection']
    notebook.write_text(json.dumps(book), "utf-8")

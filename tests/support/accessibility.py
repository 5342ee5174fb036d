"""axe-core over what a notebook shows: only our own outputs are judged, not JupyterLab around them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

__all__ = ["too_wide", "violations"]

_AXE = Path(__file__).parents[1] / "node_clients" / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE = ("serious", "critical")
#: rendered Markdown and outputs of the notebook in front
_OURS = [
    ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output",
    ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-RenderedMarkdown",
]
_RUN = """async ([ours, grave]) => {
  const include = ours.flatMap(one => [...document.querySelectorAll(one)]).filter(one => one.offsetParent);
  if (!include.length) return {judged: 0, found: []};
  const result = await axe.run({include}, {resultTypes: ["violations"]});
  const found = result.violations.filter(one => grave.includes(one.impact)).map(one => ({
    rule: one.id, impact: one.impact, help: one.help,
    nodes: one.nodes.map(node => `${node.html.slice(0, 200)} | ${node.failureSummary}`),
  }));
  return {judged: include.length, found};
}"""


#: what is wider than its cell; a frame that scrolls by itself, such as rows of a query, has a width of its own
_WIDE = """(ours) => ours.flatMap(one => [...document.querySelectorAll(one)]).filter(one => one.offsetParent)
  .map(one => [one.scrollWidth - one.clientWidth, one.textContent.trim().slice(0, 60)]).filter(([more]) => more > 1)"""


def too_wide(page: Page) -> list[Any]:
    """Outputs of the notebook in front that would have to be scrolled sideways: pixels too many, and first words."""
    return page.evaluate(_WIDE, _OURS)


def violations(page: Page) -> list[dict[str, Any]]:
    """Serious and critical violations in the outputs of the notebook in front; there must be outputs to judge."""
    assert _AXE.is_file(), "axe-core is not installed: run make test, which installs it"
    if not page.evaluate("() => typeof axe === 'object'"):
        page.add_script_tag(content=_AXE.read_text("utf-8"))
    outcome = page.evaluate(_RUN, [_OURS, list(_GRAVE)])
    assert outcome["judged"] > 0, "no output to judge"
    return outcome["found"]

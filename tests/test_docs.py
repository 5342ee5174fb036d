"""The pages and their site agree: what zensical's own strict check does not see."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SITE = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
PAGES = sorted(DOCS.glob("**/*.md"))
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def named_in(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    else:
        for part in node.values() if isinstance(node, dict) else node:
            yield from named_in(part)


def links(path: Path) -> list[str]:
    """Where the links and pictures of a page lead, without those to other hosts and to places of the same page."""
    found = re.findall(r"(?<!\\)\]\(([^)\s]+)\)", CODE.sub("", path.read_text("utf-8")))
    return [link.partition("#")[0] for link in found if not re.match(r"https?:|#", link)]


def test_the_navigation_names_every_page_and_only_pages_that_exist() -> None:
    guides = {page.relative_to(DOCS).as_posix() for page in PAGES if page.parent == DOCS}
    assert set(named_in(SITE["nav"])) == {*guides, "errors/README.md"}


def test_every_link_and_picture_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
    broken = [(page.name, link) for page in pages for link in links(page) if not (page.parent / link).exists()]
    assert broken == []


def test_a_page_of_the_site_links_to_nothing_outside_it() -> None:
    outside = [
        (page.name, link)
        for page in PAGES
        for link in links(page)
        if not (page.parent / link).resolve().is_relative_to(DOCS)
    ]
    assert outside == []


def test_the_site_loads_nothing_from_another_host() -> None:
    """The theme takes its fonts, and the script that draws Mermaid, from other hosts."""
    assert SITE["theme"]["font"] is False
    assert [page.name for page in PAGES if "```mermaid" in page.read_text("utf-8")] == []


def test_the_reference_is_made_from_the_commands_as_they_are() -> None:
    done = subprocess.run([sys.executable, DOCS / "build_reference.py", "--check"], check=False)
    assert done.returncode == 0, "run: python docs/build_reference.py"

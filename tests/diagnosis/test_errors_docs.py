"""The pages on errors are made from the catalogue, whole, and lead nowhere that is not there."""

import importlib.util
import re
from pathlib import Path

import pytest
from support.each import for_each

from sfrunbook.diagnosis.catalogue import rows
from sfrunbook.diagnosis.published import entries

FOLDER = Path(__file__).parents[2] / "docs" / "errors"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_errors", FOLDER.with_name("build_errors.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date(builder):
    assert builder.built() == PAGES, "run: python docs/build_errors.py"
    assert builder.main(["--check"]) == 0


def test_every_row_has_a_page_and_a_line_in_the_table():
    assert PAGES.keys() == {"README.md", "published-codes.md", *(f"{code}.md" for code in rows())}
    assert re.findall(r"^\| \[([a-z0-9-]+)\]\(\1\.md\)", PAGES["README.md"], re.MULTILINE) == sorted(rows())


@for_each("name", sorted(PAGES))
def test_every_link_of_a_page_leads_to_a_page_or_an_address(name):
    targets = re.findall(r"(?<!\\)\]\(([^)]+)\)", PAGES[name])
    assert targets
    assert [one for one in targets if one not in PAGES and not one.startswith("https://")] == []
    assert all(re.fullmatch(r"https://\S+", one) for one in re.findall(r"Source: <([^>]*)>", PAGES[name]))


def test_a_placeholder_is_shown_in_words_and_special_characters_as_they_are(builder):
    assert builder._words("{http_status} at *.force.com [a|b] <x>") == r"*http status* at \*.force.com \[a\|b\] &lt;x>"


def test_a_step_that_differs_by_kind_of_app_is_shown_for_both_and_a_guess_says_so():
    assert "   - External Client App: Setup > " in PAGES["client-secret-refused.md"]
    assert "   - Connected App: Setup > " in PAGES["client-secret-refused.md"]
    assert "(Our best guess: this step isn't confirmed.)" in PAGES["dpop-required.md"]


def test_every_published_code_is_in_one_table_and_on_the_page_of_its_row():
    table = PAGES["published-codes.md"]
    assert len(re.findall(r"^\| .* \|$", table, re.MULTILINE)) == len(entries()) + 2
    assert all(f"`{one.code}`" in table and f"]({one.answer}.md)" in table for one in entries() if one.code)
    assert "`LOGIN_ERROR_USER_API_ONLY`: Failed: API-only user" in PAGES["user-api-only.md"]

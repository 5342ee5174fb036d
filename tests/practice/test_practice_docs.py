"""The page on the practice world: its generated parts are up to date, and its examples run as they stand there."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "practice-world.md"
CLIENTS = ROOT / "tests" / "node_clients"
_SWITCHES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")


def _builder() -> Any:
    spec = importlib.util.spec_from_file_location(
        "build_practice_settings", PAGE.with_name("build_practice_settings.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _example(name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the page has no example named {name}"
    return found[1]


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, and none of the machine's proxies and certificates."""
    monkeypatch.chdir(tmp_path)
    for name in _SWITCHES:
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    return tmp_path


def test_the_generated_parts_are_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert _builder().built(text) == text, "run: python docs/build_practice_settings.py"


def test_an_old_part_is_replaced_and_a_missing_one_is_told() -> None:
    builder = _builder()
    text = builder.built(PAGE.read_text(encoding="utf-8"))
    changed = text.replace("`approval_limit`", "`approval_limitation`")
    assert changed != text
    assert builder.built(changed) == text
    with pytest.raises(ValueError, match="needs one part named settings"):
        builder.built(text.replace("<!-- settings:end -->", ""))


def test_every_heading_of_the_list_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line[3:].lower()).replace(" ", "-") for line in re.findall(r"^## .*", text, re.M)
    }
    assert set(re.findall(r"^- \[.*\]\(#(.*)\)", text, re.M)) == headings


def test_the_authlib_example_reads_three_accounts(practice_world: Any, at_home: Path) -> None:
    (at_home / "world.json").write_text(json.dumps(practice_world.ready))
    names: dict[str, Any] = {}
    exec(_example("authlib"), names)
    assert len(names["names"]) == 3


def test_the_simple_salesforce_example_makes_finds_and_deletes(practice_world_tls: Any, at_home: Path) -> None:
    (at_home / "world.json").write_text(json.dumps(practice_world_tls.ready))
    names: dict[str, Any] = {}
    exec(_example("simple-salesforce"), names)
    assert names["names"] == ["Made by hand"]


@pytest.mark.node
def test_the_jsforce_example_reads_three_accounts(practice_world: Any, at_home: Path) -> None:
    modules = CLIENTS / "node_modules"
    node = shutil.which("node", path=str(modules / ".bin"))
    if node is None or not (modules / "jsforce").is_dir():
        pytest.skip("needs the packages of tests/node_clients (npm ci)")
    (at_home / "world.json").write_text(json.dumps(practice_world.ready))
    (at_home / "example.mjs").write_text(_example("jsforce"))
    (at_home / "node_modules").symlink_to(modules, target_is_directory=True)
    done = subprocess.run(
        [node, "example.mjs"], capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 3

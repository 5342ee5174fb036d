"""What the tests lean on: rows gone through as one test, and practice worlds that come back to the first day."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from support.each import for_each
from support.runbook_support import own_callback, visit_as
from support.worlds import World


def test_no_test_imports_from_a_conftest_which_another_rooms_would_hide() -> None:
    tests = [path for path in Path(__file__).parent.glob("**/*.py") if "node_modules" not in path.parts]
    assert [path.name for path in tests if re.search(r"^(from|import) conftest\b", path.read_text("utf-8"), re.M)] == []


def test_one_test_over_rows_tells_every_row_that_fails() -> None:
    met = []

    @for_each("number", [1, 2, 3])
    @for_each(("word", "length"), [("a", 1), ("bb", 2), ("c", 2)], ids=lambda row: row[0])
    def has_that_length(number: int, word: str, length: int, tmp_path: str) -> None:
        met.append((number, word, tmp_path))
        assert len(word) == length or number == 2

    with pytest.raises(pytest.fail.Exception) as told:
        has_that_length(tmp_path="there")
    assert met == [(number, word, "there") for number in (1, 2, 3) for word in ("a", "bb", "c")]
    assert str(told.value).startswith("2 of 3 rows:\n1: Failed: 1 of 3 rows:\nc: AssertionError")


def test_no_rows_are_a_failure() -> None:
    @for_each("row", [])
    def never(row: object) -> None: ...

    with pytest.raises(AssertionError, match="there is no row"):
        never()


#: what differs from process to process and from second to second
_MOVING = re.compile(r"(localhost|127\.0\.0\.1):\d+|\d{4}-\d\d-\d\dT[\d:.+]+|\b1[789]\d{8}(\.\d+)?\b")


def state_of(world: World) -> dict[str, Any]:
    """All that the control API tells, without ports and times."""
    paths = [path for path, text in world.control("GET", "/")["routes"].items() if "{" not in path and "GET" in text]
    whole = {path: world.control("GET", path) for path in paths}
    del whole["/journal"]  # holds the calls that just asked for the rest; a test below looks at it
    return json.loads(_MOVING.sub("0", json.dumps(whole)))


def log_in(world: World) -> tuple[dict[str, Any], str]:
    """A login from the first page to the code; gives what the browser carries, which a seed decides."""
    app, host = world.app(), world.my_domain()
    callback = next(one for one in app["callback_urls"] if "cyclr" in one)
    world.control("POST", f"/apps/{app['client_id']}", {"pkce_required": False})
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": callback}
    landing = visit_as(world, requests.Request("GET", f"{host}/services/oauth2/authorize", params=asked).prepare().url)
    return world.control("GET", "/approvals"), landing


def change_everything(world: World) -> None:
    """Something of each kind that a test may leave behind."""
    user, app = world.user(), world.app()
    own_callback(world)
    log_in(world)
    world.control("PUT", "/settings", {"client_ip": "203.0.113.9", "browser_session_seconds": 7})
    world.control("POST", "/clock", {"advance_seconds": 86_400})
    for name in ("session-timeout", "app-blocked", "cyclr-ip-allowed", "html-503"):
        world.control("POST", f"/scenarios/{name}", {})
    world.control("POST", f"/users/{user['username']}", {"is_frozen": True})
    world.control("POST", "/orgs/first", {"api_enabled": False})
    world.control("POST", "/orgs/second/refresh")
    world.control("POST", "/apps", {"org": "first", "name": "Left behind"})
    world.control("POST", f"/apps/{app['client_id']}", {"blocked": True})
    world.control("POST", "/permission-sets", {"org": "first", "name": "Left", "label": "Left", "permissions": []})
    world.control("POST", "/snapshots", {"name": "left"})


def test_a_world_that_was_changed_in_every_way_comes_back_to_its_first_day(start_world: Any) -> None:
    with start_world() as world, start_world() as new:
        first = state_of(new)
        change_everything(world)
        assert state_of(world) != first
        world.first_day()
        assert state_of(world) == first
        approvals, landing = log_in(world)
        expected_approvals, expected_landing = log_in(new)
    assert _MOVING.sub("…", landing) == _MOVING.sub("…", expected_landing)
    assert _MOVING.sub("…", json.dumps(approvals)) == _MOVING.sub("…", json.dumps(expected_approvals))


def test_the_journal_and_the_snapshots_of_another_test_are_gone(fresh_world: World) -> None:
    requests.get(fresh_world.my_domain(), timeout=10)
    fresh_world.control("POST", "/snapshots", {"name": "left"})
    fresh_world.first_day()
    asked = [row["path"] for row in fresh_world.control("GET", "/journal")["requests"]]
    assert (asked, fresh_world.control("GET", "/snapshots")["snapshots"]) == (["/journal"], [])


def test_a_world_that_a_test_has_ended_is_told(start_world: Any) -> None:
    with start_world() as world:
        world.process.kill()
        world.process.wait()
        with pytest.raises(AssertionError, match="has ended the practice world"):
            world.first_day()

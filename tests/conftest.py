"""Fixtures that every test may ask for: practice worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from worlds import World, running_world


@pytest.fixture(scope="session")
def practice_world() -> Iterator[World]:
    """One http world for the whole run: do not change its settings, clock, apps or users."""
    with running_world() as world:
        yield world


@pytest.fixture(scope="session")
def practice_world_tls() -> Iterator[World]:
    """The same over https; `ca_file` is the CA to trust."""
    with running_world("--tls") as world:
        yield world


@pytest.fixture
def fresh_world() -> Iterator[World]:
    """A world of this test's own, to be changed at will."""
    with running_world() as world:
        yield world


@pytest.fixture
def start_world() -> Callable[..., Any]:
    """`with start_world("--tls", ...) as world:` for tests that need options of their own."""
    return running_world


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Pictures that the browser refused fail no test, and whoever looks at the pictures is told which are missing."""
    reports = [
        one for kind in terminalreporter.stats.values() for one in kind if getattr(one, "when", "") == "teardown"
    ]
    for report in reports:
        for name, told in report.user_properties:
            if name == "missing picture":
                terminalreporter.write_line(f"{report.nodeid}: no picture {told}")

"""What every test may ask for: practice worlds, and how far the long tails go."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings
from support.tails import is_long, set_long
from support.worlds import World, running_world

from sfrunbook.core.secrets import secret
from sfrunbook.store import secret_place


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="take the long tails too, as make test-all does")


def pytest_configure(config: pytest.Config) -> None:
    """Tests that a shell starts in the background ignore Ctrl-C, and what they start would inherit that."""
    set_long(config.getoption("--long"))
    settings.register_profile("sfrunbook", deadline=None)  # how long one example takes says nothing on a busy machine
    settings.load_profile("sfrunbook")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without `--long`, tests marked `long` are left out."""
    if is_long():
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="module", autouse=True)
def own_secrets() -> Iterator[None]:
    """What the tests of one module make a Secret of is no secret in the next, which may show the same word."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secret, "_known", set(secret._known))
        patch.setattr(secret, "_snapshot", frozenset())
        patch.setattr(secret, "_listeners", list(secret._listeners))
        yield


@pytest.fixture(autouse=True)
def own_session() -> Iterator[None]:
    """A passphrase that was entered in the process of one test is not entered in the next."""
    yield
    if secret_place._own_folder.cache_info().currsize:
        secret_place._own_folder().cleanup()
    secret_place._own_folder.cache_clear()
    secret_place._own_key.cache_clear()


@pytest.fixture(scope="session")
def practice_world() -> Iterator[World]:
    """One http world for the tests of a worker: do not change its settings, clock, apps or users."""
    with running_world() as world:
        yield world


@pytest.fixture(scope="session")
def practice_world_tls() -> Iterator[World]:
    """The same over https; `ca_file` is the CA to trust."""
    with running_world("--tls") as world:
        yield world


@pytest.fixture(scope="session")
def _world_of_tests() -> Iterator[World]:
    with running_world() as world:
        yield world


@pytest.fixture
def fresh_world(_world_of_tests: World) -> World:
    """A world on its first day, to be changed at will, but not to be ended: the next test gets the same process."""
    _world_of_tests.first_day()
    return _world_of_tests


@pytest.fixture(scope="session")
def _world_of_modules() -> Iterator[World]:
    with running_world() as world:
        yield world


@pytest.fixture(scope="module")
def module_world(_world_of_modules: World) -> World:
    """A world that starts on its first day and that the tests of one module change together."""
    _world_of_modules.first_day()
    return _world_of_modules


@pytest.fixture
def start_world() -> Callable[..., Any]:
    """`with start_world("--tls", ...) as world:` for tests that need options of their own, or end the process."""
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

"""Flows, browsers and a partner on a practice world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from support.flow_steps import Steps
from support.partner_support import Partner, partner_of
from support.setup_forms import Browser


def _steps(world: Any) -> Iterator[Steps]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = world.ca_file or True
        yield Steps(world, session)


@pytest.fixture
def steps(practice_world: Any) -> Iterator[Steps]:
    """On the world that all tests share."""
    yield from _steps(practice_world)


@pytest.fixture
def fresh(fresh_world: Any) -> Iterator[Steps]:
    """On a world of this test's own."""
    yield from _steps(fresh_world)


def refusal(reply: requests.Response) -> tuple[int, str, str]:
    """Status, error and description of a token endpoint's refusal."""
    body = reply.json()
    return reply.status_code, body["error"], body["error_description"]


@pytest.fixture
def refused() -> Any:
    return refusal


@pytest.fixture
def browser_at() -> Iterator[Callable[[str], Browser]]:
    """`browser_at(host)`: a browser without a screen and without cookies, for the Setup pages."""
    with ExitStack() as opened:

        def at(host: str) -> Browser:
            session = opened.enter_context(requests.Session())
            session.trust_env = False
            return Browser(host, session)

        yield at


@pytest.fixture
def admin(fresh: Steps, browser_at: Callable[[str], Browser]) -> Browser:
    """The first org's administrator, logged in, in the world of `fresh`: it may be changed."""
    browser = browser_at(fresh.host)
    browser.log_in(fresh.user)
    return browser


@pytest.fixture
def reader(practice_world: Any, browser_at: Callable[[str], Browser]) -> Browser:
    """The same in the world that all tests share: for looking only."""
    browser = browser_at(practice_world.my_domain())
    browser.log_in(practice_world.user())
    return browser


@pytest.fixture
def partner(fresh_world: Any) -> Iterator[Partner]:
    """A partner engineer on the first day, whose address Cyclr lets execute methods."""
    with partner_of(fresh_world) as made:
        made.settings(cyclr_allowed_ips=["127.0.0.1"])
        yield made

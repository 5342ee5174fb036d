"""What a third-party program finds around it: no proxy, no CA bundle of the machine, and a person who consents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sfrunbook.practice.visitor import visit

SWITCHES = (
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "AUTHLIB_INSECURE_TRANSPORT",
    "OAUTHLIB_INSECURE_TRANSPORT",
    "OAUTHLIB_RELAX_TOKEN_SCOPE",
)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own settings of these programs would decide the outcome; a test sets what it needs."""
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")


@pytest.fixture
def consent() -> Callable[..., str]:
    """`consent(world, url)`: the administrator logs in and presses Allow; gives the address the browser lands on.

    The callbacks used here are Cyclr's, so nothing is opened there.
    """

    def consent(world: Any, url: str, *, allow: bool = True) -> str:
        user = world.user()
        return visit(url, user["username"], user["password"], allow=allow, ca_file=world.ca_file)

    return consent


@pytest.fixture
def carried() -> Callable[[str], dict[str, str]]:
    """What a landing address carries, decoded once."""

    def carried(landing: str) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(landing).query, strict_parsing=True).items()}

    return carried

"""Puts the practice Cyclr together: the routes of each kind of its hosts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sfrunbook.practice.cyclr.api import Api
from sfrunbook.practice.cyclr.authentication import Authentication
from sfrunbook.practice.cyclr.calls import Calls
from sfrunbook.practice.cyclr.console import Console
from sfrunbook.practice.cyclr.console_desk import ConsoleDesk
from sfrunbook.practice.cyclr.console_installed import InstalledPages
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.seed import CALLBACK_PATH
from sfrunbook.practice.cyclr.service import Service
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["cyclr_routes"]


def cyclr_routes(desk: CyclrDesk) -> dict[str, dict[str, Callable[[Call], Answer | Awaitable[Answer]]]]:
    """Routes by the kind of host; the same for each region."""
    authentication = Authentication(desk)
    calls, service, console = Calls(desk, authentication), Service(desk, authentication), ConsoleDesk(desk)
    return {
        "cyclr_console": {
            CALLBACK_PATH: service.callback,
            **Console(console).routes(),
            **InstalledPages(console, authentication, calls).routes(),
        },
        "cyclr_service": service.routes(),
        "cyclr_api": Api(desk, calls).routes(),
    }

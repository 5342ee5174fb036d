"""Puts the practice Cyclr together: the routes of each kind of its hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfrunbook.practice.cyclr.api import Api

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sfrunbook.practice.cyclr.desk import CyclrDesk
    from sfrunbook.practice.wire import Answer, Call

__all__ = ["cyclr_routes"]


def cyclr_routes(desk: CyclrDesk) -> dict[str, dict[str, Callable[[Call], Answer | Awaitable[Answer]]]]:
    """Routes by the kind of host; the same for each region."""
    return {"cyclr_console": {}, "cyclr_service": {}, "cyclr_api": Api(desk).routes()}

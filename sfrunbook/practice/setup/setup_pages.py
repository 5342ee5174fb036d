"""Puts the Setup pages together: one table of routes."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World
from sfrunbook.practice.setup.apps import AppPages
from sfrunbook.practice.setup.desk import Desk
from sfrunbook.practice.setup.identity import Identity
from sfrunbook.practice.setup.lightning import LightningPages
from sfrunbook.practice.setup.org_settings import OrgSettingPages
from sfrunbook.practice.setup.policies import PolicyPages
from sfrunbook.practice.setup.usage import UsagePages
from sfrunbook.practice.web.pages import Pages
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["setup_routes"]


def setup_routes(world: World, ledger: Ledger, pages: Pages) -> dict[str, Callable[[Call], Answer]]:
    """Every Setup page of every org by its path; only a My Domain host answers them."""
    desk = Desk(world, ledger, pages)
    identity = Identity(desk)
    own = (identity, AppPages(desk, identity), PolicyPages(desk), UsagePages(desk), OrgSettingPages(desk))
    parts = (*own, LightningPages(desk))  # last: it answers whatever is left below /lightning/setup
    return {path: handler for part in parts for path, handler in part.routes().items()}

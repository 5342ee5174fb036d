"""What every part of the practice Cyclr needs: the world, its settings and clock, and the instance of a call."""

from __future__ import annotations

from sfrunbook.practice.cyclr.entities import AccountConnector, Instance
from sfrunbook.practice.cyclr.outbound import Outbound
from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.pages import Pages
from sfrunbook.practice.web.wire import Call

__all__ = ["CyclrDesk"]


class CyclrDesk:
    """Instances are looked up anew each time: a snapshot may have come back while a call was on its way."""

    def __init__(self, world: World, cyclr: Cyclr, pages: Pages, outbound: Outbound) -> None:
        self.world = world
        self.cyclr = cyclr
        self.pages = pages
        self.outbound = outbound

    @property
    def settings(self) -> Settings:
        return self.world.settings

    def now(self) -> float:
        return self.world.clock.time()

    def connector(self, region: str, number: int) -> AccountConnector | None:
        return self.cyclr.instances[region].connectors.get(number)

    def instance(self, call: Call) -> Instance:
        """The instance of the host that was called."""
        return self.cyclr.instances[call.host.region]

"""Puts one practice world together: state, endpoints and the application of every host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfrunbook.practice.authorize import AUTHORIZATION_PAGE, Authorize
from sfrunbook.practice.clock import Clock
from sfrunbook.practice.consent import ERROR_PAGE, Consent
from sfrunbook.practice.control import Control
from sfrunbook.practice.data import DataDoor
from sfrunbook.practice.grants import TokenEndpoint
from sfrunbook.practice.identity import Identity
from sfrunbook.practice.ledger import Ledger
from sfrunbook.practice.pages import Pages
from sfrunbook.practice.seed import build_world, hosts_on, ready_line
from sfrunbook.practice.settings import Settings
from sfrunbook.practice.site import Journal, Site
from sfrunbook.practice.token_care import TokenCare
from sfrunbook.practice.token_endpoint import Grants

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfrunbook.practice.wire import Answer, Call

__all__ = ["PracticeWorld"]


class PracticeWorld:
    """One world on five addresses. `reset` builds everything but the addresses anew."""

    def __init__(self, *, seed: int, origins: tuple[str, ...], ca_file: str | None = None) -> None:
        self._seed = seed
        self._ca_file = ca_file
        self.hosts = hosts_on(origins)
        self.clock = Clock()
        self.journal = Journal()
        self.reset()

    def reset(self) -> None:
        """The first day again: same addresses, same keys and passwords, real time, default settings."""
        self.clock.reset()
        self.world = build_world(seed=self._seed, clock=self.clock, hosts=self.hosts, settings=Settings())
        self.ledger = Ledger(self.world)
        self.data = DataDoor(self.world, self.ledger)
        self._routes = self._org_routes()

    def ready_line(self) -> dict[str, Any]:
        return ready_line(self.world, self._ca_file)

    def application(self, origin: str) -> Site:
        """The ASGI application of the host at this address; survives a reset."""
        host = next(each for each in self.hosts if each.origin == origin)
        if host.kind == "control":
            return Site(host, Control(self).routes(), self.journal)
        return Site(host, {path: self._through(path) for path in self._routes}, self.journal)

    def _through(self, path: str) -> Callable[[Call], Answer]:
        """The route as it is when the call comes: a reset replaces it."""

        def handle(call: Call) -> Answer:
            return self._routes[path](call)

        return handle

    def _org_routes(self) -> dict[str, Callable[[Call], Answer]]:
        world, ledger = self.world, self.ledger
        pages = Pages(world)
        consent = Consent(world, ledger, pages)
        identity, care = Identity(world, ledger), TokenCare(world, ledger)
        oauth = "/services/oauth2"
        return {
            "/": pages.home,
            f"{oauth}/authorize": Authorize(world, consent),
            f"{oauth}/token": TokenEndpoint(Grants(world, ledger)),
            f"{oauth}/revoke": care.revoke,
            f"{oauth}/introspect": care.introspect,
            f"{oauth}/singleaccess": care.single_access,
            f"{oauth}/userinfo": identity.userinfo,
            f"{oauth}/success": pages.success,
            f"{oauth}/callback": pages.success,
            AUTHORIZATION_PAGE: consent,
            ERROR_PAGE: pages.error_page,
            "/secur/frontdoor.jsp": pages.front_door,
            "/secur/logout.jsp": pages.log_out,
            "/.well-known/openid-configuration": identity.openid_configuration,
            "/.well-known/auth-configuration": identity.auth_configuration,
            "/id/keys": identity.keys,
            "/id/{org_id}/{user_id}": identity.identity,
            "/services/data": self.data,
            "/services/data/{rest:path}": self.data,
        }

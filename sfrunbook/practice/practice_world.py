"""Puts one practice world together: state, endpoints and the application of every host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfrunbook.practice.control.routes import Control
from sfrunbook.practice.control.snapshot import Snapshot
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.hosts import cyclr_routes
from sfrunbook.practice.cyclr.outbound import Outbound
from sfrunbook.practice.oauth.authorize import AUTHORIZATION_PAGE, Authorize
from sfrunbook.practice.oauth.consent import ERROR_PAGE, Consent
from sfrunbook.practice.oauth.grants import TokenEndpoint
from sfrunbook.practice.oauth.identity import Identity
from sfrunbook.practice.oauth.token_care import TokenCare
from sfrunbook.practice.oauth.token_endpoint import Grants
from sfrunbook.practice.org.clock import Clock
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.seed import build_world, hosts_on, ready_line
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.rest.entrance import DataDoor
from sfrunbook.practice.scenarios import Running
from sfrunbook.practice.setup.setup_pages import setup_routes
from sfrunbook.practice.web.faults import Faults
from sfrunbook.practice.web.pages import Pages
from sfrunbook.practice.web.site import Journal, Site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sfrunbook.practice.org.entities import Host
    from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["PracticeWorld"]


class PracticeWorld:
    """One world on five addresses, or on eleven with the partner's. `reset` builds all but the addresses anew."""

    def __init__(self, *, seed: int, origins: tuple[str, ...], ca_file: str | None = None) -> None:
        self._seed = seed
        self._ca_file = ca_file
        self._origins = origins
        self._sites: list[Site] = []
        self.clock = Clock()
        self.journal = Journal()
        self.faults = Faults()
        self.snapshots: dict[str, Snapshot] = {}
        self.reset()

    def reset(self) -> None:
        """The first day again: same addresses, same keys and passwords, real time, default settings, no scenario."""
        self.clock.reset()
        self.faults.active = []
        self.scenarios = Running()
        self.world = build_world(seed=self._seed, clock=self.clock, hosts=hosts_on(self._origins), settings=Settings())
        self.ledger = Ledger(self.world)
        self.data = DataDoor(self.world, self.ledger)
        pages = Pages(self.world)
        self._routes: dict[str, dict[str, Callable[[Call], Answer | Awaitable[Answer]]]] = {
            "org": {**self._org_routes(pages)}
        }
        if self.world.cyclr is not None:
            self._routes |= cyclr_routes(CyclrDesk(self.world, pages, Outbound(self._ca_file)))
        self._tell_sites()

    @property
    def hosts(self) -> tuple[Host, ...]:
        return self.world.hosts

    def org_has_moved(self, old_id: str) -> None:
        """An org has another id now: its data is made anew, and its host answers for the new one."""
        self.data.forget(old_id)
        self._tell_sites()

    def _tell_sites(self) -> None:
        hosts = {host.origin: host for host in self.hosts}
        for site in self._sites:
            site.host = hosts[site.host.origin]

    def take_snapshot(self, name: str) -> None:
        """Keep the whole state under this name: orgs, users, apps, tokens, records, settings, clock, scenarios."""
        self.snapshots[name] = Snapshot(self)

    def restore_snapshot(self, name: str) -> None:
        """The state as it was then; raises `LookupError` for a name that is not known."""
        if name not in self.snapshots:
            raise LookupError(f"there is no snapshot named {name!r}")
        self.snapshots[name].restore(self)
        self._tell_sites()

    def ready_line(self) -> dict[str, Any]:
        return ready_line(self.world, self._ca_file)

    def application(self, origin: str) -> Site:
        """The ASGI application of the host at this address; survives a reset."""
        host = next(each for each in self.hosts if each.origin == origin)
        if host.kind == "control":
            site = Site(host, {**Control(self).routes()}, self.journal)
        else:
            part = host.kind if host.region else "org"
            routes = {path: self._through(part, path) for path in self._routes[part]}
            site = Site(host, routes, self.journal, self.faults)
        self._sites.append(site)
        return site

    def _through(self, part: str, path: str) -> Callable[[Call], Answer | Awaitable[Answer]]:
        """The route as it is when the call comes: a reset replaces it."""

        def handle(call: Call) -> Answer | Awaitable[Answer]:
            return self._routes[part][path](call)

        return handle

    def _org_routes(self, pages: Pages) -> dict[str, Callable[[Call], Answer]]:
        world, ledger = self.world, self.ledger
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
            **setup_routes(world, ledger, pages),
        }

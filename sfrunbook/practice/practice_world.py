"""Puts one practice world together: state, endpoints and the application of every host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.hosts import cyclr_routes
from sfrunbook.practice.cyclr.outbound import Outbound
from sfrunbook.practice.cyclr.seed import build_cyclr, cyclr_hosts, cyclr_line, local_callbacks
from sfrunbook.practice.oauth.authorize import AUTHORIZATION_PAGE, Authorize
from sfrunbook.practice.oauth.consent import ERROR_PAGE, Consent
from sfrunbook.practice.oauth.grants import TokenEndpoint
from sfrunbook.practice.oauth.identity import Identity
from sfrunbook.practice.oauth.soap_login import SoapLogin
from sfrunbook.practice.oauth.token_care import TokenCare
from sfrunbook.practice.oauth.token_endpoint import Grants
from sfrunbook.practice.org.clock import Clock
from sfrunbook.practice.org.entities import Host
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.seed import build_world, hosts_on, local_apps, ready_line
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.rest.entrance import DataEntrance
from sfrunbook.practice.scenarios import Running
from sfrunbook.practice.setup.setup_pages import setup_routes
from sfrunbook.practice.web.faults import Faults
from sfrunbook.practice.web.pages import Pages
from sfrunbook.practice.web.site import Journal, Site
from sfrunbook.practice.web.wire import Answer, Call, json_answer

__all__ = ["PracticeWorld"]

_SALESFORCE_HOSTS = 5  # login, test, two My Domains, control


class PracticeWorld:
    """One world on five addresses, or on eleven with the partner's. `reset` builds all but the addresses anew."""

    def __init__(self, *, seed: int, origins: tuple[str, ...], ca_file: str | None = None) -> None:
        self._seed = seed
        self._ca_file = ca_file
        self._origins = origins
        self.clock = Clock()
        self.journal = Journal()
        self.faults = Faults()
        self.reset()

    def reset(self) -> None:
        """The first day again: same addresses, same keys and passwords, real time, default settings, no scenario."""
        self.clock.reset()
        self.faults.active = []
        partner_hosts = cyclr_hosts(self._origins[_SALESFORCE_HOSTS:])
        hosts = (*hosts_on(self._origins[:_SALESFORCE_HOSTS]), *partner_hosts)
        self.cyclr = build_cyclr(self._seed, partner_hosts, self.clock.time()) if partner_hosts else None
        world = self.world = build_world(
            seed=self._seed,
            clock=self.clock,
            hosts=hosts,
            settings=Settings(),
            partner_callbacks=local_callbacks(self.cyclr) if self.cyclr is not None else (),
        )
        self.ledger = Ledger(world)
        self.data = DataEntrance(world, self.ledger)
        self.scenarios = Running(world, self.ledger, self.data, self.faults, self.cyclr)
        pages = Pages(world)
        self._routes: dict[str, dict[str, Callable[[Call], Answer | Awaitable[Answer]]]] = {
            "org": {**self._org_routes(pages)}
        }
        if self.cyclr is not None:
            self._routes |= cyclr_routes(CyclrDesk(world, self.cyclr, pages, Outbound(self._ca_file)))

    @property
    def hosts(self) -> tuple[Host, ...]:
        return self.world.hosts

    def ready_line(self) -> dict[str, Any]:
        """The JSON that tells a client everything it needs."""
        world, cyclr = self.world, self.cyclr
        partner = cyclr_line(cyclr, world.settings, local_apps(world)) if cyclr is not None else {}
        return {**ready_line(world, self._ca_file), "cyclr": partner}

    def _about(self, call: Call) -> Answer:
        """`/practice-org` on every host of Salesforce: that this is practice, and where its control API is."""
        return json_answer(call, {"control_url": self.world.host_of("control").origin})

    def site(self, origin: str) -> Site:
        """The application of the host of Salesforce or of the partner at this address; survives a reset."""

        def host() -> Host:
            return next(each for each in self.hosts if each.origin == origin)

        part = host().kind if host().region else "org"
        routes = {path: self._through(part, path) for path in self._routes[part]}
        return Site(host, routes, self.journal, self.faults)

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
            "/practice-org": self._about,
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
            "/services/Soap/{kind}/{rest:path}": SoapLogin(world, ledger),
            "/services/data": self.data,
            "/services/data/{rest:path}": self.data,
            **setup_routes(world, ledger, pages),
        }

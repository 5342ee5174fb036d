"""A practice partner that is set up as the notebook does it, with moments to go back to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sfrunbook.connection import Workbench, open_workbench
from sfrunbook.core.model import Finding
from sfrunbook.practice.visitor import visit
from support.runbook_support import own_callback, session_of


class Practice:
    """One world with two moments to go back to: the connector installed, and logged in too."""

    def __init__(self, world: Any, folder: Path) -> None:
        self.world = world
        self.environ = session_of(world, folder, callback_urls=[own_callback(world)])
        self.bench: Workbench = open_workbench("practice", self.environ, at_partner=True)
        bench = self.bench
        bench.keep_client_secret(bench.practice.client_secret)
        bench.make_grant_unattended()
        bench.keep_partner_api(bench.connection.partner_client_id, bench.practice.partner_client_secret)
        bench.practice.open_for_partner()
        self.turn_on("cyclr-ip-allowed")
        bench.partner_side.install(bench.partner_properties(bench.partner_side))
        self._grant = bench.grant()
        world.control("POST", "/snapshots", {"name": "installed"})
        self.log_in()
        world.control("POST", "/snapshots", {"name": "connected"})

    def back_to(self, moment: str) -> None:
        self.world.control("POST", f"/snapshots/{moment}", {})
        self.bench.store.delete("practice")
        self.bench.store.save(self._grant)
        self.bench.forget_partner()

    def turn_on(self, scenario: str, **parameters: Any) -> None:
        self.world.control("POST", f"/scenarios/{scenario}", parameters)
        self.bench.partner_side.forget()

    def log_in(self, profile: str = "") -> None:
        """Cyclr's login, by the practice session's own person or by the org's user with this profile."""
        link = self.bench.partner_side.new_link().reveal()
        if profile:
            user = self.world.user(profile=profile)
            visit(link, user["username"], user["password"], ca_file=self.world.ca_file)
        else:
            self.bench.practice.visit(link)
        self.bench.partner_side.forget()

    def look(self, *names: str, stage: str = "partner") -> dict[str, Finding]:
        if stage == "partner":
            self.bench.partner_side.forget()
        return {one.check: one for one in self.bench.check(stage, only=names)}

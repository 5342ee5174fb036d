"""A practice partner that is set up as the notebook does it, with moments to go back to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.core.model import Finding
from sfrunbook.practice.visitor import visit
from support.runbook_support import own_callback, session_of


class Practice:
    """One world with two moments to go back to: the connector installed, and logged in too."""

    def __init__(self, world: Any, folder: Path) -> None:
        self.world = world
        self.environ = session_of(world, folder, callback_urls=[own_callback(world)])
        self.opened: OpenConnection = open_connection("practice", self.environ)
        opened = self.opened
        opened.keep_client_secret(opened.practice.client_secret)
        opened.login.log_in_unattended()
        opened.partner.keep_api(opened.connection.partner_client_id, opened.practice.org.values.partner_api.secret)
        self.turn_on("cyclr-ip-allowed")
        opened.partner.side.install(opened.partner.properties(opened.partner.side))
        self._grant = opened.grants.stored()
        world.control("POST", "/snapshots", {"name": "installed"})
        self.log_in()
        world.control("POST", "/snapshots", {"name": "connected"})

    def back_to(self, moment: str) -> None:
        self.world.control("POST", f"/snapshots/{moment}", {})
        self.opened.store.delete("practice")
        self.opened.store.save(self._grant)
        self.opened.partner.reset()

    def turn_on(self, scenario: str, **parameters: Any) -> None:
        self.world.control("POST", f"/scenarios/{scenario}", parameters)
        self.opened.partner.side.forget()

    def log_in(self, profile: str = "") -> None:
        """Cyclr's login, by the practice session's own person or by the org's user with this profile."""
        link = self.opened.partner.side.new_link().reveal()
        if profile:
            user = self.world.user(profile=profile)
            visit(link, user["username"], user["password"], ca_file=self.world.ca_file)
        else:
            self.opened.practice.org.visit(link)
        self.opened.partner.side.forget()

    def look(self, *names: str, stage: str = "partner") -> dict[str, Finding]:
        if stage == "partner":
            self.opened.partner.side.forget()
        return {one.check: one for one in self.opened.checks.run(stage, only=names)}

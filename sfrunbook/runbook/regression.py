"""The verbs of the regression notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfrunbook.core.model import GrantKind, Skip, Status
from sfrunbook.report import Card
from sfrunbook.salesforce.oauth.endpoints import introspect

if TYPE_CHECKING:
    pass

from sfrunbook.runbook.bound import Bound, finding, verb

__all__ = ["Regression"]


class Regression(Bound):
    """What only a run without a person needs."""

    @verb("grant-can-be-renewed", "The grant can be renewed without a person.")
    def refresh(self) -> Card:
        """One refresh, kept before it is used; an unattended grant is asked for anew."""
        if waiting := self._needs_grant():
            return waiting
        before = self._open_connection.grants.stored()
        after = self._open_connection.grants.refresh()
        if after.kind is not GrantKind.AUTHORIZATION_CODE:
            told = "A new access token came."
        else:
            told = "A new access token came; the refresh token " + ("was replaced." if after.rotates else "stays.")
        changed = before is not None and before.access_token != after.access_token
        status = Status.PASSED if changed else Status.WARNING
        self._live.refresh("health")
        found = [finding("grant-can-be-renewed", "The grant can be renewed without a person.", told, status)]
        if after.moved_from:
            moved = f"The org has moved from {after.moved_from} to {after.instance_url}; the new address is used."
            found.append(
                finding("org-address-stays", "The org's address is the same as before.", moved, Status.WARNING)
            )
        return self._found(found)

    @verb("what-the-run-made-is-taken-back", "What this run made is taken back.")
    def take_back(self) -> Card:
        """Revoke a grant that the scripted person made; a grant that a person made is left alone."""
        name, claim = "what-the-run-made-is-taken-back", "What this run made is taken back."
        opened = self._open_connection
        held = opened.grants.stored()
        if held is None or not opened.login.is_scripted(held):
            return self._found(
                [finding(name, claim, "This run made no grant; nothing is revoked.", skip=Skip.DOES_NOT_APPLY)]
            )
        opened.grants.revoke()
        if introspect(opened.http, held, opened.client_secret()).active:
            return self._found([finding(name, claim, "The revoked grant still answers as active.", Status.FAILED)])
        told = "The grant was revoked, and Salesforce says that it is not active."
        return self._found([finding(name, claim, told)])

"""The legs of one login as they happen: what the sequence diagram shows, and the redacted request and reply of each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from sfrunbook.core.http_trace import Exchange, request_text
from sfrunbook.core.secrets.redaction import redact

__all__ = ["Flow", "Leg"]


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One arrow of the diagram."""

    name: str
    #: lanes: `browser`, `salesforce`, `runbook`
    source: str
    target: str
    label: str
    #: todo, now, done, failed or unseen
    state: str = "todo"
    #: a sentence on its state
    note: str = ""
    request: str = ""
    reply: str = ""


_LEGS = (
    Leg(name="open", source="browser", target="salesforce", label="Login link opened"),
    Leg(name="login", source="salesforce", target="browser", label="Login and consent"),
    Leg(name="answer", source="browser", target="runbook", label="Answer received"),
    Leg(name="exchange", source="runbook", target="salesforce", label="Code exchanged for tokens"),
    Leg(name="keep", source="runbook", target="runbook", label="Tokens stored, encrypted"),
    Leg(name="identity", source="runbook", target="salesforce", label="User identified"),
)
_CANNOT_SEE = "It happens on Salesforce's pages."


class Flow:
    """The state of all legs; `on_change` gets all legs and a sentence at every change, in any thread."""

    def __init__(self, on_change: Callable[[list[dict[str, str]], str], None]) -> None:
        self._on_change = on_change
        self._lock = threading.Lock()
        self._legs = {leg.name: leg for leg in _LEGS}

    def legs(self) -> list[dict[str, str]]:
        """Every leg in order, as the diagram takes it."""
        return [asdict(leg) for leg in self._legs.values()]

    def begun(self, url: str, *, resumed: bool) -> None:
        """A link waits to be opened; whether a link from an earlier kernel was, is not known."""
        parts = urlsplit(url)
        request = request_text("GET", url, parse_qsl(parts.query, keep_blank_values=True))
        note = (
            "We don't know whether you opened the link before the restart."
            if resumed
            else "Open the login link to continue."
        )
        self._set("open", "unseen" if resumed else "now", note, request=request, announcement=note)

    def opened(self) -> None:
        """The link was clicked."""
        if self._legs["exchange"].state == "todo":
            self._set("open", "done", "The link was opened in a new tab.")
            self._set("login", "unseen", _CANNOT_SEE)
            self._set(
                "answer", "now", "Waiting for Salesforce to send the browser back.", announcement="The link was opened."
            )

    def answered(self, address: str, page: str) -> None:
        """The browser came back with an answer; `address` is shown without its values."""
        if self._legs["open"].state != "done":
            self._set("open", "done", "The link was opened.")
        self._set("login", "unseen", f"{_CANNOT_SEE} The reply shows that this step is done.")
        request = request_text("GET", address, parse_qsl(urlsplit(address).query, keep_blank_values=True))
        announcement = "We received the reply and are exchanging the code."
        self._set("answer", "done", "The reply's state matches this login.", request=request, reply=page)
        self._set("exchange", "now", "The code is exchanged for tokens.", announcement=announcement)

    def refused(self, what: str) -> None:
        """The answer was an error, or was not for this login."""
        self._set("answer", "failed", what, announcement=f"Step 3 failed. {what}")

    def failed(self, what: str) -> None:
        """Whatever was under way failed."""
        leg = next((leg for leg in self._legs.values() if leg.state == "now"), None)
        if leg:
            self._set(leg.name, "failed", what, announcement=f"{leg.label}: failed. {what}")

    def carried(self, exchange: Exchange) -> None:
        """A request and reply of the leg that is under way."""
        name = "exchange" if exchange.address.endswith("/token") else "identity" if "/id/" in exchange.address else ""
        if name:
            leg = self._legs[name]
            self._set(name, leg.state, leg.note, request=exchange.request, reply=exchange.reply)

    def stored(self, note: str) -> None:
        """The tokens are on disk."""
        self._set("exchange", "done", "Salesforce returned the tokens.")
        self._set("keep", "done", note)
        self._set(
            "identity",
            "now",
            "We're asking Salesforce which user logged in.",
            announcement="The tokens are stored, encrypted.",
        )

    def known(self, note: str) -> None:
        """Salesforce has answered who logged in."""
        self._set("identity", "done", note, announcement=f"The login is done. {note}")

    def _set(
        self, name: str, state: str, note: str, *, request: str = "", reply: str = "", announcement: str = ""
    ) -> None:
        with self._lock:
            old = self._legs[name]
            self._legs[name] = replace(
                old, state=state, note=redact(note), request=request or old.request, reply=redact(reply) or old.reply
            )
            legs = self.legs()
        self._on_change(legs, redact(announcement))

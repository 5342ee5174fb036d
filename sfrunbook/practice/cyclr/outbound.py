"""The calls that the practice Cyclr makes itself: to Salesforce and to error webhooks, over HTTP like any client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

__all__ = ["LOOPBACK", "Outbound", "Reply"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 20.0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back; status 0 means that nothing did, and `text` says why."""

    status: int
    text: str = field(repr=False)
    json: Any = field(default=None, repr=False)

    @property
    def raw(self) -> str:
        """Status and body as an error webhook's Detail has them."""
        return f"{self.status} {self.text[:2_000]}" if self.status else self.text

    def field(self, name: str) -> str:
        """A text of the JSON object, empty where there is none."""
        value = self.json.get(name) if isinstance(self.json, dict) else None
        return value if isinstance(value, str) else ""


class Outbound:
    """Requests run on threads, since the host that answers them may be served by this very process.

    Only addresses of this computer are called: practice must not leave it. Nothing is tried twice.
    """

    def __init__(self, ca_file: str | None) -> None:
        self._verify: str | bool = ca_file or True

    async def send(self, method: str, url: str, *, claims: str = "", **options: Any) -> Reply:  # noqa: ANN401 - requests'
        """`claims` is the address that the call says it comes from."""
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None
        if host not in LOOPBACK:
            return Reply(status=0, text=f"Not sent: {host or 'this address'} is not on this computer.")
        headers = {"Accept": "application/json", "User-Agent": "practice Cyclr", **options.pop("headers", {})}
        if claims:
            headers["X-Practice-Client-Ip"] = claims
        call: Callable[[], Reply] = partial(self._send, method, url, headers=headers, **options)
        return await asyncio.to_thread(call)

    def _send(self, method: str, url: str, **options: Any) -> Reply:  # noqa: ANN401 - requests'
        import requests  # on the first call only: a world without Cyclr needs none of it

        with requests.Session() as session:
            session.trust_env = False
            session.verify = self._verify
            try:
                reply = session.request(
                    method, url, timeout=(_CONNECT_SECONDS, _READ_SECONDS), allow_redirects=False, **options
                )
            except (requests.RequestException, ValueError) as fault:
                return Reply(status=0, text=f"No answer from {urlsplit(url).netloc}: {type(fault).__name__}")
        try:
            value = reply.json()
        except ValueError:
            value = None
        return Reply(status=reply.status_code, text=reply.text, json=value)

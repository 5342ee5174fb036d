"""Receives the answer of the login page: a listener on this machine, at the registered Callback URL."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import is_loopback
from sfrunbook.salesforce.oauth import landing_page
from sfrunbook.salesforce.oauth.callback import Callback, has_state_of, parse_address
from sfrunbook.salesforce.oauth.landing_page import LandingPage
from sfrunbook.salesforce.oauth.pending import PendingLogin

__all__ = ["LoopbackReceiver", "can_receive", "free_redirect_uri"]


def can_receive(redirect_uri: str) -> bool:
    """Whether a Callback URL is one this machine can listen at: http, loopback, with a port."""
    try:
        parts = urlsplit(redirect_uri)
        return parts.scheme == "http" and is_loopback(parts.hostname or "") and bool(parts.port)
    except ValueError:
        return False


def free_redirect_uri(redirect_uris: Sequence[str]) -> str:
    """The first of the registered Callback URLs whose port is free now; raises RunbookError `port-in-use`."""
    ports = []
    for redirect_uri in redirect_uris:
        if not can_receive(redirect_uri):
            continue
        try:
            for server in _bind(redirect_uri):
                server.server_close()
        except RunbookError:
            ports.append(str(urlsplit(redirect_uri).port))
        else:
            return redirect_uri
    raise problem("port-in-use", ports=", ".join(ports))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name != "nt"
    receiver: LoopbackReceiver

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # the base class would look this machine's name up, which may ask a name server
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(self.allow_reuse_address))
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, *_: object) -> None:
        """Ignore a browser that closes its connection."""


class _ServerV6(_Server):
    address_family = socket.AF_INET6


def _bind(redirect_uri: str) -> list[_Server]:
    """Listeners on every loopback family that the host name may mean; raises RunbookError `port-in-use`."""
    parts = urlsplit(redirect_uri)
    host, port = parts.hostname or "", parts.port or 0
    families: list[tuple[type[_Server], str]] = []
    if host != "::1":
        families.append((_Server, "127.0.0.1" if host == "localhost" else host))
    if host in {"localhost", "::1"}:
        families.append((_ServerV6, "::1"))
    servers: list[_Server] = []
    taken = False
    for kind, address in families:
        try:
            servers.append(kind((address, port), _Handler))
        except OSError as error:
            taken = taken or error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
    if taken or not servers:
        for server in servers:
            server.server_close()
        raise problem("port-in-use", ports=str(port))
    return servers


class LoopbackReceiver:
    """Listens at exactly the registered Callback URL, on this machine only, until one answer has our state.

    `start`, then `wait` (blocks) or look at `done` (does not). A stray caller changes nothing; the listener closes
    after the answer, after `time_limit_seconds`, or on `cancel`. Usable as a context manager. With `linger_seconds` it
    stays that much longer after the answer, so that a second tab with the same login shows that it is over.
    Source: https://www.rfc-editor.org/rfc/rfc8252 sections 7.3 and 8.3
    """

    def __init__(
        self,
        redirect_uri: str,
        *,
        pending: PendingLogin,
        time_limit_seconds: float = 300.0,
        linger_seconds: float = 0.0,
    ) -> None:
        if not can_receive(redirect_uri):
            raise ValueError("use an http address of this machine with a port")
        self._redirect_uri = redirect_uri
        self._pending = pending
        self._time_limit_seconds = time_limit_seconds
        self._linger_seconds = linger_seconds
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._answered = threading.Event()
        self._outcome: Callback | RunbookError | None = None
        self._refusal: RunbookError | None = None
        self._closer: threading.Thread | None = None

    @property
    def done(self) -> bool:
        """Whether the flow has ended: answered, timed out or cancelled."""
        return self._answered.is_set()

    def start(self) -> Self:
        """Bind and listen in threads of its own; raises RunbookError `port-in-use`."""
        servers = _bind(self._redirect_uri)
        for server in servers:
            server.receiver = self
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self._closer = threading.Thread(target=self._close_when_over, args=(servers,), daemon=True)
        self._closer.start()
        return self

    def _close_when_over(self, servers: list[_Server]) -> None:
        if not self._answered.wait(self._time_limit_seconds):
            self._settle(self._refusal or problem("login-timed-out", seconds=f"{self._time_limit_seconds:g}"))
            self._answered.set()
        elif self._linger_seconds:
            self._cancelled.wait(self._linger_seconds)
        for server in servers:
            server.shutdown()
            server.server_close()

    def wait(self) -> Callback:
        """The answer. Raises RunbookError: the diagnosis of the error that came instead, or `login-timed-out`.

        When only foreign answers came, the last of their problems is raised in place of `login-timed-out`.
        """
        self._answered.wait()
        if self._closer is not None and not self._linger_seconds:
            self._closer.join()
        if isinstance(self._outcome, Callback):
            return self._outcome
        raise self._outcome or problem("login-timed-out", seconds=f"{self._time_limit_seconds:g}")

    def cancel(self) -> None:
        """Stop listening at once; a `wait` without an answer then raises `login-timed-out`."""
        self._cancelled.set()
        self._answered.set()
        if self._closer is not None:
            self._closer.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.cancel()

    def _settle(self, outcome: Callback | RunbookError) -> bool:
        with self._lock:
            if self._outcome is not None or self._answered.is_set():
                return False
            self._outcome = outcome
            return True

    def _receive(self, query: str) -> tuple[int, LandingPage, bool]:
        """Status, page, and whether the flow ends with it."""
        outcome: Callback | RunbookError
        try:
            outcome = replace(parse_address(f"?{query}", self._pending), received=True)
        except RunbookError as error:
            outcome = error
        if not has_state_of(query, self._pending):
            if isinstance(outcome, RunbookError) and {"state", "error", "code"} & parse_qs(query).keys():
                self._refusal = outcome
            return 400, landing_page.NOT_OURS, False
        if not self._settle(outcome):
            return 410, landing_page.OVER, False
        return 200, landing_page.CONNECTED if isinstance(outcome, Callback) else landing_page.NOT_GRANTED, True


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5.0
    server_version = "sfrunbook"
    sys_version = ""

    def do_GET(self) -> None:
        receiver = self.server.receiver
        expected = urlsplit(receiver._redirect_uri)
        asked = urlsplit(self.path)
        # a foreign Host means that the name of another site points here
        if asked.path != (expected.path or "/") or self.headers.get("Host", "").lower() != expected.netloc.lower():
            self._answer(404, landing_page.NOT_FOUND)
            return
        status, page, over = receiver._receive(asked.query)
        try:
            self._answer(status, page)
        finally:
            if over:
                receiver._answered.set()

    def _refuse(self) -> None:
        self._answer(405, landing_page.NOT_ALLOWED, {"Allow": "GET"})

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _refuse  # noqa: N815 -- names are http.server's

    def _answer(self, status: int, page: LandingPage, more: dict[str, str] | None = None) -> None:
        body = page.html.encode()
        self.send_response(status)
        for name, value in (landing_page.HEADERS | (more or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: the request line contains the code."""

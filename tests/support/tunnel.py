"""A proxy on this machine that sends every tunnel to one host, or refuses it: what a company's network does."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
from urllib.parse import urlsplit

__all__ = ["Tunnel"]


class Tunnel:
    """Answers CONNECT with `status`; after a 200 the bytes go to `upstream`, whatever host was asked for."""

    def __init__(self, *, upstream: str = "", status: int = 200) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(f"HTTP/1.1 {status} Answer\r\n\r\n".encode())
                if status == 200:
                    parts = urlsplit(upstream)
                    with socket.create_connection((parts.hostname, parts.port)) as there:
                        _carry(self.connection, there)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Tunnel:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _carry(here: socket.socket, there: socket.socket) -> None:
    """Carry bytes both ways until one side ends."""
    while True:
        for source in select.select([here, there], [], [], 10)[0]:
            data = source.recv(65536)
            if not data:
                return
            (there if source is here else here).sendall(data)

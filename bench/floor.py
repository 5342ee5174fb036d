"""The least that the same server can do: uvicorn with the practice world's settings and an answer made beforehand."""

from __future__ import annotations

import socket
import sys
import threading
from typing import Any

import uvicorn

_BODY = b"x" * 500
_HEADERS = ((b"content-type", b"application/json;charset=UTF-8"), (b"cache-control", b"no-cache, no-store"))


async def application(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


def main() -> None:
    """Print the port, serve until standard input ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
    )
    server = uvicorn.Server(config)

    def watch() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()

"""The process: binds sockets, sets up TLS, prints the ready line, serves, and removes its files at the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from sfrunbook.practice.control.routes import application
from sfrunbook.practice.cyclr.seed import HOST_NAMES
from sfrunbook.practice.practice_world import PracticeWorld

__all__ = ["HOSTS", "Options", "PortInUse", "serve"]

HOSTS = ("login", "test", "first org", "second org", "control", *HOST_NAMES)
_CONTROL = HOSTS.index("control")
_log = logging.getLogger("sfrunbook.practice")


class PortInUse(Exception):  # noqa: N818 - reads as the fact
    """A wanted port cannot be had; the text is a sentence for the user."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line asks for; `port_base` 0 means free ports."""

    bind: str = "127.0.0.1"
    port_base: int = 0
    seed: int = 1
    tls: bool = False
    ready_file: Path | None = None
    session_folder: Path | None = None
    until_stdin_closes: bool = False
    scenarios: tuple[tuple[str, dict[str, Any]], ...] = ()


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us: all of them share one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(options: Options) -> None:
    """Serve until a signal (or the end of standard input) comes; raises `PortInUse`, `ValueError` for a scenario."""
    sockets = _bind(options)
    with contextlib.ExitStack() as cleanup:
        for each in sockets:
            cleanup.callback(each.close)
        context, ca_file = None, None
        if options.tls:
            folder = Path(tempfile.mkdtemp(prefix="sfrunbook-practice-"))
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
            context, ca_file = _tls(folder)
        origins = _origins(sockets, options)
        practice = PracticeWorld(seed=options.seed, origins=origins, ca_file=ca_file)
        for name, parameters in options.scenarios:
            practice.scenarios.start(name, parameters)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_run(practice, origins, sockets, context, options))


def _origins(sockets: list[socket.socket], options: Options) -> tuple[str, ...]:
    """The address of each host. The partner's are named localhost: with http Setup takes no other callback."""
    scheme = "https" if options.tls else "http"
    bind = f"[{options.bind}]" if ":" in options.bind else options.bind
    partner = "localhost" if options.bind in ("127.0.0.1", "::1") else bind
    ports = [each.getsockname()[1] for each in sockets]
    return tuple(
        f"{scheme}://{partner if name in HOST_NAMES else bind}:{port}" for name, port in zip(HOSTS, ports, strict=True)
    )


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not on Windows
        return None
    factory: type[asyncio.AbstractEventLoop] = uvloop.Loop
    return factory


def _bind(options: Options) -> list[socket.socket]:
    family = socket.AF_INET6 if ":" in options.bind else socket.AF_INET
    sockets: list[socket.socket] = []
    for number, name in enumerate(HOSTS):
        port = options.port_base + number if options.port_base else 0
        each = socket.socket(family, socket.SOCK_STREAM)
        sockets.append(each)
        if os.name == "posix":
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            each.bind((options.bind, port))
            each.listen(2048)
        except (OSError, OverflowError) as refused:
            for opened in sockets:
                opened.close()
            raise PortInUse(
                f"Port {port} on {options.bind} (for the {name}) cannot be used: {_reason(refused)}. "
                "Choose another --port-base, or 0 for free ports."
            ) from None
    return sockets


def _reason(refused: Exception) -> str:
    if isinstance(refused, OSError) and refused.strerror:
        return refused.strerror.lower()
    return "ports go from 1 to 65535"


def _tls(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server context and the path of the CA's certificate; keys live in memory and in this folder only."""
    import trustme

    authority = trustme.CA(organization_name="sfrunbook practice org")
    certificate = authority.issue_cert("127.0.0.1", "::1", "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate.configure_cert(context)
    path = folder / "practice-ca.pem"
    authority.cert_pem.write_to_path(path)
    return context, str(path)


async def _run(
    practice: PracticeWorld,
    origins: tuple[str, ...],
    sockets: list[socket.socket],
    context: ssl.SSLContext | None,
    options: Options,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    servers = [_Server(_config(practice, origin, context)) for origin in origins]
    running = [asyncio.create_task(server.serve(sockets=[each])) for server, each in zip(servers, sockets, strict=True)]
    while not all(server.started for server in servers):
        await asyncio.sleep(0.005)
    if options.until_stdin_closes:
        _watch_stdin(loop, stop)
    line = json.dumps(practice.ready_line(), separators=(",", ":"))
    in_session = options.session_folder / "ready.json" if options.session_folder else None
    ready_files = [path for path in (options.ready_file, in_session) if path is not None]
    try:
        for path in ready_files:
            _write_private(path, line)
        print(line, flush=True)  # noqa: T201 - the one line that this program promises
        _log.info("practice org ready, control API on %s", origins[_CONTROL])
        await stop.wait()
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*running, return_exceptions=True)
        for path in ready_files:
            path.unlink(missing_ok=True)
        if options.session_folder is not None:
            shutil.rmtree(options.session_folder, ignore_errors=True)
        _log.info("practice org stopped")


def _config(practice: PracticeWorld, origin: str, context: ssl.SSLContext | None) -> uvicorn.Config:
    config = uvicorn.Config(
        application(practice, origin),
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = context
    return config


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set `stop` when standard input reaches its end, so that a parent's death ends this process too.

    A thread, because an event loop cannot watch a regular file or /dev/null.
    """

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop may have ended by then
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, daemon=True, name="standard-input").start()


def _write_private(path: Path, line: str) -> None:
    """Write the whole file or none of it, readable by its owner only: it holds secrets."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(line + "\n")
        Path(temporary).chmod(0o600)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

"""A load generator over keep-alive sockets: each connection sends its next request when the last answer is whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Chain", "Load", "Outcome", "request"]

_LAST_CHUNK = b"\r\n0\r\n\r\n"


def request(method: str, path: str, host: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one request; underscores of the header names become hyphens."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Chain:
    """What one connection sends: `first`, and after each answer what `following` makes of its text."""

    def __init__(self, first: bytes, following: Callable[[bytes], bytes] | None = None) -> None:
        self._next = first
        self._following = following

    def request(self) -> bytes:
        return self._next

    def answered(self, answer: bytes) -> None:
        if self._following is not None:
            self._next = self._following(answer)


@dataclass(frozen=True, kw_only=True)
class Load:
    """Where to, for how long, and how many requests at most over all connections."""

    port: int
    seconds: float
    most: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    answers: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    @staticmethod
    def of(load: Load, chains: list[Chain]) -> Outcome:
        """Run this load; raises `RuntimeError` when an answer is not a 200 or the server hangs up."""
        return asyncio.run(_run(load, chains))


class _Connection(asyncio.Protocol):
    def __init__(self, chain: Chain, may_go_on: Callable[[], bool], ended: asyncio.Future[None]) -> None:
        self._chain = chain
        self._may_go_on = may_go_on
        self._ended = ended
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(self._chain.request())

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not _is_whole(self._received):
            return
        answer, self._received = self._received, b""
        if not answer.startswith(b"HTTP/1.1 200"):
            self._end(RuntimeError(f"unexpected answer: {answer[:12].decode('latin-1')}"))
            return
        self._chain.answered(answer)
        if self._may_go_on():
            self._transport.write(self._chain.request())
        else:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or RuntimeError("the server hung up"))

    def _end(self, fault: Exception | None) -> None:
        if not self._ended.done():
            if fault is None:
                self._ended.set_result(None)
            else:
                self._ended.set_exception(fault)
            self._transport.close()


def _is_whole(received: bytes) -> bool:
    head, blank, body = received.partition(b"\r\n\r\n")
    if not blank:
        return False
    lower = head.lower()
    _, found, rest = lower.partition(b"\r\ncontent-length:")
    if found:
        return len(body) >= int(rest.partition(b"\r\n")[0])
    return received.endswith(_LAST_CHUNK)


async def _run(load: Load, chains: list[Chain]) -> Outcome:
    loop = asyncio.get_running_loop()
    answers = 0
    began = time.perf_counter()
    until = began + load.seconds

    def may_go_on() -> bool:
        nonlocal answers
        answers += 1
        return answers + len(chains) <= load.most and time.perf_counter() < until

    ends = [loop.create_future() for _ in chains]
    for chain, end in zip(chains, ends, strict=True):
        await loop.create_connection(
            lambda chain=chain, end=end: _Connection(chain, may_go_on, end),  # type: ignore[misc]
            "127.0.0.1",
            load.port,
        )
    async with asyncio.timeout(load.seconds + 30):
        await asyncio.gather(*ends)
    return Outcome(answers=answers, seconds=time.perf_counter() - began)

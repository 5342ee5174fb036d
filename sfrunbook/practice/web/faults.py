"""Faults between the org and its client: replies that are late, cut, doubled, lost, or not from the org."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from sfrunbook.practice.web.wire import NO_STORE, Answer, Call

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

__all__ = ["Fault", "Faults", "play"]

SALESFORCE = ("login", "test", "my_domain")
FaultKind = Literal["reply", "slow", "truncated", "reset", "lost", "duplicate", "repeated"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault and the calls it strikes: those whose path begins with `path`, on hosts of these kinds.

    Without kinds it strikes every host of Salesforce and none of the partner's.

    `grant` narrows it to token requests with this grant_type. `times` is how many calls it strikes, 0 for all.
    `reply` gives the org's answer's place to `status`, `headers`, `body`; `lost` and `repeated` let the org work first.
    """

    owner: str
    kind: FaultKind
    path: str = ""
    host_kinds: tuple[str, ...] = ()
    grant: str = ""
    times: int = 0
    seconds: float = 0.0
    status: int = 503
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    struck: int = 0

    def strikes(self, call: Call) -> bool:
        if self.times and self.struck >= self.times:
            return False
        if not call.path.startswith(self.path) or call.host.kind not in (self.host_kinds or SALESFORCE):
            return False
        return not self.grant or call.parameters.get("grant_type") == self.grant


class Faults:
    """The faults that are on, first in first served."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def match(self, call: Call) -> Fault | None:
        """The fault that strikes this call, counted; the control API is never struck."""
        if call.host.kind == "control":
            return None
        found = next((each for each in self.active if each.strikes(call)), None)
        if found is not None:
            found.struck += 1
        return found


async def play(fault: Fault, call: Call, work: Callable[[Call], Awaitable[Answer]], send: Send) -> tuple[Answer, bool]:
    """Let the fault happen; gives what the journal should say, and whether the answer is still to be sent."""
    if fault.kind == "reply":
        headers = (*NO_STORE, *fault.headers)
        return Answer(status=fault.status, headers=headers, body=fault.body, note=f"fault: {fault.owner}"), True
    if fault.kind == "reset":
        _drop(send)
        return Answer(status=0, note=f"fault: {fault.owner}"), False
    if fault.kind == "repeated":
        await work(replace(call, found=dict(call.found)))
        return await work(call), True
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return await work(call), True
    answer = await work(call)
    if fault.kind == "lost":
        _drop(send)
        return answer, False
    if fault.kind == "duplicate":
        await _send(send, answer)
        _write(send, answer)
        return answer, False
    await _send_half(send, answer)
    return answer, False


async def _send(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _send_half(send: Send, answer: Answer) -> None:
    """Promise the whole body, send the first half, and hang up."""
    start = {"type": "http.response.start", "status": answer.status, "headers": _with_length(answer)}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
    transport = _transport(send)
    if transport is not None:
        transport.close()


def _write(send: Send, answer: Answer) -> None:
    """The same reply once more on the same connection, where the client expects the next one."""
    transport = _transport(send)
    if transport is None:
        return
    head = b"".join(b"%s: %s\r\n" % pair for pair in _with_length(answer))
    transport.write(b"HTTP/1.1 %d Again\r\n%s\r\n%s" % (answer.status, head, answer.body))


def _with_length(answer: Answer) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in answer.headers if name != b"content-length"]
    return [*kept, (b"content-length", str(len(answer.body)).encode())]


def _drop(send: Send) -> None:
    """Reset the connection (RST where the platform lets us), so that the client gets no reply at all."""
    transport = _transport(send)
    if transport is None:
        return
    bare = transport.get_extra_info("socket")
    if bare is not None:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _transport(send: Send) -> Any:  # noqa: ANN401 - asyncio's transport, which ASGI does not show
    return getattr(getattr(send, "__self__", None), "transport", None)

"""One simulated host as an ASGI application: a table of routes, a size limit and the journal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from starlette.routing import compile_path

from sfrunbook.practice.org.entities import Host
from sfrunbook.practice.web.faults import Faults, play
from sfrunbook.practice.web.wire import Answer, Call, text_answer

Message = MutableMapping[str, Any]
Handler = Callable[[Call], Answer | Awaitable[Answer]]

__all__ = ["LARGEST_BODY", "Journal", "Site", "TooLarge"]

LARGEST_BODY = 8 * 1024 * 1024
_DRAINED_AT_MOST = 64 * 1024 * 1024


class TooLarge(Exception):  # noqa: N818 - reads as the fact
    """The body is over the limit."""


class Journal:
    """The last requests, redacted: no query, no header, no body."""

    def __init__(self, kept: int = 1_000) -> None:
        self._rows: deque[tuple[float, str, str, str, int, str]] = deque(maxlen=kept)
        self.count = 0

    def write(self, method: str, origin: str, path: str, status: int, note: str) -> None:
        self.count += 1
        self._rows.append((time.time(), method, origin, path, status, note))

    def clear(self) -> None:
        self._rows.clear()

    def rows(self) -> list[dict[str, Any]]:
        """Oldest first. `at` is real time, whatever the practice clock says; `note` is the grant or the error code."""
        names = ("method", "host", "path", "status", "note")
        return [
            {"at": datetime.fromtimestamp(at, UTC).isoformat(), **dict(zip(names, row, strict=True))}
            for at, *row in self._rows
        ]


class Site:
    """Serves one host. Handlers of an org are plain functions: a request changes it in one step or not at all.

    Those of the partner's hosts may be coroutines, since the partner calls the org while its own caller waits.
    """

    def __init__(
        self, find_host: Callable[[], Host], routes: Mapping[str, Handler], journal: Journal, faults: Faults
    ) -> None:
        """`find_host` gives the host as it is now: a sandbox refresh gives its org another id."""
        self._find_host = find_host
        self._journal = journal
        self._faults = faults
        self._exact = {path: handler for path, handler in routes.items() if "{" not in path}
        self._patterns = [(compile_path(path)[0], handler) for path, handler in routes.items() if "{" in path]

    @property
    def host(self) -> Host:
        return self._find_host()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        host = self.host
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        # Guess: slashes at the start count as one; Salesforce CLI asks for //services/data after access-token login.
        method, path = scope["method"], "/" + scope["path"].lstrip("/")
        try:
            body = await _body(receive)
        except TooLarge:
            answer = text_answer("The request is larger than 8 MB.", 413, extra=((b"connection", b"close"),))
        except ConnectionError:
            return
        else:
            query = scope["query_string"].decode("latin-1")
            call = Call(method=method, path=path, query=query, headers=headers, body=body, host=host)
            fault = self._faults.match(call) if self._faults.active else None
            if fault is not None:
                answer, unsent = await play(fault, call, self._work, send)
                if not unsent:
                    self._journal.write(method, host.origin, path, answer.status, fault.kind)
                    await _until_gone(receive, fault.kind)
                    return
            else:
                answer = await self._work(call)
        self._journal.write(method, host.origin, path, answer.status, answer.note)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _work(self, call: Call) -> Answer:
        result = self.answer(call)
        return result if isinstance(result, Answer) else await result

    def answer(self, call: Call) -> Answer | Awaitable[Answer]:
        """The answer of the route that fits the path; 404 otherwise."""
        handler = self._exact.get(call.path)
        if handler is None:
            for pattern, candidate in self._patterns:
                match = pattern.match(call.path)
                if match:
                    call.found = match.groupdict()
                    handler = candidate
                    break
        if handler is None:
            return text_answer("URL No Longer Exists", 404)
        return handler(call)


async def _until_gone(receive: Callable[[], Awaitable[Message]], kind: str) -> None:
    """Let the server notice that the connection is gone before the request ends; not where it goes on."""
    if kind != "duplicate":
        while (await receive())["type"] != "http.disconnect":
            pass


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    """The whole body, sent whole or in chunks; raises `TooLarge` after swallowing what a client still sends."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= LARGEST_BODY:
            chunks.append(chunk)
        elif size > _DRAINED_AT_MOST:
            raise TooLarge
    if size > LARGEST_BODY:
        raise TooLarge
    return b"".join(chunks)

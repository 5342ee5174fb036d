"""A real HTTP host on loopback that answers from a script and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

DROP = "drop"
HANG = "hang"


@dataclass
class Answer:
    status: int = 200
    body: str | bytes = ""
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(value), {"Content-Type": "application/json;charset=UTF-8"} | headers)


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body, keep_blank_values=True).items()}


class ScriptedHost:
    """`script` maps a path to its answers in turn, the last one repeated; a path not in it is 404."""

    def __init__(self, script: dict[str, list[Answer | str]], *, certificate: Path | None = None) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.over = threading.Event()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                host.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
                answers = host.script.get(urlsplit(self.path).path, [Answer(404)])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                self.close_connection = True
                if answer == HANG:
                    host.over.wait(30)
                if isinstance(answer, str):
                    return
                data = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                for name, value in ({"Content-Length": str(len(data)), "Connection": "close"} | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = handle_any  # noqa: N815 -- names are http.server's

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.origin = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ScriptedHost:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

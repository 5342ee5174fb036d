"""Requests and replies: guarded addresses, a request with its reply, and faults on the way."""

from __future__ import annotations

import ipaddress
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from sfrunbook.core import http_trace
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Failure, Stage

__all__ = ["Answers", "Reply", "is_loopback", "origin_of", "reply_of", "require_safe", "send", "transport_error"]

_LOOPBACK_V4 = ipaddress.ip_network("127.0.0.0/8")
_LOOPBACK_V6 = ipaddress.ip_address("::1")
#: what a proxy means that refuses the tunnel, by its status; empty for a proxy that gave no answer
_TUNNEL = {
    "": "The proxy couldn't be reached.",
    "403": "The proxy's rules block this host (status 403).",
    "407": "The proxy needs a user and a password, or rejects the ones in its address (status 407).",
}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A reply without the query of its request; its text form shows neither headers nor body."""

    method: str
    #: without query and fragment
    url: str
    status: int
    #: names compare without regard to case
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:  # noqa: ANN401 -- JSON has no narrower type
        """The body as JSON, or None when it is not JSON, whatever `Content-Type` claims."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class Answers(Protocol):
    """A client that sends requests to an org with a bearer token; the caller judges status codes."""

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply: ...


def is_loopback(host: str) -> bool:
    """Whether `host` (no port) names this machine: `localhost`, 127.0.0.0/8 or `::1`, written in the usual way."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address in _LOOPBACK_V4 if isinstance(address, ipaddress.IPv4Address) else address == _LOOPBACK_V6


def origin_of(url: str) -> str:
    """`scheme://host[:port]` in lower case, the default port left out; raises ValueError for a bad port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None and port != default else "")


def require_safe(url: str) -> None:
    """Refuse every address but https, and http on this machine.

    Raises RunbookError `insecure-address`, also for an address with a user name in it or that parsers read in different
    ways, since the host that is checked must be the host that is called.
    """
    strange = any(character.isspace() or character in "\\\x7f" or character < " " for character in url)
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        shown = origin_of(url)
    except ValueError:
        raise problem("insecure-address", address="(unreadable)") from None
    if strange or not safe or not parts.hostname or "@" in parts.netloc:
        raise problem("insecure-address", address=shown)


def send(
    session: requests.Session,
    stage: Stage,
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    json_body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send a request and return the reply, whatever its status; the caller reads redirects.

    `data` is sent as a form, `json_body` as JSON.

    Raises RunbookError: `insecure-address`, or the diagnosis of a fault on the way (stage transport).
    """
    require_safe(url)
    try:
        response = session.request(
            method, url, params=params, data=data, json=json_body, headers=headers, allow_redirects=False, stream=True
        )
    except requests.RequestException as error:
        raise transport_error(error, url, stage) from None
    return reply_of(response)


def reply_of(response: requests.Response) -> Reply:
    parts = urlsplit(response.url)
    # ISO-8859-1, the default of requests for text, is never what Salesforce sends
    encoding = response.encoding if "charset" in response.headers.get("Content-Type", "").lower() else "utf-8"
    try:
        text = response.content.decode(encoding or "utf-8", errors="replace")
    except LookupError:
        text = response.content.decode("utf-8", errors="replace")
    asked = response.request
    http_trace.note(
        method=asked.method or "",
        url=asked.url or response.url,
        headers=asked.headers,
        body=asked.body,
        status=response.status_code,
        text=text,
    )
    return Reply(
        method=response.request.method or "",
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        status=response.status_code,
        headers=response.headers,
        text=text,
    )


def transport_error(error: requests.RequestException, url: str, stage: Stage) -> RunbookError:
    """The diagnosis of a request that got no reply; `evidence["phase"]` is `connect` when it was surely not sent."""
    code, phase, description = _fault(error)
    host = urlsplit(url).netloc
    evidence = {"phase": phase, "during": stage.value}
    if code == "proxy-failure":
        evidence |= {"proxy": _proxy_for(url), "proxy_status": _tunnel_status(error)}
    failure = Failure(stage=Stage.TRANSPORT, host=host, error=code, description=description, evidence=evidence)
    return RunbookError(failure)


def _fault(error: BaseException) -> tuple[str, str, str]:
    """Code, phase and a sentence, judged by the exceptions beneath this one and not by its text."""
    chain = _chain(error)

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if has(requests.exceptions.ProxyError):
        status = _tunnel_status(error)
        return "proxy-failure", "connect", _TUNNEL.get(status, f"The proxy answered with status {status}.")
    if has(requests.exceptions.SSLError, ssl.SSLError):
        reason = next((link.verify_message for link in chain if isinstance(link, ssl.SSLCertVerificationError)), "")
        return "tls-failure", "connect", f"A secure connection wasn't possible. {reason}".strip()
    if has(NameResolutionError):
        return "dns-failure", "connect", "The host name couldn't be found."
    if has(requests.exceptions.ConnectTimeout):
        return "timeout", "connect", "The host didn't accept a connection in time."
    if has(ConnectionRefusedError):
        return "connection-refused", "connect", "No server is listening at this address."
    if has(NewConnectionError):
        return "connection-refused", "connect", "The host couldn't be reached."
    if has(requests.exceptions.ReadTimeout, ReadTimeoutError):
        return "timeout", "read", "The host received the request but didn't answer in time."
    return "connection-lost", "read", "The connection ended before the answer was complete."


def _tunnel_status(error: BaseException) -> str:
    """The status of a proxy that refused the tunnel, which http.client has in its text only; empty without a reply."""
    found = (re.search(r"Tunnel connection failed: (\d{3})", str(link)) for link in _chain(error))
    return next((match[1] for match in found if match), "")


def _proxy_for(url: str) -> str:
    """The address of the proxy that the environment names for `url`, without user and password."""
    proxy = select_proxy(url, get_environ_proxies(url)) or ""
    try:
        return origin_of(proxy if "://" in proxy else f"http://{proxy}") if proxy else ""
    except ValueError:
        return ""


def _chain(error: BaseException) -> tuple[BaseException, ...]:
    """The error and all that it wraps: arguments, `reason`, `original_error`, causes and contexts."""
    links: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        link = todo.pop()
        if isinstance(link, BaseException) and link not in links:
            links.append(link)
            todo += [*link.args, link.__cause__, link.__context__]
            todo += [getattr(link, "reason", None), getattr(link, "original_error", None)]
    return tuple(links)

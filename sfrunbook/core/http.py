"""How requests leave this program: guarded addresses, timeouts, bounded retries and replies, and no redirects."""

from __future__ import annotations

import http.cookiejar
import ipaddress
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader, NameResolutionError, NewConnectionError, ReadTimeoutError
from urllib3.util.retry import Retry

from sfrunbook import __version__
from sfrunbook.core import http_trace
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.redaction import install_log_redaction, redact

if TYPE_CHECKING:
    from requests.adapters import _HostParams, _PoolKwargs

__all__ = [
    "Answers",
    "Reply",
    "equip",
    "failure_of",
    "is_loopback",
    "open_session",
    "origin_of",
    "reply_of",
    "require_safe",
    "send",
    "transport_error",
]

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
#: a reply that is still dripping in after this time is given up
_WHOLE_REPLY_SECONDS = 120.0
_MAX_BODY_BYTES = 32 * 1024 * 1024
_MAX_RETRY_AFTER_SECONDS = 10
_LOOPBACK_V4 = ipaddress.ip_network("127.0.0.0/8")
_LOOPBACK_V6 = ipaddress.ip_address("::1")
_SessionT = TypeVar("_SessionT", bound=requests.Session)
_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back, without the request's query, and with a text form that shows neither headers nor body."""

    method: str
    #: without query and fragment
    url: str
    status: int
    #: names compare without regard to case
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)
    elapsed_seconds: float

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """`Content-Type` without parameters, in lower case; empty when the header is absent."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:  # noqa: ANN401 -- JSON has no narrower type
        """The body as JSON, or None when it is not JSON, whatever `Content-Type` claims."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class Answers(Protocol):
    """Something that can ask an org with a bearer token; status codes are the caller's to judge."""

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

    Raises RunbookError `insecure-address`, also for an address with a user name in it or one that parsers read in
    different ways, since the host that is checked must be the host that is called.
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


class _BoundedRetry(Retry):
    """Urllib3's policy, made deaf to a `Retry-After` that cannot be read."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except InvalidHeader:
            return 0.0


def _retries(backoff_seconds: float) -> Retry:
    """Whatever was surely not sent is repeated; a sent request is repeated only when it was GET or HEAD."""
    return _BoundedRetry(
        total=3,
        connect=2,
        read=1,
        status=2,
        redirect=0,
        other=0,
        allowed_methods=frozenset({"GET", "HEAD"}),
        status_forcelist=frozenset({429, 502, 503, 504}),
        backoff_factor=backoff_seconds,
        backoff_jitter=backoff_seconds,
        backoff_max=_MAX_RETRY_AFTER_SECONDS,
        respect_retry_after_header=True,
        retry_after_max=_MAX_RETRY_AFTER_SECONDS if backoff_seconds else 0,
        raise_on_status=False,
    )


class _GuardedAdapter(HTTPAdapter):
    """Adds to every request: the address guard, a time limit, no proxy for this machine, one more trusted CA."""

    def __init__(self, *, ca_file: str | None, timeout: tuple[float, float], backoff_seconds: float) -> None:
        self._ca_file = ca_file
        self._timeout = timeout
        self._context: ssl.SSLContext | None = None
        super().__init__(max_retries=_retries(backoff_seconds))

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        cert: str | tuple[str, str] | None = None,
    ) -> tuple[_HostParams, _PoolKwargs]:
        host, pool = super().build_connection_pool_key_attributes(request, verify or True, cert)
        if host["scheme"] == "https":
            pool["ssl_context"] = self._trust()
        return host, pool

    def _trust(self) -> ssl.SSLContext:
        """The system's authorities and `ca_file`; requests adds its own bundle to the same context."""
        if self._context is None:
            context = ssl.create_default_context()
            if self._ca_file:
                try:
                    context.load_verify_locations(self._ca_file)
                except OSError as error:  # ssl.SSLError, of a file that holds no certificate, is one too
                    reason = reason_of(error) if isinstance(error, FileNotFoundError) else "no PEM certificate"
                    raise problem("ca-file-unreadable", path=self._ca_file, reason=reason) from None
            self._context = context
        return self._context

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = request.url or ""
        require_safe(url)
        routes = None if is_loopback(urlsplit(url).hostname or "") else proxies
        return super().send(request, stream, timeout or self._timeout, verify or True, cert, routes)


def _read_body(
    seconds: Callable[[], float], response: requests.Response, *_args: object, **_kwargs: object
) -> requests.Response:
    """Response hook: reads the body within a size and a time, so that no reply can hold or fill this process."""
    deadline = time.monotonic() + seconds()
    body = bytearray()
    try:
        while len(body) <= _MAX_BODY_BYTES and (piece := response.raw.read1(65536, decode_content=True)):
            body += piece
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout("the reply did not end in time")
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from error
    except (HTTPError, OSError) as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    finally:
        response.close()
    response._content = bytes(body[:_MAX_BODY_BYTES])
    response._content_consumed = True  # type: ignore[attr-defined]  # not in the stubs; tells requests that the body is read
    return response


def equip(
    session: _SessionT,
    *,
    ca_file: str | None = None,
    timeout: tuple[float, float] | None = None,
    backoff_seconds: float = 0.5,
    retries: bool = True,
    body_seconds: Callable[[], float] = lambda: _WHOLE_REPLY_SECONDS,
) -> _SessionT:
    """Give any requests session this module's guards; it keeps no cookie and reads no `.netrc`.

    `retries=False` sends every request once; `body_seconds` is asked for each reply how long its body may take.
    """
    install_log_redaction()
    limits = timeout or (_CONNECT_SECONDS, _READ_SECONDS)
    adapter = _GuardedAdapter(ca_file=ca_file, timeout=limits, backoff_seconds=backoff_seconds)
    if not retries:
        adapter.max_retries = Retry(0, read=False)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    session.hooks["response"] = [partial(_read_body, body_seconds)]
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": f"sfrunbook/{__version__}", "Accept": "application/json"})
    session.auth = _no_auth
    return session


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def open_session(
    ca_file: str | None = None,
    *,
    timeout: tuple[float, float] | None = None,
    backoff_seconds: float = 0.5,
) -> requests.Session:
    """A session for one thread: connect within 5 s, 30 s between bytes, GET and HEAD repeated on 429, 502, 503, 504.

    `ca_file` is a PEM file that is trusted beside the system's authorities. `backoff_seconds=0` repeats at once.
    """
    return equip(requests.Session(), ca_file=ca_file, timeout=timeout, backoff_seconds=backoff_seconds)


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
    """One request, one reply, whatever its status; redirects are the caller's to read.

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
    """The record of a response of requests."""
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
        elapsed_seconds=response.elapsed.total_seconds(),
    )


def transport_error(error: requests.RequestException, url: str, stage: Stage) -> RunbookError:
    """The diagnosis of a request that got no reply; `evidence["phase"]` is `connect` when it was surely not sent."""
    code, phase, description = _fault(error)
    host = urlsplit(url).netloc
    evidence = {"phase": phase, "during": stage.value}
    failure = Failure(stage=Stage.TRANSPORT, host=host, error=code, description=description, evidence=evidence)
    return RunbookError(failure)


def _fault(error: BaseException) -> tuple[str, str, str]:
    """Code, phase and a sentence; judged by what lies under the exception, not by its text."""
    chain = _chain(error)

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if has(requests.exceptions.ProxyError):
        return "proxy-failure", "connect", "The proxy refused the request or could not be reached."
    if has(requests.exceptions.SSLError, ssl.SSLError):
        reason = next((link.verify_message for link in chain if isinstance(link, ssl.SSLCertVerificationError)), "")
        return "tls-failure", "connect", f"The secure connection could not be made. {reason}".strip()
    if has(NameResolutionError):
        return "dns-failure", "connect", "The name of the host could not be found."
    if has(requests.exceptions.ConnectTimeout):
        return "timeout", "connect", "The host did not accept a connection in time."
    if has(ConnectionRefusedError):
        return "connection-refused", "connect", "Nothing listens at this address."
    if has(NewConnectionError):
        return "connection-refused", "connect", "The host could not be reached."
    if has(requests.exceptions.ReadTimeout, ReadTimeoutError):
        return "timeout", "read", "The host took the request and did not answer in time."
    return "connection-lost", "read", "The connection ended before the answer was complete."


def _chain(error: BaseException) -> tuple[BaseException, ...]:
    """The error and all that it wraps: arguments, `reason`, `original_error`, causes and contexts."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        link = todo.pop()
        if isinstance(link, BaseException) and link not in seen:
            seen.append(link)
            todo += [*link.args, link.__cause__, link.__context__]
            todo += [getattr(link, "reason", None), getattr(link, "original_error", None)]
    return tuple(seen)


def failure_of(reply: Reply, stage: Stage) -> Failure:
    """What a refusal says, in whichever of Salesforce's forms it comes. Pure.

    Forms: `{"error", "error_description"}` of the OAuth endpoints; `[{"errorCode", "message"}]` of REST; a bare
    `error=…&error_description=…` of authorize and revoke; one bare word or sentence such as `Bad_OAuth_Token` of the
    identity service; `{"Message"}` of Cyclr's API. Anything else that should have been JSON is `not-json` of stage
    transport: an outage, or a host that is not Salesforce's.
    Source: https://help.salesforce.com/apex/HTViewHelpDoc?id=xcloud.remoteaccess_oauth_flow_errors.htm and
    https://developer.salesforce.com/docs/atlas.en-us.264.0.api_rest.meta/api_rest/errorcodes.htm
    """
    error, description, evidence = _read_error(reply)
    return Failure(
        stage=Stage.TRANSPORT if error == "not-json" else stage,
        host=urlsplit(reply.url).netloc,
        http_status=reply.status,
        error=error,
        description=redact(description)[:1000],
        evidence={"path": urlsplit(reply.url).path, "during": stage.value} | evidence,
    )


def _read_error(reply: Reply) -> tuple[str, str, dict[str, str]]:
    body = reply.json()
    if isinstance(body, list) and body and isinstance(body[0], dict):
        body = body[0]
    if isinstance(body, dict):
        error = body.get("error") or body.get("errorCode") or ""
        return str(error), str(body.get("error_description") or body.get("message") or body.get("Message") or ""), {}
    text = reply.text.strip()
    if text.startswith(("error=", "error_description=")):
        form = parse_qs(text, keep_blank_values=True)
        return form.get("error", [""])[0], form.get("error_description", [""])[0], {}
    if 400 <= reply.status < 500 and re.fullmatch(r"[\w .,'-]{1,100}", text):
        return (text, "", {}) if " " not in text else ("", text, {})
    if 300 <= reply.status < 400:
        return "not-json", "The host sent this request on to another address.", {}
    title = _TITLE.search(text[:20_000])
    shown = {"title": redact(unescape(title.group(1)))[:200]} if title else {}
    what = "a web page" if "<" in text[:200] else "something other than JSON" if text else "an empty reply"
    return "not-json", f"The host answered with {what}.", shown

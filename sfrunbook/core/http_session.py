"""Sessions for requests that leave this program: time limits, bounded retries and replies, and no redirects."""

from __future__ import annotations

import http.cookiejar
import ssl
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader, ReadTimeoutError
from urllib3.util.retry import Retry

from sfrunbook import __version__
from sfrunbook.core.errors import problem, reason_of
from sfrunbook.core.http import is_loopback, require_safe
from sfrunbook.core.secrets.redaction import install_log_redaction

if TYPE_CHECKING:
    from requests.adapters import _HostParams, _PoolKwargs

__all__ = ["equip", "open_session"]

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
#: a reply that is still dripping in after this time is given up
_WHOLE_REPLY_SECONDS = 120.0
_MAX_BODY_BYTES = 32 * 1024 * 1024
_MAX_RETRY_AFTER_SECONDS = 10
_SessionT = TypeVar("_SessionT", bound=requests.Session)


class _BoundedRetry(Retry):
    """The policy of urllib3, which ignores a `Retry-After` that cannot be read."""

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
    """Adds to every request: the address guard, a time limit, no proxy for this machine, a further trusted CA."""

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
    """Response hook: reads the body within a size and a time, so that no reply can block or fill this process."""
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

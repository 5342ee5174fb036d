"""Scenarios about the network: replies that are slow, cut, doubled or missing, and pages where JSON should be."""

from __future__ import annotations

from sfrunbook.practice.scenarios.registry import scenario
from sfrunbook.practice.scenarios.stage import Stage

__all__ = ["HTML", "MAINTENANCE", "UNAVAILABLE"]

HTML = ((b"content-type", b"text/html; charset=UTF-8"),)
UNAVAILABLE = (
    b"<html><head><title>503 Service Unavailable</title></head><body><h1>Service Unavailable</h1>"
    b"<p>The server is temporarily unable to service your request.</p></body></html>"
)
MAINTENANCE = (
    b"<html><head><title>Scheduled Maintenance</title></head><body><h1>We are down for maintenance.</h1>"
    b"<p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>"
)


@scenario()
def html_503(stage: Stage, times: int = 0, path: str = "/") -> None:
    """The org answers with an HTML page and status 503.

    Symptom: 503 with Content-Type text/html in place of JSON, at every address that begins with path.
    """
    stage.fault("reply", path=path, times=times, status=503, headers=HTML, body=UNAVAILABLE)


@scenario()
def maintenance(stage: Stage, times: int = 0) -> None:
    """The org is under maintenance: pages and OAuth show a page, the data API says SERVER_UNAVAILABLE.

    Symptom: 503 with HTML; below /services/data 503 with a JSON array.
    """
    body = b'[{"message":"The server is under maintenance.","errorCode":"SERVER_UNAVAILABLE"}]'
    kind = ((b"content-type", b"application/json;charset=UTF-8"),)
    stage.fault("reply", path="/services/data", times=times, status=503, headers=kind, body=body)
    stage.fault("reply", path="/", times=times, status=503, headers=HTML, body=MAINTENANCE)


@scenario()
def too_many_requests(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """Something in front of the org says that there are too many requests.

    Symptom: 429 without Retry-After, plain text.
    """
    kind = ((b"content-type", b"text/plain;charset=UTF-8"),)
    stage.fault("reply", path=path, times=times, status=429, headers=kind, body=b"Too Many Requests")


@scenario()
def slow_replies(stage: Stage, seconds: float = 40.0, times: int = 0, path: str = "/services/") -> None:
    """Replies take this many seconds of real time.

    Symptom: a client with a shorter read timeout gives up, though the org does the work.
    """
    stage.fault("slow", path=path, times=times, seconds=seconds)


@scenario()
def truncated_replies(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """Replies break off in the middle: the promised length is not reached and the connection ends.

    Symptom: an incomplete read; the org has done the work all the same.
    """
    stage.fault("truncated", path=path, times=times)


@scenario()
def duplicate_replies(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """Every reply comes twice on its connection.

    Symptom: a client that keeps the connection may take the second copy for the answer to its next call.
    """
    stage.fault("duplicate", path=path, times=times)


@scenario()
def connection_reset(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """The connection is reset before the org has seen the request.

    Symptom: a transport error without any status; nothing was done, so the same call may be made again.
    """
    stage.fault("reset", path=path, times=times)

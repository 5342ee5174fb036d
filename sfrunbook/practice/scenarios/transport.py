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
    """Salesforce returns an HTML page with status 503.

    Symptom: 503 with an HTML page in place of JSON, at every address that begins with path.
    """
    stage.fault("reply", path=path, times=times, status=503, headers=HTML, body=UNAVAILABLE)


@scenario()
def maintenance(stage: Stage, times: int = 0) -> None:
    """The org is under maintenance.

    Symptom: Pages and OAuth addresses return 503 with HTML. The API returns 503 SERVER_UNAVAILABLE as JSON.
    """
    body = b'[{"message":"The server is under maintenance.","errorCode":"SERVER_UNAVAILABLE"}]'
    kind = ((b"content-type", b"application/json;charset=UTF-8"),)
    stage.fault("reply", path="/services/data", times=times, status=503, headers=kind, body=body)
    stage.fault("reply", path="/", times=times, status=503, headers=HTML, body=MAINTENANCE)


@scenario()
def too_many_requests(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """A server in front of the org rejects calls because there were too many.

    Symptom: 429 in plain text, without a Retry-After header.
    """
    kind = ((b"content-type", b"text/plain;charset=UTF-8"),)
    stage.fault("reply", path=path, times=times, status=429, headers=kind, body=b"Too Many Requests")


@scenario()
def slow_replies(stage: Stage, seconds: float = 40.0, times: int = 0, path: str = "/services/") -> None:
    """Salesforce replies slowly: each reply takes this many seconds.

    Symptom: A program with a shorter time limit stops waiting, but Salesforce still carries out the request.
    """
    stage.fault("slow", path=path, times=times, seconds=seconds)


@scenario()
def truncated_replies(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """Salesforce's replies are cut off.

    Symptom: The reply is incomplete, but Salesforce has carried out the request.
    """
    stage.fault("truncated", path=path, times=times)


@scenario()
def duplicate_replies(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """Every reply is sent twice on the same connection.

    Symptom: A program that reuses the connection can read the second copy as the reply to its next request.
    """
    stage.fault("duplicate", path=path, times=times)


@scenario()
def connection_reset(stage: Stage, times: int = 0, path: str = "/services/") -> None:
    """The connection breaks before the request reaches Salesforce.

    Symptom: A network error without an HTTP status. Salesforce did nothing, so you can repeat the request.
    """
    stage.fault("reset", path=path, times=times)

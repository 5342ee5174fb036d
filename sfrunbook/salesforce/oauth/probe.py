"""Asks the authorize endpoint about an app's Consumer Key and Callback URLs, before anyone logs in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Reply, origin_of, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Failure, Stage
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.salesforce.oauth.pending import challenge_of, new_verifier

__all__ = [
    "CallbackAnswer",
    "CallbackProbe",
    "ProbeReport",
    "probe_callback",
    "probe_callbacks",
    "read_authorize_reply",
    "unregistered",
]

_LOGIN_MARKS = ("RemoteAccessAuthorizationPage.apexp", "ec=302")
_ERROR_PAGE = "RemoteAccessErrorPage.apexp"


class CallbackAnswer(StrEnum):
    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    UNKNOWN_CLIENT = "unknown_client"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class CallbackProbe:
    callback: str
    answer: CallbackAnswer
    #: one sentence
    reason: str
    #: the error in the reply, or the transport fault, if any
    failure: Failure | None = None
    #: the same address with or without the slash at its end, if that one is registered in its place
    registered_as: str = ""


@dataclass(frozen=True, kw_only=True)
class ProbeReport:
    """The answers for all callbacks, and for a callback that is certainly not registered."""

    callbacks: tuple[CallbackProbe, ...]
    #: the negative control; must be `not_registered` for the others to count
    control: CallbackProbe
    #: None when it is not known
    client_id_known: bool | None
    #: whether an authorize request without a code challenge is refused (likely); None when it is not known
    pkce_required: bool | None


def probe_callbacks(session: requests.Session, login_url: str, client_id: str, callbacks: Iterable[str]) -> ProbeReport:
    """Ask the authorize endpoint about each Callback URL, without a login, a cookie or a redirect followed.

    A callback that is not registered is asked about as well. When the host does not refuse it, its answers prove
    nothing and every answer is inconclusive. For each callback that is missing, one more request asks about the same
    address with or without the slash at its end. After the first transport fault nothing more is asked. Does not show:
    scopes, permitted users, blocked or uninstalled apps, IP ranges.
    Source: https://github.com/forcedotcom/postman-salesforce-apis/issues/42 (errors confirmed), and
    https://developers.qodex.ai/salesforce-developers/salesforce-platform-apis-1/auth-8/web-server-flow-1-2 (success).
    """
    wanted = tuple(dict.fromkeys(callbacks))
    if not wanted:
        raise ValueError("no Callback URL to ask about")
    asker = _Asker(session, login_url, client_id)
    control = asker.ask(unregistered(wanted[0]))
    probes = tuple(_with_twin(asker, _weighed(asker.ask(callback), control)) for callback in wanted)
    known: bool | None = None
    if control.answer is CallbackAnswer.UNKNOWN_CLIENT and all(probe.answer is control.answer for probe in probes):
        known = False
    elif control.answer is CallbackAnswer.NOT_REGISTERED:
        known = True
    registered = [probe.callback for probe in probes if probe.answer is CallbackAnswer.REGISTERED]
    return ProbeReport(
        callbacks=probes,
        control=control,
        client_id_known=known,
        pkce_required=_pkce_required(asker, registered[0]) if registered else None,
    )


def probe_callback(session: requests.Session, login_url: str, client_id: str, callback: str) -> CallbackProbe:
    """An authorize request about one Callback URL, without a control: a yes proves less than in `probe_callbacks`."""
    return _Asker(session, login_url, client_id).ask(callback)


class _Asker:
    """Sends authorize requests one by one, until a request gets no reply."""

    def __init__(self, session: requests.Session, login_url: str, client_id: str) -> None:
        self._session = session
        self._login_url = login_url
        self._client_id = client_id
        self._fault: Failure | None = None

    def ask(self, callback: str, *, with_challenge: bool = True) -> CallbackProbe:
        params = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": callback,
            "state": secrets.token_urlsafe(16),
        }
        if with_challenge:
            params |= {"code_challenge": challenge_of(new_verifier()), "code_challenge_method": "S256"}
        if self._fault is None:
            url = f"{self._login_url}/services/oauth2/authorize"
            try:
                return read_authorize_reply(send(self._session, Stage.AUTHORIZE, "GET", url, params=params), callback)
            except RunbookError as error:
                self._fault = error.failure
        reason = f"No reply. {self._fault.description}".strip()
        return CallbackProbe(callback=callback, answer=CallbackAnswer.INCONCLUSIVE, reason=reason, failure=self._fault)


def unregistered(callback: str) -> str:
    """A Callback URL of the same host that is certainly not registered."""
    parts = urlsplit(callback)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/__not_registered__", parts.query, ""))


def _with_twin(asker: _Asker, probe: CallbackProbe) -> CallbackProbe:
    """The probe of a missing callback with the address that is registered in its place, where a slash differs."""
    if probe.answer is not CallbackAnswer.NOT_REGISTERED:
        return probe
    parts = urlsplit(probe.callback)
    path = parts.path[:-1] if parts.path.endswith("/") else f"{parts.path}/"
    twin = urlunsplit(parts._replace(path=path))
    is_registered = asker.ask(twin).answer is CallbackAnswer.REGISTERED
    return replace(probe, registered_as=twin) if is_registered else probe


def _weighed(probe: CallbackProbe, control: CallbackProbe) -> CallbackProbe:
    """The probe, inconclusive where the control shows that the host does not distinguish callbacks."""
    both_unknown = probe.answer is control.answer is CallbackAnswer.UNKNOWN_CLIENT
    if control.answer is CallbackAnswer.NOT_REGISTERED or both_unknown:
        return probe
    if probe.answer is CallbackAnswer.INCONCLUSIVE:
        return probe
    mistake = {
        CallbackAnswer.REGISTERED: "was accepted as registered",
        CallbackAnswer.UNKNOWN_CLIENT: "was answered with “unknown Consumer Key”",
    }.get(control.answer, f"got no clear reply either ({control.reason})")
    reason = f"A test URL that isn't registered {mistake}, so this host's replies show nothing."
    return replace(probe, answer=CallbackAnswer.INCONCLUSIVE, reason=reason, failure=probe.failure or control.failure)


def _pkce_required(asker: _Asker, callback: str) -> bool | None:
    """Whether the same request without a challenge is refused for the lack of it, in the body or at the callback."""
    probe = asker.ask(callback, with_challenge=False)
    if probe.failure is not None:
        missing = probe.failure.error == "invalid_request" and "code challenge" in probe.failure.description.lower()
        return True if missing else None
    return False if probe.answer is CallbackAnswer.REGISTERED else None


def read_authorize_reply(reply: Reply, callback: str) -> CallbackProbe:
    """Judge one reply of the authorize endpoint; pure.

    A redirect to the callback itself, even with an error, proves that it is registered. Status 200 with a page that
    goes on to the login is the usual yes; any reply that is not known for certain is inconclusive.
    """
    text = reply.text.strip()
    if text.startswith("error="):
        return _judge_error(failure_of(reply, Stage.AUTHORIZE), callback)
    location = urljoin(reply.url, reply.headers.get("Location", "")) if 300 <= reply.status < 400 else ""
    if location and _goes_to(location, callback):
        failure = _failure_at(location, reply)
        return _probe(callback, CallbackAnswer.REGISTERED, "Salesforce redirects to this callback URL.", failure)
    if _ERROR_PAGE in location:
        failure = _failure_at(location, reply)
        error = f" with {failure.error}" if failure else ""
        return _unclear(callback, f"Salesforce sent its own error page{error}.", failure)
    leaves = origin_of(location) != origin_of(reply.url) if location else False
    if leaves and classify(location).kind is not HostKind.SITE:
        return _unclear(callback, f"Salesforce sends logins on to {urlsplit(location).netloc}.")
    if (location or reply.status == 200) and any(mark in (location or text) for mark in _LOGIN_MARKS):
        if _ERROR_PAGE in text:
            return _unclear(callback, "Salesforce sent its own error page.")
        return _probe(callback, CallbackAnswer.REGISTERED, "Salesforce goes on to its login page.")
    failure = failure_of(reply, Stage.AUTHORIZE) if reply.status >= 400 else None
    return _unclear(callback, f"The reply is unknown (status {reply.status}).", failure)


def _judge_error(failure: Failure, callback: str) -> CallbackProbe:
    if failure.error == "invalid_client_id":
        reason = "Salesforce doesn't know this Consumer Key."
        return _probe(callback, CallbackAnswer.UNKNOWN_CLIENT, reason, failure)
    if failure.error == "redirect_uri_mismatch":
        reason = "Salesforce knows the Consumer Key and rejects this callback URL."
        return _probe(callback, CallbackAnswer.NOT_REGISTERED, reason, failure)
    return _unclear(callback, f"Salesforce replied {failure.error}: {failure.description}.", failure)


def _probe(callback: str, answer: CallbackAnswer, reason: str, failure: Failure | None = None) -> CallbackProbe:
    return CallbackProbe(callback=callback, answer=answer, reason=reason, failure=failure)


def _unclear(callback: str, reason: str, failure: Failure | None = None) -> CallbackProbe:
    return _probe(callback, CallbackAnswer.INCONCLUSIVE, reason, failure)


def _goes_to(location: str, callback: str) -> bool:
    """Whether an address is the callback with parameters added: same origin, same path, its own query kept."""
    there, ours = urlsplit(location), urlsplit(callback)
    same = (there.scheme, there.netloc.lower(), there.path) == (ours.scheme, ours.netloc.lower(), ours.path)
    return same and there.query.startswith(ours.query)


def _failure_at(location: str, reply: Reply) -> Failure | None:
    fields = parse_qs(urlsplit(location).query)
    if "error" not in fields:
        return None
    return Failure(
        stage=Stage.AUTHORIZE,
        host=urlsplit(reply.url).netloc,
        http_status=reply.status,
        error=fields["error"][0],
        description=fields.get("error_description", [""])[0],
        evidence={"path": urlsplit(reply.url).path},
    )

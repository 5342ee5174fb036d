"""What can be learnt of a registered app before anybody logs in: its callbacks, its key and its secret."""

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
from sfrunbook.core.model import Failure, Mark, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.salesforce.oauth.pending import challenge_of, new_verifier

__all__ = [
    "CallbackAnswer",
    "CallbackProbe",
    "CredentialAnswer",
    "CredentialProbe",
    "ProbeReport",
    "probe_callback",
    "probe_callbacks",
    "probe_credentials",
    "probe_secret",
    "read_authorize_reply",
    "unregistered",
]

_LOGIN_MARKS = ("RemoteAccessAuthorizationPage.apexp", "ec=302")
_ERROR_PAGE = "RemoteAccessErrorPage.apexp"


class CallbackAnswer(StrEnum):
    """What one authorize request told of a Callback URL."""

    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    UNKNOWN_CLIENT = "unknown_client"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class CallbackProbe:
    """The answer for one Callback URL and why it is that."""

    callback: str
    answer: CallbackAnswer
    #: one sentence
    reason: str
    #: the error that was seen, or the fault on the way, if any
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class ProbeReport:
    """The answers for all callbacks, and for one that is surely not registered."""

    login_url: str
    callbacks: tuple[CallbackProbe, ...]
    #: the negative control; must be `not_registered` for the others to count
    control: CallbackProbe
    #: None when it could not be told
    client_id_known: bool | None
    #: whether an authorize request without a code challenge is refused (likely); None when it could not be told
    pkce_required: bool | None


class CredentialAnswer(StrEnum):
    """What a made-up authorization code told of Consumer Key and Consumer Secret."""

    ACCEPTED = "accepted"
    SECRET_REFUSED = "secret_refused"  # noqa: S105 -- the name of an answer
    CLIENT_UNKNOWN = "client_unknown"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class CredentialProbe:
    """The answer for key and secret and why it is that."""

    answer: CredentialAnswer
    reason: str
    failure: Failure | None = None
    mark: Mark = Mark.LIKELY


def probe_callbacks(session: requests.Session, login_url: str, client_id: str, callbacks: Iterable[str]) -> ProbeReport:
    """Ask the authorize endpoint about each Callback URL, without a login, a cookie or a redirect followed.

    A callback that nobody registered is asked about as well. When that does not get the refusal it must get, the host
    does not tell callbacks apart and every answer is inconclusive. After the first fault on the way nothing more is
    asked. Cannot tell: scopes, permitted users, blocked or uninstalled apps, IP ranges.
    Source: https://github.com/forcedotcom/postman-salesforce-apis/issues/42 (errors confirmed), and
    https://developers.qodex.ai/salesforce-developers/salesforce-platform-apis-1/auth-8/web-server-flow-1-2 (success).
    """
    wanted = tuple(dict.fromkeys(callbacks))
    if not wanted:
        raise ValueError("no Callback URL to ask about")
    asker = _Asker(session, login_url, client_id)
    control = asker.ask(unregistered(wanted[0]))
    probes = tuple(_weighed(asker.ask(callback), control) for callback in wanted)
    known: bool | None = None
    if control.answer is CallbackAnswer.UNKNOWN_CLIENT and all(probe.answer is control.answer for probe in probes):
        known = False
    elif control.answer is CallbackAnswer.NOT_REGISTERED:
        known = True
    registered = [probe.callback for probe in probes if probe.answer is CallbackAnswer.REGISTERED]
    return ProbeReport(
        login_url=login_url,
        callbacks=probes,
        control=control,
        client_id_known=known,
        pkce_required=_pkce_required(asker, registered[0]) if registered else None,
    )


def probe_callback(session: requests.Session, login_url: str, client_id: str, callback: str) -> CallbackProbe:
    """One authorize request about one Callback URL, without a control: a yes proves less than in `probe_callbacks`."""
    return _Asker(session, login_url, client_id).ask(callback)


class _Asker:
    """One authorize request after the other, until one gets no reply."""

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
        reason = f"The host gave no answer. {self._fault.description}".strip()
        return CallbackProbe(callback=callback, answer=CallbackAnswer.INCONCLUSIVE, reason=reason, failure=self._fault)


def unregistered(callback: str) -> str:
    """A Callback URL of the same host that surely nobody registered."""
    parts = urlsplit(callback)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/__not_registered__", parts.query, ""))


def _weighed(probe: CallbackProbe, control: CallbackProbe) -> CallbackProbe:
    """The probe as it counts beside the control."""
    both_unknown = probe.answer is control.answer is CallbackAnswer.UNKNOWN_CLIENT
    if control.answer is CallbackAnswer.NOT_REGISTERED or both_unknown:
        return probe
    if probe.answer is CallbackAnswer.INCONCLUSIVE:
        return probe
    seen = {
        CallbackAnswer.REGISTERED: "was taken for a registered one",
        CallbackAnswer.UNKNOWN_CLIENT: "was answered with an unknown Consumer Key",
    }.get(control.answer, f"got no clear answer either ({control.reason})")
    reason = f"A made-up Callback URL {seen}, so this host's answers do not tell callbacks apart."
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
    goes on to the login is the usual yes; whatever is not known for certain is inconclusive.
    """
    text = reply.text.strip()
    if text.startswith("error="):
        return _judge_error(failure_of(reply, Stage.AUTHORIZE), callback)
    location = urljoin(reply.url, reply.headers.get("Location", "")) if 300 <= reply.status < 400 else ""
    if location and _goes_to(location, callback):
        failure = _failure_at(location, reply)
        return _probe(callback, CallbackAnswer.REGISTERED, "The host redirects to this Callback URL.", failure)
    if _ERROR_PAGE in location:
        failure = _failure_at(location, reply)
        said = f" with {failure.error}" if failure else ""
        return _unclear(callback, f"The host sent its own error page{said}.", failure)
    if location and not _stays(location, reply):
        return _unclear(callback, f"The host sends logins on to {urlsplit(location).netloc}.")
    if (location or reply.status == 200) and any(mark in (location or text) for mark in _LOGIN_MARKS):
        if _ERROR_PAGE in text:
            return _unclear(callback, "The host sent its own error page.")
        return _probe(callback, CallbackAnswer.REGISTERED, "The host goes on to its login page.")
    failure = failure_of(reply, Stage.AUTHORIZE) if reply.status >= 400 else None
    return _unclear(callback, f"The host answered with status {reply.status} and none of the known replies.", failure)


def _judge_error(failure: Failure, callback: str) -> CallbackProbe:
    if failure.error == "invalid_client_id":
        reason = "The host does not know this Consumer Key."
        return _probe(callback, CallbackAnswer.UNKNOWN_CLIENT, reason, failure)
    if failure.error == "redirect_uri_mismatch":
        reason = "The host knows the Consumer Key and refuses this Callback URL."
        return _probe(callback, CallbackAnswer.NOT_REGISTERED, reason, failure)
    return _unclear(callback, f"The host answered {failure.error}: {failure.description}.", failure)


def _probe(callback: str, answer: CallbackAnswer, reason: str, failure: Failure | None = None) -> CallbackProbe:
    return CallbackProbe(callback=callback, answer=answer, reason=reason, failure=failure)


def _unclear(callback: str, reason: str, failure: Failure | None = None) -> CallbackProbe:
    return _probe(callback, CallbackAnswer.INCONCLUSIVE, reason, failure)


def _goes_to(location: str, callback: str) -> bool:
    """Whether an address is the callback with parameters added: same origin, same path, its own query kept."""
    there, ours = urlsplit(location), urlsplit(callback)
    same = (there.scheme, there.netloc.lower(), there.path) == (ours.scheme, ours.netloc.lower(), ours.path)
    return same and there.query.startswith(ours.query)


def _stays(location: str, reply: Reply) -> bool:
    if origin_of(location) == origin_of(reply.url):
        return True
    return classify(location).kind is HostKind.SITE


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


def probe_credentials(
    session: requests.Session,
    login_url: str,
    client_id: str,
    client_secret: Secret | None,
    redirect_uri: str,
) -> CredentialProbe:
    """Try a made-up code with the real key and secret; no user is touched and no approval made.

    `accepted` needs a control: the same with an altered secret must be refused for the secret, else the host looks at
    the code first and has told nothing. Two failed exchanges in all, so for use by hand and rarely.
    Source: https://github.com/omniphx/forrest/issues/169 (texts likely; that key and secret are looked at before the
    code is a guess, which is why there is a control).
    """
    probe = _try_code(session, login_url, client_id, client_secret, redirect_uri)
    if probe.answer is not CredentialAnswer.ACCEPTED or client_secret is None:
        return probe
    control = _try_code(session, login_url, client_id, Secret(secrets.token_hex(32)), redirect_uri)
    if control.answer is CredentialAnswer.SECRET_REFUSED:
        return probe
    reason = "A wrong Consumer Secret got the same answer, so this host does not tell them apart."
    if control.answer is CredentialAnswer.INCONCLUSIVE:
        reason = f"The trial with a wrong Consumer Secret got no clear answer. {control.reason}"
    return replace(probe, answer=CredentialAnswer.INCONCLUSIVE, reason=reason, failure=control.failure)


def probe_secret(
    session: requests.Session, login_url: str, client_id: str, client_secret: Secret | None, redirect_uri: str
) -> CredentialAnswer:
    """One try of a made-up code, without a control: a refusal of key or secret is certain, `accepted` is a guess."""
    return _try_code(session, login_url, client_id, client_secret, redirect_uri).answer


def _try_code(
    session: requests.Session, login_url: str, client_id: str, client_secret: Secret | None, redirect_uri: str
) -> CredentialProbe:
    body = {
        "grant_type": "authorization_code",
        "code": f"aPrx{secrets.token_urlsafe(48)}",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "code_verifier": new_verifier().reveal(),
    }
    if client_secret:
        body["client_secret"] = client_secret.reveal()
    try:
        reply = send(session, Stage.TOKEN, "POST", f"{login_url}/services/oauth2/token", data=body)
    except RunbookError as error:
        failure = error.failure
        reason = f"The host gave no answer. {failure.description}".strip()
        return CredentialProbe(answer=CredentialAnswer.INCONCLUSIVE, reason=reason, failure=failure)
    return _judge_token_reply(failure_of(reply, Stage.TOKEN))


def _judge_token_reply(failure: Failure) -> CredentialProbe:
    description = failure.description.lower()
    if failure.error == "invalid_client_id":
        answer, reason = CredentialAnswer.CLIENT_UNKNOWN, "The host does not know this Consumer Key."
    elif failure.error == "invalid_client":
        answer = CredentialAnswer.SECRET_REFUSED
        reason = "The host knows the Consumer Key and refuses the Consumer Secret."
    elif failure.error == "invalid_grant" and any(
        word in description for word in ("authorization code", "code verifier", "authentication failure")
    ):
        answer = CredentialAnswer.ACCEPTED
        reason = "The host took the Consumer Key and the Consumer Secret and refused only the made-up code."
    else:
        answer = CredentialAnswer.INCONCLUSIVE
        said = f"{failure.error}: {failure.description}" if failure.description else failure.error or "nothing known"
        reason = f"The host answered {said}."
    return CredentialProbe(answer=answer, reason=reason, failure=failure)

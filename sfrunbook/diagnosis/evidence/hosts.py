"""Facts that hosts answer without a login: key known, secret accepted, token valid. No token is spent."""

from __future__ import annotations

from urllib.parse import urlsplit

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Grant
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.salesforce.oauth.endpoints import introspect, is_accepted
from sfrunbook.salesforce.oauth.hosts import HostKind, classify, discover
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, probe_callback, unregistered
from sfrunbook.salesforce.oauth.probe_token import CredentialAnswer, probe_secret

__all__ = [
    "ask_access_token",
    "ask_callback",
    "ask_callback_twin",
    "ask_client",
    "ask_client_elsewhere",
    "ask_host",
    "ask_refresh_token",
    "ask_secret",
    "ask_without_secret",
    "settle_introspection",
]

_ELSEWHERE_AT_MOST = 2


def ask_refresh_token(case: Case) -> None:
    """Introspection of the refresh token at its issuer, which does not spend it.

    A no is not believed yet: Salesforce says the same of a token that the app may not ask about.
    """
    if case.grant is None or case.grant.refresh_token is None:
        return
    active, how = _introspected(case, case.grant, refresh_token=True)
    if active is False:
        case.found["refresh_token_inactive"] = how
    else:
        case.learn("refresh_token_active", active, how)


def settle_introspection(case: Case) -> None:
    """Believe a no about the refresh token where introspection is known to answer this app correctly.

    It does not where the access token works and is called inactive all the same. Where the access token has expired
    too, introspection must have answered for this app before; else nothing is learnt.
    """
    how = case.found.pop("refresh_token_inactive", "")
    if not how or case.grant is None:
        return
    if "access_token_active" not in case.known:
        ask_access_token(case)
    if case.knows("access_token_active", True):
        believed, _ = _introspected(case, case.grant, refresh_token=False)
    else:
        believed = case.history.introspects
    if believed:
        case.learn("refresh_token_active", False, how)


def ask_access_token(case: Case) -> None:
    """Whether the identity service takes the access token; introspection may be denied to the app."""
    if case.grant is not None:
        how = f"source: the identity URL at {urlsplit(case.grant.identity_url).netloc}"
        case.learn("access_token_active", is_accepted(case.http, case.grant), how)


def ask_client(case: Case) -> None:
    """Whether the host that refused knows the Consumer Key, asked with a Callback URL that is not registered."""
    case.learn("client_known", _knows_client(case, case.used_origin), _asked(case.used_origin))


def ask_client_elsewhere(case: Case) -> None:
    """Whether another host of this connection, or the host that all orgs share, knows the Consumer Key.

    Not asked while it is known where it should be.
    """
    if case.knows("client_known", True):
        return
    origins = _other_origins(case)[:_ELSEWHERE_AT_MOST]
    answers = []
    for origin in origins:
        answers.append(_knows_client(case, origin))
        if answers[-1]:
            case.learn("client_known_elsewhere", True, _asked(origin))
            return
    if False in answers:
        case.learn("client_known_elsewhere", False, _asked(*origins))


def ask_callback(case: Case) -> None:
    """Whether the Callback URL that was refused is taken by now."""
    case.learn("callback_registered", _takes_callback(case, _refused_callback(case)), _asked(case.used_origin))


def ask_callback_twin(case: Case) -> None:
    """Whether the same address is registered with a slash more, or less, at its end."""
    refused = _refused_callback(case)
    if urlsplit(refused).query:
        return
    twin = refused.removesuffix("/") if refused.endswith("/") else f"{refused}/"
    case.learn("callback_twin_registered", _takes_callback(case, twin), f"checked with {twin}")


def ask_secret(case: Case) -> None:
    """Whether the Consumer Secret is refused for an invented code; that it is taken would need a control."""
    if case.client_secret:
        _learn_secret(case, "secret_accepted", case.client_secret)


def ask_without_secret(case: Case) -> None:
    """Whether the same invented code gets further without a secret, as it does at a public app."""
    if case.knows("secret_accepted", False):
        _learn_secret(case, "works_without_secret", None)


def ask_host(case: Case) -> None:
    """Who the host says it is, and by the way what time it has."""
    try:
        discover(case.http, case.used_origin)
    except RunbookError as error:
        if error.code in ("not-a-salesforce-host", "issuer-mismatch"):
            case.learn("host_names_itself", False, _asked(case.used_origin))
    else:
        case.learn("host_names_itself", True, _asked(case.used_origin))
    if case.http.last_dates:
        theirs, ours = case.http.last_dates
        minutes = abs((ours - theirs).total_seconds()) / 60
        case.learn("clock_skew_minutes", float(round(minutes)), "source: the Date header")


def _introspected(case: Case, grant: Grant, *, refresh_token: bool) -> tuple[bool | None, str]:
    """Whether the token is valid; the reply also shows whether the host takes the Consumer Key and Consumer Secret."""
    how = f"source: introspection at {urlsplit(grant.issuer).netloc}"
    at_home = origin_of(grant.issuer) == case.used_origin and grant.client_id == case.connection.client_id
    try:
        active = introspect(case.http, grant, case.client_secret, refresh_token=refresh_token).active
    except RunbookError as error:
        if at_home and error.code == "invalid_client_id":
            case.learn("client_known", False, how)
        if at_home and error.code == "invalid_client" and case.client_secret:
            case.learn("secret_accepted", False, how)
        return None, how
    if at_home:
        case.learn("client_known", True, how)
    return active, how


def _learn_secret(case: Case, name: str, secret: Secret | None) -> None:
    connection = case.connection
    answer = probe_secret(case.http, case.used_origin, connection.client_id, secret, connection.redirect_uri)
    answers = {CredentialAnswer.SECRET_REFUSED: False, CredentialAnswer.ACCEPTED: True}
    case.learn(name, answers.get(answer.answer), _asked(case.used_origin))


def _knows_client(case: Case, origin: str) -> bool | None:
    nowhere = unregistered(case.connection.redirect_uri)
    probe = probe_callback(case.http, origin, case.connection.client_id, nowhere)
    return {CallbackAnswer.NOT_REGISTERED: True, CallbackAnswer.UNKNOWN_CLIENT: False}.get(probe.answer)


def _refused_callback(case: Case) -> str:
    named = case.failure.evidence.get("callback", "").partition(", ")[0]  # several are written with commas
    return named or case.connection.redirect_uri


def _takes_callback(case: Case, callback: str) -> bool | None:
    probe = probe_callback(case.http, case.used_origin, case.connection.client_id, callback)
    return {CallbackAnswer.REGISTERED: True, CallbackAnswer.NOT_REGISTERED: False}.get(probe.answer)


def _other_origins(case: Case) -> list[str]:
    """Where the app may be instead: hosts that have worked, hosts of the grant, and the shared login hosts."""
    scheme = urlsplit(case.used_origin).scheme
    worked = [f"{scheme}://{success.host}" for success in reversed(case.history.successes())]
    kind = classify(case.used_origin).kind
    shared = [] if kind is HostKind.LOOPBACK else ["https://login.salesforce.com", "https://test.salesforce.com"]
    if kind in (HostKind.SANDBOX, HostKind.SCRATCH):
        shared.reverse()
    origins = dict.fromkeys((*case.own_origins, *worked, *shared))
    return [origin for origin in origins if origin != case.used_origin]


def _asked(*origins: str) -> str:
    return f"source: {' and '.join(urlsplit(origin).netloc for origin in origins)}"

"""Asks the token endpoint about an app's key, secret and refresh settings, with invented codes and tokens only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.pending import new_verifier

__all__ = ["CredentialAnswer", "CredentialProbe", "probe_credentials", "probe_secret", "refresh_needs_secret"]


class CredentialAnswer(StrEnum):
    ACCEPTED = "accepted"
    SECRET_REFUSED = "secret_refused"  # noqa: S105 -- the name of an answer
    CLIENT_UNKNOWN = "client_unknown"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class CredentialProbe:
    answer: CredentialAnswer
    reason: str
    failure: Failure | None = None


def probe_credentials(
    session: requests.Session, login_url: str, client_id: str, client_secret: Secret | None, redirect_uri: str
) -> CredentialProbe:
    """Try an invented code with the real key and secret; no user is affected and no approval is added.

    `accepted` needs a control: the same with another secret must be refused for the secret, else the host looks at the
    code first and proves nothing. Two failed exchanges in all, so for use by hand and rarely.
    Source: https://github.com/omniphx/forrest/issues/169 (texts likely; that key and secret are looked at before the
    code is a guess, which is why there is a control).
    """
    probe = probe_secret(session, login_url, client_id, client_secret, redirect_uri)
    if probe.answer is not CredentialAnswer.ACCEPTED or client_secret is None:
        return probe
    control = probe_secret(session, login_url, client_id, Secret(secrets.token_hex(32)), redirect_uri)
    if control.answer is CredentialAnswer.SECRET_REFUSED:
        return probe
    reason = "A wrong Consumer Secret got the same reply, so the reply shows nothing."
    if control.answer is CredentialAnswer.INCONCLUSIVE:
        reason = f"A test with a wrong Consumer Secret got no clear reply. {control.reason}"
    return replace(probe, answer=CredentialAnswer.INCONCLUSIVE, reason=reason, failure=control.failure)


def probe_secret(
    session: requests.Session, login_url: str, client_id: str, client_secret: Secret | None, redirect_uri: str
) -> CredentialProbe:
    """Try an invented code, without a control: a refusal of key or secret is certain, `accepted` is a guess."""
    body = {
        "grant_type": "authorization_code",
        "code": f"aPrx{secrets.token_urlsafe(48)}",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "code_verifier": new_verifier().reveal(),
    }
    if client_secret:
        body["client_secret"] = client_secret.reveal()
    failure, reason = _refused(session, login_url, Stage.TOKEN, body)
    if reason:
        return CredentialProbe(answer=CredentialAnswer.INCONCLUSIVE, reason=reason, failure=failure)
    description = failure.description.lower()
    if failure.error == "invalid_client_id":
        answer, reason = CredentialAnswer.CLIENT_UNKNOWN, "Salesforce doesn't know this Consumer Key."
    elif failure.error == "invalid_client":
        answer = CredentialAnswer.SECRET_REFUSED
        reason = "Salesforce knows the Consumer Key but rejects the Consumer Secret."
    elif failure.error == "invalid_grant" and any(
        word in description for word in ("authorization code", "code verifier", "authentication failure")
    ):
        answer = CredentialAnswer.ACCEPTED
        reason = "Salesforce accepted the key and secret (reported by others: it checks them before the code)."
    else:
        answer, reason = CredentialAnswer.INCONCLUSIVE, _unknown_answer(failure)
    return CredentialProbe(answer=answer, reason=reason, failure=failure)


def refresh_needs_secret(session: requests.Session, login_url: str, client_id: str) -> tuple[bool | None, str]:
    """Try an invented refresh token without a secret: refused for the secret, or for the token? With one sentence.

    No token that exists is sent, so nothing can be revoked by it. That Salesforce looks at the client before the token
    is a guess; any answer other than the two known ones is None.
    """
    body = {
        "grant_type": "refresh_token",
        "refresh_token": f"5Aep861{secrets.token_urlsafe(48)}",
        "client_id": client_id,
    }
    failure, reason = _refused(session, login_url, Stage.REFRESH, body)
    if reason:
        return None, reason
    if failure.error in {"invalid_client", "invalid_client_credentials"}:
        return True, "Salesforce rejected a test refresh because it had no Consumer Secret."
    if failure.error == "invalid_grant":
        return False, "Salesforce accepted a test refresh without a Consumer Secret; it rejected only the token."
    return None, _unknown_answer(failure)


def _refused(session: requests.Session, login_url: str, stage: Stage, body: dict[str, str]) -> tuple[Failure, str]:
    """The refusal of a token request, or the transport fault and a sentence about it."""
    try:
        return failure_of(send(session, stage, "POST", f"{login_url}/services/oauth2/token", data=body), stage), ""
    except RunbookError as error:
        return error.failure, f"No reply. {error.failure.description}".strip()


def _unknown_answer(failure: Failure) -> str:
    answer = f"{failure.error}: {failure.description}" if failure.description else failure.error or "nothing known"
    return f"Salesforce replied {answer}."

"""Whether an app asks for its Consumer Secret at a refresh, learnt without a login and without a real token."""

from __future__ import annotations

import secrets

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Failure, Stage

__all__ = ["refresh_needs_secret"]


def refresh_needs_secret(session: requests.Session, login_url: str, client_id: str) -> tuple[bool | None, str]:
    """Try a made-up refresh token without a secret: refused for the secret, or for the token? With one sentence.

    No token that exists is sent, so nothing can be revoked by it. That Salesforce looks at the client before the token
    is a guess; whatever answer is not one of the two known ones is None.
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": f"5Aep861{secrets.token_urlsafe(48)}",
        "client_id": client_id,
    }
    try:
        reply = send(session, Stage.REFRESH, "POST", f"{login_url}/services/oauth2/token", data=form)
    except RunbookError as error:
        return None, f"The host gave no answer. {error.failure.description}".strip()
    return _judged(failure_of(reply, Stage.REFRESH))


def _judged(failure: Failure) -> tuple[bool | None, str]:
    if failure.error in {"invalid_client", "invalid_client_credentials"}:
        return True, "A made-up refresh without a secret was refused for the secret."
    if failure.error == "invalid_grant":
        return False, "A made-up refresh without a secret was refused for its token only."
    said = f"{failure.error}: {failure.description}" if failure.description else failure.error or "nothing known"
    return None, f"The host answered {said}."

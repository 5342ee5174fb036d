"""Requests to Cyclr's API, with its client-credentials token, the account header and bounded retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Reply, origin_of, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Stage
from sfrunbook.core.secrets.secret import Secret

__all__ = ["ADDRESS_NOT_ALLOWED", "VERSION", "Api", "refusal"]

VERSION = "/v1.0"
#: code of a call that is refused for the address of this machine, which Cyclr names in words only
ADDRESS_NOT_ALLOWED = "cyclr-address-not-allowed"
_ACCOUNT_HEADER = "X-Cyclr-Account"
#: a token that expires within this time is not used any more
_NEAR_EXPIRY = timedelta(minutes=5)
#: how long a token is valid by the documentation, for a reply without it (confirmed: 14 days)
_VALID_FOR = timedelta(days=14)
_LONGEST_WAIT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class _Token:
    value: Secret
    expires_at: datetime


class Api:
    """One instance of Cyclr, asked with one set of OAuth Client Credentials; for one thread.

    The token is stored in memory until it expires soon. A call that is refused with 401 is repeated once with a new
    token, since a refused call has done nothing; a call that is refused with 429 is repeated once after the time in
    Retry-After, if that is short. GET has the retries of the transport as well.
    Source: https://docs.cyclr.com/cyclr-api-authentication (confirmed); a rate limit of this API is not documented.
    """

    def __init__(
        self,
        http: requests.Session,
        api_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = origin_of(api_url)
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._sleep = sleep
        self._token: _Token | None = None

    def token(self) -> Secret:
        """A bearer token for the whole partner, requested when there is none or it expires soon.

        Raises `cyclr-credentials-refused` and its kin.
        """
        if self._token and self._token.expires_at - self._clock() > _NEAR_EXPIRY:
            return self._token.value
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
        }
        reply = self._patiently(lambda: send(self._http, Stage.PARTNER, "POST", f"{self.url}/oauth/token", data=form))
        answer = reply.json()
        if not reply.ok or not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise refusal(reply, asked="token")
        seconds = answer.get("expires_in")
        valid_for = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else _VALID_FOR
        self._token = _Token(value=Secret(answer["access_token"]), expires_at=self._clock() + valid_for)
        return self._token.value

    def ask(
        self,
        method: str,
        path: str,
        *,
        account: str = "",
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 -- JSON has no narrower type
        """The JSON of the reply; `account` names the account in the header, for calls at its level.

        Raises RunbookError: the row of a refusal.
        """

        def call() -> Reply:
            headers = {"Authorization": f"Bearer {self.token().reveal()}"}
            if account:
                headers[_ACCOUNT_HEADER] = account
            url = f"{self.url}{VERSION}{path}"
            return self._patiently(
                lambda: send(self._http, Stage.PARTNER, method, url, params=query, json_body=body, headers=headers)
            )

        reply = call()
        if reply.status == 401:
            self._token = None
            reply = call()
        answer = reply.json()
        if not reply.ok or answer is None:
            raise refusal(reply, asked=path)
        return answer

    def _patiently(self, call: Callable[[], Reply]) -> Reply:
        reply = call()
        retry_after = reply.headers.get("Retry-After", "").strip()
        wait = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 1.0
        if reply.status != 429 or reply.method == "GET" or wait > _LONGEST_WAIT_SECONDS:
            return reply
        self._sleep(wait)
        return call()


def refusal(reply: Reply, *, asked: str) -> RunbookError:
    """The error of a reply of the API; `asked` is noted as evidence of what was requested."""
    failure = failure_of(reply, Stage.PARTNER)
    more = {"asked": asked}
    if wait := reply.headers.get("Retry-After", "").strip()[:40]:
        more["retry_after"] = wait
    body = reply.json()
    if isinstance(body, dict) and isinstance(body.get("Detail"), str):
        more["detail"] = body["Detail"][:1000]
    blocked = "unknown client ip address" in failure.description.lower()
    code = ADDRESS_NOT_ALLOWED if blocked else failure.error
    return RunbookError(replace(failure, error=code, evidence={**failure.evidence, **more}))

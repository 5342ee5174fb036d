"""Reads a token reply of Salesforce from the raw reply; pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import Reply, require_safe
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.reading import text_of, time_of

__all__ = ["TokenReply", "check_org", "claimed_identity", "identity_of", "read_token_reply"]

_ORG = re.compile(r"00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")
_USER = re.compile(r"005[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")


@dataclass(frozen=True, kw_only=True)
class TokenReply:
    """A successful token reply. There is no `expires_in`: Salesforce sends none and none is assumed.

    Source: https://help.salesforce.com/apex/HTViewHelpDoc?id=remoteaccess_oauth_refresh_token_flow.htm (confirmed).
    """

    access_token: Secret
    refresh_token: Secret | None
    #: empty when the reply had none
    instance_url: str
    identity_url: str
    scopes: tuple[str, ...]
    #: None when the reply had none, as after a JWT
    issued_at: datetime | None
    #: `issued_at` as it is in the reply: milliseconds since the epoch
    issued_at_text: str
    signature: str = field(repr=False)

    def signature_valid(self, client_secret: Secret | None) -> bool | None:
        """Whether base64(HMAC-SHA256(id + issued_at)) under the Consumer Secret is the signature; None: unknown.

        Source: https://help.salesforce.com/apex/HTViewHelpDoc?id=xcloud.remoteaccess_oauth_web_server_flow_ca.htm
        (likely).
        """
        if not (client_secret and self.signature and self.identity_url and self.issued_at_text):
            return None
        signed = (self.identity_url + self.issued_at_text).encode()
        expected = base64.b64encode(hmac.new(client_secret.reveal().encode(), signed, hashlib.sha256).digest())
        return hmac.compare_digest(expected, self.signature.encode())


def read_token_reply(reply: Reply, stage: Stage) -> TokenReply:
    """The tokens of a 2xx JSON object; raises RunbookError with the diagnosis of anything else."""
    body = reply.json()
    if not reply.ok or not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        failure = failure_of(reply, stage)
        if isinstance(body, dict) and not failure.error:
            failure = replace(failure, description="The reply has neither an access token nor an error.")
        raise RunbookError(failure)

    instance_url = text_of(body, "instance_url").rstrip("/")
    if instance_url:
        require_safe(instance_url)
    refresh_token = text_of(body, "refresh_token")
    return TokenReply(
        access_token=Secret(text_of(body, "access_token")),
        refresh_token=Secret(refresh_token) if refresh_token else None,
        instance_url=instance_url,
        identity_url=text_of(body, "id"),
        scopes=tuple(text_of(body, "scope").split()),
        issued_at=_issued_at(text_of(body, "issued_at")),
        issued_at_text=text_of(body, "issued_at"),
        signature=text_of(body, "signature"),
    )


def _issued_at(text: str) -> datetime | None:
    """`issued_at` is a string of milliseconds since the epoch (confirmed)."""
    try:
        return time_of(int(text) / 1000)
    except (ValueError, OverflowError):
        return None


def identity_of(identity_url: str) -> tuple[str, str]:
    """Org id and user id out of `https://…/id/<org>/<user>`, whatever its host."""
    if named := _ids_in(identity_url):
        return named
    description = "The reply names no org and user in its identity URL."
    failure = Failure(stage=Stage.TOKEN, host=urlsplit(identity_url).netloc, description=description)
    raise RunbookError(failure)


def claimed_identity(tokens: TokenReply) -> tuple[str, str]:
    """Org id and user id of a reply, each empty where the reply has none.

    Without an identity URL the org id is the start of the access token; a JWT does not start with an org id.
    """
    if tokens.identity_url:
        return _ids_in(tokens.identity_url) or ("", "")
    return _org_of(tokens.access_token), ""


def _ids_in(identity_url: str) -> tuple[str, str] | None:
    parts = urlsplit(identity_url).path.split("/")
    if len(parts) >= 3 and parts[-3] == "id" and _ORG.fullmatch(parts[-2]) and _USER.fullmatch(parts[-1]):
        return parts[-2], parts[-1]
    return None


def _org_of(access_token: Secret) -> str:
    head = access_token.reveal().partition("!")[0]
    return head if _ORG.fullmatch(head) else ""


def check_org(pinned: str | None, org_id: str, *, code: str = "wrong-org", access_token: Secret | None = None) -> None:
    """Raise RunbookError `code` unless `org_id` is the `pinned` org; 15 and 18 character ids are the same org.

    The error also names the org at the start of the access token, since a reply may contradict itself.
    """
    if pinned and pinned[:15] != org_id[:15]:
        token_org = _org_of(access_token) if access_token else ""
        raise problem(code, expected=pinned, seen=org_id, token_org=token_org or None)

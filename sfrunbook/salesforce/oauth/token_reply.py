"""What a token reply of Salesforce says, read from the raw reply; pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import Reply, require_safe
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.secret import Secret

__all__ = ["TokenReply", "check_org", "claimed_identity", "identity_of", "read_token_reply"]

_ORG = re.compile(r"00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")
_USER = re.compile(r"005[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")


@dataclass(frozen=True, kw_only=True)
class TokenReply:
    """A successful token reply. There is no `expires_in`: Salesforce sends none and none is made up.

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
    #: `issued_at` as it stands in the reply: milliseconds since the epoch
    issued_at_text: str
    signature: str = field(repr=False)

    def signature_valid(self, client_secret: Secret | None) -> bool | None:
        """Whether base64(HMAC-SHA256(id + issued_at)) under the Consumer Secret is the signature; None: not told.

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
            failure = replace(failure, description="The reply holds neither an access token nor an error.")
        raise RunbookError(failure)

    def text(name: str) -> str:
        value = body.get(name)
        return value if isinstance(value, str) else ""

    instance_url = text("instance_url").rstrip("/")
    if instance_url:
        require_safe(instance_url)
    refresh_token = text("refresh_token")
    return TokenReply(
        access_token=Secret(text("access_token")),
        refresh_token=Secret(refresh_token) if refresh_token else None,
        instance_url=instance_url,
        identity_url=text("id"),
        scopes=tuple(text("scope").split()),
        issued_at=_moment(text("issued_at")),
        issued_at_text=text("issued_at"),
        signature=text("signature"),
    )


def _moment(text: str) -> datetime | None:
    """`issued_at` is a string of milliseconds since the epoch (confirmed)."""
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def identity_of(identity_url: str) -> tuple[str, str]:
    """Org id and user id out of `https://…/id/<org>/<user>`, whatever its host."""
    if named := _ids_in(identity_url):
        return named
    description = "The reply names no org and user in its identity URL."
    failure = Failure(stage=Stage.TOKEN, host=urlsplit(identity_url).netloc, description=description)
    raise RunbookError(failure)


def claimed_identity(tokens: TokenReply) -> tuple[str, str]:
    """Org id and user id that a reply names, each empty where it names none.

    Without an identity URL the org is the one that the access token begins with; a JWT begins with none.
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


def check_org(expected: str | None, seen: str, *, code: str = "wrong-org", access_token: Secret | None = None) -> None:
    """Raise RunbookError `code` unless `seen` is the pinned org; 15 and 18 character ids are the same org.

    The org that the access token itself begins with is told too, since a reply may contradict itself.
    """
    if expected and expected[:15] != seen[:15]:
        token_org = _org_of(access_token) if access_token else ""
        raise problem(code, expected=expected, seen=seen, token_org=token_org or None)

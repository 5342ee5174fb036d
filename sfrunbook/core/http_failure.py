"""What a refusal says, in whichever form it comes."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from sfrunbook.core.http import Reply
from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.redaction import redact

__all__ = ["failure_of"]

_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title", re.IGNORECASE | re.DOTALL)


def failure_of(reply: Reply, stage: Stage) -> Failure:
    """What a refusal says, in whichever of Salesforce's forms it comes. Pure.

    Forms: `{"error", "error_description"}` of the OAuth endpoints; `[{"errorCode", "message"}]` of REST; a bare
    `error=…&error_description=…` of authorize and revoke; one bare word or sentence such as `Bad_OAuth_Token` of the
    identity service; `{"Message"}` of Cyclr's API. Anything else that should have been JSON is `not-json` of stage
    transport: an outage, or a host that is not Salesforce's.
    Source: https://help.salesforce.com/apex/HTViewHelpDoc?id=xcloud.remoteaccess_oauth_flow_errors.htm and
    https://developer.salesforce.com/docs/atlas.en-us.264.0.api_rest.meta/api_rest/errorcodes.htm
    """
    error, description, evidence = _read_error(reply)
    return Failure(
        stage=Stage.TRANSPORT if error == "not-json" else stage,
        host=urlsplit(reply.url).netloc,
        http_status=reply.status,
        error=error,
        description=redact(description)[:1000],
        evidence={"path": urlsplit(reply.url).path, "during": stage.value} | evidence,
    )


def _read_error(reply: Reply) -> tuple[str, str, dict[str, str]]:
    body = reply.json()
    if isinstance(body, list) and body and isinstance(body[0], dict):
        body = body[0]
    if isinstance(body, dict):
        error = body.get("error") or body.get("errorCode") or ""
        return str(error), str(body.get("error_description") or body.get("message") or body.get("Message") or ""), {}
    text = reply.text.strip()
    if text.startswith(("error=", "error_description=")):
        form = parse_qs(text, keep_blank_values=True)
        return form.get("error", [""])[0], form.get("error_description", [""])[0], {}
    if 400 <= reply.status < 500 and re.fullmatch(r"[\w .,'-]{1,100}", text):
        return (text, "", {}) if " " not in text else ("", text, {})
    if 300 <= reply.status < 400:
        return "not-json", "The host redirected this request to another address.", {}
    title = _TITLE.search(text[:20_000])
    shown = {"title": redact(unescape(title.group(1)))[:200]} if title else {}
    what = "a web page" if "<" in text[:200] else "something other than JSON" if text else "an empty reply"
    return "not-json", f"The host answered with {what}.", shown

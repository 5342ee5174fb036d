"""`/services/oauth2/authorize`: the answers before any login, and the redirect to the login page."""

from __future__ import annotations

import json
from urllib.parse import quote

from sfrunbook.practice.oauth.consent import Consent
from sfrunbook.practice.org.entities import App, AuthorizeRequest
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.wire import NO_STORE, Answer, Call, form_text, redirect, with_parameters

__all__ = ["AUTHORIZATION_PAGE", "Authorize", "login_address"]

AUTHORIZATION_PAGE = "/setup/secur/RemoteAccessAuthorizationPage.apexp"
_HTML = (*NO_STORE, (b"content-type", b"text/html; charset=UTF-8"))
_NAVIGATION = """

<html>
<head>
    <meta HTTP-EQUIV="PRAGMA" CONTENT="NO-CACHE">


<script>
function redirectOnLoad() {
if (this.SfdcApp && this.SfdcApp.projectOneNavigator) { SfdcApp.projectOneNavigator.handleRedirect(%(target)s); }  else 
if (window.location.replace){ 
window.location.replace(%(target)s);
} else {
window.location.href =%(target)s;
} 
} 
redirectOnLoad();
</script>

</head>


</html>


"""  # noqa: W291 - as captured


class Authorize:
    """The authorize address of every host."""

    def __init__(self, world: World, consent: Consent) -> None:
        self._world = world
        self._consent = consent

    def __call__(self, call: Call) -> Answer:
        """Client id, then callback, then response type and PKCE, then the session (likely; the middle is open)."""
        if call.method not in ("GET", "HEAD"):
            return self.bare_error("invalid_request", "must use HTTP GET")
        settings, asked = self._world.settings, call.parameters
        app = self._world.find_app(call.host, asked.get("client_id", ""))
        if app is None:
            return self.bare_error("invalid_client_id", "client identifier invalid")
        demanded = app.pkce_required or self._world.switches_at(call.host.org_id or app.org_id).pkce_required
        lacks_challenge = bool(demanded) and "code_challenge" not in asked
        if lacks_challenge and settings.pkce_checked_before_callback and settings.pkce_missing_delivery == "body":
            return self.bare_error("invalid_request", "missing required code challenge")
        redirect_uri = asked.get("redirect_uri", "")
        if not redirect_uri and settings.absent_redirect_uri == "use_the_only_one" and len(app.callback_urls) == 1:
            redirect_uri = app.callback_urls[0]
        if not redirect_uri:
            return self.bare_error("redirect_uri_missing", "redirect_uri not provided")
        if redirect_uri not in app.callback_urls:
            return self.bare_error("redirect_uri_mismatch", "redirect_uri must match configuration")
        pkce_in_body = settings.pkce_missing_delivery == "body"
        if asked.get("response_type") != "code":
            in_body = settings.response_type_delivery == "body"
            return self._refuse(
                call, redirect_uri, "unsupported_response_type", "response type not supported", in_body=in_body
            )
        if lacks_challenge:
            text = "missing required code challenge"
            return self._refuse(call, redirect_uri, "invalid_request", text, in_body=pkce_in_body)
        if asked.get("code_challenge_method", "S256") != "S256" and settings.plain_challenge_refused:
            text = "invalid code challenge method"
            return self._refuse(call, redirect_uri, "invalid_request", text, in_body=pkce_in_body)
        return self._to_login(call, app, redirect_uri)

    def bare_error(self, error: str, description: str) -> Answer:
        """The form-encoded body on the authorize address itself; status and absent type are settings (likely)."""
        settings = self._world.settings
        kind = settings.bare_error_content_type
        headers = (*NO_STORE, (b"content-type", kind.encode())) if kind else NO_STORE
        body = form_text(error=error, error_description=description).encode()
        return Answer(status=settings.bare_error_status, headers=headers, body=body, note=error)

    def _refuse(self, call: Call, redirect_uri: str, error: str, description: str, *, in_body: bool) -> Answer:
        if in_body:
            return self.bare_error(error, description)
        state = call.parameters.get("state")
        location = with_parameters(redirect_uri, error=error, error_description=description, state=state)
        return redirect(location, note=error)

    def _to_login(self, call: Call, app: App, redirect_uri: str) -> Answer:
        asked, world = call.parameters, self._world
        prompt = asked.get("prompt", "").split()
        session = self._consent.session(call)
        request = AuthorizeRequest(
            client_id=app.client_id,
            redirect_uri=redirect_uri,
            state=asked.get("state"),
            scope=tuple(asked.get("scope", "").split()),
            challenge=asked.get("code_challenge", ""),
            nonce=asked.get("nonce", ""),
            display=asked.get("display", ""),
            login_hint=asked.get("login_hint", ""),
            asks_consent="consent" in prompt,
            serial_wanted=world.next_serial() if "login" in prompt or "select_account" in prompt else 0,
        )
        if asked.get("immediate") == "true":
            return self._consent.immediate(call, request)
        source = world.park(request)
        if session is not None and session.serial > request.serial_wanted:
            return redirect(f"{AUTHORIZATION_PAGE}?source={quote(source, safe='')}")
        target = json.dumps(login_address(call.host.origin, source, request.display))[1:-1]
        page = _NAVIGATION % {"target": "'" + target.replace("'", "%27").replace("<", "%3C") + "'"}
        return Answer(status=200, headers=_HTML, body=page.encode())


def login_address(origin: str, source: str, display: str = "") -> str:
    """The login page that leads back to this parked call; `source` is encoded twice, `display` is in both addresses.

    Source: https://developers.qodex.ai/salesforce-developers/salesforce-platform-apis-1/auth-8/web-server-flow-1-2
    (a copy of Salesforce's own example, confirmed).
    """
    inner = f"{AUTHORIZATION_PAGE}?source={quote(source, safe='')}"
    outer = ""
    if display:
        inner += f"&display={quote(display, safe='')}"
        outer = f"&display={quote(display, safe='')}"
    return f"{origin}/?ec=302&startURL={quote(inner, safe='')}{outer}"

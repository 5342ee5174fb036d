"""The pages between authorize and callback: the checks after login, "Allow Access?", and the way back to the app."""

from __future__ import annotations

import hmac
from urllib.parse import quote

from sfrunbook.practice.org.access import admits_by_api_access_control, may_use, needs_installation
from sfrunbook.practice.org.entities import App, AuthorizeRequest, BrowserSession, Host, User
from sfrunbook.practice.org.ledger import Ledger, granted_scopes
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.pages import Pages
from sfrunbook.practice.web.wire import Answer, Call, cookie_of, redirect, with_parameters

__all__ = ["SCOPE_LABELS", "Consent"]

AUTHORIZATION_PAGE = "/setup/secur/RemoteAccessAuthorizationPage.apexp"
ERROR_PAGE = "/setup/secur/RemoteAccessErrorPage.apexp"
SCOPE_LABELS = {
    "refresh_token": "Perform requests at any time",
    "full": "Full access",
    "api": "Manage user data via APIs",
    "web": "Manage user data via Web browsers",
    "id": "Access the identity URL service",
    "openid": "Access unique user identifiers",
    "profile": "Access the identity URL service: profile",
    "email": "Access the identity URL service: email",
    "address": "Access the identity URL service: address",
    "phone": "Access the identity URL service: phone",
    "chatter_api": "Access Connect REST API resources",
    "visualforce": "Access Visualforce applications",
    "lightning": "Access Lightning applications",
    "content": "Access content resources",
    "custom_permissions": "Access custom permissions",
    "wave_api": "Access Analytics REST API resources",
    "eclair_api": "Access Analytics REST API Charts Geodata resources",
}


class Consent:
    """Everything after login, up to the redirect that carries a code or an error."""

    def __init__(self, world: World, ledger: Ledger, pages: Pages) -> None:
        self._world = world
        self._ledger = ledger
        self._pages = pages

    def session(self, call: Call) -> BrowserSession | None:
        """The browser's session on this host; cookies do not tell ports apart, so the name carries the port."""
        return self._world.session(call.host, cookie_of(call, f"sid_{call.host.port}"))

    def __call__(self, call: Call) -> Answer:
        """GET shows the page, POST is the press of a button."""
        source = call.parameters.get("source", "")
        request = self._world.pending.get(source)
        if request is None:
            return self._pages.message(
                "Authorization Error",
                "This authorization request is unknown or too old. Go back to the app and start again.",
            )
        session = self.session(call)
        if session is None or session.serial <= request.serial_wanted:
            inner = f"{AUTHORIZATION_PAGE}?source={quote(source, safe='')}"
            return redirect(f"/?ec=302&startURL={quote(inner, safe='')}")
        user = self._world.users[session.user_id]
        app = self._world.find_app(call.host, request.client_id)
        refusal = self._refusal(call, app, user, request)
        if refusal is not None or app is None:
            self._world.pending.pop(source, None)
            return refusal or self._error_page(
                "OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org"
            )
        if call.method == "POST":
            return self._pressed(call, source, request, session, app, user)
        if self._needs_no_question(app, user, request):
            self._world.pending.pop(source, None)
            return self._allow(request, app, user)
        scopes = granted_scopes(app, request.scope) or ()
        return self._pages.consent(app, user, source, session.csrf, [SCOPE_LABELS.get(name, name) for name in scopes])

    def immediate(self, call: Call, request: AuthorizeRequest) -> Answer:
        """`immediate=true`: a code at once where there is a session and an approval, else an error (confirmed)."""
        session = self.session(call)
        app = self._world.find_app(call.host, request.client_id)
        if session is not None and app is not None:
            user = self._world.users[session.user_id]
            pre_authorized = app.permitted_users == "admin"
            if pre_authorized or self._ledger.live_approvals(user.user_id, app.client_id):
                return self._refusal(call, app, user, request) or self._allow(request, app, user)
        return self._to_callback(request, "immediate_unsuccessful", "immediate unsuccessful")

    def _pressed(
        self, call: Call, source: str, request: AuthorizeRequest, session: BrowserSession, app: App, user: User
    ) -> Answer:
        pressed = call.parameters
        if not hmac.compare_digest(pressed.get("csrf", "").encode(), session.csrf.encode()):
            return self._pages.message(
                "Authorization Error", "The page is too old. Go back to the app and start again."
            )
        self._world.pending.pop(source, None)
        if "save" in pressed:
            return self._allow(request, app, user)
        self._note(call, user, app, "User Denied Access")
        return self._to_callback(request, "access_denied", "end-user denied authorization")

    def _needs_no_question(self, app: App, user: User, request: AuthorizeRequest) -> bool:
        """Pre-authorized users are not asked (likely); remembering a consent is a setting (guess)."""
        if app.permitted_users == "admin":
            return True
        if request.asks_consent or not self._world.settings.consent_remembered:
            return False
        wanted = granted_scopes(app, request.scope)
        return any(each.scopes == wanted for each in self._ledger.live_approvals(user.user_id, app.client_id))

    def _allow(self, request: AuthorizeRequest, app: App, user: User) -> Answer:
        code = self._ledger.issue_code(request, user, granted_scopes(app, request.scope) or ())
        return redirect(with_parameters(request.redirect_uri, code=code.code, state=request.state), note="code")

    def _note(self, call: Call, user: User, app: App, status: str) -> None:
        address = self._world.client_ip(call.headers)
        self._world.note_login(user, app.name, "Remote Access 2.0", status, address=address, host=call.host)

    def _refusal(self, call: Call, app: App | None, user: User, request: AuthorizeRequest) -> Answer | None:
        """What the org finds only when it knows the user; `None` when nothing is in the way."""
        if app is None:
            return None
        found = self._cross_org(call.host, app, user)
        if found is None and not app.enabled:
            found = ("oauth_flow_disabled", "The external client app or the OAuth plugin is disabled.")
        world = self._world
        if found is None and (world.is_blocked(app, user.org_id) or not admits_by_api_access_control(world, app, user)):
            found = ("OAUTH_APP_BLOCKED", "this app is blocked by admin")
        if found is not None:
            return self._to_callback(request, *found)
        known_before = bool(self._ledger.live_approvals(user.user_id, app.client_id))
        if needs_installation(world, app, user, known_before=known_before):
            failed = world.settings.login_history_of_failed_approval == "failed"
            self._note(call, user, app, _NOT_APPROVED if failed else "Success")
            return self._error_page("invalid_client", "app must be installed into org")
        if not may_use(app, user):
            self._note(call, user, app, _NOT_APPROVED)
            description = "user is not admin approved to access this app"
            return self._to_callback(request, "OAUTH_APP_ACCESS_DENIED", description)
        if granted_scopes(app, request.scope) is None:
            if self._world.settings.unregistered_scope == "approval_error_page":
                return self._error_page("OAUTH_APPROVAL_ERROR_GENERIC", _GENERIC)
            return self._to_callback(request, "invalid_scope", "requested scope is invalid, unknown, malformed")
        return None

    def _cross_org(self, host: Host, app: App, user: User) -> tuple[str, str] | None:
        if app.everywhere or app.kind != "external_client_app" or app.distribution != "local":
            return None
        not_found = ("OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org")
        cross_org = (
            "OAUTH_AUTHORIZATION_BLOCKED",
            "Cross-org OAuth flows are not supported for this external client app",
        )
        if app.org_id != user.org_id:
            return cross_org
        on_login_host = self._world.settings.local_app_on_login_host
        if host.kind != "my_domain" and on_login_host != "allowed":
            return not_found if on_login_host == "not_found_after_login" else cross_org
        return None

    def _to_callback(self, request: AuthorizeRequest, error: str, description: str) -> Answer:
        location = with_parameters(
            request.redirect_uri, error=error, error_description=description, state=request.state
        )
        return redirect(location, note=error)

    def _error_page(self, error: str, description: str) -> Answer:
        """Salesforce's own error page; `state` is not echoed there (confirmed)."""
        return redirect(with_parameters(ERROR_PAGE, error=error, error_description=description), note=error)


_NOT_APPROVED = "Failed: Not approved for access"
_GENERIC = "An unexpected error has occured during authentication. Please try again."

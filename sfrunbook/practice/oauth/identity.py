"""The identity endpoints: userinfo, the identity URL, the discovery documents and the keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sfrunbook.practice.org.entities import AccessToken, App, User
from sfrunbook.practice.org.ids import is_id
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.words import words
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.wire import Answer, Call, bearer_of, json_answer, text_answer

__all__ = ["Identity", "id_token_claims"]

# `api` and `web` count because the Salesforce CLI asks userinfo with "refresh_token api web" (confirmed by its calls).
_IDENTITY_SCOPES = frozenset({"id", "openid", "profile", "email", "address", "phone", "full", "api", "web"})
_OFFSET_MILLISECONDS = -28_800_000
_SCOPES = words(
    "id api web full chatter_api visualforce refresh_token openid profile email address phone offline_access "
    "custom_permissions wave_api eclair_api"
)
_CLAIMS = words(
    "active address email email_verified family_name given_name is_app_installed language locale name nickname "
    "organization_id phone_number phone_number_verified photos picture preferred_username profile sub updated_at "
    "urls user_id user_type utcOffset zoneinfo"
)


def id_token_claims(world: World, user: User, app: App, access: AccessToken, nonce: str) -> dict[str, Any]:
    """The claims of an id_token; two minutes of life (guess), `nonce` only when it was sent."""
    now = int(access.issued)
    claims: dict[str, Any] = {
        "sub": world.identity_url(user),
        "aud": app.client_id,
        "iss": world.orgs[user.org_id].my_domain_url,
        "exp": now + 120,
        "iat": now,
    }
    return {**claims, "nonce": nonce} if nonce else claims


class Identity:
    """Answers with what the org knows of a user or of itself."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger

    def userinfo(self, call: Call) -> Answer:
        """GET or POST with a bearer token; refusals are 403 and plain text, not JSON (confirmed by clients)."""
        caller = self._caller(call, call.parameters.get("access_token"))
        if isinstance(caller, Answer):
            return caller
        return json_answer(call, self._userinfo(caller), note="userinfo")

    def identity(self, call: Call) -> Answer:
        """`/id/{org18}/{user18}` with a bearer token or `oauth_token` (likely)."""
        caller = self._caller(call, call.parameters.get("oauth_token"))
        if isinstance(caller, Answer):
            return caller
        org_id, user_id = call.found["org_id"], call.found["user_id"]
        if not is_id(org_id) or not is_id(user_id):
            return text_answer("Bad_Id", 404)
        if caller.org_id[:15] != org_id[:15]:
            return text_answer("Wrong_Org", 403)
        wanted = next((each for each in self._world.users.values() if each.user_id[:15] == user_id[:15]), None)
        if wanted is None or wanted.org_id != caller.org_id:
            return text_answer("Bad_Id", 404)
        if wanted.user_id != caller.user_id and caller.profile != "System Administrator":
            return text_answer("No_Access", 404)
        if not wanted.is_active:
            return text_answer("Inactive", 404)
        return json_answer(call, self._identity(wanted, asked_by=caller), note="identity")

    def _caller(self, call: Call, parameter: str | None) -> User | Answer:
        token = bearer_of(call) or parameter
        if not token:
            return text_answer("Missing_OAuth_Token", 403)
        access = self._ledger.use_access(token)
        if access is None or not access.scopes & _IDENTITY_SCOPES:
            return text_answer("Bad_OAuth_Token", 403)
        user = self._world.users[access.user_id]
        if not self._world.serves(call.host, user.org_id):
            return text_answer("Wrong_Org", 403)
        return user

    def _urls(self, user: User) -> dict[str, str]:
        base = self._world.orgs[user.org_id].my_domain_url
        data = f"{base}/services/data/v{{version}}"
        return {
            "enterprise": f"{base}/services/Soap/c/{{version}}/{user.org_id[:15]}",
            "metadata": f"{base}/services/Soap/m/{{version}}/{user.org_id[:15]}",
            "partner": f"{base}/services/Soap/u/{{version}}/{user.org_id[:15]}",
            "rest": f"{data}/",
            "sobjects": f"{data}/sobjects/",
            "search": f"{data}/search/",
            "query": f"{data}/query/",
            "recent": f"{data}/recent/",
            "tooling_soap": f"{base}/services/Soap/T/{{version}}/{user.org_id[:15]}",
            "tooling_rest": f"{data}/tooling/",
            "profile": f"{base}/{user.user_id}",
            "feeds": f"{data}/chatter/feeds",
            "groups": f"{data}/chatter/groups",
            "users": f"{data}/chatter/users",
            "feed_items": f"{data}/chatter/feed-items",
            "feed_elements": f"{data}/chatter/feed-elements",
            "custom_domain": base,
        }

    def _photos(self, user: User) -> dict[str, str]:
        base = self._world.orgs[user.org_id].my_domain_url
        return {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"}

    def _of_both(self, user: User) -> dict[str, Any]:
        """What userinfo and the identity URL say alike."""
        return {
            "urls": self._urls(user),
            "active": user.is_active,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": _OFFSET_MILLISECONDS,
        }

    def _userinfo(self, user: User) -> dict[str, Any]:
        photos = self._photos(user)
        return {
            "sub": self._world.identity_url(user),
            "user_id": user.user_id,
            "organization_id": user.org_id,
            "preferred_username": user.username,
            "nickname": user.username.partition("@")[0],
            "name": user.name,
            "email": user.email,
            "email_verified": True,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "zoneinfo": "America/Los_Angeles",
            "photos": photos,
            "profile": f"{self._world.orgs[user.org_id].my_domain_url}/{user.user_id}",
            "picture": photos["picture"],
            "address": {"country": "US"},
            **self._of_both(user),
            "updated_at": "2026-01-05T09:00:00Z",
            "is_app_installed": True,
        }

    def _identity(self, user: User, *, asked_by: User) -> dict[str, Any]:
        asked_at = datetime.fromtimestamp(self._world.clock.time(), UTC)
        return {
            "id": self._world.identity_url(user),
            "asserted_user": user.user_id == asked_by.user_id,
            "user_id": user.user_id,
            "organization_id": user.org_id,
            "username": user.username,
            "nick_name": user.username.partition("@")[0],
            "display_name": user.name,
            "email": user.email,
            "email_verified": True,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "timezone": "America/Los_Angeles",
            "photos": self._photos(user),
            "addr_street": None,
            "addr_city": None,
            "addr_state": None,
            "addr_country": "US",
            "addr_zip": None,
            "mobile_phone": None,
            "mobile_phone_verified": False,
            "is_lightning_login_user": False,
            "status": {"created_date": None, "body": None},
            **self._of_both(user),
            "last_modified_date": asked_at.strftime("%Y-01-05T09:00:00Z"),
            "is_app_installed": True,
        }

    def openid_configuration(self, call: Call) -> Answer:
        """Every host is its own issuer; keys in the order of a capture (confirmed)."""
        base = call.host.origin
        oauth = f"{base}/services/oauth2"
        document = {
            "issuer": base,
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "revocation_endpoint": f"{oauth}/revoke",
            "userinfo_endpoint": f"{oauth}/userinfo",
            "jwks_uri": f"{base}/id/keys",
            "register_endpoint": f"{oauth}/register",
            "introspection_endpoint": f"{oauth}/introspect",
            "scopes_supported": _SCOPES,
            "response_types_supported": ["code", "token", "token id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "display_values_supported": ["page", "popup", "touch"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "client_secret_basic",
                "private_key_jwt",
            ],
            "claims_supported": _CLAIMS,
        }
        return json_answer(call, document, note="discovery")

    def auth_configuration(self, call: Call) -> Answer:
        """How the login page looks and which sign-on it offers; needs no login (confirmed to exist, shape likely)."""
        org = self._world.orgs.get(call.host.org_id)
        page = {"LoginPageUrl": call.host.origin, "OrganizationId": org.org_id if org else None}
        document: dict[str, Any] = {
            "OrganizationId": org.org_id if org else None,
            "LoginPage": page,
            "AuthProviders": [],
            "SamlProviders": [],
            "MobileSDK": {
                "UseAndroidNativeBrowserForAuthentication": False,
                "UseiOSNativeBrowserForAuthentication": False,
            },
        }
        return json_answer(call, document, note="discovery")

    def keys(self, call: Call) -> Answer:
        return json_answer(call, self._world.signing_key.jwks(), note="jwks")

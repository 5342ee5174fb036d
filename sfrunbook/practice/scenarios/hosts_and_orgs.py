"""Scenarios about hosts and orgs: where a login may happen, which org answers, and orgs that change under a client."""

from __future__ import annotations

from sfrunbook.practice.org.sandbox import Lost, put_sandbox_back, refresh_sandbox
from sfrunbook.practice.scenarios.registry import UnknownScenario, scenario
from sfrunbook.practice.scenarios.stage import Stage

__all__: list[str] = []

_GONE = b"<html><head><title>URL No Longer Exists</title></head><body>URL No Longer Exists</body></html>"
_HTML = ((b"content-type", b"text/html; charset=UTF-8"),)


def _no_such(name: str, value: str, choices: str) -> UnknownScenario:
    return UnknownScenario(f"{name} is {choices}, not {value!r}.")


@scenario()
def host_refused(stage: Stage, kind: str = "login") -> None:
    """One kind of host (login, test or my_domain) no longer offers logins, like a retired instance address.

    Symptom: Every OAuth address at this host returns 404 with an HTML page.
    """
    if kind not in ("login", "test", "my_domain"):
        raise _no_such("kind", kind, "login, test or my_domain")
    stage.fault("reply", path="/services/oauth2/", host_kinds=(kind,), status=404, headers=_HTML, body=_GONE)


@scenario()
def my_domain_login_only(stage: Stage, api: bool = True) -> None:
    """Users can log in only at the org's My Domain, not at login.salesforce.com or test.salesforce.com.

    Symptom: A correct password is rejected there. A refresh there returns invalid_grant, “expired access/refresh
    token”.
    """
    stage.settings(my_domain_login_only="browser_and_api" if api else "browser")


@scenario()
def local_app_elsewhere(stage: Stage, answer: str = "cross_org") -> None:
    """Salesforce rejects a Local External Client App outside its org's My Domain, but only after login.

    Symptom: A login returns OAUTH_AUTHORIZATION_BLOCKED (answer=cross_org) or OAUTH_EC_APP_NOT_FOUND
    (answer=not_found). The JWT Bearer Flow returns app_not_found.
    """
    if answer not in ("cross_org", "not_found"):
        raise _no_such("answer", answer, "cross_org or not_found")
    stage.settings(
        local_app_on_foreign_my_domain="blocked_after_login", local_app_on_login_host=f"{answer}_after_login"
    )


def _move_back(stage: Stage, lost: Lost) -> None:
    put_sandbox_back(stage.world, stage.ledger, lost)
    stage.data.forget(lost.new_id)


@scenario(undo=_move_back)
def sandbox_refresh(stage: Stage, org: str = "") -> Lost:
    """The sandbox was refreshed: same address, new org ID, without its apps and tokens.

    Symptom: Its apps return invalid_client_id and its tokens 401. The login page's configuration shows another org
    ID.
    """
    found = next((each for each in stage.orgs(org) if org or each.kind == "sandbox"), None)
    if found is None:
        raise UnknownScenario("This practice org has no sandbox.")
    lost = refresh_sandbox(stage.world, stage.ledger, found)
    stage.data.forget(lost.old_id)
    return lost


@scenario()
def instance_url_migration(stage: Stage, org: str = "") -> None:
    """Salesforce moved the org, and API calls work only at the new address.

    Symptom: Calls to the old instance_url fail with 401 INVALID_SESSION_ID. After a refresh, the new address works.
    """
    for each in stage.orgs(org):
        old = "127.0.0.1" if "127.0.0.1" in each.my_domain_url else "localhost"
        new = "localhost" if old == "127.0.0.1" else "127.0.0.1"
        stage.change_org(each, instance_url=each.my_domain_url.replace(old, new))


@scenario()
def org_mix_up(stage: Stage, org: str = "second") -> None:
    """Token replies name a different org than the one you logged in to.

    Symptom: id and instance_url in the reply belong to the other org.
    """
    stage.orgs(org)
    stage.settings(reply_names_org=org)


@scenario()
def api_disabled(stage: Stage, by: str = "profile", user: str = "", org: str = "") -> None:
    """The API is off for the users (by=profile) or for the whole org (by=edition).

    Symptom: Every API call fails with 403 API_CURRENTLY_DISABLED or API_DISABLED_FOR_ORG.
    """
    if by == "edition":
        for each in stage.orgs(org):
            stage.change_org(each, api_enabled=False)
    elif by == "profile":
        stage.change_users(user, api_enabled=False)
    else:
        raise _no_such("by", by, "profile or edition")


@scenario()
def api_access_control(stage: Stage, org: str = "") -> None:
    """API Access Control is on, and the app isn't allowed.

    Symptom: A login returns OAUTH_APP_BLOCKED. API calls with existing tokens return 401 “This session is not valid
    for use with the REST API”.
    """
    for each in stage.orgs(org):
        stage.change_switches(each, api_access_control=True)

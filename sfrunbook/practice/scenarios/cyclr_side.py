"""Scenarios about Cyclr as a client of Salesforce: what was pasted where, what it sends, and where it comes back."""

from __future__ import annotations

from dataclasses import replace

from sfrunbook.practice.cyclr.api_connectors import take_property
from sfrunbook.practice.cyclr.entities import AccountConnector
from sfrunbook.practice.cyclr.library import CREDENTIALS, IS_SANDBOX, library_of
from sfrunbook.practice.cyclr.seed import CALLBACK_PATH, local_callbacks
from sfrunbook.practice.org.entities import App
from sfrunbook.practice.scenarios.registry import UnknownScenario, scenario
from sfrunbook.practice.scenarios.stage import Stage

__all__: list[str] = []

#: installed connectors, each with a copy of what it was before
_Kept = list[tuple[AccountConnector, AccountConnector]]
_SALESFORCE, _OTHER = "Salesforce", "Salesforce Service Cloud"


def _local_apps(stage: Stage, app: str) -> list[App]:
    """The named apps, or all that lead back to the practice Cyclr."""
    here = set(local_callbacks(stage.partner()))
    return [each for each in stage.apps(app) if app or here & set(each.callback_urls)]


@scenario(causes=(1,))
def cyclr_callback_mismatch(stage: Stage, how: str = "trailing_slash", app: str = "") -> None:
    """The app's callback URLs aren't exactly Cyclr's: trailing_slash, other_region, console_only, service_only.

    Symptom: redirect_uri_mismatch before the login page. With console_only, connectors in accounts fail and template
    connectors work. With service_only, it's the opposite.
    """
    cyclr = stage.partner()
    console, service = local_callbacks(cyclr)
    elsewhere = list(cyclr.instances.values())[-1]
    changed = {
        "trailing_slash": {console: f"{console}/", service: f"{service}/"},
        "other_region": {
            console: elsewhere.console_url + CALLBACK_PATH,
            service: elsewhere.service_url + CALLBACK_PATH,
        },
        "console_only": {service: ""},
        "service_only": {console: ""},
    }
    if how not in changed:
        raise UnknownScenario(f"how is one of {', '.join(changed)}.")
    for each in _local_apps(stage, app):
        urls = [changed[how].get(url, url) for url in each.callback_urls]
        stage.change_app(each, callback_urls=tuple(url for url in urls if url))


def _pasted(stage: Stage) -> tuple[str, str]:
    """What the Console has for Salesforce; on the first day what should have been pasted there."""
    connector = next(each for each in stage.partner().home.library if each.name == _SALESFORCE)
    source = connector if connector.client_id else _local_apps(stage, "")[0]
    return source.client_id, source.client_secret


@scenario(causes=(6,))
def cyclr_credentials_wrong(stage: Stage, how: str = "secret") -> None:
    """The Console has a wrong key or secret: secret, blank (space at the end), key_blank or swapped.

    Symptom: secret and blank return invalid_client, “invalid client credentials”, after login. The others return
    invalid_client_id before it.
    """
    key, secret = _pasted(stage)
    pairs = {"secret": (key, secret[::-1]), "blank": (key, f"{secret} "), "key_blank": (f"{key} ", secret)}
    pairs["swapped"] = (secret, key)
    if how not in pairs:
        raise UnknownScenario(f"how is one of {', '.join(pairs)}.")
    stage.change_library(_SALESFORCE, client_id=pairs[how][0], client_secret=pairs[how][1])


@scenario(causes=(16,))
def cyclr_other_connector(stage: Stage) -> None:
    """Client ID and Client Secret were entered in another connector, Salesforce Service Cloud.

    Symptom: The Salesforce connector has no Client ID. Installing it asks for one, and a sign-in link says Setup
    Required.
    """
    key, secret = _pasted(stage)
    stage.change_library(_OTHER, client_id=key, client_secret=secret)
    stage.change_library(_SALESFORCE, client_id="", client_secret="")


@scenario(causes=(16,))
def cyclr_save_forgotten(stage: Stage, still: str = "") -> None:
    """Save Changes wasn't pressed, so the Console has no values, or still those of an older app.

    Symptom: The Console shows Setup Required, or Cyclr sends the older app's Client ID to Salesforce.
    """
    old = stage.apps(still)[0] if still else None
    pair = (
        {"client_id": old.client_id, "client_secret": old.client_secret}
        if old
        else dict.fromkeys(("client_id", "client_secret"), "")
    )
    stage.partner()
    stage.change_library(_SALESFORCE, **pair)


def _installed(stage: Stage) -> _Kept:
    return [(each, replace(each, properties=[*each.properties])) for each in stage.partner().home.connectors.values()]


def _as_before(_stage: Stage, kept: _Kept) -> None:
    for connector, before in kept:
        connector.account_id, connector.properties = before.account_id, before.properties
        connector.authenticated, connector.tokens = before.authenticated, before.tokens


def _set(stage: Stage, connector: AccountConnector, name: str, value: str) -> None:
    """Set a property in a list of its own, so that the one kept for the undo stays as it was."""
    connector.properties = [each for each in connector.properties if each.name != name]
    cyclr = stage.partner()
    take_property(cyclr, library_of(cyclr.home, connector), connector, name, value, stage.world.settings)


@scenario(causes=(16,), undo=_as_before)
def cyclr_account_override(stage: Stage, app: str = "Cyclr (Connected App)") -> _Kept:
    """Installed connectors have their own Client ID and Client Secret, from another app.

    Symptom: Cyclr sends another Client ID than the Console shows. The connector's properties list ClientId.
    """
    other, kept = stage.apps(app)[0], _installed(stage)
    for connector, _ in kept:
        if library_of(stage.partner().home, connector).family == "salesforce":
            for name, value in zip(CREDENTIALS, (other.client_id, other.client_secret), strict=True):
                _set(stage, connector, name, value)
    return kept


@scenario(causes=(7,), undo=_as_before)
def cyclr_wrong_login_host(stage: Stage) -> _Kept:
    """“Is Sandbox?” has the wrong value in the installed connectors.

    Symptom: Cyclr opens the wrong login page, which returns invalid_client_id because it doesn't know the app.
    """
    kept = _installed(stage)
    for connector, before in kept:
        now = next((p.value for p in before.properties if p.name == IS_SANDBOX), "false")
        if library_of(stage.partner().home, connector).family == "salesforce":
            _set(stage, connector, IS_SANDBOX, "false" if now == "true" else "true")
    return kept


@scenario(causes=(3,))
def cyclr_pkce_not_sent(stage: Stage, app: str = "") -> None:
    """The apps require PKCE, but Cyclr sends no code challenge.

    Symptom: invalid_request, “missing required code challenge”, before the login page.
    """
    stage.settings(cyclr_sends_pkce=False)
    for each in _local_apps(stage, app):
        stage.change_app(each, pkce_required=True)


@scenario(causes=(9,))
def cyclr_secret_not_sent_on_refresh(stage: Stage, app: str = "") -> None:
    """“Require Secret for Refresh Token Flow” is checked, but Cyclr refreshes without the secret.

    Symptom: Methods return data at first. After the access token has expired, they fail with invalid_client.
    """
    stage.settings(cyclr_refresh_sends_secret=False)
    for each in _local_apps(stage, app):
        stage.change_app(each, secret_required_for_refresh=True)


@scenario(causes=(11,))
def cyclr_rotated_token_dropped(stage: Stage, app: str = "") -> None:
    """The apps rotate refresh tokens, but Cyclr sends the first one again.

    Symptom: The first refresh works. The second returns invalid_grant, “expired access/refresh token”, and the
    approval is revoked.
    """
    stage.settings(cyclr_keeps_rotated_token=False)
    for each in _local_apps(stage, app):
        stage.change_app(each, rotates_refresh_token=True, secret_required_for_refresh=False)


@scenario(causes=(12,))
def cyclr_addresses_not_listed(stage: Stage, app: str = "") -> None:
    """The refresh token IP allowlist includes this computer, but not Cyclr's outgoing addresses.

    Symptom: Everything works from here. Cyclr's code exchange and refresh return invalid_grant, “ip restricted”.
    """
    for each in _local_apps(stage, app):
        stage.change_app(each, enforces_refresh_ip_allowlist=True, refresh_ip_ranges=("127.0.0.1",))


@scenario(causes=(16,), undo=_as_before)
def cyclr_template_only(stage: Stage) -> _Kept:
    """The connectors were installed in the Console as template connectors, not in an account.

    Symptom: Templates > Template Connectors lists them, but the account's list of connectors is empty.
    """
    kept = _installed(stage)
    for connector, _ in kept:
        connector.account_id = ""
    return kept


@scenario(causes=(), undo=_as_before)
def cyclr_deauthenticated(stage: Stage) -> _Kept:
    """Someone pressed De-Authenticate for the installed connectors.

    Symptom: Authenticated is false, and methods return “Failed to authenticate the connector”.
    """
    kept = _installed(stage)
    for connector, _ in kept:
        connector.authenticated, connector.tokens = False, None
    return kept


@scenario(causes=())
def cyclr_state_expired(stage: Stage) -> None:
    """The login took longer than Cyclr waits.

    Symptom: Cyclr's callback page says that it could not match the request (status 400). Authenticated stays false.
    """
    stage.partner()
    stage.settings(cyclr_state_seconds=0.0)

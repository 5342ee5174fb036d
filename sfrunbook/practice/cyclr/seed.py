"""The practice Cyclr at its start: two regions, and the partner's instance with two accounts."""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.cyclr.entities import Account, ApiClient, ConsoleUser, Instance, LibraryConnector, Template
from sfrunbook.practice.cyclr.library import method_id, method_uid, methods_of, property_kinds
from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.org.entities import Host
from sfrunbook.practice.org.settings import Settings

__all__ = [
    "CALLBACK_PATH",
    "HOST_NAMES",
    "api_client_line",
    "build_cyclr",
    "cyclr_hosts",
    "cyclr_line",
    "local_callbacks",
]

CALLBACK_PATH = "/connector/callback"
_KINDS = ("console", "service", "api")
# Outbound addresses: Cyclr's documentation of 2023 (confirmed then).
_REGIONS: dict[str, tuple[dict[str, str], str]] = {
    "us": ({"console": "my.cyclr.com", "service": "app-h.cyclr.com", "api": "api.cyclr.com"}, "52.22.119.215"),
    "eu": ({"console": "eu.cyclr.com", "service": "app-h.eu.cyclr.com", "api": "api.eu.cyclr.com"}, "18.185.231.228"),
}
HOST_NAMES = tuple(f"Cyclr {region} {kind}" for region in _REGIONS for kind in _KINDS)
_SALESFORCE = "Salesforce"
_LIBRARY: tuple[dict[str, Any], ...] = (
    {"connector_id": 412, "name": _SALESFORCE, "family": "salesforce", "category": "CRM"},
    {"connector_id": 418, "name": "Salesforce Service Cloud", "family": "salesforce", "category": "Customer Support"},
    {"connector_id": 431, "name": "Salesforce Chatter", "family": "salesforce", "category": "Social"},
    {"connector_id": 205, "name": "HubSpot", "family": "other", "category": "CRM"},
    {"connector_id": 318, "name": "Mailchimp", "family": "other", "category": "Email Marketing"},
    {"connector_id": 277, "name": "Slack", "family": "other", "category": "Social"},
    {"connector_id": 902, "name": "Northwind ERP", "family": "other", "category": "ERP", "custom": True},
)


def cyclr_hosts(origins: tuple[str, ...]) -> tuple[Host, ...]:
    """The hosts for these six addresses, three of each region; none for none."""
    if not origins:
        return ()
    names = [(region, kind) for region in _REGIONS for kind in _KINDS]
    return tuple(
        Host(kind=f"cyclr_{kind}", origin=origin, region=region)  # type: ignore[arg-type]
        for (region, kind), origin in zip(names, origins, strict=True)
    )


def build_cyclr(seed: int, hosts: tuple[Host, ...], now: float) -> Cyclr:
    """Both instances; the partner, its two customers and one set of API credentials are on the first."""
    instances = {}
    for region, (stands_for, address) in _REGIONS.items():
        urls = {each.kind.removeprefix("cyclr_"): each.origin for each in hosts if each.region == region}
        instances[region] = Instance(
            region=region,
            console_url=urls["console"],
            service_url=urls["service"],
            api_url=urls["api"],
            stands_for=stands_for,
            outbound_ip=address,
            library=[
                LibraryConnector(version="1.0", description=f"{row['name']} connector", **row) for row in _LIBRARY
            ],
        )
    cyclr = Cyclr(seed, instances)
    _add_partner(cyclr, now)
    return cyclr


def _add_partner(cyclr: Cyclr, now: float) -> None:
    home, mint = cyclr.home, cyclr.mint
    home.console_users.append(ConsoleUser(username="partner@app.practice.example", password=mint.password()))
    cyclr.add_api_client(home, "sfrunbook", now)
    for account_id, name in ((mint.guid(), "Northwind Outfitters"), ("contoso-tea", "Contoso Tea")):
        home.accounts[account_id] = Account(
            account_id=account_id, name=name, description=f"{name}, a customer", created=now
        )
    home.templates.append(
        Template(
            template_id=mint.guid(),
            name="Salesforce Accounts Check",
            description="One step: List Accounts of Salesforce.",
            connector_name=_SALESFORCE,
            method_name="List Accounts",
        )
    )


def local_callbacks(cyclr: Cyclr) -> tuple[str, ...]:
    """The Callback URLs of the partner's instance: console host first, as the original guide has them."""
    return tuple(f"{origin}{CALLBACK_PATH}" for origin in (cyclr.home.console_url, cyclr.home.service_url))


def cyclr_line(cyclr: Cyclr, settings: Settings, apps: list[dict[str, Any]]) -> dict[str, Any]:
    """The part `cyclr` of the ready line; `apps` are those of the orgs that have the local callbacks."""
    home = cyclr.home
    user, salesforce = home.console_users[0], next(each for each in home.library if each.name == _SALESFORCE)
    return {
        **_addresses(home),
        "regions": [_addresses(each) for each in cyclr.instances.values()],
        "callback_urls": list(local_callbacks(cyclr)),
        "console_user": {"username": user.username, "password": user.password},
        "api_clients": [api_client_line(each) for each in home.api_clients],
        "accounts": [{"id": each.account_id, "name": each.name} for each in home.accounts.values()],
        "connector": {
            "id": salesforce.connector_id,
            "name": salesforce.name,
            "version": salesforce.version,
            "properties": [each.name for each in property_kinds(salesforce, settings) if each.on_account],
            "methods": [
                {
                    "id": method_id(salesforce, each),
                    "unique_identifier": method_uid(salesforce, each),
                    "name": each.name,
                }
                for each in methods_of(salesforce)
            ],
        },
        "templates": [{"id": each.template_id, "name": each.name} for each in home.templates],
        "apps": apps,
    }


def api_client_line(client: ApiClient) -> dict[str, str]:
    return {"client_id": client.client_id, "client_secret": client.client_secret, "description": client.description}


def _addresses(instance: Instance) -> dict[str, Any]:
    names = ("region", "console_url", "service_url", "api_url", "stands_for", "outbound_ip")
    return {name: getattr(instance, name) for name in names}

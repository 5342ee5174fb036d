"""Where Cyclr is: its instances and their hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sfrunbook.core.errors import problem
from sfrunbook.core.http import is_loopback, origin_of, require_safe

__all__ = ["REGIONS", "SUPPORT_ADDRESS", "Places", "Region", "places_of", "region_of"]

#: the address in Cyclr's documentation for requests to allow an IP address (confirmed)
SUPPORT_ADDRESS = "help@cyclr.com"


@dataclass(frozen=True)
class Region:
    """A Cyclr instance that partners share.

    Source: https://community.cyclr.com (introduction to the API, confirmed); APAC was there in 2023 only (likely).
    """

    name: str
    console_host: str
    api_host: str
    #: end of a Service Domain that is not the partner's own; for us2 and apac a guess after the others
    service_ending: str


REGIONS = (
    Region("us", "my.cyclr.com", "api.cyclr.com", "-h.cyclr.com"),
    Region("us2", "us2.cyclr.com", "api.us2.cyclr.com", "-h.us2.cyclr.com"),
    Region("uk", "my.cyclr.uk", "api.cyclr.uk", "-h.cyclr.uk"),
    Region("eu", "eu.cyclr.com", "api.eu.cyclr.com", "-h.eu.cyclr.com"),
    Region("apac", "apac.cyclr.com", "api.apac.cyclr.com", "-h.apac.cyclr.com"),
)


@dataclass(frozen=True, kw_only=True)
class Places:
    """The three origins of a partner's Cyclr."""

    console_url: str
    service_url: str
    api_url: str


def region_of(host: str) -> Region | None:
    """The shared instance that a Console or API host, or a Service Domain that is not the partner's own, belongs to."""
    host = host.lower()
    for region in REGIONS:
        if host in (region.console_host, region.api_host):
            return region
    fitting = [region for region in REGIONS if host.endswith(region.service_ending)]
    return max(fitting, key=lambda region: len(region.service_ending), default=None)


def places_of(variables: Mapping[str, str]) -> Places:
    """The hosts of a connection, from the profile's variables `console_host`, `service_domain` and `api_host`.

    `api_host` is for private instances; without it the Console host has a known region, and that its API host.
    Raises the problem `cyclr-region-unknown`.
    """
    console = variables.get("console_host", "")
    region = region_of(console)
    api = variables.get("api_host", "") or (region.api_host if region else "")
    if not api:
        raise problem(
            "cyclr-region-unknown", console=console or "none", known=[region.console_host for region in REGIONS]
        )
    return Places(
        console_url=_url_of(console),
        service_url=_url_of(variables.get("service_domain", "")),
        api_url=_url_of(api),
    )


def _url_of(host: str) -> str:
    """The origin of a host; a practice Cyclr, on this machine, is the only one without TLS."""
    name = urlsplit(f"//{host}").hostname or ""
    url = f"http://{host}" if is_loopback(name) else f"https://{host}"
    require_safe(url)
    return origin_of(url)

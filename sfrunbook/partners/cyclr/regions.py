"""Where Cyclr is: its instances, their hosts, and the addresses that it calls Salesforce from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sfrunbook.core.errors import problem
from sfrunbook.core.http import is_loopback, origin_of, require_safe
from sfrunbook.core.model import Mark

__all__ = [
    "REGIONS",
    "SUPPORT_ADDRESS",
    "Places",
    "Region",
    "places_of",
    "region_of",
]

#: whom Cyclr's documentation says to ask for an address to be allowed (confirmed)
SUPPORT_ADDRESS = "help@cyclr.com"


@dataclass(frozen=True, kw_only=True)
class Region:
    """One Cyclr instance that partners share.

    Source: https://community.cyclr.com (introduction to the API, confirmed); APAC stood there in 2023 only (likely).
    """

    name: str
    label: str
    console_host: str
    api_host: str
    #: how a Service Domain that is not the partner's own ends
    service_ending: str
    #: as Cyclr's documentation of 2023 lists them; its page "IP Allow List" has the latest word.
    #: Source: https://docs.cyclr.com/cyclr-api
    outbound_addresses: tuple[str, ...]
    mark: Mark = Mark.CONFIRMED


REGIONS = (
    Region(
        name="us",
        label="US",
        console_host="my.cyclr.com",
        api_host="api.cyclr.com",
        service_ending="-h.cyclr.com",
        outbound_addresses=(
            "52.22.119.215",
            "3.225.94.137",
            "52.87.43.241",
            "54.165.179.173",
            "34.226.81.206",
            "52.6.81.143",
        ),
    ),
    Region(
        name="us2",
        label="US 2",
        console_host="us2.cyclr.com",
        api_host="api.us2.cyclr.com",
        service_ending="-h.us2.cyclr.com",  # a guess after the others
        outbound_addresses=("3.20.212.11", "3.131.146.218", "3.17.34.135"),
    ),
    Region(
        name="uk",
        label="UK",
        console_host="my.cyclr.uk",
        api_host="api.cyclr.uk",
        service_ending="-h.cyclr.uk",
        outbound_addresses=("52.56.244.97", "3.11.48.73", "18.135.73.241"),
    ),
    Region(
        name="eu",
        label="EU",
        console_host="eu.cyclr.com",
        api_host="api.eu.cyclr.com",
        service_ending="-h.eu.cyclr.com",
        outbound_addresses=("18.185.231.228", "3.77.48.46", "3.74.172.161"),
    ),
    Region(
        name="apac",
        label="Asia Pacific",
        console_host="apac.cyclr.com",
        api_host="api.apac.cyclr.com",
        service_ending="-h.apac.cyclr.com",  # a guess after the others
        outbound_addresses=("54.66.28.210", "52.65.47.103", "13.239.123.62"),
        mark=Mark.LIKELY,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Places:
    """The three origins of one partner's Cyclr; `region` is None for a private instance or a practice one."""

    console_url: str
    service_url: str
    api_url: str
    region: Region | None = None


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

    `api_host` is for private instances; without it the Console host tells the region, and that its API host.
    Raises the problem `cyclr-region-unknown`.
    """
    console = variables.get("console_host", "")
    region = region_of(console)
    api = variables.get("api_host", "") or (region.api_host if region else "")
    if not api:
        raise problem("cyclr-region-unknown", console=console or "none", known=[one.console_host for one in REGIONS])
    return Places(
        console_url=_url_of(console),
        service_url=_url_of(variables.get("service_domain", "")),
        api_url=_url_of(api),
        region=region,
    )


def _url_of(host: str) -> str:
    """The origin of a host; a practice Cyclr, on this machine, is the only one without TLS."""
    name = urlsplit(f"//{host}").hostname or ""
    url = f"http://{host}" if is_loopback(name) else f"https://{host}"
    require_safe(url)
    return origin_of(url)

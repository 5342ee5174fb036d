"""IP ranges as Setup takes them: single addresses, networks, and spans from one address to another."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)

__all__ = ["address_range", "check_ranges", "in_ranges"]

_MOST_RANGES = 128
_MOST_ADDRESSES = 256
_Network = IPv4Network | IPv6Network


@lru_cache(maxsize=4096)
def _networks(text: str) -> tuple[_Network, ...]:
    """One range: an address, a network (10.0.0.0/24) or two addresses (10.0.0.1-10.0.0.9); raises `ValueError`."""
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not dash:
        return (ip_network(first, strict=False),)
    low, high = ip_address(first), ip_address(last)
    if isinstance(low, IPv4Address) and isinstance(high, IPv4Address):
        return tuple(summarize_address_range(low, high))
    if isinstance(low, IPv6Address) and isinstance(high, IPv6Address):
        return tuple(summarize_address_range(low, high))
    raise ValueError(f"{text} mixes IPv4 and IPv6")


def check_ranges(ranges: tuple[str, ...], *, allow_list: bool = False) -> None:
    """Raises `ValueError` for a range that cannot be read.

    An allow list for refresh tokens has at most 128 ranges of at most 256 addresses each, IPv4 or IPv6 (confirmed).
    Source: https://help.salesforce.com/s/articleView?id=xcloud.set_ip_allowlist_for_refresh_tokens.htm
    """
    if allow_list and len(ranges) > _MOST_RANGES:
        raise ValueError(f"an allow list has at most {_MOST_RANGES} ranges")
    for each in ranges:
        try:
            size = sum(network.num_addresses for network in _networks(each))
        except (ValueError, TypeError):
            raise ValueError(f"not an IP range: {each}") from None
        if allow_list and size > _MOST_ADDRESSES:
            raise ValueError(f"a range of an allow list has at most {_MOST_ADDRESSES} addresses: {each}")


def address_range(text: str) -> tuple[str, str]:
    """First and last address of a range that `check_ranges` takes."""
    networks = _networks(text)
    return str(networks[0][0]), str(networks[-1][-1])


def in_ranges(address: str, ranges: tuple[str, ...]) -> bool:
    """Whether the address lies in one of the ranges; an address that cannot be read lies in none."""
    try:
        wanted = ip_address(address)
    except ValueError:
        return False
    return any(wanted in network for each in ranges for network in _networks(each))

"""From which address a request comes, and to which network that belongs."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import current_app, request

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What one subscriber gets of IPv6, and can choose addresses from at will.
IPV6_PREFIX = 64


def visitor_address() -> str:
    """Return the address of whoever asks, as far as it can be known; "" when the server does not tell.

    What `X-Forwarded-For` says is believed of the proxies in TRUSTED_PROXIES, and of nobody else.
    """
    said = request.headers.get("X-Forwarded-For", "")
    address = _believed(request.remote_addr or "", said.split(","), current_app.config["TRUSTED_PROXIES"])
    return str(address or "")


def visitor_network() -> str:
    """Return the network whose addresses count as one visitor: an IPv4 address, or a /64 of IPv6."""
    address = visitor_address()
    if ":" not in address:
        return address
    return str(ip_network((address, IPV6_PREFIX), strict=False))


def _believed(peer: str, said: Sequence[str], proxies: Sequence[Network]) -> Address | None:
    """Follow the chain back from the nearest address, as long as a trusted proxy says what comes before."""
    believed = _read(peer)
    for text in reversed(said):
        further = _read(text.strip())
        if believed is None or further is None or not any(believed in network for network in proxies):
            break
        believed = further
    return believed


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # Which interface of this machine it came by is no part of whose it is.
        address = IPv6Address(int(address))
        return address.ipv4_mapped or address
    return address

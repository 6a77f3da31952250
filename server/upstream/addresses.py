"""Which addresses of the network a store may answer from.

A store's host name is whatever its owner's DNS says at the moment, so what counts is the address that a connection is
really made to, looked at after the name was resolved and before a socket exists: nobody rebinds a name past that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

NAMEABLE: tuple[Network, ...] = tuple(
    ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Where a shop in the operator's own network can be (RFC 1918, 6598, 4193). Nothing else of the inside can be allowed:
link-local addresses are where clouds keep their credentials, and a loopback address is written out or not meant."""

_NAT64 = ip_network("64:ff9b::/96")
"""Addresses that a gateway turns into the IPv4 address in their last 32 bits (RFC 6052)."""


def named(text: object) -> Network:
    """A network as the settings name it. Raises `ValueError` where it is none, or not one of the inside."""
    try:
        network = ip_network(str(text))
    except ValueError:
        raise ValueError("must hold networks such as 10.20.0.0/16, without bits set behind the slash") from None
    if not any(network.version == each.version and network.subnet_of(each) for each in NAMEABLE):  # type: ignore[arg-type]
        raise ValueError(f"must lie within {', '.join(map(str, NAMEABLE))}")
    return network


class Forbidden(OSError):
    """A connection that is not made, because of where it would lead."""


@dataclass(slots=True)
class Addresses:
    """The public internet, and the `private` networks that the settings name."""

    private: Sequence[Network] = ()

    def check(self, address: str, *, loopback: bool) -> None:
        """Raises `Forbidden` where a store may not be. `loopback` is for those whose origin says so outright."""
        where = _meant(address)
        allowed = _public(where) or (loopback and where.is_loopback) or any(where in each for each in self.private)
        if not allowed:
            raise Forbidden("a store may not be at such an address")


def _meant(address: str) -> IPv4Address | IPv6Address:
    """The address that packets would end at: of an IPv6 address that wraps an IPv4 one, the latter."""
    where = ip_address(address.partition("%")[0])
    if isinstance(where, IPv4Address):
        return where
    if where in _NAT64:
        return IPv4Address(int(where) & 0xFFFFFFFF)
    return where.ipv4_mapped or where.sixtofour or where


def _public(where: IPv4Address | IPv6Address) -> bool:
    inside = where.is_multicast or where.is_reserved or (isinstance(where, IPv6Address) and where.is_site_local)
    return where.is_global and not inside

"""Where a store may be: the public internet, and the inside only by name."""

from ipaddress import ip_network

import pytest

from server.upstream.addresses import Addresses, Forbidden

INSIDE = {
    "private": "10.1.2.3",
    "private, class B": "172.31.255.254",
    "private, at home": "192.168.1.10",
    "carrier-grade NAT": "100.64.0.1",
    "a cloud's credentials": "169.254.169.254",
    "loopback": "127.0.0.1",
    "loopback, further up": "127.9.9.9",
    "unspecified": "0.0.0.0",
    "multicast": "224.0.0.251",
    "multicast, routed": "239.1.2.3",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "benchmarks": "198.18.0.1",
    "documentation": "192.0.2.1",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "IPv6 link-local": "fe80::1",
    "IPv6 link-local, scoped": "fe80::1%eth0",
    "IPv6 site-local": "fec0::1",
    "IPv6 unique local": "fd00:ec2::254",
    "IPv6 multicast": "ff02::1",
    "IPv6 global multicast": "ff0e::1",
    "mapped private": "::ffff:10.1.2.3",
    "mapped loopback": "::ffff:127.0.0.1",
    "compatible private": "::10.1.2.3",
    "NAT64 private": "64:ff9b::10.1.2.3",
    "6to4 private": "2002:0a01:0203::1",
    "6to4 loopback": "2002:7f00:0001::1",
}
OUTSIDE = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::93.184.215.14"]


@pytest.mark.parametrize("address", INSIDE.values(), ids=INSIDE)
def test_nothing_of_the_inside_is_connected_to(address: str) -> None:
    with pytest.raises(Forbidden) as caught:
        Addresses().check(address, loopback=False)
    assert address not in str(caught.value), "what is inside is nobody's business"


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_public_internet_is_open(address: str) -> None:
    Addresses().check(address, loopback=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_reached_by_those_who_say_so(address: str) -> None:
    Addresses().check(address, loopback=True)


@pytest.mark.parametrize("address", ["10.1.2.3", "169.254.169.254", "0.0.0.0", "::", "fe80::1"])
def test_saying_so_opens_nothing_else(address: str) -> None:
    with pytest.raises(Forbidden):
        Addresses().check(address, loopback=True)


def test_a_named_network_is_open_and_its_neighbour_is_not() -> None:
    addresses = Addresses([ip_network("10.20.0.0/16"), ip_network("fd12::/16")])
    for address in ("10.20.0.1", "10.20.255.254", "::ffff:10.20.3.4", "fd12::7"):
        addresses.check(address, loopback=False)
    for address in ("10.21.0.1", "10.19.255.255", "fd13::7", "127.0.0.1", "169.254.169.254"):
        with pytest.raises(Forbidden):
            addresses.check(address, loopback=False)

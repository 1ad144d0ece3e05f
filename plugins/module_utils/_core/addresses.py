# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""At which addresses the world, and the other policy hosts, reach a policy host; which ones can be reached at all.

Private to this collection.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any, Union

from .finding import Refused

OVERRIDE = "mta_sts_addresses"
# Neither zone ids nor leading zeros, which Python 3.9 still takes
_WRITTEN = re.compile(r"(?!.*(?<![0-9A-Fa-f:])0[0-9]+(?:\.|$))[0-9A-Fa-f:.]+", re.ASCII)
_NO_NAME = re.compile(r"[0-9.]*|.*:.*", re.DOTALL)

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

# What the world does not reach, by the IANA's registries of special-purpose addresses. Not ipaddress.is_global: what it
# says differs between Python 3.9 and 3.13, and before 3.13 the 6to4 form of a private address is global to it.
# Anycast addresses of services within one's own network (PCP, TURN, 6to4 relays) point inward too: they belong here.
_SPECIAL = {
    "0.0.0.0/8": "an address that no host has (RFC 1122)",
    "10.0.0.0/8": "a private address (RFC 1918)",
    "100.64.0.0/10": "a shared address behind a provider's NAT (RFC 6598)",
    "127.0.0.0/8": "a loopback address (RFC 1122)",
    "169.254.0.0/16": "a link-local address (RFC 3927)",
    "172.16.0.0/12": "a private address (RFC 1918)",
    "192.0.0.0/24": "an address for protocols within one network (RFC 6890)",
    "192.0.2.0/24": "an address for documentation (RFC 5737)",
    "192.88.99.0/24": "an address of 6to4 relays (RFC 7526)",
    "192.168.0.0/16": "a private address (RFC 1918)",
    "198.18.0.0/15": "an address for measurements (RFC 2544)",
    "198.51.100.0/24": "an address for documentation (RFC 5737)",
    "203.0.113.0/24": "an address for documentation (RFC 5737)",
    "224.0.0.0/4": "a multicast address (RFC 1112)",
    "255.255.255.255/32": "the broadcast address (RFC 919)",
    "240.0.0.0/4": "a reserved address (RFC 1112)",
    "::/128": "an address that no host has (RFC 4291)",
    "::1/128": "a loopback address (RFC 4291)",
    "::/96": "an IPv4-compatible address (RFC 4291)",
    "::ffff:0:0/96": "an IPv4-mapped address (RFC 4291)",
    "64:ff9b:1::/48": "an address for translation within one network (RFC 8215)",
    "100::/64": "an address whose packets are discarded (RFC 6666)",
    "fc00::/7": "a unique local address (RFC 4193)",
    "fe80::/10": "a link-local address (RFC 4291)",
    "fec0::/10": "a site-local address (RFC 3879)",
    "ff00::/8": "a multicast address (RFC 4291)",
    "2001::/32": "a Teredo address (RFC 4380)",
    "2001::/23": "an address for protocols within one network (RFC 2928)",
    "2001:db8::/32": "an address for documentation (RFC 3849)",
    "3fff::/20": "an address for documentation (RFC 9637)",
}
_NETWORKS = {ipaddress.ip_network(network): what for network, what in _SPECIAL.items()}
# None of these is the address of a host anywhere, not even in an intranet or a lab; 0.0.0.0 is this very machine.
_NO_HOSTS = [
    ipaddress.ip_network(network)
    for network in ("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "ff00::/8")
]
_UNICAST = ipaddress.ip_network("2000::/3")  # all that the IANA has given out so far
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # by NAT64: reached wherever the IPv4 address in it is
_COMPATIBLE = ipaddress.ip_network("::/96")
_IPV4_BITS = (1 << 32) - 1


class InvalidAddress(Refused):
    """Something given as an address that is not one."""


def addresses(variables: Mapping[str, Any], host: str) -> list[str]:
    """Return all addresses of a host: what its variable says, or else ansible_host and the gathered facts."""
    said = variables.get(OVERRIDE)
    if said:
        return canonical([said] if isinstance(said, str) else said, f"{host}: {OVERRIDE}")
    facts = variables.get("ansible_facts") or {}
    found = [
        variables.get("ansible_host"),
        (facts.get("default_ipv4") or {}).get("address"),
        (facts.get("default_ipv6") or {}).get("address"),
        *(facts.get("all_ipv4_addresses") or []),
        *(facts.get("all_ipv6_addresses") or []),
    ]
    return reachable(found)


def whereabouts(variables: Mapping[str, Any], host: str) -> list[str]:
    """Return all addresses of a host; of one that is known by its name alone, because it was not asked, the name."""
    name = str(variables.get("ansible_host") or host)
    return addresses(variables, host) or reachable([name]) or [name][: is_name(name)]


def is_name(given: str) -> bool:
    """Return whether this is a name to look up; with a colon, or only digits, it is an address or a mistake."""
    return not _NO_NAME.fullmatch(given)


def canonical(given: Iterable[object], where: str) -> list[str]:
    """Return addresses as DNS answers are spelt, each once. Raises InvalidAddress, which says ``where`` it is from."""
    return list(dict.fromkeys(_parsed(address, where) for address in given))


def _parsed(address: object, where: str) -> str:
    try:
        return str(plain_address(address))
    except ValueError:
        raise InvalidAddress(f'{where}: "{address}" is not an IP address', "Write an IPv4 or IPv6 address") from None


def reachable(found: Iterable[object]) -> list[str]:
    """Return those that are addresses at which a host can be reached from elsewhere."""
    return canonical(filter(_is_reachable, found), "address")


def _is_reachable(address: object) -> bool:
    """Return whether this is an address, not a name, at which this host can be reached from elsewhere."""
    try:
        parsed = plain_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified)


def refusal(address: str, allow_private: bool = False) -> str:
    """Say what an address is, such as "a private address (RFC 1918)", that must not be connected to for a stranger.

    Nothing for one that the whole world reaches. With ``allow_private`` also nothing for one that may belong to a host
    in an intranet or a lab. An IPv6 address that stands for an IPv4 address is what that one is.
    """
    parsed = ipaddress.ip_address(address)
    for one in (*_embedded(parsed), parsed):
        what = _special(one)
        if what and not (allow_private and is_ever_a_host(str(one))):
            return what if one is parsed else f"which stands for {one}, {what}"
    return ""


def refusal_rule(name: str, address: str, what: str) -> str:
    """Return the sentence on a name that resolves to an address which is ``what`` refusal says."""
    return f"{name} resolves to {address}, {what}: the Internet cannot reach it, and no connection was made"


def refusal_remedy(name: str, address: str) -> str:
    """Return what to do about that."""
    remedy = f"Give {name} public addresses only"
    if not is_ever_a_host(address):
        return remedy
    return (
        f"{remedy}; in an intranet or a lab set mta_sts_allow_private, the option allow_private of the modules, to true"
    )


def is_ever_a_host(address: str) -> bool:
    """Return whether this may be the address of a host anywhere, be it in an intranet or a lab."""
    parsed = ipaddress.ip_address(address)
    return not any(one in network for one in (*_embedded(parsed), parsed) for network in _NO_HOSTS)


def _special(address: Address) -> str:
    """Say what an address is that the world does not reach; nothing for others."""
    named = next((what for network, what in _NETWORKS.items() if address in network), "")
    if named or isinstance(address, ipaddress.IPv4Address) or address in _UNICAST or address in _TRANSLATED:
        return named
    return "a reserved address (RFC 4291)"


def _embedded(address: Address) -> tuple[ipaddress.IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address stands for: mapped, compatible, NAT64, 6to4, Teredo."""
    if not isinstance(address, ipaddress.IPv6Address):
        return ()
    number = int(address)
    compatible = address in _COMPATIBLE and number > 1
    if address.ipv4_mapped or compatible or address in _TRANSLATED:
        return (ipaddress.IPv4Address(number & _IPV4_BITS),)
    if address.sixtofour:
        return (address.sixtofour,)
    return address.teredo or ()


def plain_address(address: object) -> Address:
    """Return what is written as an address and nothing besides, such as a zone id. Raises ValueError if it is not.

    An IPv4 address that is written as one of IPv6 (RFC 4291, section 2.5.5.2) is what it stands for.
    """
    written = str(address)
    if not _WRITTEN.fullmatch(written):
        raise ValueError(f"{written!r} is not a plain IP address")
    parsed = ipaddress.ip_address(written)
    return getattr(parsed, "ipv4_mapped", None) or parsed

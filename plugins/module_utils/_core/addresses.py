# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Under which addresses the world, and the other policy hosts, reach a policy host.

Private to this collection.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

OVERRIDE = "mta_sts_addresses"
# Neither zone ids nor leading zeros, which Python 3.9 still takes
_WRITTEN = re.compile(r"(?!.*(?<![0-9A-Fa-f:])0[0-9]+(?:\.|$))[0-9A-Fa-f:.]+", re.ASCII)


class InvalidAddress(ValueError):
    """What is given as an address is none: place, rule and remedy."""


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


def canonical(given: Iterable[object], where: str) -> list[str]:
    """Return addresses as DNS answers are spelt, each once. Raises InvalidAddress, which says ``where`` it is from."""
    return list(dict.fromkeys(_parsed(address, where) for address in given))


def _parsed(address: object, where: str) -> str:
    try:
        return str(plain_address(address))
    except ValueError:
        rule = f'{where}: "{address}" is no IP address'
        raise InvalidAddress(f"{rule}. Remedy: Write an IPv4 or IPv6 address.") from None


def reachable(found: Iterable[object]) -> list[str]:
    """Return those that are addresses, and lead to a host from elsewhere."""
    return canonical(filter(_is_reachable, found), "address")


def _is_reachable(address: object) -> bool:
    """Tell whether this is an address (and no name) that leads to this host from elsewhere."""
    try:
        parsed = plain_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified)


def plain_address(address: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return what is written as an address and nothing besides, such as a zone id. Raises ValueError if it is not.

    An IPv4 address that is written as one of IPv6 (RFC 4291, section 2.5.5.2) is what it stands for.
    """
    written = str(address)
    if not _WRITTEN.fullmatch(written):
        raise ValueError(f"{written!r} is no plain IP address")
    parsed = ipaddress.ip_address(written)
    return getattr(parsed, "ipv4_mapped", None) or parsed

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Under which addresses the world, and the other policy hosts, reach a policy host.

Private to this collection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

OVERRIDE = "mta_sts_addresses"


class InvalidAddress(ValueError):
    """What a host's variable names is no IP address."""


def addresses(variables: Mapping[str, Any], host: str) -> list[str]:
    """Return all addresses of a host: what its variable says, or else ansible_host and the gathered facts."""
    said = variables.get(OVERRIDE)
    if said:
        return _unique(_parsed(address, host) for address in ([said] if isinstance(said, str) else said))
    facts = variables.get("ansible_facts") or {}
    found = [
        variables.get("ansible_host"),
        (facts.get("default_ipv4") or {}).get("address"),
        (facts.get("default_ipv6") or {}).get("address"),
        *(facts.get("all_ipv4_addresses") or []),
        *(facts.get("all_ipv6_addresses") or []),
    ]
    return reachable(found)


def reachable(found: Iterable[object]) -> list[str]:
    """Return those that are addresses, and lead to a host from elsewhere."""
    return _unique(address for address in found if _is_reachable(address))


def _parsed(address: object, host: str) -> str:
    try:
        return str(ipaddress.ip_address(str(address)))
    except ValueError:
        raise InvalidAddress(f'{host}: {OVERRIDE}: "{address}" is no IP address.') from None


def _is_reachable(address: object) -> bool:
    """Tell whether this is an address (and no name) that leads to this host from elsewhere."""
    try:
        parsed = ipaddress.ip_address(str(address))
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified)


def _unique(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(str(ipaddress.ip_address(address)) for address in found))

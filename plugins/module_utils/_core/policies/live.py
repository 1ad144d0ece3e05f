# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders get of a domain now, whoever serves it: the policies at our addresses, the id in DNS.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..net.fetch import Fetch
from .policy import Policy, parse
from .policy_id import policy_id


@dataclass(frozen=True)
class LivePolicy:
    """A policy that senders accept, and the addresses that serve it."""

    data: bytes
    policy: Policy
    addresses: tuple[str, ...]

    @property
    def policy_id(self) -> str:
        """The id of these bytes, whatever id the record announces."""
        return policy_id(self.data)


@dataclass(frozen=True)
class Live:
    """A domain: the id its record announces, None without one; the policies, several where addresses disagree."""

    domain: str
    record_id: str | None
    policies: tuple[LivePolicy, ...]


def live_policies(fetches: Iterable[Fetch]) -> tuple[LivePolicy, ...]:
    """Return what verified fetches gave, each policy once; what no sender accepts is left out."""
    addresses: dict[bytes, list[str]] = {}
    for fetch in fetches:
        if fetch.ok:
            addresses.setdefault(fetch.body, []).append(fetch.address)
    read = ((data, parse(data).lenient, tuple(where)) for data, where in addresses.items())
    return tuple(LivePolicy(data, policy, where) for data, policy, where in read if policy is not None)

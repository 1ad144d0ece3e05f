# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders get of a domain now, whoever serves it: the policies at our addresses, the id in DNS.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..net.fetch import Fetch
from ..proof import DOWN, NOT_THEIRS, UNSEEN
from .policy import Policy, parse
from .policy_id import policy_id

OUT_OF_SIGHT = DOWN | UNSEEN | {NOT_THEIRS}


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
    """A domain: the id its record announces, None without one; the policies, several where addresses disagree.

    ``unknown`` says that none of our addresses could be reached from here, though senders may reach them.
    """

    domain: str
    record_id: str | None = None
    policies: tuple[LivePolicy, ...] = ()
    unknown: bool = False

    @property
    def served(self) -> bool:
        """Whether senders get a policy, or may get one that they are told of."""
        return bool(self.policies) or (self.unknown and self.record_id is not None)


def look_back(domain: str, record_id: str | None, fetches: Sequence[Fetch]) -> Live:
    """Return what fetches from our own addresses say of a domain."""
    unknown = bool(fetches) and all(fetch.fault and fetch.fault.kind in OUT_OF_SIGHT for fetch in fetches)
    return Live(domain, record_id, live_policies(fetches), unknown)


def live_policies(fetches: Iterable[Fetch]) -> tuple[LivePolicy, ...]:
    """Return what verified fetches gave, each policy once; what no sender accepts is left out."""
    addresses: dict[bytes, list[str]] = {}
    for fetch in fetches:
        if fetch.ok:
            addresses.setdefault(fetch.body, []).append(fetch.address)
    read = ((data, parse(data).lenient, tuple(where)) for data, where in addresses.items())
    return tuple(LivePolicy(data, policy, where) for data, policy, where in read if policy is not None)

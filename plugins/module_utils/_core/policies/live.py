# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders get of a domain now, whoever serves it: the policies at our addresses, the id in DNS.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..dns.answer import Answer
from ..dns.record import read_sts
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

    ``record_known`` says that DNS has answered, be it that there is no record. ``unknown`` says that what our addresses
    serve was not seen: none could be reached from here, though senders may reach them, or DNS did not name them.
    """

    domain: str
    record_id: str | None = None
    policies: tuple[LivePolicy, ...] = ()
    unknown: bool = False
    record_known: bool = False

    @property
    def served(self) -> bool:
        """Whether senders get a policy, or may get one that they are, or may be, told of."""
        unannounced = self.record_known and self.record_id is None
        return bool(self.policies) or (self.unknown and not unannounced)


def look_back(domain: str, addresses: Iterable[Answer], record: Answer, fetches: Sequence[Fetch]) -> Live:
    """Return what is known of a domain by what DNS said of its policy host and record, and our own addresses served."""
    unseen = all(fetch.fault and fetch.fault.kind in OUT_OF_SIGHT for fetch in fetches)
    unknown = unseen and (bool(fetches) or not all(answer.certain for answer in addresses))
    found = read_sts(record.records, domain).lenient
    return Live(domain, None if found is None else found.id, live_policies(fetches), unknown, record.certain)


def live_policies(fetches: Iterable[Fetch]) -> tuple[LivePolicy, ...]:
    """Return what verified fetches gave, each policy once; what no sender accepts is left out."""
    addresses: dict[bytes, list[str]] = {}
    for fetch in fetches:
        if fetch.ok:
            addresses.setdefault(fetch.body, []).append(fetch.address)
    read = ((data, parse(data).lenient, tuple(where)) for data, where in addresses.items())
    return tuple(LivePolicy(data, policy, where) for data, policy, where in read if policy is not None)

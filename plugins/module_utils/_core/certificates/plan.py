# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to do about the certificates of a host: one plan, which check mode, diff mode and the real run share.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..names import policy_domain
from .certificate import Stored, why_due
from .orders import ORDER, REMOVE, Host, Order, domains_txt

ByKeyType = Mapping[str, Stored]


@dataclass(frozen=True)
class Due:
    """A certificate that is to be ordered now, and why."""

    name: str
    key_type: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What is done about each domain, and what follows from it for the host.

    ``unlisted`` are names without a domain in the list that are renewed as before; ``start`` says whether the host must
    be told to order, or to put in its place what it has.
    """

    orders: list[Order]
    unlisted: list[str]
    due: list[Due]
    start: bool

    @property
    def domains_txt(self) -> str:
        """The list of names that the host orders and renews certificates for."""
        return domains_txt(self.orders, self.unlisted)

    @property
    def removed(self) -> list[str]:
        """The names whose keys and certificates go."""
        return [order.policy_host for order in self.orders if order.action == REMOVE]


def plan(orders: list[Order], stored: Mapping[str, ByKeyType], host: Host, now: int) -> Plan:
    """Plan the host; ``stored`` is what it has of the name of each order."""
    wanted = [order.policy_host for order in orders if order.action == ORDER]
    due = list(_due(wanted, stored, now))
    misplaced = any(not one.served for name in wanted for one in stored[name].values())
    return Plan(orders, _unlisted(orders, host), due, misplaced or bool(due))


def _due(names: Iterable[str], stored: Mapping[str, ByKeyType], now: int) -> Iterable[Due]:
    for name in names:
        for key_type, one in stored[name].items():
            reason = why_due(one, name, key_type, now)
            if reason:
                yield Due(name, key_type, reason)


def _unlisted(orders: list[Order], host: Host) -> list[str]:
    """Return what goes on being renewed although nobody lists it any more: senders may hold the policy."""
    listed = {order.policy_host for order in orders}
    return [
        name
        for name in host.ordered
        if name not in listed and (policy_domain(name) in host.served or (host.doubt and name in host.keyed))
    ]

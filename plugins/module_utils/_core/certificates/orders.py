# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which policy hosts get a certificate ordered, which lose theirs, and why.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..finding import error
from ..rfc import FETCHING

# How a CA validates a name: it asks the web server the name resolves to, or DNS, whatever the name resolves to.
HTTP_01 = "http-01"
DNS_01 = "dns-01"

# The longest name for <name>.ecdsa.pem in a file system, and the longest for _acme-challenge.<name> in DNS.
LONGEST_HOST = {
    HTTP_01: (255 - len(".ecdsa.pem"), "the name of a file"),
    DNS_01: (253 - len("_acme-challenge."), "the name of a challenge's record"),
}

# A policy host must have a certificate of its name.

ORDER = "order"
LEAVE = "leave"
REMOVE = "remove"


@dataclass(frozen=True)
class Order:
    """What is done about one domain's certificate: order it (or keep it renewed), leave it alone, or remove it.

    ``reason`` says why it is not simply ordered; ``remedy`` what the reader can do, "" when nothing need be done.
    Both are sentences without their full stop.
    """

    domain: str
    policy_host: str
    action: str
    reason: str = ""
    remedy: str = ""

    @property
    def problem(self) -> str:
        """What is wrong and what to do, "" when nothing need be done."""
        return str(error(self.domain, "certificate", self.reason, FETCHING, self.remedy)) if self.remedy else ""


@dataclass(frozen=True)
class Host:
    """What is there: names that are ordered, that nginx finds a certificate of, and that a key is kept of.

    ``served`` are the domains whose policy is served; ``doubt`` says why others may be served as well, "" if none can.
    ``unanswered`` are names whose challenges somebody else answers on port 80: why, and what to do.
    """

    ordered: Collection[str] = ()
    certified: Collection[str] = ()
    keyed: Collection[str] = ()
    served: Collection[str] = ()
    doubt: str = ""
    unanswered: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def plan_orders(
    results: Iterable[Mapping[str, Any]], host: Host, ours: Sequence[str], challenge: str = HTTP_01
) -> list[Order]:
    """Decide for every result of domains_info, in its order; ``ours`` are the policy hosts' addresses."""
    return [_plan(result, host, ours, challenge) for result in results]


def more_orders(names: Iterable[str], orders: Iterable[Order]) -> list[Order]:
    """Return what is done about names that are no policy hosts' and are to have a certificate too."""
    listed = {order.policy_host for order in orders}
    return [Order(name, name, ORDER) for name in dict.fromkeys(names) if name not in listed]


def _plan(result: Mapping[str, Any], host: Host, ours: Sequence[str], challenge: str) -> Order:
    domain, name = result["domain"], result["policy_host"]
    if result["state"] == "absent":
        return _plan_absent(domain, name, host)
    longest, limit = LONGEST_HOST[challenge]
    if len(name) > longest:
        return Order(
            domain,
            name,
            LEAVE,
            f"{name} is longer than {longest} characters, too long for {limit}",
            "Remove the domain from the list: its policy host cannot be served",
        )
    if result["leads_here"] == "yes":
        return _plan_here(domain, name, host, challenge)
    where = _where(name, result, ours)
    if challenge == DNS_01:
        return Order(domain, name, ORDER, f"{where}; its certificate is ordered by DNS all the same")
    if result["leads_here"] == "unknown":
        return _plan_unknown(domain, name, host, where)
    return _plan_elsewhere(domain, name, where, result["policy_host_addresses"], host, ours)


def _plan_here(domain: str, name: str, host: Host, challenge: str) -> Order:
    """Order, but no certificate of a name whose challenges would not be answered: failures count against limits."""
    if challenge == HTTP_01 and name in host.unanswered and name not in host.certified:
        return Order(domain, name, LEAVE, *host.unanswered[name])
    return Order(domain, name, ORDER)


def _plan_absent(domain: str, name: str, host: Host) -> Order:
    """Keep what senders may need: they may hold the policy while anybody serves it, and for weeks after that."""
    if domain in host.served:
        reason = "its policy is still served here, so the certificate stays until that is over"
    elif host.doubt and name in host.keyed:
        reason = f"{host.doubt}, so its policy may still be served, and the certificate stays"
    else:
        return Order(domain, name, REMOVE)
    return Order(domain, name, ORDER if name in host.ordered else LEAVE, reason)


def _plan_unknown(domain: str, name: str, host: Host, where: str) -> Order:
    """Failing name servers must not end renewals, nor start orders that will fail."""
    if name in host.ordered or name in host.certified:
        return Order(domain, name, ORDER, f"{where}; it was ordered before")
    return Order(
        domain,
        name,
        LEAVE,
        f"{where}, so no certificate is ordered for it",
        "Check the name servers of the domain and sts_certificate_nameservers, then run again",
    )


def _plan_elsewhere(
    domain: str, name: str, where: str, addresses: Sequence[str], host: Host, ours: Sequence[str]
) -> Order:
    """Let renewals of a name that resolves to us as well go on: the rest may be a policy host that is down."""
    elsewhere = _elsewhere(addresses, ours)
    if len(elsewhere) < len(addresses) and (name in host.ordered or name in host.certified):
        what = f"{name} resolves to {', '.join(elsewhere)} too, which is not a known policy host"
        return Order(domain, name, ORDER, f"{what}; it was ordered before")
    hosts = ", ".join(ours) or "none is known"
    remedy = f"Point {name} to policy hosts only ({hosts}), or name their other addresses in mta_sts_addresses"
    return Order(domain, name, LEAVE, f"{where}, so no certificate is ordered for it", remedy)


def _where(name: str, result: Mapping[str, Any], ours: Sequence[str]) -> str:
    """Say what a name resolves to that is not certain to be us alone."""
    if result["leads_here"] == "unknown":
        return f"the addresses of {name} could not be looked up"
    elsewhere = _elsewhere(result["policy_host_addresses"], ours)
    return (
        f"{name} resolves to {', '.join(elsewhere)}, which is not a policy host"
        if elsewhere
        else f"{name} has no address"
    )


def _elsewhere(addresses: Sequence[str], ours: Sequence[str]) -> list[str]:
    return [address for address in addresses if address not in ours]


def domains_txt(orders: Iterable[Order], more: Iterable[str] = ()) -> str:
    """Return the list of names that dehydrated is to obtain certificates for, one per line."""
    names = {order.policy_host for order in orders if order.action == ORDER}
    return "".join(f"{name}\n" for name in sorted(names.union(more)))


def read_domains_txt(text: str) -> list[str]:
    """Return the names in a list that :func:`domains_txt` made."""
    return text.split()

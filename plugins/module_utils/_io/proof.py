# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch every policy from every address its host has in DNS, side by side, and have the core compare.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .._core.bounds import ADDRESSES_PER_HOST, AT_ONCE_PER_DOMAIN, SECONDS_PER_PROOF
from .._core.dns.answer import Answer, name_servers_remedy
from .._core.fault import Fault
from .._core.intent import Expected
from .._core.net.fetch import Fetch
from .._core.proof import FAILED, TOO_LATE, TOO_MANY, Proof, prove
from .concurrency import map_few, map_patiently
from .dns.resolver import Resolver
from .net.https import POLICY_PATH, FetchOptions, fetch
from .patience import Patience, TooLate, persistently
from .unexpected import told


@dataclass(frozen=True)
class ProofOptions:
    """How to fetch, and how many domains side by side.

    ``quorum`` is how many addresses of a domain must serve its policy; 0 means all of them. ``seconds`` is for all of
    one domain.
    """

    fetch: FetchOptions = field(default_factory=lambda: FetchOptions(timeout=15))
    concurrency: int = 32
    quorum: int = 0
    seconds: float = SECONDS_PER_PROOF


@dataclass(frozen=True)
class Proven:
    """The proof for one domain and the addresses it was looked for at."""

    domain: str
    addresses: tuple[str, ...]
    proof: Proof


def prove_all(expected: Sequence[Expected], resolver: Resolver, options: ProofOptions) -> list[Proven]:
    """Return one proof per domain, in order."""

    def prove_one(item: Expected) -> Proven:
        try:
            return _prove(item, resolver, options)
        except Exception as problem:  # whatever it is, it is this domain's
            return Proven(item.domain, (), prove(item.domain, item.policy, [_failed(problem)]))

    return map_patiently(prove_one, expected, max(1, options.concurrency))


def _prove(item: Expected, resolver: Resolver, options: ProofOptions) -> Proven:
    patience = Patience(options.seconds)
    answers = [] if item.addresses else [resolver.ask(item.policy_host, rdtype) for rdtype in ("A", "AAAA")]
    found = item.addresses or tuple(address for answer in answers for address in answer.records)
    looked_at, beyond = found[:ADDRESSES_PER_HOST], found[ADDRESSES_PER_HOST:]
    fetches = map_few(
        lambda address: visit(item.policy_host, address, options.fetch, patience), looked_at, AT_ONCE_PER_DOMAIN
    )
    if beyond:
        fetches.append(_too_many(item, len(found)))
    proof = prove(item.domain, item.policy, fetches or _nowhere(item, answers), options.quorum)
    return Proven(item.domain, looked_at, proof)


def _failed(problem: Exception) -> Fetch:
    rule = f"this domain could not be checked, so nothing is known about it: {told(problem)}"
    return Fetch(fault=Fault(FAILED, rule, "Report this as a bug of the collection, with the message above"))


def _too_many(item: Expected, count: int) -> Fetch:
    rule = f"{item.policy_host} has {count:,} addresses, of which {ADDRESSES_PER_HOST} were looked at"
    return Fetch(fault=Fault(TOO_MANY, rule, "Make it resolve to the policy hosts only"))


def _nowhere(item: Expected, answers: Sequence[Answer]) -> list[Fetch]:
    """Say why there was no address to visit."""
    details = ", ".join(dict.fromkeys(f"{answer.rdtype}: {answer.status}" for answer in answers))
    unsure = next((answer for answer in answers if not answer.certain), None)
    if unsure is not None:
        rule = f"{item.policy_host} cannot be looked up ({details})"
        remedy = f"{name_servers_remedy(unsure, item.domain)}, and mta_sts_nameservers if it is set"
        return [Fetch(fault=Fault("dns", rule, remedy))]
    rule = f"{item.policy_host} has no address ({details})"
    remedy = "Create A and AAAA records, or a CNAME, that resolve to the policy hosts"
    return [Fetch(fault=Fault("dns", rule, remedy))]


def visit(host: str, address: str, options: FetchOptions, patience: Patience) -> Fetch:
    """Fetch the policy of a policy host from one of its addresses, as persistently as time allows."""

    def look(seconds: float) -> Fetch:
        return fetch(host, address, POLICY_PATH, options, timeout=seconds)

    try:
        return persistently(look, patience, options.timeout, options.attempts).without_certificates()
    except TooLate:
        rule = f"{address} was not looked at: the {patience.seconds:g} s for all of {host} were over"
        remedy = "Start the hosts that do not answer, or take their addresses out of DNS, or set domain_timeout"
        return Fetch(address, fault=Fault(TOO_LATE, rule, remedy))

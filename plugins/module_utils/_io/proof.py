# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch every policy from every address its host has in DNS, side by side, and have the core compare.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._core.bounds import ADDRESSES_PER_HOST, AT_ONCE_PER_DOMAIN, SECONDS_PER_PROOF
from .._core.proof import FAILED, TOO_LATE, TOO_MANY, Fault, Proof, Seen, prove
from .concurrency import do_all, do_few
from .dns.resolver import CERTAIN, Answer, Resolver
from .net.https import POLICY_PATH, FetchError, fetch
from .patience import Patience, TooLate, blame, persistently
from .unexpected import told

# Faults that may be gone a second later.
PASSING = {"tcp", "unreachable", "timeout", "http", "tls"}


@dataclass(frozen=True)
class Expected:
    """What shall be served for a domain; ``policy`` is None when nothing shall be.

    ``addresses`` are those of the policy host if they are known already; without any DNS is asked.
    """

    domain: str
    policy_host: str
    policy: bytes | None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fetching:
    """How to fetch: trust, port, seconds a fetch may take, tries for an address, domains side by side.

    ``quorum`` is how many addresses of a domain must serve its policy; 0 means all of them. ``seconds`` is for all of
    one domain. Addresses the world does not reach are left alone, for a customer's domain may lead anywhere; but not
    ``own`` ones, those of our policy hosts, which may stand in an intranet, and none at all with ``allow_private``.
    """

    ca_path: str | None = None
    port: int = 443
    timeout: float = 15
    attempts: int = 2
    concurrency: int = 32
    quorum: int = 0
    seconds: float = SECONDS_PER_PROOF
    allow_private: bool = False
    own: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Proven:
    """The proof for one domain and the addresses it was looked for at."""

    domain: str
    addresses: tuple[str, ...]
    proof: Proof


def prove_all(expected: Sequence[Expected], resolver: Resolver, fetching: Fetching) -> list[Proven]:
    """Return one proof a domain, in order."""

    def prove_one(item: Expected) -> Proven:
        try:
            return _prove(item, resolver, fetching)
        except Exception as problem:  # whatever it is, it is this domain's
            return Proven(item.domain, (), prove(item.domain, item.policy, [_failed(problem)]))

    return do_all(prove_one, expected, max(1, fetching.concurrency))


def _prove(item: Expected, resolver: Resolver, fetching: Fetching) -> Proven:
    patience = Patience(fetching.seconds)
    answers = [] if item.addresses else [resolver.ask(item.policy_host, rdtype) for rdtype in ("A", "AAAA")]
    found = item.addresses or tuple(address for answer in answers for address in answer.records)
    looked_at, beyond = found[:ADDRESSES_PER_HOST], found[ADDRESSES_PER_HOST:]
    sights = do_few(
        lambda address: _visit(item.policy_host, address, fetching, patience), looked_at, AT_ONCE_PER_DOMAIN
    )
    if beyond:
        sights.append(_too_many(item, len(found)))
    proof = prove(item.domain, item.policy, sights or _nowhere(item, answers), fetching.quorum)
    return Proven(item.domain, looked_at, proof)


def _failed(problem: Exception) -> Seen:
    rule = f"this domain could not be looked at, so nothing is known of it: {told(problem)}"
    return Seen("", fault=Fault(FAILED, rule, "Report this as a bug of the collection, with the words above"))


def _too_many(item: Expected, count: int) -> Seen:
    rule = f"{item.policy_host} has {count:,} addresses, of which {ADDRESSES_PER_HOST} were looked at"
    return Seen("", fault=Fault(TOO_MANY, rule, "Let it lead to the policy hosts only"))


def _nowhere(item: Expected, answers: Sequence[Answer]) -> list[Seen]:
    """Say why there was no address to visit."""
    details = ", ".join(dict.fromkeys(f"{answer.rdtype}: {answer.status}" for answer in answers))
    if any(answer.status not in CERTAIN for answer in answers):
        rule = f"{item.policy_host} cannot be looked up ({details})"
        return [Seen("", fault=Fault("dns", rule, "See to its name servers, and to mta_sts_nameservers if it is set"))]
    rule = f"{item.policy_host} has no address ({details})"
    return [Seen("", fault=Fault("dns", rule, "Create A and AAAA records, or a CNAME, that lead to the policy hosts"))]


def _visit(host: str, address: str, fetching: Fetching, patience: Patience) -> Seen:
    try:
        return persistently(lambda: _fetch(host, address, fetching, patience), PASSING, fetching.attempts)
    except TooLate:
        rule = f"{address} was not looked at: the {patience.seconds:g} s for all of {host} were over"
        remedy = "Start the hosts that do not answer, or take their addresses out of DNS, or set domain_timeout"
        return Seen(address, fault=Fault(TOO_LATE, rule, remedy))


def _fetch(host: str, address: str, fetching: Fetching, patience: Patience) -> Seen:
    allowed = patience.allow(fetching.timeout)
    try:
        response = fetch(
            host,
            address,
            POLICY_PATH,
            ca_path=fetching.ca_path,
            timeout=allowed,
            port=fetching.port,
            allow_private=fetching.allow_private or address in fetching.own,
        )
    except FetchError as problem:
        return Seen(address, fault=blame(Fault(problem.kind, problem.rule, problem.remedy), allowed, fetching.timeout))
    return Seen(address, response.status, response.content_type, response.body, response.certificate_expiry)

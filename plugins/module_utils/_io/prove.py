# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch every policy from every address its host has in DNS, side by side, and have the core compare.

Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .._core.proof import Fault, Proof, Seen, prove
from .https import POLICY_PATH, FetchError, fetch
from .resolve import CERTAIN, Answer, Resolver

PAUSE_SECONDS = 1.0

# Faults that may be gone a second later.
PASSING = {"tcp", "unreachable", "timeout", "http", "tls"}


@dataclass(frozen=True)
class Expected:
    """What shall be served for a domain; ``policy`` is None when nothing shall be."""

    domain: str
    policy_host: str
    policy: bytes | None


@dataclass(frozen=True)
class Fetching:
    """How to fetch: trust, port, seconds a fetch may take, tries for an address, fetches side by side.

    ``quorum`` is how many addresses of a domain must serve its policy; 0 means all of them. Addresses the world does
    not reach are left alone, for a customer's domain may lead anywhere; but not ``own`` ones, those of our policy
    hosts, which may stand in an intranet, and none at all with ``allow_private``.
    """

    ca_path: str | None = None
    port: int = 443
    timeout: float = 15
    attempts: int = 2
    concurrency: int = 32
    quorum: int = 0
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
    hosts = [item.policy_host for item in expected]
    answers = resolver.ask_all((host, rdtype) for host in hosts for rdtype in ("A", "AAAA"))
    pairs = [(item, answers[2 * at : 2 * at + 2]) for at, item in enumerate(expected)]
    visits = [(at, address) for at, (_unused, found) in enumerate(pairs) for address in _addresses(found)]
    seen: dict[int, list[Seen]] = {}
    with ThreadPoolExecutor(max(1, min(fetching.concurrency, len(visits)))) as pool:
        sights = pool.map(lambda visit: _visit(expected[visit[0]].policy_host, visit[1], fetching), visits)
        for (at, _unused), sight in zip(visits, sights):
            seen.setdefault(at, []).append(sight)
    proofs = [
        prove(item.domain, item.policy, seen.get(at) or _nowhere(item, found), fetching.quorum)
        for at, (item, found) in enumerate(pairs)
    ]
    return [Proven(item.domain, _addresses(found), proof) for (item, found), proof in zip(pairs, proofs)]


def _addresses(answers: Sequence[Answer]) -> tuple[str, ...]:
    return tuple(address for answer in answers for address in answer.records)


def _nowhere(item: Expected, answers: Sequence[Answer]) -> list[Seen]:
    """Say why there was no address to visit."""
    details = ", ".join(dict.fromkeys(f"{answer.rdtype}: {answer.status}" for answer in answers))
    if any(answer.status not in CERTAIN for answer in answers):
        rule = f"{item.policy_host} cannot be looked up ({details})"
        return [Seen("", fault=Fault("dns", rule, "See to its name servers, and to mta_sts_nameservers if it is set"))]
    rule = f"{item.policy_host} has no address ({details})"
    return [Seen("", fault=Fault("dns", rule, "Create A and AAAA records, or a CNAME, that lead to the policy hosts"))]


def _visit(host: str, address: str, fetching: Fetching) -> Seen:
    fault = None
    for attempt in range(max(1, fetching.attempts)):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        try:
            response = fetch(
                host,
                address,
                POLICY_PATH,
                ca_path=fetching.ca_path,
                timeout=fetching.timeout,
                port=fetching.port,
                allow_private=fetching.allow_private or address in fetching.own,
            )
            return Seen(address, response.status, response.content_type, response.body, response.certificate_expiry)
        except FetchError as problem:
            fault = Fault(problem.kind, problem.rule, problem.remedy)
            if problem.kind not in PASSING:
                break
    return Seen(address, fault=fault)

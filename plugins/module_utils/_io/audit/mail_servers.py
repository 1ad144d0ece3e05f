# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Visit every MX at every address it has.

Private to this collection.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ..._core.audit.dane import stands_for
from ..._core.audit.evidence import Addresses, MxHost, MxVisit
from ..resolve import OK, Answer, Resolver
from ..smtp import exchange
from .policy_hosts import PAUSE_SECONDS

PASSING = {"tcp", "timeout", "tls", "smtp", "turned_away"}


@dataclass(frozen=True)
class Greeting:
    """How to talk to an MX: whom to trust (None: the system's CAs), the port, seconds for a connection, tries, name.

    ``allow_private`` lets it stand where the world does not reach it.
    """

    ca_path: str | None = None
    port: int = 25
    timeout: float = 30
    attempts: int = 2
    helo: str | None = None
    allow_private: bool = False


def visit(name: str, resolver: Resolver, greeting: Greeting) -> MxHost:
    """Look up an MX and visit its addresses. Never raises."""
    answers = [resolver.ask(name, rdtype) for rdtype in ("A", "AAAA")]
    tlsa = resolver.ask(f"_{greeting.port}._tcp.{name}", "TLSA")
    visits = [_patiently(name, address, greeting) for answer in answers for address in answer.records]
    records = tuple(str(record) for record in tlsa.records) if tlsa.status == OK else ()
    shown = [one.shown for one in visits if one.shown is not None and one.shown.certificate]
    return MxHost(
        name=name,
        addresses=tuple(found_addresses(answer) for answer in answers),
        visits=tuple(_without_certificate(one) for one in visits),
        tlsa=records,
        tlsa_matches=stands_for(records, shown),
        tlsa_secure=_is_secure(tlsa, answers, resolver) if records else None,
    )


def _is_secure(tlsa: Answer, addresses: list[Answer], resolver: Resolver) -> bool | None:
    """Whether TLSA records and addresses are signed; None where the root, which is, is not validated either."""
    if tlsa.secure and all(answer.secure for answer in addresses if answer.records):
        return True
    return False if resolver.ask(".", "SOA").secure else None


def found_addresses(answer: Answer) -> Addresses:
    """Return what DNS said about addresses as the core takes it."""
    return Addresses(answer.status, answer.canonical, answer.records, answer.detail)


def _patiently(name: str, address: str, greeting: Greeting) -> MxVisit:
    seen = _exchange(name, address, greeting)
    for _unused in range(1, max(1, greeting.attempts)):
        if seen.fault is None or seen.fault.kind not in PASSING:
            break
        time.sleep(PAUSE_SECONDS)
        seen = _exchange(name, address, greeting)
    return seen


def _exchange(name: str, address: str, greeting: Greeting) -> MxVisit:
    return exchange(
        name,
        address,
        ca_path=greeting.ca_path,
        timeout=greeting.timeout,
        port=greeting.port,
        helo=greeting.helo,
        allow_private=greeting.allow_private,
    )


def _without_certificate(one: MxVisit) -> MxVisit:
    return one if one.shown is None else replace(one, shown=replace(one.shown, certificate=b"", issuers=None))

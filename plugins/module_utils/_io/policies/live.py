# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch what is served at our own addresses, and ask for the record that announces it, side by side for all domains.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..._core.bounds import ADDRESSES_PER_HOST, AT_ONCE_PER_DOMAIN
from ..._core.dns.record import sts_name
from ..._core.names import policy_host
from ..._core.policies.live import Live, look_back
from ..concurrency import map_few, map_patiently
from ..dns.resolver import Resolver
from ..patience import Patience
from ..proof import ProofOptions, visit


def look_at_all(domains: Sequence[str], ours: Collection[str], resolver: Resolver, options: ProofOptions) -> list[Live]:
    """Return one entry per domain, in order. Addresses that are not ``ours`` are left alone: what is there stays."""

    def look(domain: str) -> Live:
        try:
            return _look(domain, ours, resolver, options)
        except Exception:  # whatever it is, it is this domain's, and what could not be looked at is unknown
            return Live(domain, unknown=True)

    return map_patiently(look, domains, max(1, options.concurrency))


def _look(domain: str, ours: Collection[str], resolver: Resolver, options: ProofOptions) -> Live:
    host, patience = policy_host(domain), Patience(options.seconds)
    answers = [resolver.ask(host, rdtype) for rdtype in ("A", "AAAA")]
    found = [address for answer in answers for address in answer.records if address in ours]
    fetches = map_few(
        lambda address: visit(host, address, options.fetch, patience), found[:ADDRESSES_PER_HOST], AT_ONCE_PER_DOMAIN
    )
    return look_back(domain, answers, resolver.ask(sts_name(domain), "TXT"), fetches)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which certificates are ordered now, in which order, and when the CA takes the others.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .bucket import Bucket
from .ledger import BAD_NONCE, FAILED, ISSUED, NEW, RATE_LIMITED, SENT, WAITING, Entry, Ledger
from .limits import ACCOUNT, DOMAIN, FAILURES, OF_NEW_ORDERS, SET, Share, subject

# What keeps an order back, as people read it
WHY = {
    ACCOUNT: "the CA takes the next order of this account",
    DOMAIN: "the CA takes the next order below this registered domain",
    SET: "the CA takes the next order of this set of names",
    FAILURES: "the CA validates this name again",
}

# For which limits the CA counts an order, by what became of it
COUNTED = {
    SENT: frozenset({SET, DOMAIN, ACCOUNT}),
    ISSUED: frozenset({SET, DOMAIN, ACCOUNT}),
    FAILED: frozenset({FAILURES, ACCOUNT}),
    BAD_NONCE: frozenset({ACCOUNT}),
    RATE_LIMITED: frozenset(),
}


@dataclass(frozen=True)
class Wanted:
    """A certificate that is due: since when, whether the host had one before, how near that one's end is.

    ``urgent`` says that few tries are left; ``bare`` that the name has no certificate at all that clients can accept;
    ``failed`` is when it was last tried in vain, None if it was not.
    """

    name: str
    key_type: str
    since: float
    renewal: bool = False
    urgent: bool = False
    bare: bool = False
    failed: float | None = None


@dataclass(frozen=True)
class Slot:
    """When a certificate can be ordered, and what keeps it back until then, "" when nothing does."""

    wanted: Wanted
    at: float
    why: str = ""


def queue(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Put the due certificates in a fair order.

    Renewals that near their end come first, then the first certificate of each name, then its second, then the other
    renewals, and at last what has failed before. In each, what has waited for longest leads.
    """
    begun: set[str] = set()
    in_groups = []
    for one in sorted(wanted, key=lambda one: (one.failed or one.since, one.name, one.key_type)):
        in_groups.append((_group(one, begun), one))
    return [one for _unused, one in sorted(in_groups, key=lambda pair: pair[0])]


def _group(one: Wanted, begun: set[str]) -> int:
    if one.failed is not None:
        return 4
    if one.renewal:
        return 0 if one.urgent else 3
    if one.bare and one.name not in begun:
        begun.add(one.name)
        return 1
    return 2


def _moment(slot: Slot) -> float:
    return slot.at


class Counts:
    """What the CA's counters hold for this host, as far as it can know: its own orders, and its share of each limit."""

    def __init__(
        self, ledger: Ledger, shares: Mapping[str, Share], registered: Callable[[str], str], now: float
    ) -> None:
        """Replay a book that is tidy."""
        self._ledger = ledger
        self._now = now
        self._shares = shares
        self._registered = registered
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._met: dict[str, float] = {}
        for entry in ledger.in_order():
            self._replay(entry)

    def schedule(self, wanted: Iterable[Wanted]) -> list[Slot]:
        """Return when each is ordered, the next one first. That takes all tokens: ask once.

        What waits for its own name takes nothing of what it shares with others until then, and keeps nobody else.
        """
        slots = [Slot(one, self._now) for one in queue(wanted)]
        for limit in (FAILURES, SET, DOMAIN, ACCOUNT):
            slots = sorted((self._within(limit, slot) for slot in slots), key=_moment)
        return slots

    def _within(self, limit: str, slot: Slot) -> Slot:
        """Put an order off until the limit lets it through, and take what it takes of it."""
        whose = subject(limit, slot.wanted.name, self._registered)
        refusal = self._ledger.refusals.get((limit, whose))
        at = max(slot.at, refusal.until) if refusal else slot.at
        bucket = None if slot.wanted.renewal and limit in OF_NEW_ORDERS else self._bucket(limit, whose, at)
        if bucket:
            at = bucket.ready(at)
            if limit != FAILURES:
                bucket.take(at)
        return slot if at <= slot.at else Slot(slot.wanted, at, limit)

    def _replay(self, entry: Entry) -> None:
        if entry.outcome == WAITING:
            for whose in (entry.name, self._registered(entry.name)):
                self._met.setdefault(whose, entry.at)
            return
        counted = COUNTED[entry.outcome]
        for limit in counted if entry.kind == NEW else counted.difference(OF_NEW_ORDERS):
            self._take(limit, subject(limit, entry.name, self._registered), entry.at)

    def _take(self, limit: str, whose: str, at: float) -> None:
        bucket = self._bucket(limit, whose, at)
        if bucket:
            bucket.take(at)

    def _bucket(self, limit: str, whose: str, at: float) -> Bucket | None:
        share = self._shares.get(limit)
        if not share:
            return None
        key = (limit, whose)
        if key not in self._buckets:
            met, forgotten = self._met.get(whose), self._ledger.forgotten
            since = next((moment for moment in (met, forgotten) if moment is not None), at)
            self._buckets[key] = Bucket(share, since, unknown=met is None and forgotten is not None)
        return self._buckets[key]

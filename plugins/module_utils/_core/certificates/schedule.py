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
from .ledger import FAILED, FOR_ACCOUNT, FOR_DOMAIN, FOR_NAME, ISSUED, NEW, RATE_LIMITED, SENT, WAITING, Entry, Ledger
from .limits import ACCOUNT, DOMAIN, FAILURES, SET, Share

# What keeps an order back, as people read it
WHY = {
    ACCOUNT: "the CA takes the next order of this account",
    DOMAIN: "the CA takes the next order below this registered domain",
    SET: "the CA takes the next order of this set of names",
    FAILURES: "the CA validates this name again",
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
        """Replay the book; what stands there for later than now was written by a clock that went wrong."""
        self._ledger = ledger
        self._now = now
        self._shares = shares
        self._registered = registered
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._met: dict[str, float] = {}
        for entry in ledger.in_order():
            self._replay(entry)

    def schedule(self, wanted: Iterable[Wanted]) -> list[Slot]:
        """Return when each is ordered, the next one first; what waits for its own name or domain keeps nobody else.

        That takes all tokens: ask once.
        """
        own = [self._own(one, self._now) for one in queue(wanted)]
        account_until = self._until(FOR_ACCOUNT, "")
        slots = [self._in_account(slot, account_until) for slot in sorted(own, key=_moment)]
        return sorted(slots, key=_moment)

    def _own(self, one: Wanted, now: float) -> Slot:
        """Find the moment at which all that concerns this name alone has a token, and take those."""
        domain = self._registered(one.name)
        waits = {SET: self._until(FOR_NAME, one.name), DOMAIN: self._until(FOR_DOMAIN, domain)}
        keys = [(SET, one.name), (FAILURES, one.name)] + ([] if one.renewal else [(DOMAIN, domain)])
        for kind, subject in keys:
            bucket = self._bucket(kind, subject, now)
            waits[kind] = max(waits.get(kind, now), bucket.ready(now) if bucket else now)
        why = max(waits, key=lambda kind: waits[kind])
        at = max(waits[why], now)
        for kind, subject in keys:
            bucket = self._bucket(kind, subject, now)
            if bucket and kind != FAILURES:
                bucket.take(at)
        return Slot(one, at, why if at > now else "")

    def _in_account(self, slot: Slot, until: float) -> Slot:
        at, bucket = max(slot.at, until), self._bucket(ACCOUNT, "", slot.at)
        if bucket and not slot.wanted.renewal:
            at = bucket.ready(at)
            bucket.take(at)
        return slot if at <= slot.at else Slot(slot.wanted, at, ACCOUNT)

    def _replay(self, entry: Entry) -> None:
        at = min(entry.at, self._now)
        if entry.outcome == WAITING:
            for subject in (entry.name, self._registered(entry.name)):
                self._met.setdefault(subject, at)
            return
        if entry.outcome == RATE_LIMITED:
            return
        if entry.kind == NEW:
            self._take(ACCOUNT, "", at)
        if entry.outcome in {SENT, ISSUED}:
            self._take(SET, entry.name, at)
            if entry.kind == NEW:
                self._take(DOMAIN, self._registered(entry.name), at)
        if entry.outcome == FAILED:
            self._take(FAILURES, entry.name, at)

    def _take(self, kind: str, subject: str, at: float) -> None:
        bucket = self._bucket(kind, subject, at)
        if bucket:
            bucket.take(at)

    def _bucket(self, kind: str, subject: str, at: float) -> Bucket | None:
        share = self._shares.get(kind)
        if not share:
            return None
        key = (kind, subject)
        if key not in self._buckets:
            met, forgotten = self._met.get(subject), self._ledger.forgotten
            since = next((moment for moment in (met, forgotten) if moment is not None), at)
            self._buckets[key] = Bucket(share, since, unknown=met is None and forgotten is not None)
        return self._buckets[key]

    def _until(self, scope: str, subject: str) -> float:
        return self._ledger.refusals.get((scope, subject), 0.0)

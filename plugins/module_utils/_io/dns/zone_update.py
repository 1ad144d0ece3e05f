# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring one zone up to date on its primary: what stands at its names, what is changed, and which names are refused.

Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..._core.dns import ownership, wildcard
from ..._core.dns.rrsets import RecordIntent, RecordOutcome, Strings, problem
from .prerequisites import Changes, Spelling, TxtRRset
from .update import ChangedMeanwhile, Denied, Primary, Reading, Unreachable, UpdateError, all_read

if TYPE_CHECKING:
    import dns.rdata

TRIES_PER_ZONE = 60  # finds five refused names among a thousand
SECONDS_PER_ZONE = 120.0


@dataclass(frozen=True)
class Standing:
    """What a name has of its own on the primary, or why that is unknown; not what the ``wildcard`` answered for it."""

    reading: Reading
    wildcard: str | None = None
    made_up: TxtRRset | None = None


def read_standing(primary: Primary, placed: Mapping[str, RecordOutcome]) -> dict[str, Standing]:
    """Return what the primary has at the names of the outcomes; one that need not change may be of a wildcard."""
    now = primary.read_each(sorted(placed))
    doubtful = {
        name: reading
        for name, reading in now.items()
        if isinstance(reading, TxtRRset) and reading.records and _change(placed[name].intent, reading)
    }
    beside = primary.read_each([wildcard.beside(name) for name in doubtful])
    standing = {name: Standing(reading) for name, reading in now.items()}
    for name, reading in doubtful.items():
        other = beside[wildcard.beside(name)]
        if isinstance(other, TxtRRset) and other.records == reading.records:
            standing[name] = _of_its_own(primary, placed[name], reading)
    return standing


def _of_its_own(primary: Primary, outcome: RecordOutcome, reading: TxtRRset) -> Standing:
    """Ask whether the wildcard made the answer: a record of the name itself may say the same."""
    zone = outcome.zone or ""

    def ask(name: str) -> tuple[Strings, ...]:
        return primary.read([name])[name].records

    try:
        source = wildcard.source(reading.name, zone, reading.records, ask)
        if source and primary.holds(zone, TxtRRset(reading.name)):
            return Standing(TxtRRset(reading.name), source, reading)
    except UpdateError as refusal:
        return Standing(refusal)
    return Standing(reading)


def publish_zone(
    primary: Primary, zone: str, outcomes: list[RecordOutcome], now: Mapping[str, Standing], check: bool
) -> list[RecordOutcome]:
    """Bring one zone up to date, whose records the primary has as in ``now``."""
    placed = {outcome.intent.name: outcome for outcome in outcomes}
    standing = {name: now[name] for name in sorted(placed)}
    before = {name: found.reading for name, found in standing.items() if isinstance(found.reading, TxtRRset)}
    unknown = {name: found.reading for name, found in standing.items() if isinstance(found.reading, UpdateError)}
    changing = {name: rrset for name, rrset in before.items() if _change(placed[name].intent, rrset)}
    unknown.update(_Zone(primary, zone, placed, rehearse=check).update_apart(changing))
    return [
        refused([outcome], unknown[outcome.intent.name])[0]
        if outcome.intent.name in unknown
        else _done(outcome, now[outcome.intent.name], before[outcome.intent.name], primary)
        for outcome in outcomes
    ]


@dataclass(frozen=True)
class _Zone:
    """A zone on its primary, with the outcomes placed in it; one that is only rehearsed stays as it is."""

    primary: Primary
    name: str
    placed: Mapping[str, RecordOutcome]
    rehearse: bool

    def update_apart(self, before: Mapping[str, TxtRRset]) -> dict[str, UpdateError]:
        """Change what differs, in one update; where that is refused, in two, and so on, until only refused ones remain.

        Returns the refused names. A server that takes no update of the zone is not asked for each of them, and one that
        refuses many not forever.
        """
        try:
            self._update(before)
        except UpdateError as refusal:
            whole = self.primary.denial(self.name) if isinstance(refusal, Denied) else None
            if whole or isinstance(refusal, Unreachable):
                return dict.fromkeys(before, whole or refusal)
            tries, deadline = iter(range(TRIES_PER_ZONE)), time.monotonic() + SECONDS_PER_ZONE
            return self._apart(before, refusal, lambda: next(tries, None) is None or time.monotonic() > deadline)
        return {}

    def _apart(
        self, before: Mapping[str, TxtRRset], refusal: UpdateError, is_enough: Callable[[], bool]
    ) -> dict[str, UpdateError]:
        names = list(before)
        if len(names) == 1 and isinstance(refusal, Denied):
            return {names[0]: self.primary.not_granted(names[0], self.name, refusal)}
        if len(names) == 1 or isinstance(refusal, Unreachable):
            return dict.fromkeys(names, refusal)
        found: dict[str, UpdateError] = {}
        for half in (names[: len(names) // 2], names[len(names) // 2 :]):
            share = {name: before[name] for name in half}
            if is_enough():
                found.update(dict.fromkeys(share, refusal))
                continue
            try:
                self._update(share)
            except UpdateError as its_refusal:
                found.update(self._apart(share, its_refusal, is_enough))
        return found

    def _update(self, before: Mapping[str, TxtRRset]) -> None:
        """Change what differs. Another run may do so at the same time: what it has put right is not a conflict."""
        now = before
        while changes := [
            (now[name], found) for name in sorted(now) if (found := _change(self.placed[name].intent, now[name]))
        ]:
            try:
                self.primary.change(self.name, changes, rehearse=self.rehearse)
                return
            except ChangedMeanwhile as conflict:
                soa = self.primary.soa(self.name)
                last, now = now, self._read(now)
                if now == last:
                    self._update_unlike(changes, soa, conflict)
                    return
                if any(_change(self.placed[name].intent, now[name]) and now[name] != before[name] for name in now):
                    raise

    def _update_unlike(self, changes: Changes, soa: dns.rdata.Rdata, conflict: ChangedMeanwhile) -> None:
        """Change records that the primary does not recognise in what it shows of them, as long as the zone's SOA stays.

        ``soa`` is from before they were read.
        """
        unlike = [now.name for now, _change in changes if now.records and not self.primary.holds(self.name, now)]
        if unlike:
            try:
                spelling = Spelling(frozenset(unlike), soa)
                self.primary.change(self.name, changes, spelling=spelling, rehearse=self.rehearse)
                return
            except ChangedMeanwhile:
                if self.primary.soa(self.name) != soa:
                    raise
        raise _insists(conflict) from None

    def _read(self, names: Iterable[str]) -> dict[str, TxtRRset]:
        standing = read_standing(self.primary, {name: self.placed[name] for name in names})
        return all_read({name: found.reading for name, found in standing.items()})


def _done(outcome: RecordOutcome, standing: Standing, before: TxtRRset, primary: Primary) -> RecordOutcome:
    item = outcome.intent
    if item.value is None and standing.made_up and not ownership.satisfied(item, standing.made_up.records):
        return unwritten(outcome, ownership.made_up(item, standing.wildcard or ""))
    changed = _change(item, before) is not None
    return replace(outcome, before=before.records, changed=changed, seen_at="" if changed else str(primary.server))


def _change(intent: RecordIntent, now: TxtRRset) -> ownership.Change | None:
    return ownership.change(intent, now.records, now.ttl)


def refused(outcomes: Iterable[RecordOutcome], refusal: UpdateError) -> list[RecordOutcome]:
    return [replace(item, problem=problem(item.intent, refusal.rule, refusal.remedy)) for item in outcomes]


def _insists(conflict: ChangedMeanwhile) -> UpdateError:
    """A refusal that would repeat: the primary shows what its own precondition denies."""
    remedy = (
        "Look at these names on the primary itself: a CNAME record there has to go, and PowerDNS needs TXT records as "
        "it shows them (pdnsutil edit-zone)"
    )
    return UpdateError(f"{conflict.rule}, although it shows the records as they were when they were read", remedy)


def unwritten(outcome: RecordOutcome, reason: str) -> RecordOutcome:
    return replace(outcome, problem=reason, refused=True)

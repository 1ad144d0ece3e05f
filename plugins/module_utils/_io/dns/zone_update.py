# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring one zone up to date on its primary: what stands at its names, what is changed, and which names are refused.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..._core.dns import ownership, wildcard
from ..._core.dns.rrsets import RecordIntent, RecordOutcome, Strings, problem
from .update import ChangedMeanwhile, Primary, Reading, TxtRRset, Unreachable, UpdateError, all_read

TRIES_PER_ZONE = 60  # finds five refused names among a thousand


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
    def ask(name: str) -> tuple[Strings, ...]:
        return primary.read([name])[name].records

    try:
        source = wildcard.source(reading.name, outcome.zone or "", reading.records, ask)
    except UpdateError as refusal:
        return Standing(refusal)
    return Standing(TxtRRset(reading.name), source, reading) if source else Standing(reading)


def publish_zone(
    primary: Primary, zone: str, outcomes: list[RecordOutcome], now: Mapping[str, Standing], check: bool
) -> list[RecordOutcome]:
    """Bring one zone up to date, whose records the primary has as in ``now``."""
    placed = {outcome.intent.name: outcome for outcome in outcomes}
    standing = {name: now[name] for name in sorted(placed)}
    before = {name: found.reading for name, found in standing.items() if isinstance(found.reading, TxtRRset)}
    unknown = {name: found.reading for name, found in standing.items() if isinstance(found.reading, UpdateError)}
    if not check:
        changing = [name for name in before if _change(placed[name].intent, before[name])]
        unknown.update(_update_apart(primary, zone, before, placed, changing))
    return [
        refused([outcome], unknown[outcome.intent.name])[0]
        if outcome.intent.name in unknown
        else _done(outcome, now[outcome.intent.name], before[outcome.intent.name], primary)
        for outcome in outcomes
    ]


def _update_apart(
    primary: Primary,
    zone: str,
    before: Mapping[str, TxtRRset],
    placed: Mapping[str, RecordOutcome],
    names: Sequence[str],
) -> dict[str, UpdateError]:
    """Change what differs, in one update; where that is refused, in two, and so on, until only refused ones are left.

    Returns the refused names. A server that refuses everything is not asked forever.
    """
    tries = iter(range(TRIES_PER_ZONE))

    def attempt(share: Sequence[str]) -> dict[str, UpdateError]:
        try:
            _update(primary, zone, {name: before[name] for name in share}, {name: placed[name] for name in share})
        except UpdateError as refusal:
            half = len(share) // 2
            if not half or isinstance(refusal, Unreachable) or next(tries, None) is None:
                return dict.fromkeys(share, refusal)
            return {**attempt(share[:half]), **attempt(share[half:])}
        return {}

    return attempt(names)


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


def _update(primary: Primary, zone: str, before: Mapping[str, TxtRRset], placed: Mapping[str, RecordOutcome]) -> None:
    """Change what differs. Another run may do the same at the same time: what it has put right is not a conflict."""
    now = before
    while changes := [
        (now[name], found) for name in sorted(placed) if (found := _change(placed[name].intent, now[name]))
    ]:
        try:
            primary.change(zone, changes)
            return
        except ChangedMeanwhile as conflict:
            last, now = now, all_read({name: found.reading for name, found in read_standing(primary, placed).items()})
            if now == last:
                raise _insists(conflict) from None
            if any(_change(item.intent, now[name]) and now[name] != before[name] for name, item in placed.items()):
                raise


def _insists(conflict: ChangedMeanwhile) -> UpdateError:
    """A refusal that would repeat: the primary shows what its own precondition denies."""
    remedy = "Compare the records at these names on the primary itself with those it shows, CNAME records among them"
    return UpdateError(f"{conflict.rule}, although it shows the records as they were when they were read", remedy)


def unwritten(outcome: RecordOutcome, reason: str) -> RecordOutcome:
    return replace(outcome, problem=reason, refused=True)

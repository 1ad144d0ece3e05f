# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What earlier audits saw, so that the next one can tell a change from a state (RFC 8461, sections 8.1 and 8.3).

All times are epoch seconds. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..bounds import OBSERVATIONS_PER_DOMAIN
from ..policies.history import Entries
from ..policies.policy import MODES


@dataclass(frozen=True)
class Observed:
    """A policy that was seen under a record's id from ``first`` to ``last``; in this mode since ``mode_since``."""

    record_id: str | None
    policy_id: str
    mode: str
    max_age: int
    first: int
    last: int
    mode_since: int


Past = tuple[Observed, ...]


class UnreadablePast(ValueError):
    """Something that is not what an earlier audit returned; the message says why."""


def observe(past: Past, seen: Observed) -> Past:
    """Return the past with what was seen now, without what no sender can hold any more."""
    if past and past[-1].mode == seen.mode:
        seen = replace(seen, mode_since=past[-1].mode_since)
    if past and _same(past[-1], seen):
        past, seen = past[:-1], replace(seen, first=past[-1].first)
    kept = [entry for entry in past if entry.last + entry.max_age > seen.last]
    return (*_latest(kept), seen)


def _latest(past: Sequence[Observed]) -> Sequence[Observed]:
    """Return the last ones of many, in place of the first the one that senders may hold longest."""
    most = OBSERVATIONS_PER_DOMAIN - 1
    if len(past) <= most:
        return past
    earlier = past[: 1 - most]
    return [max(earlier, key=lambda entry: held_until((entry,))), *past[1 - most :]]


def held_until(past: Past) -> int:
    """Return until when a sender may hold a policy of a mode other than none; 0 when none was seen."""
    return max((entry.last + entry.max_age for entry in past if entry.mode != "none"), default=0)


def from_history(entries: Entries, now: int) -> Past:
    """Turn the history of what a policy host served into what an audit would have seen."""
    return tuple(
        Observed(entry.id, entry.id, entry.mode, entry.max_age, entry.first, entry.last or now, entry.first)
        for entry in entries
    )


def to_plain(pasts: Mapping[str, Past]) -> dict[str, list[dict[str, Any]]]:
    """Return the past of all domains as plain data, in their order."""
    return {domain: [asdict(entry) for entry in pasts[domain]] for domain in sorted(pasts) if pasts[domain]}


def from_plain(data: object) -> dict[str, Past]:
    """Read what to_plain returned, perhaps long ago. Raises UnreadablePast."""
    if not isinstance(data, Mapping):
        raise UnreadablePast("it is no dictionary of domains")
    return {str(domain): _entries(domain, entries) for domain, entries in data.items()}


def _entries(domain: object, raw: Iterable[Mapping[str, Any]]) -> Past:
    try:
        entries = tuple(Observed(**entry) for entry in raw)
    except TypeError:
        raise UnreadablePast(f"an entry of {domain} has other keys than an audit writes") from None
    for number, entry in enumerate(entries, start=1):
        numbers = (entry.max_age, entry.first, entry.last, entry.mode_since)
        if entry.mode not in MODES or not all(isinstance(value, int) and value >= 0 for value in numbers):
            raise UnreadablePast(f"an entry of {domain} makes no sense: number {number}")
    return entries


def _same(one: Observed, other: Observed) -> bool:
    return (one.record_id, one.policy_id) == (other.record_id, other.policy_id)

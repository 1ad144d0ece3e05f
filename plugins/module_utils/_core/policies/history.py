# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was served when, and until when a sender may therefore still hold it (RFC 8461, sections 3.2, 5.1 and 8.3).

A sender caches a policy for ``max_age`` seconds from its last fetch, so an earlier policy lives on until the moment it
was last served plus its max_age. All times are epoch seconds. Private to this collection.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .policy import MODES, Policy

FORMAT = 1


@dataclass(frozen=True)
class Now:
    """The present by two clocks, because one of them may be wrong.

    The ``late`` one records until when a policy was served, the ``early`` one decides what is over: as
    long as one clock is right, nothing is over too early.
    """

    early: int
    late: int


@dataclass(frozen=True)
class Served:
    """One policy that was served from ``first`` to ``last``; ``last`` is None while it still is."""

    id: str
    mode: str
    max_age: int
    first: int
    last: int | None = None


Entries = tuple[Served, ...]
History = Mapping[str, Entries]


class CorruptHistory(ValueError):
    """A history file that cannot be read; the message says what is wrong."""


def serve(entries: Entries, policy_id: str, mode: str, max_age: int, now: Now) -> Entries:
    """Return the entries after a policy went live ``now``; it goes on if it is one of those being served.

    There are two of them while a file is replaced, and after a run that was killed then.
    """
    current = next((entry for entry in entries if entry.last is None and entry.id == policy_id), None)
    if current:
        return (*withdraw(tuple(entry for entry in entries if entry is not current), now), current)
    return (*withdraw(_alive(entries, now), now), Served(policy_id, mode, max_age, now.late))


def beside(entries: Entries, before: Entries, theirs: Iterable[tuple[str, Policy]], now: Now) -> Entries:
    """Return the entries while others serve policies too, ids and policies of theirs; ``before`` is what was known.

    Such a policy is served until a later run does not find it any more.
    """
    known = {entry.id: entry for entry in before if entry.last is None}
    ours = {entry.id for entry in entries if entry.last is None}
    served = [
        known.get(policy_id) or Served(policy_id, policy.mode, policy.max_age, now.late)
        for policy_id, policy in theirs
        if policy_id not in ours
    ]
    again = {(entry.id, entry.first) for entry in served}
    return (*(entry for entry in entries if (entry.id, entry.first) not in again and entry.last is not None),
            *served, *(entry for entry in entries if entry.last is None))  # fmt: skip


def withdraw(entries: Entries, now: Now) -> Entries:
    """Return the entries after nothing is served any more."""
    return tuple(replace(entry, last=now.late) if entry.last is None else entry for entry in entries)


def cached_until(entries: Entries, now: Now) -> int | None:
    """Return the last moment at which a sender may hold a policy served before; None when there is none."""
    ends = [entry.last + entry.max_age for entry in entries if entry.last is not None]
    latest = max(ends, default=now.early)
    return latest if latest > now.early else None


def protected_until(entries: Entries, now: Now) -> int | None:
    """Return until when a sender may hold a policy of a mode other than none, what is served now included."""
    return cached_until(tuple(entry for entry in withdraw(entries, now) if entry.mode != "none"), now)


def to_json(history: History) -> str:
    """Return the history as the text of its file."""
    domains = {domain: [asdict(entry) for entry in history[domain]] for domain in sorted(history) if history[domain]}
    return json.dumps({"format": FORMAT, "domains": domains}, indent=1) + "\n"


def from_json(text: str) -> dict[str, Entries]:
    """Read a history file's text. Raises CorruptHistory."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise CorruptHistory(f"it is not JSON: {problem}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("domains"), dict):
        raise CorruptHistory(f"it is not a history of format {FORMAT}")
    return {domain: _entries(domain, entries) for domain, entries in data["domains"].items()}


def _alive(entries: Entries, now: Now) -> Entries:
    """Forget what no sender can hold any more."""
    return tuple(entry for entry in entries if entry.last is None or entry.last + entry.max_age > now.early)


def _entries(domain: str, raw: Iterable[Mapping[str, Any]]) -> Entries:
    try:
        entries = tuple(Served(**entry) for entry in raw)
    except TypeError as problem:
        raise CorruptHistory(f"an entry of {domain} is unreadable: {problem}") from None
    for number, entry in enumerate(entries, start=1):
        if not _makes_sense(entry):
            raise CorruptHistory(f"an entry of {domain} makes no sense: number {number}")
    return entries


def _makes_sense(entry: Served) -> bool:
    numbers = (entry.max_age, entry.first, entry.first if entry.last is None else entry.last)
    return (
        isinstance(entry.id, str)
        and entry.mode in MODES
        and all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in numbers)
    )

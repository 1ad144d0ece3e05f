# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which senders still see a policy that has been replaced: they may keep one for its max_age (RFC 8461, section 3.2).

Nobody is named for what is not known: a report of the day on which a sender first saw the current policy, or of an
earlier one, may speak of the hours before the change. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from ..policies.policy_id import policy_id
from .days import Row, most_common
from .report import STS
from .seen_policy import Meaning, meaning, meaning_of, seen_policy_id


def outdated(rows: Iterable[Row], current: Mapping[str, bytes] | None = None) -> list[dict[str, str | None]]:
    """Return the organisations whose latest report on a domain shows none but older policies.

    ``current`` has the policies of today, by domain. Of any other domain it is the one that a sender went over to last.
    """
    known = current or {}
    telling = sorted((row for row in rows if row.policy_type == STS and _seen(row)), key=lambda row: row.key)
    found: list[dict[str, str | None]] = []
    for domain, group in groupby(telling, key=lambda row: row.domain):
        senders = _Senders(list(group))
        wanted = meaning_of(known[domain]) if domain in known else senders.went_over_to()
        if wanted:
            of_wanted = policy_id(known[domain]) if domain in known else senders.id_of(wanted)
            found += [{**entry, "current_id": of_wanted} for entry in senders.without(wanted)]
    return found


class _Senders:
    """What they saw of one domain's policies, in the order of days."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows
        self._changes = list(_changes(rows))

    def went_over_to(self) -> Meaning | None:
        """Return the policy that came last, also if it had been there before; None if senders do not agree on it."""
        latest = {new for day, _old, new in self._changes if day == self._changes[-1][0]}  # rows come by day
        return latest.pop() if len(latest) == 1 else None

    def id_of(self, wanted: Meaning) -> str | None:
        """Return the id of a policy that was seen."""
        return next(seen_policy_id(lines) for row in self._rows for lines in row.policies if meaning(lines) == wanted)

    def without(self, wanted: Meaning) -> Iterator[dict[str, str | None]]:
        """Give those that still saw others when this one was there."""
        since = self._since(wanted)
        latest = {row.organization: row for row in self._rows}
        for organization, row in sorted(latest.items()):
            said = [lines for lines, _sessions in most_common(row.policies, len(row.policies)) if meaning(lines)]
            if said and row.day > since and wanted not in _seen(row):
                yield {
                    "domain": row.domain,
                    "organization": organization,
                    "policy_id": seen_policy_id(said[0]),
                    "day": row.day,
                }

    def _since(self, wanted: Meaning) -> str:
        """Return the first day on which a sender saw it, after it was last replaced; "" if none ever did."""
        left = max((day for day, old, _new in self._changes if old == wanted), default="")
        return min((row.day for row in self._rows if row.day > left and wanted in _seen(row)), default="")


def _seen(row: Row) -> set[Meaning]:
    """Return what the policies said that a sender saw, as far as it has told."""
    return {said for said in map(meaning, row.policies) if said}


def _changes(rows: Iterable[Row]) -> Iterator[tuple[str, Meaning, Meaning]]:
    """Give the days on which a sender saw another policy than before; where it saw several, it is not over yet."""
    last: dict[str, Meaning] = {}
    for row in rows:
        seen = _seen(row)
        if len(seen) == 1:
            (new,) = seen
            old = last.setdefault(row.organization, new)
            if new != old:
                yield row.day, old, new
            last[row.organization] = new

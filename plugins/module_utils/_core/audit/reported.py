# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders report of a domain, as far as an audit sets it beside what it sees itself.

It is read from the figures that the module tls_reports_overview has written. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..tls_reports.figures import days_before
from ..tls_reports.moment import is_day
from ..tls_reports.period import days_ago

# Small domains hear of a sender once in some weeks.
SILENT_DAYS = 30
# What failed longer ago may have been mended since.
RECENT_DAYS = 7
# Reports of a day come during the next one; a reading that is older says nothing about today.
_FRESH_DAYS = 3


class UnreadableFigures(ValueError):
    """Something that is not what tls_reports_overview has written; the message says why."""


@dataclass(frozen=True)
class ReportedFailure:
    """Sessions that failed in one way: until which day, some of the senders that say so and of the MX hosts."""

    result_type: str
    sessions: int
    last_day: str
    senders: tuple[str, ...]
    sender_count: int
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Reported:
    """What senders report of a domain from one day to another, both included; ``whole``: no source was unreadable."""

    since: str
    until: str
    whole: bool
    last_day: str | None
    failures: tuple[ReportedFailure, ...]

    def is_fresh(self, now: int) -> bool:
        """Whether it was read lately enough to say something about today."""
        return self.until >= days_ago(_FRESH_DAYS, now)

    def covers_silence(self, now: int) -> bool:
        """Whether a report would be known that came on any of the days after which a domain counts as silent."""
        return self.whole and self.is_fresh(now) and self.since <= days_before(self.until, SILENT_DAYS - 1)

    def is_silent(self, now: int) -> bool:
        """Whether the last report is of long ago."""
        return self.last_day is None or self.last_day < days_ago(SILENT_DAYS, now)

    def recent_failures(self, now: int) -> list[ReportedFailure]:
        """Return what has failed lately."""
        return [failure for failure in self.failures if failure.last_day >= days_ago(RECENT_DAYS, now)]


def from_figures(data: object) -> dict[str, Reported]:
    """Return what is reported of each domain. Raises UnreadableFigures."""
    if not isinstance(data, Mapping):
        raise UnreadableFigures("it is no dictionary of figures")
    try:
        since, until = str(data["since"]), str(data["until"])
        if not is_day(since) or not is_day(until):
            raise ValueError(f"{since!r} or {until!r} is no day")
        return {str(one["domain"]): _reported(one, since, until, whole=not data["problems"]) for one in data["domains"]}
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as problem:
        raise UnreadableFigures(f"it has not what tls_reports_overview writes: {problem!r}") from None


def _reported(one: Mapping[str, Any], since: str, until: str, *, whole: bool) -> Reported:
    failures = tuple(
        ReportedFailure(
            str(found["type"]),
            int(found["sessions"]),
            str(found["last_day"]),
            tuple(map(str, found["senders"])),
            int(found["sender_count"]),
            tuple(dict.fromkeys(str(host["mx"]) for host in found["hosts"] if host["mx"])),
        )
        for found in one["types"]
    )
    return Reported(since, until, whole, None if one["last_day"] is None else str(one["last_day"]), failures)

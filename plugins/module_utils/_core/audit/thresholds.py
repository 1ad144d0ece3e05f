# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From when on the audit calls something too short, too long or too late.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..duration import DAY, HOUR

LATE = 4  # the part of a certificate's lifetime in which it is late for renewal


def time_left(seconds: int) -> str:
    """Return a time in days, or in hours where it is less than two of them."""
    if seconds >= 2 * DAY:
        return f"{seconds // DAY} days"
    hours = seconds // HOUR
    return "1 hour" if hours == 1 else f"{hours} hours"


@dataclass(frozen=True)
class Thresholds:
    """Days before a certificate's end, seconds a policy may take, weeks a policy may stay in mode testing."""

    expiring_days: float = 14
    slow_seconds: float = 10
    testing_weeks: float = 8

    def expires_soon(self, start: int | None, end: int, now: int) -> bool:
        """Whether a valid certificate should have been renewed: of short ones no more than a quarter may be left.

        Clients of CAs renew with a third of the lifetime left, of less than ten days with a half.
        """
        early = self.expiring_days * DAY
        if start is not None:
            early = min(early, (end - start) / LATE)
        return now < end < now + early

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moments as people and machines both read them.

Private to this collection.
"""

from __future__ import annotations

from datetime import datetime, timezone

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
FIRST, LAST = -62135596800, 253402300799  # years 1 to 9999: no other moment can be written


def iso_time(moment: int) -> str:
    """Return epoch seconds as ISO 8601 in UTC: 2027-01-21T09:30:00Z."""
    return datetime.fromtimestamp(max(FIRST, min(moment, LAST)), timezone.utc).strftime(FORMAT)


def read_iso_time(text: str) -> int:
    """Return the epoch seconds of such a moment. Raises ValueError."""
    return int(datetime.strptime(text, FORMAT).replace(tzinfo=timezone.utc).timestamp())


def minute(moment: float) -> str:
    """Return epoch seconds as a sentence has them: 2027-01-21 09:30 UTC; the minute after, rather than before."""
    return datetime.fromtimestamp(max(FIRST, min(moment + 59, LAST)), timezone.utc).strftime("%Y-%m-%d %H:%M UTC")

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a report begins, as senders write it: RFC 3339, without zone (Microsoft, once), with a blank for the T.

Private to this collection.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from functools import lru_cache

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"\s*(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?\s*(?:[Zz]|([+-])(\d\d):?(\d\d))?)?\s*\Z",
    re.ASCII,
)


# The last day that can be written
LATEST = 253402300799


def epoch_seconds(text: str) -> int | None:
    """Return the epoch seconds of such a time, None if it is none; without zone it is UTC (RFC 8460, section 4.1)."""
    found = _TIME.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    east = (int(found[8]) * 60 + int(found[9])) * (-60 if found[7] == "-" else 60) if found[7] else 0
    try:
        # A leap second is the last one of its day.
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone.utc)
    except ValueError:
        return None
    seconds = int(moment.timestamp()) - east
    return seconds if 0 <= seconds <= LATEST else None


@lru_cache(maxsize=1000)
def utc_day(moment: int) -> str:
    """Return the UTC day of epoch seconds: 2027-01-21."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d")


def is_day(text: str) -> bool:
    """Whether it is a day of the calendar, as utc_day writes it."""
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False

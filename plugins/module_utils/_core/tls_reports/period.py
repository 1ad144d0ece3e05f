# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""UTC days as users name them: 2027-01-21, or so long ago, 4w.

Private to this collection.
"""

from __future__ import annotations

import re

from ..duration import DAY, InvalidDuration, seconds
from ..finding import Refused
from .moment import is_day, utc_day

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


def read_day(text: str | None, now: int) -> str | None:
    """Return the day, None for no text. Raises Refused."""
    text = (text or "").strip()
    if not text:
        return None
    if is_day(text):
        return text
    if _DAY.match(text):
        raise Refused(f"there is no day {text}", "Write one that the calendar has")
    try:
        return days_ago(seconds(text) // DAY, now)
    except InvalidDuration:
        raise Refused(f"{text!r} is no day", "Write it as 2027-01-21, or how long ago it was, as 4w") from None


def days_ago(days: int, now: int) -> str:
    """Return the day so many days before the one of that moment."""
    return utc_day(max(0, now - days * DAY))


def is_within(day: str, since: str | None, until: str | None) -> bool:
    """Whether a day is one of the period, both of its ends included."""
    return (since is None or day >= since) and (until is None or day <= until)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Durations as users write them: seconds, or a number and one unit.

Private to this collection.
"""

from __future__ import annotations

import re

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_DURATION = re.compile(r"([0-9]{1,12})([smhdw]?)\Z")


class InvalidDuration(ValueError):
    """Something that is not a duration."""


def seconds(value: object) -> int:
    """Return the seconds in 86400, "86400", "90s", "30m", "12h", "1d" or "2w". Raises InvalidDuration."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise InvalidDuration(f"{value!r} is not a duration")
    found = _DURATION.match(str(value).strip())
    if not found:
        raise InvalidDuration(f"{value!r} is not a duration")
    return int(found[1]) * UNITS[found[2] or "s"]


def in_words(count: int) -> str:
    """Return seconds in the largest unit that divides them: 86400 is 1d."""
    for unit, size in sorted(UNITS.items(), key=lambda item: -item[1]):
        if count % size == 0 and count >= size:
            return f"{count // size}{unit}"
    return f"{count}s"

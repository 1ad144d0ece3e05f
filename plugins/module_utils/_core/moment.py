# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A moment as people read it. The core has no clock and hence no datetime, only this.

Private to this collection.
"""

from __future__ import annotations

_DAY = 86400
_DAYS_TO_1970 = 719468  # from 0000-03-01: a year that begins in March ends with the leap day
_DAYS_IN_400_YEARS = 146097


def iso_time(moment: int) -> str:
    """Return epoch seconds as ISO 8601 in UTC: 2027-01-21T09:30:00Z."""
    days, seconds = divmod(moment, _DAY)
    era, day_of_era = divmod(days + _DAYS_TO_1970, _DAYS_IN_400_YEARS)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    months_since_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * months_since_march + 2) // 5 + 1
    years, month = divmod(months_since_march + 2, 12)
    year = 400 * era + year_of_era + years
    return f"{year:04}-{month + 1:02}-{day:02}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"

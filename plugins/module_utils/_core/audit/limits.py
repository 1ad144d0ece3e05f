# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From when on the audit calls something too short, too long or too late.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86400
WEEK = 7 * DAY


@dataclass(frozen=True)
class Limits:
    """Days before a certificate's end, seconds a policy may take, weeks a policy may stay in mode testing."""

    expiring_days: float = 14
    slow_seconds: float = 10
    testing_weeks: float = 8

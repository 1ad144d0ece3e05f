# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From which severity on an audit counts as failed.

Private to this collection.
"""

from __future__ import annotations

from ...finding import Refused
from ..verdict import SEVERITIES

NEVER = "never"
FAIL_ON = ("error", "warning", NEVER)


def reaches(severity: str, fail_on: str) -> bool:
    """Whether a finding or a verdict of that severity is one to fail on. Raises ValueError for a wrong threshold."""
    if fail_on not in FAIL_ON:
        raise Refused(f"fail_on: {fail_on!r} is no threshold", "Write error, warning or never")
    return fail_on != NEVER and SEVERITIES.index(severity) >= SEVERITIES.index(fail_on)

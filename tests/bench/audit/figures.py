# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bench has measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

ALL = "the audit, everything"
SOME = "the audit, records and policy"
PEER = "checkdmarc"
LIMIT = "the bare limit of everything"
HEALTHY, HANGING = "all healthy", "some hanging"


@dataclass
class Figures:
    """What was measured."""

    domains: int
    many: int
    speeds: dict[tuple[str, int], list[float]] = field(default_factory=dict)  # domains a second, by who and round trip
    work: dict[str, int] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, who: str, round_trip: int, domains: int, seconds: float) -> None:
        """Note one measurement."""
        self.speeds.setdefault((who, round_trip), []).append(domains / seconds)

    def speed(self, who: str, round_trip: int) -> float:
        """Return the median, and of the bare limit the best."""
        measured = self.speeds[who, round_trip]
        return max(measured) if who == LIMIT else statistics.median(measured)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders report on the domains that say so: the figures that reports.yml writes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[3]))

from plugins.module_utils._core.timestamps import iso_time
from plugins.module_utils._core.tls_reports.days import Days
from plugins.module_utils._core.tls_reports.figures import figures
from plugins.module_utils._core.tls_reports.report import STS, Failure, PolicyReport, Report
from plugins.module_utils._core.tls_reports.rows import to_plain

from .data import Domain

DAY = 86400


def reported(domains: Iterable[Domain], now: float) -> dict[str, Any]:
    """Return the figures of the reports of yesterday, read now."""
    concerned = [domain for domain in domains if "reported" in domain.entry]
    days = Days()
    for report in _reports(concerned, int(now) // DAY * DAY - DAY):
        days.add(report, "not looked at")
    read = {
        "days": [to_plain(row) for row in days],
        "inputs": {"read": len(concerned), "copies": 0, "other_mails": 0, "refused": 0},
        **{key: [] for key in ("refused", "findings", "problems", "outdated")},
        "left_out": {"domains": 0, "reports": 0, "sessions": 0},
        "since": iso_time(int(now) - 30 * DAY)[:10],
        "until": None,
        "read_at": iso_time(int(now)),
        "read_at_epoch": int(now),
    }
    return figures(read, [domain.name for domain in concerned])


def _reports(domains: Iterable[Domain], start: int) -> Iterator[Report]:
    for domain in domains:
        failed = dict(domain.entry["reported"])
        succeeded = failed.pop("succeeded", 0)
        if succeeded:
            failures = tuple(Failure(name, sessions, "mx.post.test") for name, sessions in failed.items())
            policy = PolicyReport(STS, domain.name, succeeded, sum(failed.values()), failures=failures)
            yield Report("A sender", domain.name, start, (policy,))

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS reports for tests of what is made of them: what the module tls_reports_info returns, added up by the core."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time, read_iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Days
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import (
    STS,
    Failure,
    PolicyReport,
    Report,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.rows import to_plain

READ_AT = 1795480800  # 2026-11-24T00:40:00Z
DAY = 86400


def report(
    domain: str,
    day: str,
    succeeded: int = 0,
    *failures: Failure,
    organization: str = "Example Mail",
    policy_type: str = STS,
    failed: int | None = None,
) -> Report:
    """Make the report of one sender for one day; the details say how many failed, unless ``failed`` does."""
    sessions = sum(failure.sessions for failure in failures) if failed is None else failed
    policy = PolicyReport(policy_type, domain, succeeded, sessions, failures=failures)
    report_id = f"{organization} {day} {domain} {policy_type}"
    return Report(organization, report_id, read_iso_time(f"{day}T00:00:00Z"), (policy,))


def fails(result_type: str, sessions: int, mx: str = "mx.example.com", address: str = "", reason: str = "") -> Failure:
    """Make one line of a report's details."""
    return Failure(result_type, sessions, mx, address=address, reason=reason)


def returned(*reports: Report, at: int = READ_AT, **more: Any) -> dict[str, Any]:
    """What the module returns for these reports, read at that time, of the 30 days that end with it."""
    refused = len(more.get("refused", []))
    return {
        "changed": False,
        "days": rows(reports),
        "inputs": {"read": len(reports), "copies": 0, "other_mails": 0, "refused": refused},
        "refused": [],
        "findings": [],
        "problems": [],
        "left_out": {"domains": 0, "reports": 0, "sessions": 0},
        "result_types": [],
        "outdated": [],
        "read_at": iso_time(at),
        "read_at_epoch": at,
        "since": iso_time(at - 29 * DAY)[:10],
        "until": iso_time(at)[:10],
        **more,
    }


def rows(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """Return the rows of reports, as the module returns them."""
    days = Days()
    for one in reports:
        days.add(one, "not looked at")
    return [to_plain(row) for row in days]

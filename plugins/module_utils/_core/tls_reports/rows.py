# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows as plain data: what modules return, files keep, and the page, metrics and the lifecycle read.

Private to this collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..bounds import REPORT_HOSTS_KEPT, REPORT_POLICIES_KEPT, REPORT_REASONS_KEPT
from .days import Host, Result, Row, most_common, seen_policy_id
from .report import STS


def to_plain(row: Row) -> dict[str, Any]:
    """Return a row as a dictionary: lists in place of counters, those with the most sessions first."""
    return {
        "domain": row.domain,
        "day": row.day,
        "organization": row.organization,
        "policy_type": row.policy_type,
        "succeeded": row.succeeded,
        "failed": row.failed,
        "results": [_plain_result(name, row.results[name]) for name in sorted(row.results)],
        "policies": [
            {
                "id": seen_policy_id(lines) if row.policy_type == STS else None,
                "lines": list(lines),
                "sessions": sessions,
            }
            for lines, sessions in most_common(row.policies, REPORT_POLICIES_KEPT)
        ],
        "dkim": dict(sorted(row.dkim.items())),
        "reports": sorted(row.copies),
    }


def from_plain(plain: Mapping[str, Any]) -> Row:
    """Return the row of such a dictionary. Raises KeyError, TypeError or ValueError for anything else."""
    return Row(
        domain=str(plain["domain"]),
        day=str(plain["day"]),
        organization=str(plain["organization"]),
        policy_type=str(plain["policy_type"]),
        succeeded=int(plain["succeeded"]),
        failed=int(plain["failed"]),
        results={str(found["type"]): _result(found) for found in plain["results"]},
        policies=Counter({tuple(map(str, seen["lines"])): int(seen["sessions"]) for seen in plain["policies"]}),
        dkim=Counter({str(said): int(number) for said, number in plain["dkim"].items()}),
        copies=set(map(str, plain["reports"])),
    )


def _plain_policy(policy_type: str, lines: tuple[str, ...], sessions: int) -> dict[str, Any]:
    return {"id": seen_policy_id(lines) if policy_type == STS else None, "lines": list(lines), "sessions": sessions}


def _plain_result(name: str, result: Result) -> dict[str, Any]:
    return {
        "type": name,
        "sessions": result.sessions,
        "hosts": [
            {"mx": host.mx, "address": host.address, "sessions": sessions}
            for host, sessions in most_common(result.hosts, REPORT_HOSTS_KEPT)
        ],
        "reasons": [
            {"reason": reason, "sessions": sessions}
            for reason, sessions in most_common(result.reasons, REPORT_REASONS_KEPT)
        ],
    }


def _result(plain: Mapping[str, Any]) -> Result:
    return Result(
        int(plain["sessions"]),
        Counter({Host(str(host["mx"]), str(host["address"])): int(host["sessions"]) for host in plain["hosts"]}),
        Counter({str(said["reason"]): int(said["sessions"]) for said in plain["reasons"]}),
    )

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows as plain data: what modules return, files keep, and the page, metrics and the lifecycle read.

Private to this collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

from ..bounds import REPORT_HOSTS_KEPT, REPORT_POLICIES_KEPT, REPORT_REASONS_KEPT
from .days import Host, Result, Row, most_common
from .moment import is_day
from .report import STS
from .seen_policy import seen_policy_id

Kind = TypeVar("Kind")


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
    row = _of(dict, plain)
    return Row(
        domain=_of(str, row["domain"]),
        day=_day(row["day"]),
        organization=_of(str, row["organization"]),
        policy_type=_of(str, row["policy_type"]),
        succeeded=_number(row["succeeded"]),
        failed=_number(row["failed"]),
        results={_of(str, found["type"]): _result(found) for found in _each(dict, row["results"])},
        policies=Counter({tuple(_each(str, seen["lines"])): _sessions(seen) for seen in _each(dict, row["policies"])}),
        dkim=Counter({_of(str, said): _number(reports) for said, reports in _of(dict, row["dkim"]).items()}),
        copies=set(_each(str, row["reports"])),
    )


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
    hosts, reasons = _each(dict, plain["hosts"]), _each(dict, plain["reasons"])
    return Result(
        _sessions(plain),
        Counter({Host(_of(str, host["mx"]), _of(str, host["address"])): _sessions(host) for host in hosts}),
        Counter({_of(str, said["reason"]): _sessions(said) for said in reasons}),
    )


def _sessions(plain: Mapping[str, Any]) -> int:
    return _number(plain["sessions"])


def _day(value: object) -> str:
    day = _of(str, value)
    if not is_day(day):
        raise ValueError(f"{day!r} is no day")
    return day


def _number(value: object) -> int:
    number = _of(int, value)
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number


def _each(kind: type[Kind], values: object) -> list[Kind]:
    return [_of(kind, value) for value in _of(list, values)]


def _of(kind: type[Kind], value: object) -> Kind:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{value!r} is not of type {kind.__name__}")
    return value

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What rows say together: which types of failure occur, and which senders still see an older policy.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..policies.policy_id import policy_id
from .days import Row, most_common, seen_policy_id
from .report import STS
from .result_types import result_type


def result_types(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Return what each type of failure means that occurs in the rows, by name; also one that nobody knows."""
    names = {name for row in rows for name in row.results}
    return [replace(result_type(name), name=name).as_dict() for name in sorted(names)]


def outdated(rows: Iterable[Row], current: Mapping[str, bytes]) -> list[dict[str, str]]:
    """Return the senders that, on the last day they said so, saw none of the policy a domain is to have.

    ``current`` has the policies by domain; of others nobody can say what is out of date.
    """
    last: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row.domain in current and row.policy_type == STS and row.policies:
            key = (row.domain, row.organization)
            last[key] = max(last.get(key, row), row, key=lambda one: one.day)
    return [
        _entry(row, current[row.domain]) for _key, row in sorted(last.items()) if not _sees(row, current[row.domain])
    ]


def _entry(row: Row, policy: bytes) -> dict[str, str]:
    ((lines, _sessions),) = most_common(row.policies, 1)
    return {
        "domain": row.domain,
        "organization": row.organization,
        "policy_id": seen_policy_id(lines),
        "day": row.day,
        "current_id": policy_id(policy),
    }


def _sees(row: Row, policy: bytes) -> bool:
    wanted = _meaning(policy.decode("utf-8", "replace").splitlines())
    return any(_meaning(lines) == wanted for lines in row.policies)


def _meaning(lines: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return what lines say, however a sender has spaced and ordered them."""
    pairs = (line.partition(":") for line in lines if line.strip())
    return frozenset((key.strip().lower(), value.strip().lower()) for key, _colon, value in pairs)

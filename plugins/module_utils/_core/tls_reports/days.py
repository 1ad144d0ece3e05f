# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders have said, added up: a row for each domain, UTC day, organisation and policy type.

Rows are what is kept; the reports themselves may go. A report that comes twice counts once, also when its second copy
comes in a later run. Private to this collection.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from ..bounds import (
    REPORT_HOSTS_KEPT,
    REPORT_ORGANIZATIONS_PER_DAY,
    REPORT_POLICIES_KEPT,
    REPORT_REASONS_KEPT,
    REPORT_RESULT_TYPES_KEPT,
)
from ..policies.policy_id import policy_id
from .report import Failure, PolicyReport, Report

# What was found out about the signature of the mail a report came in
DKIM = ("pass", "fail", "none", "not looked at")

# Domain, day, organisation, policy type
Key = tuple[str, str, str, str]
# A result type for all that are too many
OTHER = "other"
# What is counted has room to grow before the fewest are forgotten.
_ROOM = 10

Counted = TypeVar("Counted", "Host", str, "tuple[str, ...]")


@dataclass(frozen=True, order=True)
class Host:
    """Where sessions failed: the MX and its address, "" for what the sender does not say."""

    mx: str
    address: str


@dataclass
class Result:
    """Sessions that failed with one result type: how many, where, for which reasons in the sender's words."""

    sessions: int = 0
    hosts: Counter[Host] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass
class Row:
    """What one organisation said of one domain, day and policy type.

    ``results`` go by result type; ``policies`` are those the sender saw, as lines, with the sessions under each;
    ``dkim`` counts the reports by what became of their signatures, ``copies`` names the reports.
    """

    domain: str
    day: str
    organization: str
    policy_type: str
    succeeded: int = 0
    failed: int = 0
    results: dict[str, Result] = field(default_factory=dict)
    policies: Counter[tuple[str, ...]] = field(default_factory=Counter)
    dkim: Counter[str] = field(default_factory=Counter)
    copies: set[str] = field(default_factory=set)


@dataclass
class Added:
    """Of which domains a report was a copy, and of which it is left out."""

    copies: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class Days:
    """All rows."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        """Begin with what was kept."""
        self._rows: dict[Key, Row] = {(row.domain, row.day, row.organization, row.policy_type): row for row in rows}
        self._organizations: dict[tuple[str, str], set[str]] = {}
        for row in self._rows.values():
            self._organizations.setdefault((row.domain, row.day), set()).add(row.organization)
        self._copies = {(row.domain, row.day, copy) for row in self._rows.values() for copy in row.copies}

    def __iter__(self) -> Iterator[Row]:
        """Give the rows by domain, day, organisation and policy type."""
        return iter([self._rows[key] for key in sorted(self._rows)])

    def add(self, report: Report, dkim: str) -> Added:
        """Add what a report says of each domain, unless it is a copy, or comes from one organisation too many."""
        copy = _copy(report)
        of_domains: dict[str, list[PolicyReport]] = {}
        for policy in report.policies:
            of_domains.setdefault(policy.domain, []).append(policy)
        added = Added()
        for domain, policies in of_domains.items():
            if (domain, report.day, copy) in self._copies:
                added.copies.append(domain)
            elif self._is_one_too_many(domain, report):
                added.left_out.append(domain)
            else:
                self._copies.add((domain, report.day, copy))
                self._add(report, policies, dkim, copy)
        return added

    def forget(self, before: str) -> None:
        """Drop the rows of days before that one."""
        self._rows = {key: row for key, row in self._rows.items() if row.day >= before}

    def _is_one_too_many(self, domain: str, report: Report) -> bool:
        known = self._organizations.setdefault((domain, report.day), set())
        if report.organization not in known and len(known) >= REPORT_ORGANIZATIONS_PER_DAY:
            return True
        known.add(report.organization)
        return False

    def _add(self, report: Report, policies: Iterable[PolicyReport], dkim: str, copy: str) -> None:
        for policy in policies:
            key = (policy.domain, report.day, report.organization, policy.policy_type)
            row = self._rows.setdefault(key, Row(*key))
            if copy not in row.copies:
                row.copies.add(copy)
                row.dkim[dkim] += 1
            row.succeeded += policy.succeeded
            row.failed += policy.failed
            if policy.policy:
                row.policies[policy.policy] += policy.succeeded + policy.failed
                _bound(row.policies, REPORT_POLICIES_KEPT)
            for failure in policy.failures:
                _add_failure(_result(row, failure.result_type), failure, policy.mx_host)


def seen_policy_id(lines: Iterable[str]) -> str:
    """Return the id that this collection gives a policy of these lines, each with CRLF behind it as ours are."""
    return policy_id("".join(f"{line}\r\n" for line in lines).encode())


def _copy(report: Report) -> str:
    """Name a report shortly: by organisation, id and start, for ids of some are those of all their reports of a day."""
    words = "\0".join((report.organization, report.report_id, str(report.start)))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _result(row: Row, name: str) -> Result:
    """Return the sessions of that result type; more types than there can be are taken together."""
    if name not in row.results and len(row.results) >= REPORT_RESULT_TYPES_KEPT:
        name = OTHER
    return row.results.setdefault(name, Result())


def _add_failure(result: Result, failure: Failure, mx: str) -> None:
    result.sessions += failure.sessions
    host = Host(failure.mx or mx, failure.receiving_address)
    if host.mx or host.address:
        result.hosts[host] += failure.sessions
        _bound(result.hosts, REPORT_HOSTS_KEPT)
    if failure.reason:
        result.reasons[failure.reason] += failure.sessions
        _bound(result.reasons, REPORT_REASONS_KEPT)


def most_common(counted: Counter[Counted], most: int) -> list[tuple[Counted, int]]:
    """Return what has the most sessions, in an order that is always the same."""
    return sorted(counted.items(), key=_most_first)[:most]


def _most_first(pair: tuple[Counted, int]) -> tuple[int, Counted]:
    return -pair[1], pair[0]


def _bound(counted: Counter[Counted], most: int) -> None:
    """Forget what has the fewest sessions, before a stranger's words fill the memory."""
    if len(counted) > _ROOM * most:
        kept = most_common(counted, most)
        counted.clear()
        counted.update(dict(kept))

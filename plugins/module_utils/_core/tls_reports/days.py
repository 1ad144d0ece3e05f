# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders have said, added up: a row for each domain, UTC day, organisation and policy type.

Rows are what is kept; the reports themselves may go. A report that comes twice counts once, also when its second copy
comes in a later run. The sums do not depend on the order in which reports come. What does, where a stranger sends more
than is kept: which of the many are kept, for whatever decides that would be for strangers to make up as well.
Private to this collection.
"""

from __future__ import annotations

import hashlib
import json
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
    REPORTS_PER_ROW,
)
from .report import Failure, PolicyReport, Report

# What was found out about the signature of the mail a report came in, the best first
DKIM = ("pass", "fail", "none", "not looked at")

# Domain, day, organisation, policy type
Key = tuple[str, str, str, str]
# A result type for all that are too many
OTHER = "other"
# Of what a report is known by: these are of the report, and as many more of its part in a row
_DIGITS = 8

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
    ``dkim`` counts the reports by what became of their signatures, ``copies`` has what each of them is known by.
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

    @property
    def key(self) -> Key:
        """What it is a row of."""
        return self.domain, self.day, self.organization, self.policy_type


@dataclass
class Added:
    """Of which domains a report was added, of which it was a copy, and of which it is left out."""

    added: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def is_copy(self) -> bool:
        """Whether nothing of it was new."""
        return bool(self.copies) and not self.added and not self.left_out


class Days:
    """All rows."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        """Begin with what was kept."""
        self._rows: dict[Key, Row] = {row.key: row for row in rows}
        self._organizations: dict[tuple[str, str], set[str]] = {}
        for row in self._rows.values():
            self._organizations.setdefault((row.domain, row.day), set()).add(row.organization)
        # Of the reports of this run
        self._signatures: dict[tuple[Key, str], str] = {}

    def __iter__(self) -> Iterator[Row]:
        """Give the rows by domain, day, organisation and policy type."""
        return iter([self._rows[key] for key in sorted(self._rows)])

    def add(self, report: Report, dkim: str) -> Added:
        """Add what a report says of each domain and policy type, unless that is a copy, or one too many."""
        parts: dict[Key, list[PolicyReport]] = {}
        for policy in report.policies:
            key = (policy.domain, report.day, report.organization, policy.policy_type)
            parts.setdefault(key, []).append(policy)
        added = Added()
        for key, policies in parts.items():
            copy, row = _copy(report, policies), self._rows.get(key)
            if row and copy in row.copies:
                added.copies.append(key[0])
                self._note_signature(row, copy, dkim)
            elif self._is_one_too_many(key):
                added.left_out.append(key[0])
            else:
                added.added.append(key[0])
                self._signatures[key, copy] = dkim
                _add(self._rows.setdefault(key, Row(*key)), policies, dkim, copy)
        return added

    def forget(self, before: str) -> None:
        """Drop the rows of days before that one."""
        self._rows = {key: row for key, row in self._rows.items() if row.day >= before}

    def _note_signature(self, row: Row, copy: str, dkim: str) -> None:
        """Of copies, which say the same, the one with the best signature proves what they say."""
        before = self._signatures.get((row.key, copy))
        if before is not None and DKIM.index(dkim) < DKIM.index(before):
            self._signatures[row.key, copy] = dkim
            row.dkim += Counter({dkim: 1})
            row.dkim -= Counter({before: 1})

    def _is_one_too_many(self, key: Key) -> bool:
        domain, day, organization, _policy_type = key
        known = self._organizations.setdefault((domain, day), set())
        if organization not in known and len(known) >= REPORT_ORGANIZATIONS_PER_DAY:
            return True
        known.add(organization)
        return key in self._rows and len(self._rows[key].copies) >= REPORTS_PER_ROW


def most_common(counted: Counter[Counted], most: int) -> list[tuple[Counted, int]]:
    """Return what has the most sessions, in an order that is always the same."""
    return sorted(counted.items(), key=_most_first)[:most]


def report_count(rows: Iterable[Row]) -> int:
    """Return how many reports the rows are made of; one may have a part in several."""
    return len({copy[:_DIGITS] for row in rows for copy in row.copies})


def _copy(report: Report, policies: Iterable[PolicyReport]) -> str:
    """Return what this part of a report is known by, for good: kept rows have it.

    Its numbers belong to it, for ids alone can be guessed (some are a day and a domain), are empty or stand for several
    reports: what says something else is no copy, and no stranger makes a report a copy of one that he has made up.
    """
    said = sorted((policy.mx_host, policy.succeeded, policy.failed) for policy in policies)
    return _digest([report.organization, report.report_id, report.start]) + _digest(said)


def _digest(words: object) -> str:
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:_DIGITS]


def _add(row: Row, policies: Iterable[PolicyReport], dkim: str, copy: str) -> None:
    row.copies.add(copy)
    row.dkim[dkim] += 1
    for policy in policies:
        row.succeeded += policy.succeeded
        row.failed += policy.failed
        if policy.policy:
            row.policies[policy.policy] += policy.succeeded + policy.failed
        for failure in policy.failures:
            _add_failure(_result(row, failure.result_type), failure, policy.mx_host)
    _keep(row.policies, REPORT_POLICIES_KEPT)
    for result in row.results.values():
        _keep(result.hosts, REPORT_HOSTS_KEPT)
        _keep(result.reasons, REPORT_REASONS_KEPT)


def _result(row: Row, name: str) -> Result:
    """Return the sessions of that result type; more types than there can be are taken together."""
    if name not in row.results and len(row.results) >= REPORT_RESULT_TYPES_KEPT:
        name = OTHER
    return row.results.setdefault(name, Result())


def _add_failure(result: Result, failure: Failure, mx: str) -> None:
    result.sessions += failure.sessions
    host = Host(failure.mx or mx, failure.address)
    if host.mx or host.address:
        result.hosts[host] += failure.sessions
    if failure.reason:
        result.reasons[failure.reason] += failure.sessions


def _most_first(pair: tuple[Counted, int]) -> tuple[int, Counted]:
    return -pair[1], pair[0]


def _keep(counted: Counter[Counted], most: int) -> None:
    """Forget what has the fewest sessions, before strangers' words fill the memory."""
    if len(counted) > most:
        kept = most_common(counted, most)
        counted.clear()
        counted.update(dict(kept))

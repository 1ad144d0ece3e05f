# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One report, from its text to data (RFC 8460, section 4.4): tolerant of how it is written, strict with what it counts.

Unknown members are passed over, and so is what is missing without being counted. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..bounds import REPORT_FAILURE_DETAILS, REPORT_POLICIES
from ..finding import Finding, Refused, few, quote, warning
from ..rfc import TLS_RPT_FAILURES, TLS_RPT_SCHEMA
from .hints import Hints, name
from .json_object import NoCount, count, items, lines, member, read_object, text
from .moment import epoch_seconds, utc_day
from .unpack import ASK

STS, TLSA, NO_POLICY = "sts", "tlsa", "no-policy-found"
POLICY_TYPES = (STS, TLSA, NO_POLICY)


@dataclass(frozen=True)
class Failure:
    """Sessions that failed in the same way: ``sessions`` of them, "" for what the sender does not say."""

    result_type: str
    sessions: int
    mx: str = ""
    address: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PolicyReport:
    """What became of the sessions under one policy.

    ``domain`` is the domain that the report is about; ``mx_host`` the MX that the TLSA records are of, with policy
    type tlsa; ``policy`` the lines of the policy as the sender saw it, or the TLSA records.
    """

    policy_type: str
    domain: str
    succeeded: int
    failed: int
    mx_host: str = ""
    policy: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Report:
    """One report: who sent it, its id, the first second of its range, what it says of each policy."""

    organization: str
    report_id: str
    start: int
    policies: tuple[PolicyReport, ...]

    @property
    def day(self) -> str:
        """The UTC day it begins on: 2027-01-21."""
        return utc_day(self.start)


@dataclass(frozen=True)
class Reading:
    """A report as read, and what is wrong with its parts; those that cannot be counted are not in it."""

    report: Report
    findings: tuple[Finding, ...] = ()


class _LeftOut(Exception):
    """A policy entry that cannot be counted."""


def read_report(written: str, hints: Hints | None = None) -> Reading:
    """Read the text of a report. Raises Refused when it is no JSON object, has no array of policies, or no day."""
    hints = hints or Hints()
    data = read_object(written)
    entries = data.get("policies")
    if not isinstance(entries, list):
        raise Refused(f'it has no array "policies" ({TLS_RPT_SCHEMA})', ASK)
    _check_size(entries)
    start = _start(data, hints)
    domain = _common_domain(entries) or hints.domain
    findings: list[Finding] = []
    policies = []
    for place, entry in enumerate(entries):
        try:
            policies.append(_read_entry(entry, domain))
        except _LeftOut as problem:
            rule = f"{problem}; the entry is left out"
            findings.append(warning(domain, f"policies[{place}]", rule, TLS_RPT_SCHEMA, ASK))
    findings += _disagreements(policies)
    organization = text(data.get("organization-name")) or text(data.get("contact-info")) or hints.submitter
    report = Report(organization, text(data.get("report-id")), start, tuple(policies))
    return Reading(report, _few(findings))


def _check_size(entries: list[object]) -> None:
    details = sum(len(items(member(entry, "failure-details"))) for entry in entries)
    for number, most, what in (
        (len(entries), REPORT_POLICIES, "policies"),
        (details, REPORT_FAILURE_DETAILS, "failure details"),
    ):
        if number > most:
            raise Refused(f"it has {number:,} {what}, more than {most:,} ({TLS_RPT_SCHEMA})", ASK)


def _start(data: dict[str, object], hints: Hints) -> int:
    """Return the first second of the range, from the file's name where the report has none."""
    said = text(member(data.get("date-range"), "start-datetime"))
    start = epoch_seconds(said)
    if start is None:
        start = hints.start
    if start is None:
        what = f"the start of its range, {quote(said)}, is no time" if said else "it does not say when its range starts"
        raise Refused(f"{what}, and neither does its file name ({TLS_RPT_SCHEMA})", ASK)
    return start


def _common_domain(entries: Iterable[object]) -> str:
    """Return the domain that all entries are about, as far as they say it; TLSA records are of an MX and do not."""
    policies = [member(entry, "policy") for entry in entries]
    named = {name(text(member(policy, "policy-domain"))) for policy in policies if _policy_type(policy) != TLSA} - {""}
    return named.pop() if len(named) == 1 else ""


def _policy_type(policy: object) -> str:
    return text(member(policy, "policy-type")).lower()


def _read_entry(entry: object, domain: str) -> PolicyReport:
    """Read an entry of a report that is about this domain, if that is known; an entry may name another."""
    policy, summary = member(entry, "policy"), member(entry, "summary")
    policy_type = _policy_type(policy)
    if policy_type not in POLICY_TYPES:
        raise _LeftOut(f"its policy type {quote(policy_type)} is none of {', '.join(POLICY_TYPES)}")
    named = name(text(member(policy, "policy-domain")))
    about = (domain or named) if policy_type == TLSA else (named or domain)
    if not about:
        raise _LeftOut("it names no domain, and neither does the mail or the file name")
    return PolicyReport(
        policy_type,
        about,
        _counted(summary, "total-successful-session-count"),
        _counted(summary, "total-failure-session-count"),
        named if policy_type == TLSA else "",
        lines(member(policy, "policy-string")) or (_patterns(policy) if policy_type == STS else ()),
        tuple(_failures(member(entry, "failure-details"))),
    )


def _patterns(policy: object) -> tuple[str, ...]:
    """Return as lines what senders say of a policy whose text they have not kept: Postfix and a resolver, its MX."""
    return tuple(f"mx: {pattern}" for pattern in lines(member(policy, "mx-host") or member(policy, "mx-host-pattern")))


def _failures(details: object) -> Iterator[Failure]:
    for detail in items(details):
        yield Failure(
            text(member(detail, "result-type")).lower(),
            0 if member(detail, "failed-session-count") is None else _counted(detail, "failed-session-count"),
            text(member(detail, "receiving-mx-hostname")).lower().rstrip("."),
            text(member(detail, "receiving-ip")),
            text(member(detail, "failure-reason-code")),
        )


def _counted(holder: object, key: str) -> int:
    try:
        return count(member(holder, key))
    except NoCount as problem:
        raise _LeftOut(f"{key} {problem}") from None


def _disagreements(policies: Iterable[PolicyReport]) -> Iterator[Finding]:
    for policy in policies:
        detailed = sum(failure.sessions for failure in policy.failures)
        if policy.failures and detailed != policy.failed:
            rule = f"{policy.failed:,} sessions failed by the summary, {detailed:,} by the details; the summary counts"
            remedy = "There is nothing to do: a session that failed in two ways may have two details"
            yield warning(policy.domain, "failure-details", rule, TLS_RPT_FAILURES, remedy)


def _few(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return few enough to be read, of whatever domains a stranger makes them be."""

    def rest(finding: Finding, words: str) -> Finding:
        return warning("", "policies", words, finding.section, finding.remedy)

    return few(findings, lambda finding: finding.section, rest)

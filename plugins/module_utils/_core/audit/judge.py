# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put the verdict on one domain together, station by station, and say what could not be looked at.

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..dns.answer import TOO_LATE
from ..fault import is_private
from ..intent import Expected
from ..mx import unused
from ..names import policy_host
from ..policies.policy import Policy
from .catalogue import CHECKS, NEEDING, STATIONS, Need
from .checks import dane, dns, host, mail_servers, policy, reports, tls
from .checks.mx import judge_coverage, judge_records
from .checks.policy import Served
from .evidence import NAMED, Evidence, HostVisit, Late, LeftOut
from .past import Observed, Past, observe
from .reported import Reported
from .thresholds import Thresholds
from .verdict import SEVERITIES, AuditFinding, DomainAudit, few_of_each, found, worst

# What a run may be asked to look at, and the stations that belong to it
RECORDS, POLICY, MX = "records", "policy", "mx"
LOOK_AT = (RECORDS, POLICY, MX)
_AREAS = {"dns": RECORDS, "reports": RECORDS, "host": POLICY, "tls": POLICY, "policy": POLICY, "mx": MX}

_AT = {station: [check.name for check in CHECKS if check.station == station] for station in STATIONS}
_PLACES = {check.name: place for place, check in enumerate(CHECKS)}
_NO_CONNECTION = {"private", "tcp", "unreachable", "no_route"}

# What may be served nevertheless: it was not asked for, or not from where the world is
_NOT_SEEN = {"private", "no_route"}
_NUMBER = re.compile(r"([0-9]{1,9})")


@dataclass(frozen=True)
class JudgeOptions:
    """What holds for all domains of an audit: the time, the thresholds, what was looked at."""

    now: int
    thresholds: Thresholds = field(default_factory=Thresholds)
    look_at: tuple[str, ...] = LOOK_AT


def judge(
    evidence: Evidence,
    options: JudgeOptions,
    expected: Expected | None = None,
    past: Past = (),
    reported: Reported | None = None,
) -> tuple[DomainAudit, Past]:
    """Return the verdict on a domain, and its past with what was seen now; ``reported`` is what senders report."""
    options = replace(options, look_at=tuple(_seen_in_time(options.look_at, evidence)))
    record, findings = dns.judge_sts(evidence, expected) if RECORDS in options.look_at else (None, [])
    if RECORDS in options.look_at:
        findings += dns.judge_name_servers(evidence)
    tls_rpt, of_reports = reports.judge_tls_rpt(evidence, expected) if RECORDS in options.look_at else (None, [])
    record_id = record.id if record is not None else None
    served = Served()
    if POLICY in options.look_at:
        served, more = _judge_host(evidence, options, expected)
        findings += more
    findings += policy.judge_past(past, record_id, served, options.thresholds, options.now)
    if _gone(evidence, served, options):
        # One cause, one finding: that both are gone is what is wrong, if it was too early.
        findings = policy.judge_removal(evidence.domain, past, options.now) or findings
    read = served.policy or served.lenient
    mode = read.mode if read is not None else _mode_instead(expected, past)
    if MX in options.look_at and mode != "none":
        findings += _judge_mx(evidence, served.policy, "error" if mode == "enforce" else "warning", options)
    findings += of_reports
    skipped = _not_looked_at(evidence, served, options, expected, past, mode) | _not_reported(reported, options)
    if reported is not None:
        if tls_rpt is not None and "tlsrpt_silent" not in skipped:
            findings += reports.judge_silence(evidence.domain, tls_rpt, reported, options.now)
        findings += _judge_failures(reported, findings, skipped, options.now)
    findings += _bounds(evidence, set(_pointless(evidence, served, options, expected, mode)))
    skipped -= {finding.check for finding in findings}
    audit = DomainAudit(
        domain=evidence.domain,
        verdict=worst(findings),
        stations=_stations(findings, skipped),
        findings=few_of_each(sorted(findings, key=_order), evidence.domain),
        not_looked_at=tuple(check.name for check in CHECKS if check.name in skipped),
        mode=read.mode if read is not None else None,
        max_age=read.max_age if read is not None else None,
        record_id=record_id,
        policy_id=served.policy_id,
        patterns=read.mx if read is not None else (),
        mx=tuple(mx.name for mx in evidence.mx_hosts),
        policy_host=policy_host(evidence.domain),
        addresses=tuple(address for answer in evidence.host for address in answer.records),
        rua=tls_rpt.rua if tls_rpt is not None else (),
        certificate_expiry=tls.earliest_expiry(evidence.host_visits),
        mx_certificate_expiry=mail_servers.earliest_expiry(evidence.mx_hosts),
    )
    return audit, past if read is None else observe(past, _observed(record_id, served, read, options.now))


def failed(domain: str, told: str) -> DomainAudit:
    """Return the verdict on a domain that could not be looked at, or judged, because of a fault of ours: ``told``."""
    seen = f"this domain could not be checked, so nothing is known about it: {told}"
    remedy = "Report this as a bug of the collection, with the message above"
    finding = found("audit_failed", domain, seen, remedy)
    return DomainAudit(
        domain=domain,
        verdict=finding.severity,
        stations={station: finding.severity if station == finding.station else "unknown" for station in STATIONS},
        findings=(finding,),
        not_looked_at=tuple(check.name for check in CHECKS if check.name != finding.check),
        policy_host=policy_host(domain),
    )


def by_reports(domain: str, reported: Reported, now: int) -> DomainAudit:
    """Return what reports alone say of a domain, at which nothing was looked."""
    skipped = {check.name for check in CHECKS if Need.REPORTED not in check.needs}
    skipped |= _not_reported(reported, JudgeOptions(now))
    findings = _judge_failures(reported, (), skipped, now)
    return DomainAudit(
        domain=domain,
        verdict=worst(findings),
        stations=_stations(findings, skipped),
        findings=few_of_each(findings, domain),
        not_looked_at=tuple(check.name for check in CHECKS if check.name in skipped),
        policy_host=policy_host(domain),
    )


def without_port_25(audit: DomainAudit) -> DomainAudit:
    """Return the verdict without blame for MX hosts, where no MX at all could be reached from here."""
    findings = tuple(mail_servers.unblamed(finding) for finding in audit.findings)
    stations = {**audit.stations, "mx": worst(finding for finding in findings if finding.station == "mx")}
    return replace(audit, findings=findings, verdict=worst(findings), stations=stations)


def _judge_host(
    evidence: Evidence, options: JudgeOptions, expected: Expected | None
) -> tuple[Served, list[AuditFinding]]:
    served, findings = policy.judge_served(evidence, expected, options.thresholds)
    if _concerns_nobody(evidence, served, options, expected):
        return served, []
    findings += host.judge_addresses(evidence, _is_announced(evidence, options, expected))
    findings += host.judge_visits(evidence)
    findings += tls.judge_tls(evidence, options.thresholds, options.now)
    return served, findings


def _judge_failures(
    reported: Reported, findings: Iterable[AuditFinding], skipped: Collection[str], now: int
) -> list[AuditFinding]:
    if "tlsrpt_failures" in skipped:
        return []
    at_fault = {finding.station for finding in findings if finding.severity in ("warning", "error")}
    looked_at = {check.station for check in CHECKS if check.name not in skipped}
    return reports.judge_failures(reported, at_fault, looked_at, now)


def _not_reported(reported: Reported | None, options: JudgeOptions) -> set[str]:
    """Return the checks of what senders report that lack it."""
    there = {
        Need.REPORTED: reported is not None and reported.is_fresh(options.now),
        Need.REPORTED_LONG: reported is not None and reported.covers_silence(options.now),
    }
    return set().union(*(NEEDING[need] for need, is_there in there.items() if not is_there))


def _is_announced(evidence: Evidence, options: JudgeOptions, expected: Expected | None) -> bool:
    return RECORDS not in options.look_at or dns.announces(evidence) or (expected is not None and expected.present)


def _concerns_nobody(evidence: Evidence, served: Served, options: JudgeOptions, expected: Expected | None) -> bool:
    """Whether there is neither record nor policy: whatever answers to the policy host's name is something else."""
    return served.body is None and not _is_announced(evidence, options, expected)


def _judge_mx(evidence: Evidence, read: Policy | None, severity: str, options: JudgeOptions) -> list[AuditFinding]:
    findings = judge_records(evidence, severity)
    names = [mx.name for mx in evidence.mx_hosts]
    if read is not None and names:
        others = [exchange for _unused, exchange in evidence.mx.records if exchange not in names]
        patterns = _without_those_of(others, read.mx, names)
        findings += judge_coverage(evidence.domain, patterns, names, severity)
    for mx in evidence.mx_hosts:
        findings += mail_servers.judge_mx(mx, severity, options.thresholds, options.now)
    return findings + dane.judge_dane(evidence.mx_hosts)


def _without_those_of(others: Sequence[str], patterns: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Return the patterns without those that match only MX hosts which were not looked at: they are not idle."""
    idle, idle_there_too = set(unused(patterns, names)), set(unused(patterns, others))
    return [pattern for pattern in patterns if pattern not in idle or pattern in idle_there_too]


def _seen_in_time(look_at: Iterable[str], evidence: Evidence) -> Iterator[str]:
    """Return what of all that was to be looked at could be: what came too late is judged by nobody."""
    statuses = {
        RECORDS: {evidence.sts.status, evidence.tls_rpt.status},
        POLICY: {answer.status for answer in evidence.host},
        MX: {evidence.mx.status},
    }
    return (area for area in look_at if TOO_LATE not in statuses[area])


def _pointless(
    evidence: Evidence, served: Served, options: JudgeOptions, expected: Expected | None, mode: str | None
) -> Iterator[str]:
    """Return the bounds that need not be told, as what lies behind them is judged by nobody anyway."""
    if mode == "none":
        yield "mx_bounds"
    if _concerns_nobody(evidence, served, options, expected):
        yield "host_bounds"


def _bounds(evidence: Evidence, pointless: Collection[str]) -> Iterator[AuditFinding]:
    """Say what was not looked at, unless that would have been ``pointless``."""
    left_out = (*evidence.left_out, *(one for mx in evidence.mx_hosts for one in mx.left_out))
    yield from (_left_out(one) for one in left_out if one.check not in pointless)
    missed: dict[str, list[Late]] = {}
    for late in (*evidence.late, *(one for mx in evidence.mx_hosts for one in mx.late)):
        missed.setdefault(late.check, []).append(late)
    for check, those in missed.items():
        if check not in pointless:
            which = _some([one.what for one in those], len(those))
            seen = f"after {those[0].seconds:g} s there was no time left for {which}"
            remedy = "Find out why its servers are so slow, or allow more time with domain_timeout"
            yield found(check, evidence.domain, seen, remedy)


def _left_out(left_out: LeftOut) -> AuditFinding:
    total = left_out.looked_at + left_out.beyond
    seen = f"{left_out.subject} has {total:,} {left_out.what}, of which {left_out.looked_at} were looked at, and not "
    remedy = f"Have fewer {left_out.what}; nobody tries so many"
    return found(left_out.check, left_out.subject, seen + _some(left_out.names, left_out.beyond), remedy)


def _some(names: Sequence[str], count: int) -> str:
    """Name the first of so many."""
    named = ", ".join(names[:NAMED])
    return named if count <= NAMED else f"{named} and {count - NAMED:,} more"


def _gone(evidence: Evidence, served: Served, options: JudgeOptions) -> bool:
    """Whether there is certainly neither a record nor a policy."""
    if RECORDS not in options.look_at or POLICY not in options.look_at or served.body is not None:
        return False
    unknown = any(not answer.certain for answer in (evidence.sts, *evidence.host))
    unseen = any(_fault(visit) in _NOT_SEEN for visit in evidence.host_visits)
    unseen = unseen or any(late.check == "host_bounds" for late in evidence.late)
    return not evidence.sts.records and not unknown and not unseen


def _mode_instead(expected: Expected | None, past: Past) -> str | None:
    """Return the mode to weigh faults by where no policy can be read."""
    if expected is not None:
        return expected.mode if expected.present else "none"
    return past[-1].mode if past else None


def _observed(record_id: str | None, served: Served, read: Policy, now: int) -> Observed:
    return Observed(record_id, served.policy_id or "", read.mode, read.max_age, now, now, now)


def _not_looked_at(
    evidence: Evidence, served: Served, options: JudgeOptions, expected: Expected | None, past: Past, mode: str | None
) -> set[str]:
    """Return the checks that nobody asked for, or that lack what they need."""
    unasked = (_AT[station] for station in STATIONS if _AREAS[station] not in options.look_at)
    there = _what_is_there(evidence, served, options, expected, past, mode)
    return set().union(*unasked, *(NEEDING[need] for need, is_there in there.items() if not is_there))


def _what_is_there(
    evidence: Evidence, served: Served, options: JudgeOptions, expected: Expected | None, past: Past, mode: str | None
) -> dict[Need, bool]:
    faults = [_fault(visit) for visit in evidence.host_visits]
    hosts = evidence.mx_hosts
    return {
        Need.RECORD: bool(evidence.sts.records),
        Need.RECORD_SERVERS: bool(evidence.servers),
        Need.TLS_RPT_RECORD: bool(evidence.tls_rpt.records),
        Need.TLS_RPT_SERVERS: bool(evidence.tls_rpt_servers),
        Need.EXPECTED: expected is not None and expected.known,
        Need.PAST: bool(past),
        Need.CONCERN: not _concerns_nobody(evidence, served, options, expected),
        Need.HOST_ANSWER: any(answer.records or answer.certain for answer in evidence.host),
        Need.HOST_ADDRESS: bool(evidence.host_visits),
        Need.CONNECTION: any(kind not in _NO_CONNECTION for kind in faults),
        Need.TLS_PROBE: bool(evidence.tls_probes),
        Need.HTTP_ANSWER: "" in faults,
        Need.BODY: served.body is not None,
        Need.POLICY: served.policy is not None,
        Need.MX: mode != "none" and bool(hosts),
        Need.MX_ADDRESS: any(mx.visits for mx in hosts),
        Need.MX_PUBLIC: any(not is_private(visit.fault) for mx in hosts for visit in mx.visits),
        Need.TLSA: any(mx.tlsa and mx.tlsa_secure for mx in hosts),
        Need.TLSA_COMPARED: any(mx.tlsa_matches is not None for mx in hosts),
    }


def _fault(visit: HostVisit) -> str:
    return visit.fetch.fault.kind if visit.fetch.fault is not None else ""


def _stations(findings: Iterable[AuditFinding], skipped: Collection[str]) -> dict[str, str]:
    findings = list(findings)
    states = {}
    for station in STATIONS:
        own = [finding for finding in findings if finding.station == station]
        looked_at = own or any(name not in skipped for name in _AT[station])
        states[station] = worst(own) if looked_at else "unknown"
    return states


def _order(finding: AuditFinding) -> tuple[int, int, int, list[str | int]]:
    """Along the way, the worst first; line 9 before line 10."""
    return (
        STATIONS.index(finding.station),
        -SEVERITIES.index(finding.severity),
        _PLACES[finding.check],
        [int(part) if place % 2 else part for place, part in enumerate(_NUMBER.split(finding.subject))],
    )

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge how senders come to report on TLS: the record at ``_smtp._tls`` (RFC 8460, section 3) and where reports go.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ...dns.lookalike import TLS_RPT, lookalike
from ...dns.record import TlsRptRecord, meant_as, read_tls_rpt, render_tls_rpt, tls_rpt_name
from ...dns.rrsets import texts
from ...fault import Fault
from ...intent import Expected
from ...text import counted
from ...tls_reports.result_types import OF_THE_POLICY, result_type
from ..evidence import Evidence
from ..reported import SILENT_DAYS, Reported, ReportedFailure
from ..verdict import AuditFinding, found, plain
from . import txt

# Reporters may, and need not, ignore what is wrong with a certificate (RFC 8460, section 3).
_CERTIFICATE_FAULTS = ("tls_name", "tls_expired", "tls_self_signed", "tls_chain", "tls_untrusted")
# Where the audit would see what makes sessions fail: before a policy is had, or at the MX
_BEFORE_THE_MX, _AT_THE_MX = ("dns", "host", "tls", "policy"), ("mx",)
_ENDPOINT_WEIGHTS = {"port": "info", **dict.fromkeys(_CERTIFICATE_FAULTS, "warning")}


def judge_tls_rpt(evidence: Evidence, expected: Expected | None) -> tuple[TlsRptRecord | None, list[AuditFinding]]:
    """Return the record, None when reporters cannot use it, and what was found."""
    name = tls_rpt_name(evidence.domain)
    wanted = expected.rua if expected is not None and expected.present else None
    if not evidence.tls_rpt.certain:
        return None, [txt.no_answer("tlsrpt_lookup", evidence.domain, evidence.tls_rpt)]
    differ = list(txt.servers_differ("tlsrpt_servers_differ", name, evidence.tls_rpt_servers))
    if differ:
        return read_tls_rpt(evidence.tls_rpt.records, evidence.domain).record, differ
    here = texts(evidence.tls_rpt.records)
    if not meant_as(evidence.tls_rpt.records, TLS_RPT):
        if wanted == () or (expected is not None and not expected.present):
            return None, []
        return None, [_why_no_tls_rpt(evidence, name, here, wanted)]
    if txt.many(here, f"{TLS_RPT};"):
        return None, [txt.multiple("tlsrpt_multiple", name, f"{TLS_RPT};", "nobody sends reports")]
    reading = read_tls_rpt(evidence.tls_rpt.records, evidence.domain)
    checks = {"rua": "tlsrpt_rua"}
    findings = [txt.as_audit(finding, name, checks, "tlsrpt_syntax", "tlsrpt_clutter") for finding in reading.findings]
    if reading.record is not None:
        findings += _endpoint_findings(evidence.endpoints)
        if wanted is not None and reading.record.rua != wanted:
            findings.append(_not_as_expected(name, f"reports go to {', '.join(reading.record.rua)}", wanted))
    return reading.record, findings


def _why_no_tls_rpt(evidence: Evidence, name: str, here: Sequence[str], wanted: Sequence[str] | None) -> AuditFinding:
    for where, text in evidence.tls_rpt_strays.items():
        seen = f"the record {text[: txt.SHOWN]!r} stands at {where}, where no reporter looks"
        return found("tlsrpt_misplaced", where, seen, f"Move it to {name}")
    (nothing,) = read_tls_rpt(evidence.tls_rpt.records, evidence.domain).findings
    seen = nothing.rule if here else txt.nothing_at(evidence.tls_rpt)
    if wanted:
        return _not_as_expected(name, seen, wanted)
    if any(lookalike(b"".join(strings), TLS_RPT) for strings in evidence.tls_rpt.records):
        return found("tlsrpt_syntax", name, seen, nothing.remedy)
    remedy = "Publish v=TLSRPTv1; rua=mailto:tlsrpt@your.domain there, to hear of failures before your users do"
    if evidence.tls_rpt.delegated:
        remedy = txt.how_to_publish(evidence.tls_rpt, TLS_RPT)
    return found("tlsrpt_missing", name, seen, remedy)


def _not_as_expected(name: str, seen: str, rua: Sequence[str]) -> AuditFinding:
    seen += f", but the inventory calls for {'reports to ' + ', '.join(rua) if rua else 'none'}"
    remedy = f"Publish {render_tls_rpt(rua)}" if rua else "Remove the record"
    return found("tlsrpt_not_as_expected", name, seen, remedy)


def _endpoint_findings(endpoints: Mapping[str, Fault | None]) -> Iterator[AuditFinding]:
    for uri, fault in endpoints.items():
        if fault is not None and fault.kind == "mailbox":
            yield found("tlsrpt_mailbox", uri, plain(fault.rule), fault.remedy)
        elif fault is not None:
            yield found("tlsrpt_endpoint", uri, plain(fault.rule), fault.remedy, _ENDPOINT_WEIGHTS.get(fault.kind))


def judge_silence(domain: str, record: TlsRptRecord, reported: Reported, now: int) -> list[AuditFinding]:
    """Say that no report has come, to a record that reporters can use."""
    if not reported.is_silent(now):
        return []
    last = f"the last is of {reported.last_day}" if reported.last_day else f"nor any since {reported.since}"
    seen = f"no report has come in {SILENT_DAYS} days, {last}"
    remedy = (
        "Nothing, if the record is new or hardly anybody writes to the domain. Otherwise send a mail to "
        f"{record.rua[0].removeprefix('mailto:')} from elsewhere, and see whether it arrives where reports are read"
    )
    return [found("tlsrpt_silent", domain, seen, remedy)]


def judge_failures(
    reported: Reported, at_fault: Collection[str], looked_at: Collection[str], now: int
) -> list[AuditFinding]:
    """Say what senders report as failed, unless the audit has found a fault where that happens.

    ``at_fault`` are stations with a warning or an error, ``looked_at`` those that this audit has looked at.
    """
    unseen = ((failure, _where(failure)) for failure in reported.recent_failures(now))
    return [
        _reported_failure(failure, seen=bool(set(where) & set(looked_at)))
        for failure, where in unseen
        if not set(where) & set(at_fault)
    ]


def _where(failure: ReportedFailure) -> tuple[str, ...]:
    return _BEFORE_THE_MX if failure.result_type in OF_THE_POLICY else _AT_THE_MX


def _reported_failure(failure: ReportedFailure, *, seen: bool) -> AuditFinding:
    known = result_type(failure.result_type)
    who = counted(failure.sender_count, "sender")
    hosts = f" at {', '.join(failure.hosts)}" if failure.hosts else ""
    here = "this audit sees nothing wrong, from one place of many" if seen else "this audit did not look there"
    words = (
        f"{who} ({', '.join(failure.senders)}) reported {counted(failure.sessions, 'session')} failed with "
        f"{failure.result_type}{hosts}, last on {failure.last_day}: {known.meaning}; {here}"
    )
    return found("tlsrpt_failures", failure.result_type, words, known.remedy)

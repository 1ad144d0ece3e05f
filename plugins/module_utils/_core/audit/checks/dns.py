# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge the TXT records: ``_mta-sts`` (RFC 8461, section 3.1) and ``_smtp._tls`` (RFC 8460, section 3).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...dns.lookalike import STS, TLS_RPT, lookalike
from ...dns.record import (
    StsRecord,
    TlsRptRecord,
    meant_as,
    read_sts,
    read_tls_rpt,
    render_sts,
    render_tls_rpt,
    sts_name,
    tls_rpt_name,
)
from ...dns.rrsets import texts
from ...dns.sts_txt import Found
from ...finding import Finding
from ...names import policy_host
from ...proof import Fault
from ..evidence import Addresses, Evidence
from ..meant import Meant
from ..verdict import AuditFinding, found, plain

CERTAIN = {"OK", "NXDOMAIN", "NODATA"}
_SHOWN = 80
# Reporters may, and need not, ignore what is wrong with a certificate (RFC 8460, section 3).
_CERTIFICATE_FAULTS = ("tls_name", "tls_expired", "tls_self_signed", "tls_chain", "tls_untrusted")
_ENDPOINT_WEIGHTS = {"port": "info", **dict.fromkeys(_CERTIFICATE_FAULTS, "warning")}


def judge_sts(evidence: Evidence, meant: Meant | None) -> tuple[StsRecord | None, list[AuditFinding]]:
    """Return the record, None when senders cannot use it, and what was found."""
    name, domain = sts_name(evidence.domain), evidence.domain
    if evidence.sts.status not in CERTAIN:
        return None, [_no_answer("record_lookup", name, evidence.sts)]
    differ = list(_servers_differ("record_servers_differ", name, evidence.servers))
    if differ:
        return read_sts(evidence.sts.rrset, domain).record, differ
    here = texts(evidence.sts.rrset)
    if not meant_as(evidence.sts.rrset, STS):
        if meant is not None and not meant.present:
            return None, []
        return None, [_why_no_sts(evidence, name, here)]
    if _many(here, f"{STS};"):
        return None, [_multiple("record_multiple", name, f"{STS};")]
    reading = read_sts(evidence.sts.rrset, domain)
    checks = {"id": "record_id"}
    findings = [_as_audit(finding, name, checks, "record_syntax", "record_clutter") for finding in reading.findings]
    if reading.record is not None and meant is not None and meant.known:
        findings += _sts_not_as_meant(name, reading.record, meant)
    return reading.record, findings


def judge_tls_rpt(evidence: Evidence, meant: Meant | None) -> tuple[TlsRptRecord | None, list[AuditFinding]]:
    """Return the record, None when reporters cannot use it, and what was found."""
    name = tls_rpt_name(evidence.domain)
    wanted = meant.rua if meant is not None and meant.present else None
    if evidence.tls_rpt.status not in CERTAIN:
        return None, [_no_answer("tlsrpt_lookup", name, evidence.tls_rpt)]
    differ = list(_servers_differ("tlsrpt_servers_differ", name, evidence.tls_rpt_servers))
    if differ:
        return read_tls_rpt(evidence.tls_rpt.rrset, evidence.domain).record, differ
    here = texts(evidence.tls_rpt.rrset)
    if not meant_as(evidence.tls_rpt.rrset, TLS_RPT):
        if wanted == () or (meant is not None and not meant.present):
            return None, []
        return None, [_why_no_tls_rpt(evidence, name, here, wanted)]
    if _many(here, f"{TLS_RPT};"):
        return None, [_multiple("tlsrpt_multiple", name, f"{TLS_RPT};")]
    reading = read_tls_rpt(evidence.tls_rpt.rrset, evidence.domain)
    checks = {"rua": "tlsrpt_rua"}
    findings = [_as_audit(finding, name, checks, "tlsrpt_syntax", "tlsrpt_clutter") for finding in reading.findings]
    if reading.record is not None:
        findings += _endpoint_findings(evidence.endpoints)
        if wanted is not None and reading.record.rua != wanted:
            seen = f"reports go to {', '.join(reading.record.rua)}, not to {', '.join(wanted) or 'nobody'} as meant"
            findings.append(found("tlsrpt_not_as_meant", name, seen, "Publish the record that is meant"))
    return reading.record, findings


def judge_name_servers(evidence: Evidence) -> list[AuditFinding]:
    """Judge the addresses of the name servers that would have been asked."""
    servers = sorted(evidence.private_servers.items())
    return [found("record_servers_private", server, fault.rule, fault.remedy) for server, fault in servers]


def announces(evidence: Evidence) -> bool:
    """Whether there may be a policy host: a record that somebody meant as one, or no answer to tell."""
    return evidence.sts.status not in CERTAIN or meant_as(evidence.sts.rrset, STS)


def delegated(answer: Found | Addresses, name: str) -> bool:
    """Whether a CNAME leads away from the name."""
    return answer.canonical not in {"", name}


def _why_no_sts(evidence: Evidence, name: str, here: Sequence[str]) -> AuditFinding:
    host = policy_host(evidence.domain)
    publish = "Publish one TXT record there that begins with v=STSv1;"
    if evidence.strays:
        where, text = next(iter(evidence.strays.items()))
        return found(
            "record_misplaced", where, f"the record {text[:_SHOWN]!r} stands at {where}, where no sender looks",
            f"Move it to {name}",
        )  # fmt: skip
    if here and evidence.wildcard:
        return found(
            "record_wildcard", name, f"a wildcard answers with {here[0][:_SHOWN]!r}; there is no record of its own",
            publish,
        )  # fmt: skip
    (nothing,) = read_sts(evidence.sts.rrset, evidence.domain).findings
    if any(lookalike(b"".join(strings), STS) for strings in evidence.sts.rrset):
        return found("record_syntax", name, nothing.rule, nothing.remedy)
    delegation = next((answer for answer in evidence.host if answer.records and delegated(answer, host)), None)
    if delegation is not None and not delegated(evidence.sts, name):
        has = f"only {here[0][:_SHOWN]!r}" if here else "no record"
        return found(
            "delegation_half", name, f"{host} leads to {delegation.canonical}, but {name} has {has}",
            "Let it lead to the provider's _mta-sts by CNAME as well",
        )  # fmt: skip
    if here:
        return found("record_missing", name, nothing.rule, nothing.remedy)
    return found("record_missing", name, _nothing(evidence.sts, name), _publish(evidence.sts, name, STS))


def _why_no_tls_rpt(evidence: Evidence, name: str, here: Sequence[str], wanted: Sequence[str] | None) -> AuditFinding:
    for where, text in evidence.tls_rpt_strays.items():
        seen = f"the record {text[:_SHOWN]!r} stands at {where}, where no reporter looks"
        return found("tlsrpt_misplaced", where, seen, f"Move it to {name}")
    (nothing,) = read_tls_rpt(evidence.tls_rpt.rrset, evidence.domain).findings
    seen = nothing.rule if here else _nothing(evidence.tls_rpt, name)
    if wanted:
        remedy = f"Publish {render_tls_rpt(wanted)}"
        return found("tlsrpt_not_as_meant", name, f"{seen}, but reports are meant to go to {', '.join(wanted)}", remedy)
    if any(lookalike(b"".join(strings), TLS_RPT) for strings in evidence.tls_rpt.rrset):
        return found("tlsrpt_syntax", name, seen, nothing.remedy)
    remedy = "Publish v=TLSRPTv1; rua=mailto:tlsrpt@your.domain there, to hear of failures before your users do"
    if delegated(evidence.tls_rpt, name):
        remedy = _publish(evidence.tls_rpt, name, TLS_RPT)
    return found("tlsrpt_missing", name, seen, remedy)


def _nothing(answer: Found, name: str) -> str:
    led = f"; its CNAME leads to {answer.canonical}" if delegated(answer, name) else ""
    return f"there is no TXT record ({answer.status}){led}"


def _publish(answer: Found, name: str, version: str) -> str:
    """Say where to publish; what stands beside a CNAME is seen by nobody (RFC 1034, section 3.6.2)."""
    if not delegated(answer, name):
        return f"Publish one TXT record there that begins with {version};"
    beside = f"a TXT record at {name} itself cannot be seen beside the CNAME"
    return f"Publish one TXT record at {answer.canonical} that begins with {version};, or remove the CNAME: {beside}"


def _servers_differ(check: str, name: str, servers: Mapping[str, str]) -> Iterator[AuditFinding]:
    said: dict[str, list[str]] = {}
    for server, text in servers.items():
        said.setdefault(text, []).append(server)
    if len(said) > 1:
        seen = "; ".join(
            f"{', '.join(sorted(servers))}: {text or 'no record'}" for text, servers in sorted(said.items())
        )
        remedy = "See why the secondaries do not follow the primary: serial number, NOTIFY, transfer"
        yield found(check, name, f"the authoritative servers differ: {seen}", remedy)


def _sts_not_as_meant(name: str, record: StsRecord, meant: Meant) -> Iterator[AuditFinding]:
    if not meant.present:
        yield found("record_not_as_meant", name, "there is a record, but none is meant", "Remove it")
    elif record.id != meant.policy_id:
        seen = f"the id is {record.id}, not {meant.policy_id} as meant"
        remedy = f"Publish {render_sts(meant.policy_id or '')} once every policy host serves the policy"
        yield found("record_not_as_meant", name, seen, remedy)


def _endpoint_findings(endpoints: Mapping[str, Fault | None]) -> Iterator[AuditFinding]:
    for uri, fault in endpoints.items():
        if fault is not None and fault.kind == "mailbox":
            yield found("tlsrpt_mailbox", uri, plain(fault.rule), fault.remedy)
        elif fault is not None:
            yield found("tlsrpt_endpoint", uri, plain(fault.rule), fault.remedy, _ENDPOINT_WEIGHTS.get(fault.kind))


def _as_audit(finding: Finding, name: str, checks: Mapping[str, str], error: str, other: str) -> AuditFinding:
    check = checks.get(finding.field, error) if finding.severity == "error" else other
    return found(check, name, finding.rule, finding.remedy, finding.severity)


def _many(here: Sequence[str], begin: str) -> bool:
    return sum(text.startswith(begin) for text in here) > 1


def _multiple(check: str, name: str, begin: str) -> AuditFinding:
    return found(check, name, f"several records begin with {begin}, so senders use none of them", "Leave one of them")


def _no_answer(check: str, name: str, answer: Found) -> AuditFinding:
    seen = f"{name} cannot be looked up ({answer.status}): {answer.detail}"
    return found(check, name, seen, "See to the domain's name servers")

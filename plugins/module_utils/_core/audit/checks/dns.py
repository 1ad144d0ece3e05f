# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge the record at ``_mta-sts`` (RFC 8461, section 3.1) and the name servers that have it.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...dns.lookalike import STS, lookalike
from ...dns.record import StsRecord, meant_as, read_sts, render_sts, sts_name
from ...dns.rrsets import texts
from ...intent import Expected
from ...names import policy_host
from ..evidence import Evidence
from ..verdict import AuditFinding, found
from . import txt


def judge_sts(evidence: Evidence, expected: Expected | None) -> tuple[StsRecord | None, list[AuditFinding]]:
    """Return the record, None when senders cannot use it, and what was found."""
    name, domain = sts_name(evidence.domain), evidence.domain
    if not evidence.sts.certain:
        return None, [txt.no_answer("record_lookup", domain, evidence.sts)]
    differ = list(txt.servers_differ("record_servers_differ", name, evidence.servers))
    if differ:
        return read_sts(evidence.sts.records, domain).record, differ
    here = texts(evidence.sts.records)
    if not meant_as(evidence.sts.records, STS):
        if expected is not None and not expected.present:
            return None, []
        return None, [_why_no_sts(evidence, name, here)]
    if txt.many(here, f"{STS};"):
        return None, [txt.multiple("record_multiple", name, f"{STS};", "senders use none of them")]
    reading = read_sts(evidence.sts.records, domain)
    checks = {"id": "record_id"}
    findings = [txt.as_audit(finding, name, checks, "record_syntax", "record_clutter") for finding in reading.findings]
    if reading.record is not None and expected is not None and expected.known:
        findings += _sts_not_as_expected(name, reading.record, expected)
    return reading.record, findings


def judge_name_servers(evidence: Evidence) -> list[AuditFinding]:
    """Judge the addresses of the name servers that would have been asked."""
    servers = sorted(evidence.private_servers.items())
    return [found("record_servers_private", server, fault.rule, fault.remedy) for server, fault in servers]


def announces(evidence: Evidence) -> bool:
    """Whether there may be a policy host: a record that somebody meant as one, or no answer to tell."""
    return not evidence.sts.certain or meant_as(evidence.sts.records, STS)


def _why_no_sts(evidence: Evidence, name: str, here: Sequence[str]) -> AuditFinding:
    host = policy_host(evidence.domain)
    publish = "Publish one TXT record there that begins with v=STSv1;"
    if evidence.strays:
        where, text = next(iter(evidence.strays.items()))
        return found(
            "record_misplaced", where, f"the record {text[:txt.SHOWN]!r} stands at {where}, where no sender looks",
            f"Move it to {name}",
        )  # fmt: skip
    if here and evidence.wildcard:
        return found(
            "record_wildcard", name, f"a wildcard answers with {here[0][:txt.SHOWN]!r}; there is no record of its own",
            publish,
        )  # fmt: skip
    (nothing,) = read_sts(evidence.sts.records, evidence.domain).findings
    if any(lookalike(b"".join(strings), STS) for strings in evidence.sts.records):
        return found("record_syntax", name, nothing.rule, nothing.remedy)
    delegation = next((answer for answer in evidence.host if answer.records and answer.delegated), None)
    if delegation is not None and not evidence.sts.delegated:
        has = f"only {here[0][: txt.SHOWN]!r}" if here else "no record"
        return found(
            "delegation_half", name, f"{host} points to {delegation.canonical}, but {name} has {has}",
            "Point it to the provider's _mta-sts with a CNAME, too",
        )  # fmt: skip
    if here:
        return found("record_missing", name, nothing.rule, nothing.remedy)
    return found("record_missing", name, txt.nothing_at(evidence.sts), txt.how_to_publish(evidence.sts, STS))


def _sts_not_as_expected(name: str, record: StsRecord, expected: Expected) -> Iterator[AuditFinding]:
    if not expected.present:
        yield found("record_not_as_expected", name, "there is a record, but the inventory calls for none", "Remove it")
    elif record.id != expected.policy_id:
        seen = f"the id is {record.id}, but the inventory calls for {expected.policy_id}"
        remedy = f"Publish {render_sts(expected.policy_id or '')} once every policy host serves the policy"
        yield found("record_not_as_expected", name, seen, remedy)

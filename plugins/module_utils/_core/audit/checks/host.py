# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge the way to the policy host: its name, its addresses, whether they can be reached (RFC 8461, section 3.3).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...dns.answer import name_servers_remedy
from ...fault import is_private
from ...names import policy_host
from ..evidence import Evidence, HostVisit
from ..verdict import AuditFinding, found, plain

# Kinds of faults, as in _io/net/https.py, and the checks they fail
CHECKS = {
    "dns": "host_no_address",
    "private": "host_private",
    "no_route": "host_no_route",
    "tcp": "host_unreachable",
    "unreachable": "host_unreachable",
}


def judge_addresses(evidence: Evidence, announced: bool) -> list[AuditFinding]:
    """Judge the names' way to addresses; ``announced`` says that a record asks senders to come."""
    host = policy_host(evidence.domain)
    if any(answer.records for answer in evidence.host):
        return []
    unsure = [answer for answer in evidence.host if not answer.certain]
    if not unsure:
        return list(_nowhere(evidence, host, announced))
    if not evidence.sts.certain:
        return []  # one cause, one finding: nobody answers for the domain
    seen = f"{host} cannot be looked up ({unsure[0].status}): {unsure[0].detail}"
    return [found("host_lookup", host, seen, name_servers_remedy(unsure[0], evidence.domain))]


def judge_visits(evidence: Evidence) -> list[AuditFinding]:
    """Judge whether connections come about at every address."""
    senders_have_others = not all(is_private(visit.fetch.fault) for visit in evidence.host_visits)
    return [finding for visit in evidence.host_visits for finding in _judge_visit(visit, senders_have_others)]


def _nowhere(evidence: Evidence, host: str, announced: bool) -> Iterator[AuditFinding]:
    led = next((answer.canonical for answer in evidence.host if answer.delegated), None)
    if led is not None:
        seen = (
            f"the CNAME of {host} points to {led}, which has no address; "
            "whoever registers that name could serve a policy"
        )
        yield found("host_dangling", host, seen, f"Remove the CNAME, or create A and AAAA records for {led}")
    elif announced and evidence.sts.delegated:
        seen = f"the record is delegated to {evidence.sts.canonical}, but {host} has no address"
        yield found("delegation_half", host, seen, "Point it to the provider's policy host with a CNAME, too")
    elif announced:
        remedy = (
            "Create A and AAAA records with the addresses of the policy hosts; "
            "if the policy was given up, remove the record"
        )
        if evidence.host_stray:
            remedy = f"Move the records of {evidence.host_stray} to {host}: in a zone file, end the name with a dot"
        yield found("host_no_address", host, f"{host} has neither A nor AAAA record", remedy)


def _judge_visit(visit: HostVisit, senders_have_others: bool) -> Iterator[AuditFinding]:
    fault = visit.fetch.fault
    if fault is not None and fault.kind in CHECKS:
        severity = "warning" if is_private(fault) and senders_have_others else None
        yield found(CHECKS[fault.kind], visit.address, plain(fault.rule), fault.remedy, severity)

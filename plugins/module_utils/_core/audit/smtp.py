# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge every MX at every address as a sender that honours the policy meets it (RFC 8461, sections 4, 4.2 and 7).

Private to this collection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..moment import iso_time
from ..proof import is_private
from .evidence import MxHost, MxVisit
from .limits import DAY, Limits
from .verdict import AuditFinding, found, plain

# Kinds of faults, as in _io/smtp.py, and the checks they fail
_CHECKS = {
    "private": "mx_private",
    "no_route": "smtp_no_route",
    "tcp": "smtp_unreachable",
    "timeout": "smtp_unreachable",
    "smtp": "smtp_protocol",
    "starttls": "smtp_starttls",
    "tls_version": "smtp_version",
    "tls_name": "smtp_name",
    "tls_expired": "smtp_expired",
    "tls_self_signed": "smtp_self_signed",
    "tls_chain": "smtp_chain",
    "tls_untrusted": "smtp_untrusted",
    "tls_refused": "smtp_handshake",
    "tls": "smtp_handshake",
}
# Kinds of faults that may as well come from the network here
_MUTE = {"tcp", "timeout", "no_route"}
PORT_BLOCKED = "Try from elsewhere first: no MX at all answers here, and many networks close port 25 outwards"


def judge_mx(mx: MxHost, severity: str, limits: Limits, now: int) -> list[AuditFinding]:
    """Judge one MX; ``severity`` is what its faults weigh under the policy's mode."""
    weights = {"smtp_no_route": "info"}
    if not all(is_private(visit.fault) for visit in mx.visits):
        weights["mx_private"] = "warning"  # senders have other addresses
    findings = [
        finding for visit in mx.visits for finding in _judge_visit(mx.name, visit, severity, weights, limits, now)
    ]
    return findings + list(_dane(mx))


def reached(hosts: Iterable[MxHost]) -> bool:
    """Whether port 25 is open from here: some MX has spoken, or none was tried.

    A refusal proves nothing, as many networks refuse in place of the MX; nor does an MX within this machine or its
    network as long as there is one outside.
    """
    visits = [visit for mx in hosts for visit in mx.visits if not is_private(visit.fault)]
    outside = [visit for visit in visits if ipaddress.ip_address(visit.address).is_global]
    return not visits or any(visit.fault is None or visit.fault.kind not in _MUTE for visit in outside or visits)


def unblamed(finding: AuditFinding) -> AuditFinding:
    """Return a finding as it weighs where port 25 is closed from here."""
    if finding.check != "smtp_unreachable":
        return finding
    return replace(finding, severity="warning", remedy=PORT_BLOCKED)


def earliest_expiry(hosts: Iterable[MxHost]) -> int | None:
    """Return when the first certificate of all MX hosts ends."""
    shown = [visit.shown for mx in hosts for visit in mx.visits if visit.shown is not None]
    return min((one.expiry for one in shown if one.expiry is not None), default=None)


def _judge_visit(
    name: str, visit: MxVisit, severity: str, weights: Mapping[str, str], limits: Limits, now: int
) -> Iterator[AuditFinding]:
    subject = f"{name} [{visit.address}]"
    if visit.fault is not None:
        check = _CHECKS.get(visit.fault.kind, "smtp_protocol")
        yield found(check, subject, plain(visit.fault.rule), visit.fault.remedy, weights.get(check, severity))
    if visit.without_sni is not None:
        yield found("smtp_sni", subject, plain(visit.without_sni.rule), visit.without_sni.remedy, severity)
    end = visit.shown.expiry if visit.shown is not None else None
    if visit.fault is None and end is not None and now < end < now + limits.expiring_days * DAY:
        seen = f"the certificate of {subject} ends on {iso_time(end)}, in {(end - now) // DAY} days"
        yield found("smtp_expiring", subject, seen, "Renew it, and see why that did not happen by itself")


def _dane(mx: MxHost) -> Iterator[AuditFinding]:
    if not mx.tlsa:
        return
    if mx.tlsa_matches is False:
        seen = f"no TLSA record of {mx.name} matches its certificate, so senders with DANE do not deliver"
        remedy = f"Publish a TLSA record for the new certificate at _25._tcp.{mx.name}"
        yield found("dane_mismatch", mx.name, seen, remedy)
        return
    seen = f"{mx.name} has TLSA records; senders that do DANE rely on these, whatever the policy says"
    yield found("dane_present", mx.name, seen, "Nothing to do; renew TLSA records and certificate together")

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge every MX at every address as a sender that honours the policy meets it (RFC 8461, sections 4, 4.2 and 7).

Private to this collection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...proof import is_private
from ...timestamps import iso_time
from ..catalogue import BY_NAME
from ..evidence import MxHost, MxVisit
from ..limits import Limits, time_left
from ..verdict import AuditFinding, found, plain

# Kinds of faults, as in _io/smtp.py, and the checks they fail
_CHECKS = {
    "private": "mx_private",
    "no_route": "smtp_no_route",
    "tcp": "smtp_unreachable",
    "timeout": "smtp_unreachable",
    "smtp": "smtp_protocol",
    "turned_away": "smtp_turned_away",
    "starttls": "smtp_starttls",
    "tls_version": "smtp_version",
    "tls_name": "smtp_name",
    "tls_expired": "smtp_expired",
    "tls_self_signed": "smtp_self_signed",
    "tls_chain": "smtp_chain",
    "tls_untrusted": "smtp_untrusted",
    "tls_refused": "smtp_handshake",
    "tls_client": "smtp_turned_away",
    "tls": "smtp_handshake",
}
# Kinds of faults that may as well come from the network here
_MUTE = {"tcp", "timeout", "no_route"}
PORT_BLOCKED = "Try from elsewhere first: no MX at all answers here, and many networks close port 25 outwards"


def judge_mx(mx: MxHost, severity: str, limits: Limits, now: int) -> list[AuditFinding]:
    """Judge one MX; ``severity`` is what its faults weigh under the policy's mode."""
    senders_have_others = not all(is_private(visit.fault) for visit in mx.visits)
    return [
        finding
        for visit in mx.visits
        for finding in _judge_visit(mx.name, visit, severity, senders_have_others, limits, now)
    ]


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
    name: str, visit: MxVisit, severity: str, senders_have_others: bool, limits: Limits, now: int
) -> Iterator[AuditFinding]:
    subject = f"{name} [{visit.address}]"
    if visit.fault is not None:
        check = _CHECKS.get(visit.fault.kind, "smtp_protocol")
        # what lies with us is no fault of theirs
        weight = "info" if BY_NAME[check].severity == "info" else severity
        if check == "mx_private" and senders_have_others:
            weight = "warning"
        yield found(check, subject, plain(visit.fault.rule), visit.fault.remedy, weight)
    if visit.without_sni is not None:
        yield found("smtp_sni", subject, plain(visit.without_sni.rule), visit.without_sni.remedy, severity)
    shown = visit.shown if visit.fault is None else None
    end = shown.expiry if shown is not None else None
    if shown is not None and end is not None and limits.expires_soon(shown.start, end, now):
        seen = f"the certificate of {subject} ends on {iso_time(end)}, in {time_left(end - now)}"
        yield found("smtp_expiring", subject, seen, "Renew it, and find out why that did not happen by itself")

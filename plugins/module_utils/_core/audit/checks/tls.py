# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge TLS at every address of the policy host: certificates, versions, unknown names (RFC 8461, sections 3.3 and 7).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...fault import Fault
from ...timestamps import iso_time
from ..evidence import Evidence, HostVisit, TlsProbe
from ..thresholds import Thresholds, time_left
from ..verdict import AuditFinding, found, plain

FAMILIES = {"rsa": "RSA", "ecdsa": "ECDSA"}

# Kinds of faults, as in _io/net/https.py, and the checks they fail
CHECKS = {
    "tls_name": "tls_name",
    "tls_expired": "tls_expired",
    "tls_self_signed": "tls_self_signed",
    "tls_chain": "tls_chain",
    "tls_untrusted": "tls_untrusted",
    "tls_refused": "tls_refused",
    "tls_client": "tls_handshake",
    "tls_version": "tls_version",
    "tls": "tls_handshake",
}
# What is at fault then explains what an unknown name meets there, too, or there is no web server to speak of.
_NO_PROBE = {"private", "tcp", "unreachable", "no_route", "tls_version", "tls_name", "http"}
_NAME_FAULTS = {"tls_name", "tls_refused"}


def judge_tls(evidence: Evidence, thresholds: Thresholds, now: int) -> list[AuditFinding]:
    """Judge handshakes and certificates at every address."""
    return [finding for visit in evidence.host_visits for finding in _judge_visit(evidence, visit, thresholds, now)]


def earliest_expiry(visits: Sequence[HostVisit]) -> int | None:
    """Return when the first of all certificates seen ends."""
    fetches = [fetch for visit in visits for fetch in (visit.fetch, *visit.families.values()) if fetch is not None]
    return min((fetch.tls.expiry for fetch in fetches if fetch.tls and fetch.tls.expiry), default=None)


def _judge_visit(evidence: Evidence, visit: HostVisit, thresholds: Thresholds, now: int) -> Iterator[AuditFinding]:
    fault = visit.fetch.fault
    if fault is None:
        for family, fetch in visit.families.items():
            if fetch is not None and fetch.fault is not None and fetch.fault.kind in CHECKS:
                yield _of_fault(fetch.fault, f"{visit.address} ({FAMILIES[family]})", evidence.caa)
    elif fault.kind in CHECKS:
        yield _of_fault(fault, visit.address, evidence.caa)
    yield from _expiring(visit, thresholds, now)
    probe = evidence.tls_probes.get(visit.address)
    if probe is not None and (fault is None or fault.kind not in _NO_PROBE):
        yield from _judge_probe(visit.address, probe)


def _of_fault(fault: Fault, subject: str, caa: Sequence[str]) -> AuditFinding:
    rule = plain(fault.rule)
    if caa and fault.kind in _NAME_FAULTS:
        rule += f"; CAA records there let only {', '.join(caa)} issue"
    return found(CHECKS[fault.kind], subject, rule, fault.remedy)


def _expiring(visit: HostVisit, thresholds: Thresholds, now: int) -> Iterator[AuditFinding]:
    ends: dict[int, list[str]] = {}
    for family, fetch in (("", visit.fetch), *visit.families.items()):
        tls = fetch.tls if fetch is not None else None
        if tls is not None and tls.expiry is not None and thresholds.expires_soon(tls.start, tls.expiry, now):
            ends.setdefault(tls.expiry, []).append(FAMILIES.get(family, ""))
    for end, families in sorted(ends.items()):
        which = " and ".join(sorted({family for family in families if family})) or "the"
        subject = visit.address
        seen = f"{subject}: {which} certificate ends on {iso_time(end)}, in {time_left(end - now)}"
        remedy = "Renew it, and find out why no timer did: systemctl list-timers, the log of the ACME client"
        yield found("tls_expiring", subject, seen, remedy)


def _judge_probe(address: str, probe: TlsProbe) -> Iterator[AuditFinding]:
    if probe.serves_unknown:
        seen = f"{address} presents a certificate even to clients that ask for a name it does not serve"
        remedy = "Let the default server abort the handshake (nginx: ssl_reject_handshake on;)"
        yield found("tls_unknown_name", address, seen, remedy)
    if probe.old_versions:
        seen = f"{address} still accepts {' and '.join(probe.old_versions)}"
        yield found(
            "tls_old_version", address, seen, "Allow TLS 1.2 and 1.3 only (nginx: ssl_protocols TLSv1.2 TLSv1.3;)"
        )

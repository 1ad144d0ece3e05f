# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge the policy host: its addresses, its TLS (RFC 8461, sections 3.3 and 7), seen from every address.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...dns.record import sts_name
from ...names import policy_host
from ...proof import Fault, is_private
from ...timestamps import iso_time
from ..evidence import Evidence, HostVisit, Manners
from ..limits import Limits, time_left
from ..verdict import AuditFinding, found, plain
from .records import CERTAIN, delegated

FAMILIES = {"rsa": "RSA", "ecdsa": "ECDSA"}

# Kinds of faults, as in _io/https.py, and the checks they fail
_CHECKS = {
    "dns": "host_no_address",
    "private": "host_private",
    "no_route": "host_no_route",
    "tcp": "host_unreachable",
    "unreachable": "host_unreachable",
    "tls_name": "tls_name",
    "tls_expired": "tls_expired",
    "tls_self_signed": "tls_self_signed",
    "tls_chain": "tls_chain",
    "tls_untrusted": "tls_untrusted",
    "tls_refused": "tls_refused",
    "tls_client": "tls_handshake",
    "tls_version": "tls_version",
    "tls": "tls_handshake",
    "timeout": "http_timeout",
    "http": "http_protocol",
    "too_large": "http_too_large",
}
# What is at fault then explains what an unknown name meets there, too, or there is no web server to speak of.
_NO_MANNERS = {"private", "tcp", "unreachable", "no_route", "tls_version", "tls_name", "http"}
_NAME_FAULTS = {"tls_name", "tls_refused"}


def judge_addresses(evidence: Evidence, announced: bool) -> list[AuditFinding]:
    """Judge the names' way to addresses; ``announced`` says that a record asks senders to come."""
    host = policy_host(evidence.domain)
    if any(answer.records for answer in evidence.host):
        return []
    unsure = [answer for answer in evidence.host if answer.status not in CERTAIN]
    if not unsure:
        return list(_nowhere(evidence, host, announced))
    if evidence.sts.status not in CERTAIN:
        return []  # one cause, one finding: nobody answers for the domain
    seen = f"{host} cannot be looked up ({unsure[0].status}): {unsure[0].detail}"
    return [found("host_lookup", host, seen, "See to its name servers")]


def judge_visits(evidence: Evidence, limits: Limits, now: int) -> list[AuditFinding]:
    """Judge connections and certificates at every address."""
    return [finding for visit in evidence.host_visits for finding in _judge_visit(evidence, visit, limits, now)]


def earliest_expiry(visits: Sequence[HostVisit]) -> int | None:
    """Return when the first of all certificates seen ends."""
    fetches = [fetch for visit in visits for fetch in (visit.fetched, *visit.families.values()) if fetch is not None]
    return min((fetch.shown.expiry for fetch in fetches if fetch.shown and fetch.shown.expiry), default=None)


def fault_check(fault: Fault) -> str:
    """Return the check that a fault of a fetch fails."""
    return _CHECKS.get(fault.kind, "http_protocol")


def _nowhere(evidence: Evidence, host: str, announced: bool) -> Iterator[AuditFinding]:
    led = next((answer.canonical for answer in evidence.host if delegated(answer, host)), None)
    if led is not None:
        seen = f"the CNAME of {host} leads to {led}, which has no address; whoever makes that name could serve a policy"
        yield found("host_dangling", host, seen, f"Remove the CNAME, or see that {led} gets its addresses")
    elif announced and delegated(evidence.sts, sts_name(evidence.domain)):
        seen = f"the record is delegated to {evidence.sts.canonical}, but {host} has no address"
        yield found("delegation_half", host, seen, "Let it lead to the provider's policy host by CNAME as well")
    elif announced:
        remedy = (
            "Create A and AAAA records that lead to the policy hosts; if the policy was given up, remove the record"
        )
        if evidence.host_stray:
            remedy = f"Move the records of {evidence.host_stray} to {host}: in a zone file, end the name with a dot"
        yield found("host_no_address", host, f"{host} has neither A nor AAAA record", remedy)


def _judge_visit(evidence: Evidence, visit: HostVisit, limits: Limits, now: int) -> Iterator[AuditFinding]:
    fault = visit.fetched.fault
    if is_private(fault) and not all(is_private(other.fetched.fault) for other in evidence.host_visits):
        yield found("host_private", visit.address, fault.rule, fault.remedy, "warning")  # senders have other addresses
    elif fault is not None:
        yield _of_fault(fault, visit.address, evidence.caa)
    else:
        for family, fetch in visit.families.items():
            if fetch is not None and fetch.fault is not None and fetch.fault.kind.startswith("tls"):
                yield _of_fault(fetch.fault, f"{visit.address} ({FAMILIES[family]})", evidence.caa)
    yield from _expiring(visit, limits, now)
    manners = evidence.manners.get(visit.address)
    if manners is not None and (fault is None or fault.kind not in _NO_MANNERS):
        yield from _bad_manners(visit.address, manners)


def _of_fault(fault: Fault, subject: str, caa: Sequence[str]) -> AuditFinding:
    rule = plain(fault.rule)
    if caa and fault.kind in _NAME_FAULTS:
        rule += f"; CAA records there let only {', '.join(caa)} issue"
    return found(fault_check(fault), subject, rule, fault.remedy)


def _expiring(visit: HostVisit, limits: Limits, now: int) -> Iterator[AuditFinding]:
    ends: dict[int, list[str]] = {}
    for family, fetch in (("", visit.fetched), *visit.families.items()):
        shown = fetch.shown if fetch is not None else None
        if shown is not None and shown.expiry is not None and limits.expires_soon(shown.start, shown.expiry, now):
            ends.setdefault(shown.expiry, []).append(FAMILIES.get(family, ""))
    for end, families in sorted(ends.items()):
        which = " and ".join(sorted({family for family in families if family})) or "the"
        subject = visit.address
        seen = f"{subject}: {which} certificate ends on {iso_time(end)}, in {time_left(end - now)}"
        yield found("tls_expiring", subject, seen, "See why it was not renewed: its timer, its log")


def _bad_manners(address: str, manners: Manners) -> Iterator[AuditFinding]:
    if manners.serves_unknown:
        seen = f"{address} shows some certificate to whoever asks for a name it does not serve"
        yield found(
            "tls_unknown_name", address, seen, "Let the default server abort the handshake (ssl_reject_handshake)"
        )
    if manners.old_versions:
        seen = f"{address} still accepts {' and '.join(manners.old_versions)}"
        yield found("tls_old_version", address, seen, "Allow TLS 1.2 and 1.3 only")

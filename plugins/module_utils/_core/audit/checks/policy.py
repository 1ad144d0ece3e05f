# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge what is served: HTTP as in RFC 8461, section 3.3, the policy as in 3.2, and what it was before.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from ...duration import WEEK
from ...fault import Fault
from ...finding import Finding
from ...intent import Expected
from ...names import policy_host
from ...net.fetch import Fetch
from ...policies.disguise import OTHER, PAGE, disguise
from ...policies.policy import Policy, parse
from ...policies.policy_id import policy_id
from ...timestamps import iso_time
from ..evidence import Evidence, HostVisit
from ..past import Past, held_until
from ..thresholds import Thresholds
from ..verdict import AuditFinding, found, plain
from . import host, tls

REDIRECTS = range(300, 400)
# Kinds of faults, as in _io/net/https.py, that come up after the handshake, and the checks they fail
_CHECKS = {"timeout": "http_timeout", "too_large": "http_too_large"}
_DISGUISES = {PAGE: "policy_html", OTHER: "policy_other"}
_PATH = "Serve the policy itself at exactly /.well-known/mta-sts.txt"


@dataclass(frozen=True)
class Served:
    """The policy of a domain as served: its ``body``, read strictly (``policy``) and as forgiving senders do."""

    body: bytes | None = None
    policy: Policy | None = None
    lenient: Policy | None = None

    @property
    def policy_id(self) -> str | None:
        """The id that this collection gives these bytes."""
        return None if self.body is None else policy_id(self.body)


def judge_served(
    evidence: Evidence, expected: Expected | None, thresholds: Thresholds
) -> tuple[Served, list[AuditFinding]]:
    """Return what is served, by the first address that answers well, and what was found on the way."""
    findings = [finding for visit in evidence.host_visits for finding in _judge_http(visit, thresholds)]
    findings += _disguised(evidence.host_visits)
    bodies = {visit.address: visit.fetch.body for visit in evidence.host_visits if _is_policy(visit.fetch)}
    unsteady = [found for visit in evidence.host_visits for found in _unsteady(visit)]
    findings += unsteady
    differ = [] if unsteady else list(_differ(evidence.domain, bodies))
    findings += differ
    if not bodies:
        return Served(), findings
    body = next(iter(bodies.values()))
    reading = parse(body, evidence.domain)
    name = policy_host(evidence.domain)
    findings += [_as_audit(finding, name) for finding in reading.findings]
    if expected is not None and expected.known and not differ and not unsteady:
        findings += _not_as_expected(name, body, expected)
    return Served(body, reading.policy, reading.lenient), findings


def judge_past(
    past: Past, record_id: str | None, served: Served, thresholds: Thresholds, now: int
) -> list[AuditFinding]:
    """Compare what is served with what earlier audits saw."""
    if not past or served.body is None:
        return []
    findings = [*_drift(past, record_id, served)]
    policy = served.policy or served.lenient
    last = past[-1]
    if (
        policy is not None
        and policy.mode == "testing" == last.mode
        and now - last.mode_since > thresholds.testing_weeks * WEEK
    ):
        weeks = int((now - last.mode_since) // WEEK)
        seen = f"the policy has been in mode testing for {weeks} weeks, since {iso_time(last.mode_since)}"
        findings.append(found("policy_testing_long", "mode", seen, "If the TLS reports are clean, write mode: enforce"))
    return findings


def judge_removal(domain: str, past: Past, now: int) -> list[AuditFinding]:
    """Judge a domain that has neither a record nor a policy any more."""
    until = held_until(past)
    if until <= now:
        return []
    seen = f"record and policy are gone, but senders may hold a policy that is not none until {iso_time(until)}"
    remedy = "Serve a policy of mode none, under a new id, until then"
    return [found("policy_removed_early", domain, seen, remedy)]


def _judge_http(visit: HostVisit, thresholds: Thresholds) -> Iterator[AuditFinding]:
    fetch, address = visit.fetch, visit.address
    if fetch.fault is not None:
        yield from _no_answer(fetch.fault, address)
        return
    if fetch.status in REDIRECTS:
        led = f" to {fetch.location[:120]!r}" if fetch.location else ""
        seen = f"{address} redirects (status {fetch.status}){led}; senders do not follow"
        yield found("http_redirect", address, seen, _PATH)
    elif fetch.status != HTTPStatus.OK and visit.browser is not None and visit.browser.ok:
        seen = f"{address} answers status {fetch.status} to senders, and 200 to browsers"
        remedy = "Exempt /.well-known/mta-sts.txt from the filter that keeps bots out"
        yield found("http_user_agent", address, seen, remedy)
    elif fetch.status != HTTPStatus.OK:
        seen = f"{address} answers status {fetch.status}, not 200"
        yield found("http_status", address, seen, _PATH)
    elif _is_policy(fetch):
        yield from _judge_headers(fetch, address)
    if fetch.seconds > thresholds.slow_seconds:
        seen = f"{address} took {fetch.seconds:.0f} seconds; senders may give up after a minute or less"
        yield found("http_slow", address, seen, "Serve the policy as a plain file")


def _no_answer(fault: Fault, address: str) -> Iterator[AuditFinding]:
    """Say why no answer came, unless the station at which it failed says so."""
    if fault.kind not in {**host.CHECKS, **tls.CHECKS}:
        yield found(_CHECKS.get(fault.kind, "http_protocol"), address, plain(fault.rule), fault.remedy)


def _disguised(visits: Sequence[HostVisit]) -> Iterator[AuditFinding]:
    """Say what is served in place of a policy, once for all addresses that serve it."""
    served: dict[bytes, list[str]] = {}
    for visit in visits:
        if visit.fetch.ok and not _is_policy(visit.fetch):
            served.setdefault(visit.fetch.body, []).append(visit.address)
    for body, addresses in served.items():
        instead = disguise(body)
        if instead is not None:
            where = ", ".join(addresses)
            yield found(_DISGUISES[instead.kind], where, f"what {where} serves {instead.is_}", instead.remedy)


def _judge_headers(fetch: Fetch, address: str) -> Iterator[AuditFinding]:
    media_type = fetch.content_type.split(";")[0].strip().lower()
    if media_type != "text/plain":
        what = f"the media type {media_type[:60]!r}" if media_type else "no media type"
        seen = f"{address} serves the policy with {what} instead of text/plain"
        yield found("http_content_type", address, seen, "Send Content-Type: text/plain")


def _unsteady(visit: HostVisit) -> Iterator[AuditFinding]:
    if not _is_policy(visit.fetch):
        return
    for family, fetch in visit.families.items():
        if fetch is None or (fetch.fault is not None and fetch.fault.kind.startswith("tls")):
            continue
        if not fetch.ok or fetch.body != visit.fetch.body:
            said = (
                plain(fetch.fault.rule)
                if fetch.fault is not None
                else f"status {fetch.status}, policy {policy_id(fetch.body)}"
            )
            first = policy_id(visit.fetch.body)
            seen = f"{visit.address} served policy {first}, and a moment later ({tls.FAMILIES[family]}): {said}"
            remedy = "Install the same policy on every server behind the address, and look for a cache in front of them"
            yield found("http_unsteady", visit.address, seen, remedy)
            return


def _differ(domain: str, bodies: Mapping[str, bytes]) -> Iterator[AuditFinding]:
    by_id: dict[str, list[str]] = {}
    for address, body in bodies.items():
        by_id.setdefault(policy_id(body), []).append(address)
    if len(by_id) > 1:
        seen = "; ".join(f"{', '.join(addresses)}: policy {which}" for which, addresses in by_id.items())
        name, other = policy_host(domain), list(by_id.values())[1][0]
        at = f"[{other}]" if ":" in other else other
        remedy = (
            "Install the same policy everywhere, and look for a cache in front of one: "
            f"curl --resolve {name}:443:{at} https://{name}/.well-known/mta-sts.txt"
        )
        yield found("http_addresses_differ", name, f"the addresses differ: {seen}", remedy)


def _not_as_expected(name: str, body: bytes, expected: Expected) -> Iterator[AuditFinding]:
    if not expected.present:
        yield found(
            "policy_not_as_expected", name, "a policy is served, but the inventory calls for none", "Take it down"
        )
    elif body != expected.policy:
        seen = f"policy {policy_id(body)} is served, but the inventory calls for {expected.policy_id}"
        yield found(
            "policy_not_as_expected",
            name,
            seen,
            "Install that policy on every policy host: ansible-playbook postmaster.mta_sts.site",
        )


def _drift(past: Sequence, record_id: str | None, served: Served) -> Iterator[AuditFinding]:
    if record_id is None:
        return
    under_it = [entry for entry in past if entry.record_id == record_id]
    if under_it and under_it[-1].policy_id != served.policy_id:
        seen = (
            f"id {record_id} stood for policy {under_it[-1].policy_id}, now for {served.policy_id}; "
            "senders that know the id keep the old one"
        )
        yield found("record_stale_id", "id", seen, "Publish a new id")
    elif not under_it and past[-1].policy_id == served.policy_id and past[-1].record_id is not None:
        seen = f"the id changed from {past[-1].record_id} to {record_id}, but the policy is the same"
        yield found("record_early_id", "id", seen, "Change the policy first, the id after it")


def _as_audit(finding: Finding, name: str) -> AuditFinding:
    where = name if finding.line is None else f"line {finding.line}"
    return found(_check_of(finding), where, f"{finding.field}: {finding.rule}", finding.remedy, finding.severity)


def _check_of(finding: Finding) -> str:
    missing = finding.line is None
    if finding.severity != "error":
        return "policy_max_age_short" if finding.field == "max_age" else "policy_style"
    if finding.field == "max_age" and not missing:
        return "policy_max_age"
    if finding.field == "mx" and missing:
        return "policy_mx_missing"
    return "policy_syntax"


def _is_policy(fetch: Fetch) -> bool:
    """Whether there is a policy to read, be it a bad one."""
    if not fetch.ok:
        return False
    instead = disguise(fetch.body)
    return instead is None or instead.kind not in _DISGUISES

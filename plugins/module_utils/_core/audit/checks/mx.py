# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge the MX records against the policy's patterns (RFC 8461, section 4.1).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...bounds import PATTERNS_COMPARED
from ...dns.answer import name_servers_remedy
from ...mx import RENAME, WILDCARD, covering, distance, uncovered, unused
from ...names import policy_host
from ..evidence import Evidence, MxHost
from ..verdict import AuditFinding, found

FARTHEST_TYPO = 3


def judge_records(evidence: Evidence, severity: str) -> list[AuditFinding]:
    """Judge the MX records themselves; ``severity`` is what a fault of an MX weighs under the policy's mode."""
    domain, answer = evidence.domain, evidence.mx
    if not answer.certain:
        seen = f"the MX records cannot be looked up ({answer.status}): {answer.detail}"
        return [found("mx_lookup", domain, seen, name_servers_remedy(answer, domain), severity)]
    null = any(exchange == "" for _unused, exchange in answer.records)
    if null and evidence.mx_hosts:
        names = ", ".join(mx.name for mx in evidence.mx_hosts)
        seen = f"a null MX (RFC 7505) stands beside the MX {names}, so senders may refuse to send any mail"
        beside = [found("mx_null", domain, seen, "Remove the null MX, or all the others", severity)]
        return [*beside, *(finding for mx in evidence.mx_hosts for finding in _judge_name(domain, mx, severity))]
    if null:
        seen = "a null MX (RFC 7505) says that the domain takes no mail, and yet there is a policy"
        return [found("mx_null", domain, seen, "Publish mode: none, and later remove record and policy", severity)]
    if not evidence.mx_hosts:
        seen = f"the domain has no MX record ({answer.status}) and no address"
        return [found("mx_missing", domain, seen, "Publish MX records, or a policy of mode none", severity)]
    return [finding for mx in evidence.mx_hosts for finding in _judge_name(domain, mx, severity)]


def judge_coverage(domain: str, patterns: Sequence[str], hosts: Sequence[str], severity: str) -> list[AuditFinding]:
    """Judge which MX names the patterns match."""
    hosts = [host for host in hosts if not _is_address(host)]  # one cause, one finding
    left = uncovered(patterns, hosts)
    idle = unused(patterns, hosts)
    host = policy_host(domain)
    if host in (pattern.lower() for pattern in idle):
        seen = f"the policy lists {host}, which serves policies, as an MX"
        if left:
            seen += f", but not the MX {', '.join(left)}"
        names = [name for name in (*left, *hosts) if covering(name) == name]
        remedy = f"Write mx: {names[0]}, the name in the MX record" if names else RENAME
        return [found("mx_policy_host", host, seen, remedy, severity if left else "warning")]
    if left:
        return [_why_uncovered(mx, idle, severity) for mx in left]
    return list(_idle(idle))


def _judge_name(domain: str, mx: MxHost, severity: str) -> Iterator[AuditFinding]:
    if _is_address(mx.name):
        seen = f"an MX record names {mx.name}, an address, where a host's name belongs"
        yield found("mx_no_address", mx.name, seen, RENAME, severity)
    elif not any(answer.records for answer in mx.addresses):
        yield _without_address(domain, mx, severity)
    elif mx.canonical != mx.name:
        seen = f"the MX {mx.name} is a CNAME to {mx.canonical}; senders may match either name, or refuse it"
        named = covering(mx.canonical) == mx.canonical
        remedy = f"Write {mx.canonical} into the MX record and the policy" if named else RENAME
        yield found("mx_cname", mx.name, seen, remedy)


def _without_address(domain: str, mx: MxHost, severity: str) -> AuditFinding:
    unsure = next((answer for answer in mx.addresses if not answer.certain), None)
    if unsure is not None:
        seen = f"{mx.name} cannot be looked up: {unsure.detail}"
        return found("mx_lookup", mx.name, seen, name_servers_remedy(unsure, mx.name), severity)
    remedy = "Create its A and AAAA records"
    meant = mx.name.removesuffix(f".{domain}")
    if meant.endswith(f".{domain}"):
        remedy = f"Did you mean {meant}? In a zone file, end the name with a dot"
    return found("mx_no_address", mx.name, f"the MX {mx.name} has no address", remedy, severity)


def _is_address(name: str) -> bool:
    """Whether an MX record has an address in place of a name, which no pattern can match."""
    return name.rpartition(".")[2].isdigit() or ":" in name


def _why_uncovered(mx: str, idle: Sequence[str], severity: str) -> AuditFinding:
    pattern = covering(mx)
    if pattern != mx:
        seen = f"no pattern matches the MX {mx}, and none can name it: it is no host's name"
        remedy = f"Write mx: {pattern}, which matches it; better: {RENAME}" if pattern else RENAME
        return found("mx_uncovered", mx, seen, remedy, severity)
    wide = [pattern for pattern in idle if _differs_by_labels(pattern.lower(), mx)]
    if wide:
        seen = f"{wide[0]} does not match the MX {mx}"
        seen += (
            ": the asterisk stands for exactly one label" if wide[0].startswith(WILDCARD) else ": it has other labels"
        )
        return found("mx_labels", mx, seen, f"Write mx: {mx}", severity)
    near = sorted((distance(pattern.lower(), mx, FARTHEST_TYPO), pattern) for pattern in _like(mx, idle))
    if near and near[0][0] <= FARTHEST_TYPO:
        seen = f"{near[0][1]} looks like the MX {mx}, but does not match it"
        return found("mx_typo", mx, seen, f"Write mx: {mx}", severity)
    others = f"; {', '.join(idle)} match no MX at all" if idle else ""
    return found(
        "mx_uncovered",
        mx,
        f"no pattern matches the MX {mx}{others}",
        f"Add mx: {mx}, or remove the MX record",
        severity,
    )


def _like(mx: str, idle: Sequence[str]) -> Sequence[str]:
    """Return the patterns that are worth comparing letter by letter, which is slow."""
    return [pattern for pattern in idle if abs(len(pattern) - len(mx)) <= FARTHEST_TYPO][:PATTERNS_COMPARED]


def _differs_by_labels(pattern: str, mx: str) -> bool:
    if pattern.startswith(WILDCARD):
        parent = pattern[len(WILDCARD) :]
        return mx == parent or mx.endswith(f".{parent}")
    return pattern.endswith(f".{mx}") or mx.endswith(f".{pattern}")


def _idle(idle: Sequence[str]) -> Iterator[AuditFinding]:
    for pattern in idle:
        seen = f"{pattern} matches no MX; whoever gets hold of such a name could take the mail"
        yield found("mx_unused", pattern, seen, "Remove it, unless an MX change is under way")

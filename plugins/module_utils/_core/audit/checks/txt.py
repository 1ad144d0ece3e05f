# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the checks of both TXT records have in common, those of MTA-STS and of TLS reports.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...dns.answer import Answer, name_servers_remedy
from ...finding import Finding
from ..verdict import AuditFinding, found

SHOWN = 80


def nothing_at(answer: Answer) -> str:
    """Say that there is no TXT record, and where the name's CNAME leads."""
    led = f"; its CNAME points to {answer.canonical}" if answer.delegated else ""
    return f"there is no TXT record ({answer.status}){led}"


def how_to_publish(answer: Answer, version: str) -> str:
    """Say where to publish; what stands beside a CNAME is seen by nobody (RFC 1034, section 3.6.2)."""
    if not answer.delegated:
        return f"Publish one TXT record there that begins with {version};"
    beside = f"a TXT record at {answer.name} itself cannot be seen beside the CNAME"
    return f"Publish one TXT record at {answer.canonical} that begins with {version};, or remove the CNAME: {beside}"


def servers_differ(check: str, name: str, servers: Mapping[str, str]) -> Iterator[AuditFinding]:
    """Compare what each authoritative server has at the name."""
    said: dict[str, list[str]] = {}
    for server, text in servers.items():
        said.setdefault(text, []).append(server)
    if len(said) > 1:
        seen = "; ".join(
            f"{', '.join(sorted(servers))}: {text or 'no record'}" for text, servers in sorted(said.items())
        )
        remedy = "See why the secondaries do not follow the primary: serial number, NOTIFY, transfer"
        yield found(check, name, f"the authoritative servers differ: {seen}", remedy)


def as_audit(finding: Finding, name: str, checks: Mapping[str, str], error: str, other: str) -> AuditFinding:
    """Return a reader's finding as the audit's: by its field, or else the check ``error``; ``other`` if milder."""
    check = checks.get(finding.field, error) if finding.severity == "error" else other
    return found(check, name, finding.rule, finding.remedy, finding.severity)


def many(here: Sequence[str], begin: str) -> bool:
    """Whether more than one record claims to be of this version."""
    return sum(text.startswith(begin) for text in here) > 1


def multiple(check: str, name: str, begin: str, consequence: str) -> AuditFinding:
    """Say that there are several records where one belongs."""
    return found(check, name, f"several records begin with {begin}, so {consequence}", "Remove all but one of them")


def no_answer(check: str, domain: str, answer: Answer) -> AuditFinding:
    """Say that nobody knows what is at a name of the domain."""
    seen = f"{answer.name} cannot be looked up ({answer.status}): {answer.detail}"
    return found(check, answer.name, seen, name_servers_remedy(answer, domain))

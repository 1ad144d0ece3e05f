# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Audits for tests of what is made of them: what the module audit_info returns, put together from findings."""

from __future__ import annotations

from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS, STATIONS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import (
    AuditFinding,
    DomainAudit,
    found,
    worst,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time

NOW = 1795480800  # 2026-11-24T00:40:00Z
HOSTILE = "\x1b[2J\x00 ]]> <b>&'\"\\\n# HELP \u202e\ud800 \u65e5\u672c " + "x" * 300

NAME = found(
    "tls_name", "192.0.2.1", "192.0.2.1: the certificate names www.example.com, not mta-sts.broken.example",
    "Order a certificate that names the policy host",
)  # fmt: skip
EXPIRING = found(
    "smtp_expiring", "mx.provider.example [192.0.2.25]",
    "the certificate of mx.provider.example [192.0.2.25] ends on 2026-11-30T00:00:00Z, in 5 days", "Renew it",
)  # fmt: skip
NO_ROUTE = found(
    "smtp_no_route",
    "mx.example.com [2001:db8::25]",
    "there is no route from here",
    "Nothing, or give this machine IPv6",
)


def domain_audit(domain: str, *findings: AuditFinding, unseen: tuple[str, ...] = (), **facts: Any) -> DomainAudit:
    """Put a verdict on a domain together; ``unseen`` are stations that could not be looked at."""
    states = {station: worst(finding for finding in findings if finding.station == station) for station in STATIONS}
    return DomainAudit(
        domain=domain,
        verdict=worst(findings),
        stations={**states, **dict.fromkeys(unseen, "unknown")},
        findings=findings,
        not_looked_at=tuple(check.name for check in CHECKS if check.station in unseen),
        policy_host=f"mta-sts.{domain}",
        **facts,
    )


def returned(*audits: DomainAudit, at: int = NOW) -> dict[str, Any]:
    """What the module returns for these domains, seen at that time."""
    return {
        "changed": False,
        "checks": [check.as_dict() for check in CHECKS],
        "results": [audit.as_dict() for audit in audits],
        "problems": [sentence for audit in audits for sentence in audit.sentences],
        "audited_at": iso_time(at),
        "audited_at_epoch": at,
        "observed": {},
    }


def healthy(domain: str, **facts: Any) -> DomainAudit:
    """Nothing was found on this domain."""
    known = {
        "mode": "enforce", "max_age": 2419200, "record_id": "0123456789abcdef", "policy_id": "0123456789abcdef",
        "patterns": (f"mx.{domain}",), "mx": (f"mx.{domain}",), "addresses": ("192.0.2.1",),
        "certificate_expiry": NOW + 60 * 86400, "mx_certificate_expiry": NOW + 90 * 86400,
    }  # fmt: skip
    return domain_audit(domain, **{**known, **facts})


def broken(domain: str = "broken.example", **facts: Any) -> DomainAudit:
    """The certificate does not name the policy host, so nothing behind it was looked at."""
    return domain_audit(
        domain,
        NAME,
        unseen=("policy",),
        **{"record_id": "0123456789abcdef", "certificate_expiry": NOW + 9 * 86400, **facts},
    )

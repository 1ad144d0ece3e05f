# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders report on a fleet, as the module tls_reports_info returns it; the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import fleet

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Days
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import (
    STS,
    Failure,
    PolicyReport,
    Report,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.rows import to_plain

SENDERS = ("Google Inc.", "Microsoft Corporation", "Example Mail", "Northern Post")
# How often a sender reports on a domain in a hundred days
DILIGENCE = (93, 88, 45, 12)
# Of some domains: what fails, at which of their MX hosts, why in a sender's words, and in how many of a hundred days
AILS = {
    "brightwater.example": ("sts-webpki-invalid", "", "hostname mismatch", 60),
    "eastgate-clinic.example": ("certificate-host-mismatch", "mx1", "no name in the certificate matches", 95),
    "granary.example": ("starttls-not-supported", "mx2", "", 15),
    "tidewater-law.example": ("validation-failure", "mx1", "connection reset during handshake", 5),
}
OTHERS = ("certificate-expired", "mx1", "", 1)
QUIET = {"saltmarsh.example"}
OLD = {
    "domain": "eastgate-clinic.example", "organization": "Northern Post", "policy_id": "0d1f6c02a3b94e57",
    "day": "2026-11-23", "current_id": "7d41e602eece328b",
}  # fmt: skip


def small() -> dict[str, Any]:
    """Return the figures of the small fleet: 60 days, one of which nobody has reported on anybody."""
    names = [f"{name}.example" for name in fleet.NAMES]
    return of(names, 60, random.Random(0))


def large(size: int, days: int) -> dict[str, Any]:
    """Return the figures of the large fleet: to have them in time, what a few domains have is that of all."""
    few = of([f"{number}.example" for number in range(20)], days, random.Random(size), SENDERS[:2])
    names = [result["domain"] for result in fleet.large_fleet(size)["results"]]
    domains = [{**few["domains"][place % 20], "domain": name} for place, name in enumerate(names)]
    return {**few, "domains": domains}


def of(names: Iterable[str], days: int, chance: random.Random, senders: Iterable[str] = SENDERS) -> dict[str, Any]:
    """Return the figures of these domains."""
    names = list(names)
    added = Days()
    for report in reports(names, days, chance, list(senders)):
        added.add(report, "pass")
    return figures(returned([to_plain(row) for row in added], days), names)


def reports(names: list[str], days: int, chance: random.Random, senders: list[str]) -> Iterator[Report]:
    """Give the reports on these domains, day by day."""
    for ago in range(1, days):
        start = (fleet.NOW // fleet.DAY - ago) * fleet.DAY
        for sender, diligence in zip(senders, DILIGENCE):
            for name in names:
                if ago != 20 and name not in QUIET and chance.randrange(100) < diligence:
                    yield Report(sender, f"{start} {name}", start, (said(name, chance, ago),))


def said(name: str, chance: random.Random, ago: int) -> PolicyReport:
    """Return what a sender says of one domain and day."""
    sessions = chance.randrange(40, 400) // (3 if ago % 7 in (1, 2) else 1)
    result_type, host, reason, often = AILS.get(name, OTHERS)
    failed = chance.randrange(1, 30) if chance.randrange(100) < often else 0
    mx = f"{host}.{name}" if host else ""
    failure = Failure(result_type, failed, mx, address="192.0.2.25" if host else "", reason=reason)
    return PolicyReport(STS, name, sessions, failed, failures=(failure,) if failed else ())


def returned(rows: list[dict[str, Any]], days: int, **more: Any) -> dict[str, Any]:
    """Return what the module returns with these rows, of the days that end with the audit's."""
    return {
        "days": rows,
        "inputs": {"read": len(rows), "copies": 2, "other_mails": 1, "refused": 1},
        "refused": [{"source": "/var/mail/tlsrpt", "name": "1795400000.M1.mail", "reason": "it is no JSON object"}],
        "findings": [],
        "problems": [],
        "left_out": {"domains": 1, "reports": 3, "sessions": 40},
        "outdated": [OLD],
        "read_at": iso_time(fleet.NOW),
        "read_at_epoch": fleet.NOW,
        "since": iso_time(fleet.NOW - (days - 1) * fleet.DAY)[:10],
        "until": iso_time(fleet.NOW)[:10],
        **more,
    }

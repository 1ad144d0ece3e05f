# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fleets of domains with ailments as they are met, as the module audit_info returns them; the same ones every time."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS, STATIONS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import DomainAudit, found, worst
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time

NOW = 1795480800  # 2026-11-24T00:40:00Z
DAY = 86400

AILMENTS = yaml.safe_load((Path(__file__).parent / "ailments.yml").read_text(encoding="utf-8"))
HEALTHY: dict[str, Any] = {"findings": []}

# A small fleet, for people to look at, and what the sick ones have
NAMES = (
    "alder-and-ash", "bergmann-optik", "brightwater", "cafe-lumiere", "city-archive", "delta-freight",
    "eastgate-clinic", "fjordline", "granary", "harbour-radio", "juniper-press", "kestrel-labs", "lindqvist-bakery",
    "museum-of-tides", "northfield-school", "opal-insurance", "quarry-street", "riverside-choir", "saltmarsh",
    "tidewater-law",
)  # fmt: skip
SICK = {
    "brightwater": "wrong name", "city-archive": "no reports", "eastgate-clinic": "old provider",
    "harbour-radio": "dangling", "kestrel-labs": "dane", "museum-of-tides": "redirect", "opal-insurance": "wrong name",
    "riverside-choir": "testing", "tidewater-law": "expiring",
}  # fmt: skip
# Large fleets are made of these, at random
FIRST = ("amber", "birch", "cedar", "dune", "ember", "fern", "glen", "heath", "iris", "jade", "kelp", "larch", "moss")
SECOND = ("bank", "books", "care", "dental", "foods", "gardens", "homes", "labs", "media", "motors", "music", "travel")
FREQUENT = ("healthy",) * 24 + ("wrong name",) * 4 + ("no reports",) * 4 + tuple(AILMENTS)

COMPARED = {"mx_uncovered", "mx_labels", "mx_typo", "mx_policy_host", "mx_unused"}
UNREADABLE = {"http_redirect", "policy_html"}
UNREAD_RECORD = {"record_missing", "record_id"}


def small_fleet() -> dict[str, Any]:
    """Return the audit of twenty domains."""
    chance = random.Random(0)
    return audit(examined(f"{name}.example", SICK.get(name, "healthy"), chance) for name in NAMES)


def international_fleet() -> dict[str, Any]:
    """Return the audit of a domain with an umlaut, of one that only looks Latin, and of a plain one."""
    chance = random.Random(0)
    names = ("xn--bcher-kva.example", "xn--80ak6aa92e.example", "granary.example")
    return audit(examined(name, "wrong name", chance) for name in names)


def large_fleet(size: int) -> dict[str, Any]:
    """Return the audit of that many domains."""
    chance = random.Random(size)
    return audit(
        examined(
            f"{FIRST[place % len(FIRST)]}-{SECOND[place % len(SECOND)]}-{place:04}.example",
            chance.choice(FREQUENT),
            chance,
        )
        for place in range(size)
    )


def audit(results: Iterable[DomainAudit]) -> dict[str, Any]:
    """Return what the module returns for these domains."""
    return {
        "changed": False,
        "checks": [check.as_dict() for check in CHECKS],
        "results": [result.as_dict() for result in results],
        "audited_at": iso_time(NOW),
        "audited_at_epoch": NOW,
    }


def examined(domain: str, ailment: str, chance: random.Random) -> DomainAudit:
    """Return the verdict on a domain that has this ailment, or is healthy."""
    ails = AILMENTS.get(ailment, HEALTHY)
    number, record_id = chance.randrange(2, 250), f"{chance.randrange(16**16):016x}"
    words = {
        "domain": domain, "host": f"mta-sts.{domain}", "mx": f"mx1.{domain}", "id": record_id,
        "v4": f"192.0.2.{number}", "v6": f"2001:db8::{number:x}",
    }  # fmt: skip
    findings = tuple(
        found(one["check"], *(one[part].format(**words) for part in ("subject", "seen", "remedy")))
        for one in ails["findings"]
    )
    failed = {finding.check for finding in findings}
    unseen = set(STATIONS[STATIONS.index(ails["ends_at"]) + 1 : STATIONS.index("mx")]) if "ends_at" in ails else set()
    skipped = {check.name for check in CHECKS if check.station in unseen} | (COMPARED if unseen else set())
    mode = "testing" if "policy_testing_long" in failed else chance.choice(("enforce", "enforce", "enforce", "testing"))
    readable = not unseen and not failed & UNREADABLE
    left = 9 if "tls_expiring" in failed else -4 if "tls_expired" in failed else chance.randrange(22, 89)
    return DomainAudit(
        domain=domain,
        verdict=worst(findings),
        stations={
            station: "unknown" if station in unseen else worst(one for one in findings if one.station == station)
            for station in STATIONS
        },
        findings=findings,
        not_looked_at=tuple(check.name for check in CHECKS if check.name in skipped),
        mode=mode if readable else None,
        max_age=28 * DAY if readable else None,
        record_id=None if failed & UNREAD_RECORD else record_id,
        policy_id=record_id if readable else None,
        patterns=(f"mx1.{domain}", "*.backup.example") if readable else (),
        mx=(f"mx1.{domain}", "mx2.backup.example"),
        policy_host=f"mta-sts.{domain}",
        addresses=() if "host_dangling" in failed else (words["v4"], words["v6"]),
        rua=() if "tlsrpt_missing" in failed else (f"mailto:tlsrpt@{domain}",),
        certificate_expiry=None if "tls" in unseen else NOW + left * DAY + chance.randrange(DAY),
        mx_certificate_expiry=NOW + chance.randrange(25, 80) * DAY,
    )

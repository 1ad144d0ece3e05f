# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the audit says of a domain: what was found, how each station stands, and what could not be looked at.

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..bounds import VALUES_SHOWN
from ..finding import REST_REMEDY, bounded, few, with_remedy
from ..timestamps import iso_time
from .catalogue import BY_NAME

_SECTION = re.compile(r" \(RFC \d+, section [\d.]+\)\Z")
SEVERITIES = ("ok", "info", "warning", "error")


@dataclass(frozen=True)
class AuditFinding:
    """One finding of a check.

    ``subject`` is what it concerns (a name, an address, a line); ``seen`` says what was seen, ``remedy`` what to do.
    """

    check: str
    station: str
    severity: str
    subject: str
    seen: str
    section: str
    remedy: str

    def __post_init__(self) -> None:
        """Cut what is long: findings quote strangers."""
        for name in ("subject", "seen", "remedy"):
            object.__setattr__(self, name, bounded(getattr(self, name)))


def plain(rule: str) -> str:
    """Return what a fault says without the section at its end: findings have one of their own."""
    return _SECTION.sub("", rule)


def found(check: str, subject: str, seen: str, remedy: str, severity: str | None = None) -> AuditFinding:
    """Make a finding of a check of the catalogue, with the check's severity unless another one is given."""
    of = BY_NAME[check]
    return AuditFinding(check, of.station, severity or of.severity, subject, seen, of.section, remedy)


def worst(findings: Iterable[AuditFinding]) -> str:
    """Return the worst severity among findings, ok when there is none."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="ok")


def few_of_each(findings: Iterable[AuditFinding], domain: str) -> tuple[AuditFinding, ...]:
    """Return findings few enough to be read: so many of each check, and one that counts the others."""

    def rest(finding: AuditFinding, words: str) -> AuditFinding:
        return replace(finding, subject=domain, seen=words, remedy=REST_REMEDY)

    return few(findings, lambda finding: finding.check, rest)


@dataclass(frozen=True)
class DomainAudit:
    """The verdict on one domain.

    ``verdict`` is the worst severity found, or ok; ``stations`` has the same for each station, or unknown where an
    earlier fault kept the audit from looking. ``mode`` and ``max_age`` (seconds) are of the policy as senders read it,
    ``record_id`` is the id in DNS, ``policy_id`` the one this collection gives the bytes served. Expiries are the
    earliest seen, epoch seconds.
    """

    domain: str
    verdict: str
    stations: Mapping[str, str]
    findings: tuple[AuditFinding, ...]
    not_looked_at: tuple[str, ...] = ()
    mode: str | None = None
    max_age: int | None = None
    record_id: str | None = None
    policy_id: str | None = None
    patterns: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    policy_host: str = ""
    addresses: tuple[str, ...] = ()
    rua: tuple[str, ...] = ()
    certificate_expiry: int | None = None
    mx_certificate_expiry: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as the module returns it; expiries in UTC as well."""
        plain = {**vars(self), "findings": [dict(vars(finding)) for finding in self.findings]}
        for many in ("patterns", "mx", "addresses", "rua"):
            plain[many] = [bounded(value) for value in plain[many][:VALUES_SHOWN]]
        for end in ("certificate_expiry", "mx_certificate_expiry"):
            moment = plain.pop(end)
            plain[f"{end}_epoch"] = moment
            plain[end] = None if moment is None else iso_time(moment)
        return plain

    @property
    def sentences(self) -> list[str]:
        """Every error as one sentence and its remedy."""
        return [
            with_remedy(f"{self.domain}: {finding.check}: {finding.seen} ({finding.section})", finding.remedy)
            for finding in self.findings
            if finding.severity == "error"
        ]

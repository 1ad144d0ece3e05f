# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What reports say of domains that are not in the list: anybody may send such reports, and as many as they like.

Only numbers are kept of them. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..bounds import REPORT_DOMAINS_COUNTED
from .report import Report


class LeftOut:
    """Counts what is left out: domains, up to a bound, the reports that name them, and the sessions these speak of."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._domains: set[int] = set()
        self._reports = 0
        self._sessions = 0

    def of(self, report: Report, listed: Collection[str]) -> Report:
        """Return the report as far as it is about domains of the list, and count the rest."""
        ours = tuple(policy for policy in report.policies if policy.domain in listed)
        if len(ours) == len(report.policies):
            return report
        self._reports += 1
        for policy in report.policies:
            if policy.domain not in listed:
                self._sessions += policy.succeeded + policy.failed
                if len(self._domains) < REPORT_DOMAINS_COUNTED:
                    self._domains.add(hash(policy.domain))
        return replace(report, policies=ours)

    def as_dict(self) -> dict[str, int]:
        """Plain data, as modules return it."""
        return {"domains": len(self._domains), "reports": self._reports, "sessions": self._sessions}

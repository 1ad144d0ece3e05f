# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS reports alone, as an audit that has looked at nothing else: what the page shows of them has one shape.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .catalogue import CHECKS
from .judge import by_reports
from .reported import from_figures


def audit_of(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the audit of all domains that the figures have, in their order."""
    now = figures["read_at_epoch"]
    verdicts = [by_reports(domain, reported, now) for domain, reported in from_figures(figures).items()]
    return {
        "audited_at": figures["read_at"],
        "audited_at_epoch": now,
        "checks": [check.as_dict() for check in CHECKS],
        "results": [verdict.as_dict() for verdict in verdicts],
    }

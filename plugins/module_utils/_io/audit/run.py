# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Audit all domains side by side.

Private to this collection.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..._core.audit.checks.mail_servers import reached
from ..._core.audit.judge import JudgeOptions, failed, judge, without_port_25
from ..._core.audit.past import Past
from ..._core.audit.reported import Reported
from ..._core.audit.verdict import DomainAudit
from ..._core.intent import Expected
from ..concurrency import map_patiently
from ..unexpected import told
from .collect import Collector


@dataclass(frozen=True)
class Target:
    """A domain to audit, what the inventory calls for, and what senders report, if these say anything."""

    domain: str
    expected: Expected | None = None
    reported: Reported | None = None


def audit_all(
    targets: Sequence[Target], collector: Collector, options: JudgeOptions, pasts: Mapping[str, Past], concurrency: int
) -> tuple[list[DomainAudit], dict[str, Past]]:
    """Return a verdict a domain, in order, and what is to be remembered for the next time.

    They are looked at side by side and judged one after the other: that takes no longer, and the memory of one.
    """
    judging = threading.Lock()

    def audit(target: Target) -> tuple[DomainAudit, Past]:
        past = pasts.get(target.domain, ())
        try:
            evidence = collector.collect(target.domain)
            with judging:
                return judge(evidence, options, target.expected, past, target.reported)
        except Exception as problem:  # whatever it is, it is this domain's
            return failed(target.domain, told(problem)), past

    done = map_patiently(audit, targets, max(1, concurrency))
    remembered = {**pasts, **{target.domain: past for target, (_unused, past) in zip(targets, done)}}
    verdicts = [verdict for verdict, _unused in done]
    return verdicts if reached(collector.mx_hosts) else [without_port_25(verdict) for verdict in verdicts], remembered

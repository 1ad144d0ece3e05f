# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter deployment_report: what became of every domain, from what the parts of a run registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.report import Parts, lost, rows, table

Registered = Mapping[str, Any]


def deployment_report(
    intent: Registered,
    hosts: Iterable[Registered] = (),
    proof: Registered | None = None,
    dns: Registered | None = None,
    lost_hosts: Iterable[str] = (),
) -> dict[str, Any]:
    """Return ``rows``, ``table``, ``problems`` and ``failed``; see deployment_report.yml."""
    hosts = list(hosts)
    policies = [host.get("sts_policy_result") or {} for host in hosts]
    certificates = [host.get("sts_certificate_result") or {} for host in hosts]
    proof, dns = proof or {}, dns or {}
    outcome = rows(
        Parts(
            intents=intent["results"],
            policies=[result.get("domains", []) for result in policies],
            certificates=[result.get("domains", []) for result in certificates],
            proofs=proof.get("proofs", []),
            dns=dns.get("records", []),
        )
    )
    said = [
        problem for result in (intent, *policies, *certificates, proof, dns) for problem in result.get("problems", [])
    ]
    missing = lost(lost_hosts)
    return {
        "rows": [asdict(row) for row in outcome],
        "table": [*table(outcome), *missing],
        "problems": [*missing, *dict.fromkeys(said)],
        "failed": [row.domain for row in outcome if row.failed],
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"deployment_report": deployment_report}

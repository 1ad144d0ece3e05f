# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter deployment_report: what became of every domain, from what the parts of a run registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.adoption import (
    read_host,
    symptoms,
    what_to_remove,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.deployment_report import (
    Parts,
    Row,
    lost,
    rows,
    table,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Finding

Registered = Mapping[str, Any]

# What a run leaves on each policy host: the first on all that can be reached, the others where the roles have ended
LEFT = ("mta_sts_intent", "sts_policy_result", "sts_vhost_result", "sts_certificate_result")


def deployment_report(
    intent: Registered,
    hosts: Iterable[Registered] = (),
    proof: Registered | None = None,
    dns: Registered | None = None,
    files: Registered | None = None,
) -> dict[str, Any]:
    """Return ``rows``, ``table``, ``problems`` and ``failed``; see deployment_report.yml."""
    hosts = list(hosts)
    policies = _heard(hosts, "sts_policy_result")
    certificates = _heard(hosts, "sts_certificate_result")
    proof, dns, files = proof or {}, dns or {}, files or {}
    proofs = proof.get("proofs", [])
    outcome = rows(
        Parts(
            intents=intent["results"],
            policies=[result.get("domains", []) for result in policies.values()],
            certificates=[result.get("domains", []) for result in certificates.values()],
            proofs=proofs,
            dns=_records(dns, files),
        )
    )
    read = [read_host(host) for host in hosts]
    unproven = [entry for entry in proofs if not entry["proven"]]
    names = {entry["domain"] for entry in unproven}
    in_our_place = [cause for cause in what_to_remove(read) if cause.domain in names]
    expected = {*_of_pending(outcome, unproven), *map(str, symptoms(read, unproven))}
    said = [
        *intent.get("problems", []),
        *_problems(policies),
        *_problems(certificates),
        *map(str, in_our_place),
        *(problem for problem in proof.get("problems", []) if problem not in expected),
        *files.get("problems", []),
        *dns.get("problems", []),
    ]
    missing = lost(_lost(hosts))
    return {
        "rows": [asdict(row) for row in outcome],
        "table": [*table(outcome), *missing, *map(str, in_our_place)],
        "problems": [*missing, *dict.fromkeys(said)],
        "failed": [row.domain for row in outcome if row.failed],
    }


def _of_pending(outcome: Iterable[Row], proofs: Iterable[Registered]) -> Iterable[str]:
    """Return what proofs found of domains that wait for the CA: it is looked at once they have certificates."""
    pending = {row.domain for row in outcome if row.pending}
    return (str(Finding(**finding)) for entry in proofs if entry["domain"] in pending for finding in entry["findings"])


def _heard(hosts: Iterable[Registered], name: str) -> dict[str, Registered]:
    """Return what a role registered on each host on which it ran."""
    return {host["inventory_hostname"]: host[name] for host in hosts if host.get(name)}


def _lost(hosts: Iterable[Registered]) -> list[str]:
    """Return the hosts that lack what others have: they were not there, or a task failed on them."""
    hosts = list(hosts)
    of_some = [name for name in LEFT if any(host.get(name) for host in hosts)]
    return [host["inventory_hostname"] for host in hosts if not all(host.get(name) for name in of_some)]


def _records(dns: Registered, files: Registered) -> list[Registered]:
    """Return what became of the records; those of a zone whose file could not be kept have that problem."""
    broken = {entry["zone"]: entry["problem"] for entry in files.get("zones", [])}
    return [
        {**record, "problem": record.get("problem") or broken.get(record.get("zone"))}
        for record in dns.get("records", [])
    ]


def _problems(results: dict[str, Registered]) -> Iterable[str]:
    """Say every problem once, and on which hosts it is, unless it is on all."""
    said_by: dict[str, list[str]] = {}
    for host, result in results.items():
        for problem in result.get("problems", []):
            said_by.setdefault(problem, []).append(host)
    for problem, names in said_by.items():
        yield problem if len(names) == len(results) else f"{problem} Host: {', '.join(names)}."


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name them for Ansible."""
        return {"deployment_report": deployment_report}

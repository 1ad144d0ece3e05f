# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter deployment_report: what became of every domain, from what the parts of a run registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.adoption import read_host, what_to_remove
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.deployment_report import Parts, lost, rows, table
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
    outcome = rows(
        Parts(
            intents=intent["results"],
            policies=[result.get("domains", []) for result in policies.values()],
            certificates=[result.get("domains", []) for result in certificates.values()],
            proofs=proof.get("proofs", []),
            dns=_records(dns, files),
        )
    )
    in_our_place = _in_our_place(hosts, proof)
    explained = {finding.domain for finding in in_our_place}
    said = [
        *intent.get("problems", []),
        *_problems(policies),
        *_problems(certificates),
        *_proof_problems(proof, {row.domain for row in outcome if row.pending} | explained),
        *map(str, in_our_place),
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


def _proof_problems(proof: Registered, explained: set[str]) -> Iterable[str]:
    """Return what is wrong with what is served, but for domains of which it is known why."""
    expected = {
        str(Finding(**finding))
        for entry in proof.get("proofs", [])
        if entry["domain"] in explained
        for finding in entry["findings"]
    }
    return (problem for problem in proof.get("problems", []) if problem not in expected)


def _heard(hosts: Iterable[Registered], name: str) -> dict[str, Registered]:
    """Return what a role registered on each host on which it ran."""
    return {host["inventory_hostname"]: host[name] for host in hosts if host.get(name)}


def _lost(hosts: Iterable[Registered]) -> list[str]:
    """Return the hosts that lack what others have: they were not there, or a task failed on them."""
    hosts = list(hosts)
    of_some = [name for name in LEFT if any(host.get(name) for host in hosts)]
    return [host["inventory_hostname"] for host in hosts if not all(host.get(name) for name in of_some)]


def _in_our_place(hosts: Iterable[Registered], proof: Registered) -> list[Finding]:
    """Return who answers instead of us for domains that are not proven: the cause, where the proof has the symptom."""
    unproven = {entry["domain"] for entry in proof.get("proofs", []) if not entry["proven"]}
    return [finding for finding in what_to_remove(map(read_host, hosts)) if finding.domain in unproven]


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

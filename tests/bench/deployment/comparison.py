# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Re-runs of an earlier commit's collection and of this checkout's, in turn, each on policy hosts of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import yaml
from authority import Authority
from figures import AUDITED, PLAIN, REPORTED, Comparison, Run
from lab import PolicyHost, fresh_zones, policy_host
from playbook import COLLECTIONS, NAME, WORLD
from tables import say

# What the audit can write, as its variables end.
REPORTS = ("state", "json", "junit", "prometheus", "html")


@dataclass(frozen=True)
class Version:
    """A collection: what it is called in the tables, and the folder that Ansible finds it in."""

    name: str
    collections: Path

    @property
    def root(self) -> Path:
        """Where it is."""
        return self.collections / "ansible_collections" / NAME

    @property
    def reports(self) -> Path:
        """Where its audit writes to."""
        return WORLD / "reports" / self.name

    def audit(self, *, reports: bool) -> str:
        """Have the audit run at the end of site.yml, with all that it can write or with nothing but what it shows."""
        prefix = "sts_audit" if (self.root / "roles/sts_audit").exists() else "mta_sts_audit"
        wanted = {f"{prefix}_{name}": str(self.reports / name) for name in REPORTS if reports}
        # The bench's mail servers exist in MX records only.
        variables = {"mta_sts_audit_at_end": True, f"{prefix}_fail_on": "never", **wanted}
        self.reports.mkdir(parents=True, exist_ok=True)
        file = self.reports / f"variables-{len(wanted)}.yml"
        file.write_text(yaml.safe_dump(variables), encoding="ascii")
        return f"--extra-vars=@{file}"

    def check(self, what: str, run: Run) -> None:
        """Refuse a run that has not done what is compared: names of variables may have changed."""
        audited = any(module.endswith("audit_info") for task in run.tasks for module in (*task.local, *task.remote))
        missing = [name for name in REPORTS if what == REPORTED and not (self.reports / name).exists()]
        changed = [task.name for task in run.tasks if "changed" in task.outcomes]
        if audited != (what != PLAIN) or missing or changed:
            raise RuntimeError(f"{self.name}, {what}: audited {audited}, not written {missing}, changed {changed}")


def versions(root: Path, reference: str) -> list[Version]:
    """Return the collection as it was at a commit, and as it is."""
    folder = WORLD / "collections"
    target = folder / "ansible_collections" / NAME
    target.mkdir(parents=True)
    archive = subprocess.run(["git", "-C", str(root), "archive", reference], stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive, check=True)
    return [Version(reference, folder), Version("this checkout", COLLECTIONS)]


def compare(authority: Authority, both: list[Version], sizes: list[int], rounds: int) -> Comparison:
    """Measure re-runs of both, in turn; of the smallest size also with the audit at their end."""
    comparison = Comparison([version.name for version in both])
    for number, count, version in product(range(1, rounds + 1), sizes, both):
        fresh_zones(count)
        kinds = _kinds(version, audited=count == sizes[0])
        with policy_host(authority, count) as host:
            _play(host, version, count, *[*kinds.values()][-1])  # the first run
            for what, arguments in kinds.items():
                run = _play(host, version, count, *arguments)
                version.check(what, run)
                comparison.note(version.name, count, what, run)
                say(f"round {number}, {version.name}, {count} domains, {what}: {run.seconds:.1f} s")
    return comparison


def _kinds(version: Version, *, audited: bool) -> dict[str, tuple[str, ...]]:
    """Return which re-runs are measured, and what ansible-playbook is told for them."""
    kinds: dict[str, tuple[str, ...]] = {PLAIN: ()}
    if audited:
        kinds |= {AUDITED: (version.audit(reports=False),), REPORTED: (version.audit(reports=True),)}
    return kinds


def _play(host: PolicyHost, version: Version, count: int, *arguments: str) -> Run:
    return host.play(version.root / "playbooks/site.yml", count, *arguments, collections=version.collections)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bench has measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

STATIC, POLICY = "a plain static file", "the policy"
NEW, KEPT = "new handshakes", "kept connections"

# What a run of playbooks/site.yml consists of; tasks that are not a role's go by their names.
START, READING, PROOF, REPORT = "start and facts", "list and DNS", "proof", "report"
PARTS = (START, READING, "sts_policy", "sts_vhost", "sts_certificate", PROOF, "sts_dns", REPORT)
_BY_NAME = {
    "Gathering Facts": START,
    "Read the list, and ask DNS what it depends on": READING,
    "Fetch every policy from every address of its policy host, and compare": PROOF,
    "Publish the records of the proven domains": "sts_dns",
}


@dataclass(frozen=True)
class Task:
    """One task of a run: what became of it on each host, how many modules ran, ``where`` is local, remote or empty."""

    role: str
    name: str
    seconds: float
    where: str
    modules: int
    outcomes: list[str]

    @property
    def part(self) -> str:
        """What it is a part of."""
        return self.role or _BY_NAME.get(self.name, REPORT)


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook.

    ``cpu_seconds`` are the controller's; a figure of memory is that of the one process that took most.
    """

    seconds: float
    cpu_seconds: float
    tasks: list[Task]
    controller_mib: float
    module_mib: float

    def count(self, *outcomes: str) -> int:
        """Return how many results there were, of these outcomes or of all."""
        return sum(not outcomes or outcome in outcomes for task in self.tasks for outcome in task.outcomes)

    def modules(self, where: str) -> int:
        """Return how many modules ran, here or on the policy host."""
        return sum(task.modules for task in self.tasks if task.where == where)

    def part(self, part: str) -> float:
        """Return the seconds of a part; what no task took is the start."""
        seconds = sum(task.seconds for task in self.tasks if task.part == part)
        return seconds + (self.seconds - sum(task.seconds for task in self.tasks) if part == START else 0.0)


@dataclass(frozen=True)
class Nginx:
    """What nginx takes with our file: a test, a reload until the old workers are gone, memory of all its processes."""

    test_seconds: float
    reload_seconds: float
    mib_before: float
    mib_after: float


@dataclass(frozen=True)
class Size:
    """What was measured with so many domains."""

    first: Run
    again: Run
    nginx: Nginx
    night_seconds: float


@dataclass
class Figures:
    """All of it; ``usual`` are runs of the loops by number of domains, ``requests`` are a second."""

    sizes: dict[int, Size] = field(default_factory=dict)
    bare: Run | None = None
    usual: dict[int, float] = field(default_factory=dict)
    roles: dict[int, float] = field(default_factory=dict)
    requests: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def usual_seconds(self, domains: int) -> float:
        """Return what the loops take for so many domains: as much for each as the measured ones took."""
        (few, start), (many, end) = sorted(self.usual.items())
        return start + (end - start) / (many - few) * (domains - few)

    def rate(self, what: str, how: str) -> float:
        """Return the median of the requests a second."""
        return statistics.median(self.requests[what, how])

    def ratio(self, how: str) -> float:
        """Return the median of the rounds' ratios: the two of a round were measured one right after the other."""
        return statistics.median(
            ours / plain for ours, plain in zip(self.requests[POLICY, how], self.requests[STATIC, how], strict=True)
        )

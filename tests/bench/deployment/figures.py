# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bench has measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

STATIC, POLICY = "a plain static file", "the policy"
NEW, KEPT = "new handshakes", "kept connections"

# Re-runs that are compared with those of an earlier commit
PLAIN, AUDITED, REPORTED = "without audit", "with the audit", "with the audit and its reports"

# What a run of playbooks/site.yml consists of; tasks that are not a role's go by their names.
START, READING, PROOF, REPORT = "start and facts", "reading", "proof", "report"
PARTS = (START, READING, "sts_policy", "sts_vhost", "sts_certificate", PROOF, "sts_dns", REPORT)
_BY_NAME = {
    "Gathering Facts": START,
    "Read the list, and ask DNS what it depends on": READING,
    "Fetch every policy from every address of its policy host, and compare": PROOF,
    "Publish the records of the proven domains": "sts_dns",
}


@dataclass(frozen=True)
class Task:
    """One task of a run: what became of it on each host, which modules it executed on the controller and elsewhere."""

    role: str
    name: str
    seconds: float
    local: list[str]
    remote: list[str]
    outcomes: list[str]

    @property
    def part(self) -> str:
        """What it is a part of."""
        return self.role if self.role in PARTS else _BY_NAME.get(self.name, REPORT)


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

    @property
    def local(self) -> int:
        """How many modules were executed on the controller."""
        return sum(len(task.local) for task in self.tasks)

    @property
    def remote(self) -> int:
        """How many modules were executed on the policy host."""
        return sum(len(task.remote) for task in self.tasks)

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


@dataclass
class Comparison:
    """Re-runs of several versions of the collection, those of every round."""

    names: list[str]
    runs: dict[tuple[str, int, str], list[Run]] = field(default_factory=dict)

    def note(self, name: str, domains: int, what: str, run: Run) -> None:
        """Take in one more run."""
        self.runs.setdefault((name, domains, what), []).append(run)

    @property
    def kinds(self) -> list[tuple[int, str]]:
        """How many domains, and which kind of re-run: what was measured of each version."""
        return [(domains, what) for name, domains, what in self.runs if name == self.names[0]]

    def median(self, name: str, domains: int, what: str, measure: Callable[[Run], float]) -> float:
        """Return the median of the rounds."""
        return statistics.median(map(measure, self.runs[name, domains, what]))

    def share(self, name: str) -> float:
        """Return the processor seconds that a thousand domains more take of the controller."""
        counts = sorted({domains for domains, _unused in self.kinds})
        few, many = (self.median(name, count, PLAIN, lambda run: run.cpu_seconds) for count in (counts[0], counts[-1]))
        return (many - few) / (counts[-1] - counts[0]) * 1000

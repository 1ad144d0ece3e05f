# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a playbook from a test, and see what each of its tasks said."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
SCENARIO = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"])


@dataclass(frozen=True)
class Run:
    """One run: whether it ended well, and the result of each task on each host, in order."""

    ok: bool
    results: list[tuple[str, str, dict[str, Any]]]

    @property
    def changed(self) -> set[tuple[str, str]]:
        """Task and host of every result that says changed."""
        return {(task, host) for task, host, result in self.results if result.get("changed")}

    @property
    def failures(self) -> list[str]:
        """What failed, with its message."""
        return [f"{task} on {host}: {result.get('msg')}" for task, host, result in self.results if result.get("failed")]

    def result(self, task: str, host: str) -> dict[str, Any]:
        """The result of a task on a host."""
        return next(result for name, where, result in self.results if (name, where) == (task, host))


def command_line(playbook: str, *arguments: str, variables: dict[str, Any] | None = None) -> list[str]:
    """Return the command that runs a playbook with the inventories of the lab and the scenario."""
    return [
        "ansible-playbook",
        f"--inventory={ROOT}/molecule/lab/inventory",
        f"--inventory={SCENARIO}/inventory",
        f"--extra-vars={json.dumps(variables or {})}",
        *arguments,
        str(ROOT / playbook),
    ]


def play(
    playbook: str,
    *arguments: str,
    variables: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    through: tuple[str, ...] = (),
) -> Run:
    """Run a playbook with the inventories of the lab and the scenario; ``through`` is a command that runs others."""
    command = [*through, *command_line(playbook, *arguments, variables=variables)]
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", **(environment or {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    try:
        plays = json.loads(done.stdout[done.stdout.index("{") :])["plays"]
    except ValueError:
        raise AssertionError(f"{done.stdout}\n{done.stderr}") from None
    results = [
        (task["task"]["name"], host, result)
        for one in plays
        for task in one["tasks"]
        for host, result in task["hosts"].items()
    ]
    return Run(done.returncode == 0, results)

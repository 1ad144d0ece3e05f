# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a playbook as a user does, with what Ansible prints in a file, and measure it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from figures import Run, Task
from memory import Memory
from places import LAB, LAB_NUMBER
from tables import FOLDER

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WORLD = FOLDER / LAB
STOPWATCH = WORLD / "stopwatch.json"
NAME = "postmaster/mta_sts"
COLLECTIONS = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"])
LAST_LINES = 40

ENVIRONMENT = {
    **os.environ,
    "MOLECULE_SCENARIO_NAME": LAB,
    "LAB_NUMBER": str(LAB_NUMBER),
    "BENCH_FOLDER": str(WORLD),
    "BENCH_STOPWATCH": str(STOPWATCH),
    "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
    "ANSIBLE_CALLBACKS_ENABLED": "stopwatch",
}


class Failed(Exception):
    """A playbook that did not end well; the message is the end of what it printed."""


def play(
    playbook: Path, *arguments: str, sockets: str = "", watched: int | None = None, collections: Path = COLLECTIONS
) -> Run:
    """Run a playbook with the lab's inventory and ours, and return what it took.

    ``sockets`` is the folder of its SSH connections, ``watched`` a process of the container whose memory counts too,
    ``collections`` where Ansible finds ours.
    """
    inventories = [f"--inventory={folder}" for folder in (ROOT / "molecule/lab/inventory", HERE / "inventory")]
    environment = {**ENVIRONMENT, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    if sockets:
        environment["ANSIBLE_SSH_CONTROL_PATH_DIR"] = sockets
    STOPWATCH.unlink(missing_ok=True)
    log = WORLD / f"{playbook.stem}.log"
    with log.open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            ["ansible-playbook", *inventories, *arguments, str(playbook)],
            stdout=output, stderr=subprocess.STDOUT, env=environment,
        )  # fmt: skip
        memory = Memory(process.pid, watched)
        memory.start()
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        memory.stop()
    if process.returncode:
        raise Failed("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]))
    tasks = [Task(**task) for task in json.loads(STOPWATCH.read_text(encoding="utf-8"))]
    return Run(seconds, usage.ru_utime + usage.ru_stime, tasks, memory.controller_mib, memory.module_mib)

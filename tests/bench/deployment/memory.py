# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The most memory that a process of Ansible takes while a playbook runs: of the controller, and of modules."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

PAUSE_SECONDS = 0.25
CONTROLLER = "ansible-playboo"  # as much of its name as the kernel keeps
MODULE = re.compile(r"python3?(\.\d+)?")
_STAT = re.compile(r"\d+ \((.*)\) . (\d+) ", re.DOTALL)
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class Memory(threading.Thread):
    """Looks at the descendants of a process, and at all of a container's, until told to stop.

    Every process remembers its own peak, so only what it takes in its last moment can be missed.
    """

    def __init__(self, pid: int, container_pid: int | None) -> None:
        """Take the processes to start from."""
        super().__init__(daemon=True)
        self.controller_mib = self.module_mib = 0.0
        self._pid = pid
        self._space = _space(container_pid) if container_pid else None
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        while not self._stopped.wait(PAUSE_SECONDS):
            self._look()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self.join()

    def _look(self) -> None:
        names: dict[int, str] = {}
        parents: dict[int, int] = {}
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            found = _STAT.match(_read(f"/proc/{pid}/stat"))
            if found:
                names[pid], parents[pid] = found[1], int(found[2])
        for pid, name in names.items():
            if name == CONTROLLER and self._is_ours(pid, parents):
                self.controller_mib = max(self.controller_mib, _peak_mib(pid))
            elif MODULE.fullmatch(name) and (self._is_ours(pid, parents) or _space(pid) == self._space):
                self.module_mib = max(self.module_mib, _peak_mib(pid))

    def _is_ours(self, pid: int, parents: dict[int, int]) -> bool:
        while pid not in {0, self._pid}:
            pid = parents.get(pid, 0)
        return pid == self._pid


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended
        return ""


def _space(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def _peak_mib(pid: int) -> float:
    found = _PEAK.search(_read(f"/proc/{pid}/status"))
    return int(found[1]) / 1024 if found else 0.0

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many commands this machine runs side by side."""

from __future__ import annotations

import os
import re
from pathlib import Path

# What one lab takes, and more than any other command does: ten containers with systemd, molecule, Ansible.
MEMORY = 3 * 2**30
INOTIFY_INSTANCES = 60  # each systemd has six


def concurrency() -> int:
    """Return what cores, free memory and the kernel's limit on inotify allow; at least one."""
    free = re.search(r"^MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(encoding="utf-8"), re.MULTILINE)
    inotify = Path("/proc/sys/fs/inotify/max_user_instances")
    return max(
        1,
        min(
            len(os.sched_getaffinity(0)),
            int(free[1]) * 1024 // MEMORY if free else 1,
            int(inotify.read_text(encoding="utf-8")) // INOTIFY_INSTANCES if inotify.exists() else 1,
        ),
    )

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is measured on the policy host itself: its Python gets this file on stdin, and what to measure as argument."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 5
PATIENCE_SECONDS = 120
MASTER = int(Path("/run/nginx.pid").read_text(encoding="ascii"))


def workers() -> set[int]:
    """Return the processes of nginx that serve."""
    return set(map(int, Path(f"/proc/{MASTER}/task/{MASTER}/children").read_text(encoding="ascii").split()))


def mib() -> float:
    """Return the memory of all of nginx, what its processes share counted once."""
    lines = (
        line
        for pid in (MASTER, *workers())
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    )
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def seconds(*argv: str) -> float:
    """Run a program."""
    began = time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def reload() -> float:
    """Reload, and wait until no old worker is left."""
    old, began = workers(), time.monotonic()
    os.kill(MASTER, signal.SIGHUP)
    while (now := workers()) & old or not now:
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError("nginx does not reload")
        time.sleep(0.005)
    return time.monotonic() - began


def nginx() -> dict[str, float]:
    """Test and reload several times."""
    before = mib()
    return {
        "test_seconds": statistics.median(seconds("nginx", "-t") for _unused in range(ROUNDS)),
        "reload_seconds": statistics.median(reload() for _unused in range(ROUNDS)),
        "mib_before": before,
        "mib_after": mib(),
    }


def night() -> float:
    """Have the service look for certificates that are due."""
    return seconds("systemctl", "start", "mta-sts-certificate.service")


print(json.dumps({"nginx": nginx, "night": night}[sys.argv[1]]()))

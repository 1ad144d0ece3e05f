# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A playbook as a process, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from conftest import COLLECTIONS


def run_playbook(folder: Path, playbook: str, *arguments: str, **variables: Any) -> tuple[int, str]:
    """Run it with these variables; return its exit status and what it printed."""
    done = subprocess.run(
        ["ansible-playbook", playbook, "--extra-vars", json.dumps(variables), *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PWD": str(folder)},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr

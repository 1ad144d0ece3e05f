# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a module of the collection as Ansible does: options as JSON, a process of its own, its result as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PACKAGE = "ansible_collections.postmaster.mta_sts.plugins.modules"


def run_module(name, *, check=False, **options):
    """Return what the module returned, be it a failure."""
    given = {"_ansible_check_mode": check, "_ansible_diff": True, **options}
    done = subprocess.run(
        [sys.executable, "-m", f"{PACKAGE}.{name}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": given}),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    if not done.stdout:
        raise RuntimeError(f"{name} ended without a result:\n{done.stderr}")
    return json.loads(done.stdout)

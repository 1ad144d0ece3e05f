# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module audit_info as Ansible does, in a process of its own: options on stdin, what it took on stdout."""

from __future__ import annotations

import collections
import json
import resource
import subprocess
import sys
import time

MODULE = "ansible_collections.postmaster.mta_sts.plugins.modules.audit_info"


def main() -> None:
    """Measure all of it: start, audit, result."""
    options = json.load(sys.stdin)
    given = json.dumps({"ANSIBLE_MODULE_ARGS": options})
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", MODULE], input=given, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.monotonic() - began
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(done.stdout)
    if "results" not in result:
        raise RuntimeError(result["msg"])
    seen = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss / 1024,
        "verdicts": collections.Counter(entry["verdict"] for entry in result["results"]),
        "problems": [sentence for sentence in result["problems"] if not sentence.startswith("h")][:3],
    }
    print(json.dumps(seen))


main()

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real nginx that takes TLS reports, and the program that looks after them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from helpers.vhost import LOOPBACK, Vhost

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.reports import ReportOptions

PROGRAM = Path(__file__).resolve().parents[3] / "roles/sts_vhost/files/collect"
PATH = "/tls-reports"
HOST = "mta-sts.a.example"
MANY = 100_000
DAY = 86400


class ReportFolder:
    """What the role makes for nginx and the program."""

    def __init__(self, root):
        self.root = root
        self.uploads, self.complete, self.received = (root / name for name in ("uploads", "complete", "received"))
        for folder in (self.uploads, self.complete, self.received):
            folder.mkdir(parents=True)

    def collect(self, quota=10**9, age=DAY):
        """Run the program; return what it says."""
        command = [sys.executable, "-I", PROGRAM, self.root, str(quota), str(age)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    @property
    def reports(self):
        """What there is to read, by name."""
        return {file.name: file.read_bytes() for file in self.received.iterdir()}

    @property
    def bodies(self):
        """What nginx has written and nobody has moved yet."""
        return sorted(file.read_bytes() for file in self.uploads.iterdir())

    def wait_for(self, reached):
        """Give nginx time: it notes a body at the end of the request."""
        for _unused in range(100):
            if reached():
                return
            time.sleep(0.05)
        raise AssertionError(f"{list(self.uploads.iterdir())} {list(self.complete.iterdir())}")


def old(file, seconds):
    """Let a file be untouched for so long."""
    before = time.time() - seconds
    os.utime(file, (before, before))


class Endpoint(Vhost):
    """The file of sts_vhost with reports taken in it."""

    def __init__(self, root):
        super().__init__(root)
        self.folder = ReportFolder(root / "reports")

    def take_reports(self, domains=("a.example",), **options):
        """Install the file, with a certificate for every name, and start."""
        self.write(domains, **options)
        for domain in domains:
            self.publish(domain)
        self.start()

    def write(self, domains=("a.example",), vhost=None, **options):
        """Install the file only; ``vhost`` are options of the rest."""
        given = {"root": str(self.folder.root), "path": PATH, **options}
        if "name" in given:
            pattern = f"{self.root}/live/{{host}}.rsa"
            given = {"certificates": [{"certificate": pattern, "key": pattern}], **given}
        self.install(domains=domains, reports=ReportOptions(**given), **(vhost or {}))

    def post(self, body, name=HOST, path=PATH, address=LOOPBACK[0], **more):
        """Send a report; return the status."""
        return self.get(path, name=name, address=address, method="POST", body=body, **more).status

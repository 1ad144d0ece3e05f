# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real nginx with a folder of its own, beside any that the machine runs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

MAIN = """
{user}
daemon on;
worker_processes 1;
pid {root}/nginx.pid;
error_log {root}/error.log;
events {{}}
http {{
    access_log {root}/access.log;
    client_body_temp_path {root}/tmp1; proxy_temp_path {root}/tmp2; fastcgi_temp_path {root}/tmp3;
    uwsgi_temp_path {root}/tmp4; scgi_temp_path {root}/tmp5;
    include {root}/sites-enabled/*;
}}
"""


def program():
    found = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if not found:
        raise RuntimeError("These tests need nginx: apt-get install nginx-light")
    return found


class Nginx:
    """Its files lie in ``root``; those in ``sites`` are read in their order."""

    def __init__(self, root: Path):
        self.root = root
        self.sites = root / "sites-enabled"
        self.sites.mkdir()
        self.main = root / "nginx.conf"
        self.main.write_text(MAIN.format(root=root, user="user root;" if os.geteuid() == 0 else ""))
        self.pid_file = root / "nginx.pid"
        self.test_command = [program(), "-t", "-c", str(self.main)]

    def test(self):
        """Return what nginx says to its configuration, without the two lines of praise."""
        done = subprocess.run(self.test_command, capture_output=True, text=True, check=False)
        return [line for line in done.stderr.splitlines() if "is ok" not in line and "is successful" not in line]

    def start(self):
        subprocess.run([program(), "-c", str(self.main)], check=True)
        self._wait(lambda: self.pid_file.read_text() and self._workers())

    def reload(self):
        before = self._workers()
        os.kill(self.pid, signal.SIGHUP)
        self._wait(lambda: self._workers() - before)

    def stop(self):
        """Stop it if it runs; the test of a configuration alone leaves an empty file for the number."""
        if self.pid_file.exists() and self.pid_file.read_text():
            os.kill(self.pid, signal.SIGTERM)
            self._wait(lambda: not self.pid_file.exists())

    @property
    def pid(self):
        return int(self.pid_file.read_text())

    def _workers(self):
        return set(Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split())

    def _wait(self, reached):
        for _attempt in range(100):
            if reached():
                return
            time.sleep(0.05)
        raise RuntimeError(f"nginx did not do as it was told: {(self.root / 'error.log').read_text()}")

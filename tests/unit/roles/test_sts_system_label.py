# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sts_policy alone where SELinux is on, with programs of its names that remember what they were asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from conftest import COLLECTIONS

PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - selinux_facts:

- hosts: localhost
  gather_facts: false
  roles:
    - postmaster.mta_sts.sts_policy
"""
FACTS = """#!/bin/sh
echo '{"ansible_facts": {"selinux": {"status": "enabled"}}}'
"""
PACKAGE = """#!/bin/sh
echo '{"changed": false}'
"""
NOTE = """#!/bin/sh
echo "${0##*/} $*" >> "$NOTES"
"""


@pytest.fixture
def run(tmp_path):
    """Run sts_policy for these domains; return whether it went well, what it printed, and what the programs heard."""
    for folder, name, text in (
        ("library", "selinux_facts", FACTS),
        ("library", "some_package", PACKAGE),
        ("bin", "semanage", NOTE),
        ("bin", "restorecon", NOTE),
    ):
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    (tmp_path / "play.yml").write_text(PLAY, encoding="utf-8")
    notes = tmp_path / "notes"

    def play(domains, *arguments):
        given = {
            "sts_policy_domains": domains,
            "sts_policy_root": str(tmp_path / "www"),
            "sts_policy_history": str(tmp_path / "history.json"),
            "sts_policy_owner": str(os.geteuid()),
            "sts_policy_group": str(os.getegid()),
            "ansible_package_use": "ansible.legacy.some_package",
            "ansible_python_interpreter": sys.executable,
        }
        done = subprocess.run(
            ["ansible-playbook", "play.yml", "--extra-vars", json.dumps(given), *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "NOTES": str(notes),
                 "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
        )  # fmt: skip
        heard = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        return done.returncode == 0, done.stdout + done.stderr, heard

    return play


def test_sts_policy_alone_lets_nginx_read_its_folder(run, tmp_path):
    ok, output, heard = run([{"domain": "a.test", "mx": ["mx.a.test"]}])
    assert ok, output
    assert heard == [
        "semanage fcontext --list --noheading --locallist",
        f"semanage fcontext --add --type httpd_sys_content_t {tmp_path}/www(/.*)?",
        f"restorecon -R -i -v {tmp_path}/www",
    ]


def test_check_mode_only_reads(run):
    ok, output, heard = run([], "--check")
    assert ok, output
    assert heard == ["semanage fcontext --list --noheading --locallist"]


WRITABLE = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: postmaster.mta_sts.sts_system
        tasks_from: label
      vars:
        sts_system_folders: [/srv/reports]
        sts_system_type: httpd_sys_rw_content_t
"""


def test_nginx_may_write_where_a_role_asks_for_it(run, tmp_path):
    (tmp_path / "play.yml").write_text(WRITABLE, encoding="utf-8")
    ok, output, heard = run([])
    assert ok, output
    assert heard[1:] == [
        "semanage fcontext --add --type httpd_sys_rw_content_t /srv/reports(/.*)?",
        "restorecon -R -i -v /srv/reports",
    ]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role writes for the service that looks after TLS reports, and removes again, as Ansible templates it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.module_process import run_module
from helpers.playbook_run import run_playbook
from helpers.reports import ReportFolder

ROLE = Path(__file__).resolve().parents[3] / "roles/sts_vhost"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  vars_files: ["{{ role }}/defaults/main.yml", "{{ role }}/vars/main.yml"]
  vars:
    __sts_system_traits: {nginx: {service: nginx, user: www-data, group: www-data}}
  tasks:
    - ansible.builtin.copy:
        content: >-
          {{ {'folders': __sts_vhost_reports_folders, 'obsolete': __sts_vhost_reports_obsolete,
              'files': __sts_vhost_reports_files} | to_json }}
        dest: "{{ playbook_dir }}/written.json"
        mode: "0644"
"""


@pytest.fixture
def write(tmp_path):
    """Have Ansible template all of it for what nginx_config_info has returned."""
    for name in ("files", "templates"):
        (tmp_path / name).symlink_to(ROLE / name)

    def template(root, **found):
        (tmp_path / "play.yml").write_text(PLAYBOOK)
        variables = {
            "ansible_python_interpreter": sys.executable,
            "role": str(ROLE),
            "sts_vhost_reports_root": root,
            "__sts_vhost_nginx": {
                "user": "",
                "group": "",
                "reports": {"root": root, "quota_bytes": 10**9, "age_seconds": 86400},
                "report_root_now": root,
                **found,
            },
        }
        status, output = run_playbook(tmp_path, "play.yml", "-i", "localhost,", "-c", "local", **variables)
        assert status == 0, output
        written = json.loads((tmp_path / "written.json").read_text())
        return written, {Path(file["path"]).name: file["content"] for file in written["files"]}

    return template


def test_whoever_nginx_runs_as_has_the_folders_to_itself(write):
    written, _files = write("/srv/reports", user="nginx", group="web")
    assert [(folder["path"], folder["mode"]) for folder in written["folders"]] == [
        ("/srv/reports", "0711"),
        ("/srv/reports/uploads", "0700"),
        ("/srv/reports/complete", "0700"),
        ("/srv/reports/received", "0700"),
    ]
    assert {(folder["owner"], folder["group"]) for folder in written["folders"]} == {("nginx", "web")}


def test_a_second_run_changes_no_folder(write, tmp_path):
    root = str(tmp_path / "reports")
    written, _files = write(root, user=str(os.geteuid()), group=str(os.getegid()))
    assert [run_module("file_set", files=written["folders"])["changed"] for _unused in range(2)] == [True, False]


def test_the_service_runs_as_whoever_nginx_does(write):
    _written, files = write("/srv/reports", user="nginx", group="web")
    service = files["mta-sts-reports.service"].splitlines()
    assert {"User=nginx", "Group=web", "ReadWritePaths=/srv/reports", "RestrictAddressFamilies=AF_UNIX"} <= set(service)


def test_the_program_that_is_installed_takes_what_the_service_hands_it(write, tmp_path):
    folder = ReportFolder(tmp_path / "reports")
    _written, files = write(str(folder.root))
    program = tmp_path / "collect"
    program.write_text(files["collect"].replace("/usr/bin/python3", sys.executable))
    program.chmod(0o755)
    (start,) = [line for line in files["mta-sts-reports.service"].splitlines() if line.startswith("ExecStart=")]
    assert start.startswith("ExecStart=/etc/mta-sts/reports/collect ")
    (folder.uploads / "1").write_bytes(b"{}")
    (folder.complete / "request").write_text(f"{folder.uploads}/1\n")
    subprocess.run([program, *start.split()[1:]], check=True)
    assert folder.reports == {"request.json": b"{}"}


def test_what_was_received_is_not_removed(write):
    written, files = write("/new", report_root_now="/srv/reports")
    removed = [file["path"] for file in written["obsolete"]]
    assert removed[-4:-1] == ["/srv/reports/uploads", "/srv/reports/complete", "/srv/reports/full"]
    assert not [path for path in removed if path.rstrip("/") in {"/srv/reports", "/srv/reports/received", "/new"}]
    assert {path for path in removed if "/systemd/" in path} == {
        f"/etc/systemd/system/{name}" for name in files if name != "collect"
    }


def test_a_run_that_was_cut_off_is_known_by_what_goes_last_and_made_up_for_where_reports_were_to_be(write):
    written, _files = write("/srv/reports", report_root_now="")
    removed = [file["path"] for file in written["obsolete"]]
    assert removed[-1] == "/etc/systemd/system/mta-sts-reports.timer"
    assert [path for path in removed if path.startswith("/srv")] == [
        f"/srv/reports/{name}" for name in ("uploads", "complete", "full")
    ]

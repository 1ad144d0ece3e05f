# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is to read keys and challenges: whom nginx runs as, as it was read, unless the user says otherwise."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from conftest import COLLECTIONS

ROLE = Path(__file__).resolve().parents[3] / "roles/sts_certificate"
DEBIAN = {"nginx": {"service": "nginx", "user": "www-data", "group": "www-data"}}
NGINX_ORG = {"user": "nginx", "group": "nginx"}
NO_NGINX = {"user": "", "group": ""}
SKIPPED = {"skipped": True}
CASES = {
    "read by sts_vhost": ({"__sts_vhost_nginx": NGINX_ORG}, "nginx nginx"),
    "sts_vhost was skipped": ({"__sts_vhost_nginx": SKIPPED, "__sts_certificate_nginx": NGINX_ORG}, "nginx nginx"),
    "read here": ({"__sts_certificate_nginx": NGINX_ORG}, "nginx nginx"),
    "no nginx yet": ({"__sts_vhost_nginx": NO_NGINX, "__sts_certificate_nginx": SKIPPED}, "www-data www-data"),
    "nothing read": ({}, "www-data www-data"),
    "said by the user": ({"__sts_vhost_nginx": NGINX_ORG, "sts_certificate_web_group": "keys"}, "nginx keys"),
}


def test_whose_they_are(tmp_path):
    files = [str(ROLE / "defaults/main.yml"), str(ROLE / "vars/main.yml")]
    said = "{{ __sts_certificate_web_user }} {{ __sts_certificate_web_group }}"
    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars_files": files,
            "tasks": [
                {
                    "name": name,
                    "vars": {"__sts_system_traits": DEBIAN, **variables},
                    "ansible.builtin.copy": {"content": said, "dest": str(tmp_path / name), "mode": "0600"},
                }
            ],
        }
        for name, (variables, _unused) in CASES.items()
    ]
    (tmp_path / "play.yml").write_text(json.dumps(plays))
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    done = subprocess.run(
        ["ansible-playbook", "play.yml"], cwd=tmp_path, capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: (tmp_path / name).read_text() for name in CASES} == {
        name: expected for name, (_unused, expected) in CASES.items()
    }

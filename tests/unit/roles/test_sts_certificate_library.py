# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role writes for the program that renews: its settings, and its code as the collection has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import COLLECTIONS

CODE = Path(__file__).resolve().parents[3] / "plugins/module_utils"
ROLE = CODE.parents[1] / "roles/sts_certificate"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  vars:
    role_path: "{{ role }}"
    __sts_certificate_orders: {store: /store}
  tasks:
    - ansible.builtin.include_role:
        name: postmaster.mta_sts.sts_certificate
        tasks_from: preflight
        public: true
    - ansible.builtin.copy:
        content: "{{ {'library': __sts_certificate_library_files, 'settings': settings} | to_json }}"
        dest: "{{ folder }}/{{ inventory_hostname }}.json"
        mode: "0644"
      vars:
        settings: "{{ lookup('ansible.builtin.template', role ~ '/templates/renew.json.j2') | from_json }}"
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Have Ansible template both for three hosts, of which a run is limited to two."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "play.yml").write_text(PLAYBOOK)
    (folder / "hosts").write_text(
        "".join(
            f"policy{number} ansible_connection=local ansible_python_interpreter={sys.executable}\n"
            for number in (1, 2, 3)
        )
    )
    variables = {
        "folder": str(folder),
        "role": str(ROLE),
        "mta_sts_all_hosts": ["policy1", "policy2", "policy3"],
        "sts_certificate_limits": {"orders_per_account": "6 per 24s"},
    }
    done = subprocess.run(
        ["ansible-playbook", "-i", "hosts", "--limit", "policy1,policy3", "play.yml", "-e", json.dumps(variables)],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return {number: json.loads((folder / f"policy{number}.json").read_text()) for number in (1, 3)}


def test_the_host_gets_the_code_of_the_collection(written):
    for file in written[1]["library"]:
        part = file["path"].removeprefix("/etc/mta-sts/dehydrated/lib/mta_sts/")
        assert file["content"] == (CODE / part).read_text(), part


def test_every_host_knows_how_many_there_are_and_its_place_among_them(written):
    assert [(told["settings"]["hosts"], told["settings"]["rank"]) for told in written.values()] == [(3, 0), (3, 2)]
    assert written[1]["settings"] == {
        "store": "/store",
        "state_root": "/var/lib/mta-sts/dehydrated",
        "live_root": "/var/lib/mta-sts/live",
        "challenge": "http-01",
        "challenge_root": "/var/lib/mta-sts/acme-challenges",
        "ca": "https://acme-v02.api.letsencrypt.org/directory",
        "ca_file": "",
        "key_types": ["rsa3072", "p256"],
        "limits": {"orders_per_account": "6 per 24s"},
        "hosts": 3,
        "rank": 0,
    }

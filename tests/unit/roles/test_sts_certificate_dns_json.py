# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role tells challenge.py: its variables, and what the list says of delegations."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path

from conftest import COLLECTIONS

ROLE = Path(__file__).resolve().parents[3] / "roles/sts_certificate"
DOMAINS = [{"domain": "customer.test", "delegated_to": "customer.provider.test"}, {"domain": "own.test"}]


def settings_of_the_program():
    """The names of what challenge.py reads."""
    tree = ast.parse((ROLE / "files/challenge.py").read_text(encoding="utf-8"))
    (settings,) = (part for part in tree.body if isinstance(part, ast.ClassDef) and part.name == "Settings")
    return {part.target.id for part in settings.body if isinstance(part, ast.AnnAssign)}


def rendered(tmp_path, **variables):
    tasks = [
        {
            "name": "Read the list",
            "postmaster.mta_sts.domains_info": {"domains": DOMAINS, "returned": ["results"]},
            "register": "__sts_certificate_intent",
        },
        {
            "name": "Render",
            "ansible.builtin.template": {"src": str(ROLE / "templates/dns.json.j2"), "dest": f"{tmp_path}/dns.json"},
        },
    ]
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": str(ROLE / "defaults/main.yml"), "tasks": tasks}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    command = ["ansible-playbook", "play.yml", "--extra-vars", json.dumps(variables)]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment)
    return json.loads((tmp_path / "dns.json").read_text())


def test_the_program_is_told_all_it_reads(tmp_path):
    told = rendered(tmp_path, sts_certificate_dns_delegated_to=["{domain}.challenges.example.net"])
    assert set(told) == settings_of_the_program()
    assert told["targets"] == ["{domain}.challenges.example.net"]
    assert told["delegated"] == {"customer.test": "customer.provider.test"}

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs between systems: found for those that are known, and a refusal before anything is touched for others."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import COLLECTIONS

ROLE = Path(__file__).resolve().parents[3] / "roles/sts_system"
FILES = sorted(path for path in (ROLE / "vars").glob("*.yml") if path.stem not in ("main", "unknown"))
KNOWN = [
    "Debian 12", "Debian 13", "Debian 14", "Debian forky", "Ubuntu 22.04", "Ubuntu 24.04", "Ubuntu 26.04",
    "AlmaLinux 9", "AlmaLinux 10", "Rocky 9", "Rocky Linux 10", "RedHat 9",
]  # fmt: skip
PLAY = """
- hosts: localhost
  gather_facts: false
  vars: {variables}
  roles:
    - {role}
  tasks:
    - ansible.builtin.debug:
        msg: "{{{{ [sts_system_like, __sts_system_traits.nginx.user] }}}}"
"""
SITE = "- ansible.builtin.import_playbook: postmaster.mta_sts.site\n"


def traits(file):
    return yaml.safe_load(file.read_text(encoding="utf-8"))["__sts_system_traits"]


@pytest.fixture
def run(tmp_path):
    """Run a playbook, and return whether it went well and what it printed."""

    def playbook(text, **variables):
        (tmp_path / "play.yml").write_text(text)
        done = subprocess.run(
            ["ansible-playbook", "play.yml", "--extra-vars", json.dumps(variables)],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
        )  # fmt: skip
        return done.returncode == 0, " ".join((done.stdout + done.stderr).split())

    return playbook


def play(system, role="sts_system"):
    variables = {"sts_system_like": system}
    return PLAY.format(role=f"postmaster.mta_sts.{role}", variables=json.dumps(variables))


def test_every_system_says_the_same_things():
    shapes = [
        (set(found) - {"install_recommends", "install_weak_deps"}, set(found["packages"]), set(found["nginx"]))
        for found in map(traits, FILES)
    ]
    assert len(FILES) > 2
    assert all(shape == shapes[0] for shape in shapes)


def test_the_readme_and_the_refusal_name_every_release():
    for text in ((ROLE / "README.md").read_text(), (ROLE / "tasks/main.yml").read_text() + "14 forky"):
        assert [release for file in FILES for release in traits(file)["releases"] if release not in text] == []


def test_systems_that_are_known_and_this_one(run):
    ok, output = run("".join(map(play, ["", *KNOWN])))
    assert ok, output
    for system in KNOWN:
        user = "www-data" if system.split()[0] in ("Debian", "Ubuntu") else "nginx"
        assert f'"msg": [ "{system}", "{user}" ]' in output


@pytest.mark.parametrize(
    ("system", "role"),
    [
        ("Fedora 43", "sts_vhost"), ("Debian 11", "sts_certificate"), ("Ubuntu 23.10", "sts_vhost"),
        ("AlmaLinux 8", "sts_certificate"), ("Alpine 3.22", "sts_vhost"), ("Debian", "sts_certificate"),
    ],
)  # fmt: skip
def test_any_other_system_is_refused_before_anything_is_touched(run, system, role):
    ok, output = run(play(system, role))
    assert not ok
    assert (
        f"{system} is not a system that is known here: nothing has been touched. Tested are Debian 12 and 13;" in output
    )
    assert "Remedy: Use one of them, or name one that this system is like, as in sts_system_like: Debian 13." in output
    assert "changed=0" in output


def test_site_refuses_it_before_the_policies_are_written(run, tmp_path):
    ok, output = run(
        SITE,
        sts_system_like="Fedora 43",
        mta_sts_policy_hosts="localhost",
        mta_sts_domains=[{"domain": "a.test", "mx": ["mx.a.test"]}],
        mta_sts_policy_root=str(tmp_path / "www"),
        sts_policy_history=str(tmp_path / "history.json"),
    )
    assert not ok
    assert "Fedora 43 is not a system that is known here" in output
    assert {path.name for path in tmp_path.iterdir()} == {"play.yml"}

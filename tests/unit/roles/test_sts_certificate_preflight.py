# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role sts_certificate refuses before it touches a host."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from conftest import COLLECTIONS

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: postmaster.mta_sts.sts_certificate
        tasks_from: preflight
"""
BY_DNS = {"sts_certificate_challenge": "dns-01"}
BOUND = {"sts_certificate_eab_kid": "us", "sts_certificate_eab_hmac_key": "c2VjcmV0"}
SHORT = {"sts_certificate_profile": "shortlived"}
# What apt-cache policy says
NEITHER = "dehydrated:\n  Installed: (none)\n  Candidate: (none)\n"
BOOKWORM = "dehydrated:\n  Installed: (none)\n  Candidate: 0.7.0-3\n  Version table:\n     0.7.2-2 99\n"
TRIXIE = "dehydrated:\n  Installed: 1:0.7.2-2\n  Candidate: 1:0.7.2-2\n"
HELD = "dehydrated:\n  Installed: 0.7.0-3\n  Candidate: 0.7.2-2\n"
WHOLE_KEY = {"sts_certificate_dns_key_name": "key", "sts_certificate_dns_key_secret": "c2VjcmV0"}


@pytest.fixture
def run(tmp_path):
    """Run the preflight; return whether it went well, and what it printed."""
    (tmp_path / "play.yml").write_text(PLAYBOOK)

    def play(apt=NEITHER, **variables):
        command = f"[ \"$LC_ALL $*\" = 'C policy dehydrated' ] && printf '{apt}'"
        (tmp_path / "apt-cache").write_text(f"#!/bin/sh\n{command}\n")
        (tmp_path / "apt-cache").chmod(0o755)
        done = subprocess.run(
            ["ansible-playbook", "-vvv", "play.yml", "--extra-vars", json.dumps(variables)],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
            },
        )  # fmt: skip
        return done.returncode == 0, " ".join((done.stdout + done.stderr).split())

    return play


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"sts_vhost_port_80": True},
        BY_DNS,
        {**BY_DNS, **WHOLE_KEY, "sts_vhost_port_80": False},
        {
            **BY_DNS,
            "sts_certificate_dns_delegated_to": ["{domain}.challenges.example.net", "_acme-challenge.a.example."],
        },
        BOUND,
        {"sts_certificate_profile": "tlsserver", "mta_sts_all_hosts": ["localhost", "b", "c"]},
        {**SHORT, "apt": TRIXIE},
        {**SHORT, "sts_certificate_key_types": ["p256"], "mta_sts_all_hosts": ["localhost", "b"]},
        {**SHORT, "mta_sts_all_hosts": ["a", "b"], "sts_certificate_limits": {"certificates_per_set": "50 per 7d"}},
    ],
)
def test_what_can_work_is_not_refused(run, variables):
    ok, output = run(**variables)
    assert ok, output
    assert "c2VjcmV0" not in output


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"sts_certificate_key_types": ["p256", "p384"]},
            "sts_certificate_key_types: p256, p384 has two of one family. "
            "Remedy: name at most one of rsa2048, rsa3072, rsa4096 and at most one of p256, p384.",
        ),
        (
            {"sts_vhost_port_80": False},
            "sts_certificate_challenge: http-01 is validated over port 80, which sts_vhost_port_80 leaves out. "
            "Remedy: set sts_certificate_challenge to dns-01, or sts_vhost_port_80 to true.",
        ),
        *(
            (
                {**BY_DNS, "sts_certificate_dns_delegated_to": [wrong]},
                f"sts_certificate_dns_delegated_to: {wrong} has an entry that is not a name. "
                "Remedy: write names of your zones, such as {domain}.challenges.example.net,",
            )
            for wrong in ("{host}.example.net", "*.example.net", "a..example")
        ),
        *(
            (
                {**BY_DNS, half: WHOLE_KEY[half]},
                "sts_certificate_dns_key_name and sts_certificate_dns_key_secret are required together. "
                "Remedy: give both, or none where updates need no signature.",
            )
            for half in WHOLE_KEY
        ),
        *(
            (
                {half: BOUND[half]},
                "sts_certificate_eab_kid and sts_certificate_eab_hmac_key are required together "
                "(RFC 8555, section 7.3.4). "
                "Remedy: give both, as the CA's web site shows them, or none where the CA binds no accounts.",
            )
            for half in BOUND
        ),
        *(
            (
                {**SHORT, "apt": apt},
                "localhost: sts_certificate_profile: dehydrated 0.7.0 knows no profiles, 0.7.2 and later do. "
                "Remedy: leave sts_certificate_profile empty for this host, or run Debian 13 or later on it.",
            )
            for apt in (BOOKWORM, HELD)
        ),
        *(
            (
                {**SHORT, "mta_sts_all_hosts": hosts},
                f"sts_certificate_profile: with shortlived, 2 key type(s) on {len(hosts)} host(s) are {2 * len(hosts)} "
                "certificates for each name, and each of them is renewed twice a week; Let's Encrypt issues 5 for one "
                f"name in 7 days. Remedy: {remedy}.",
            )
            for hosts, remedy in (
                (["localhost", "b"], "name one key type in sts_certificate_key_types"),
                (["localhost", "b", "c"], "choose a profile with a longer lifetime, such as tlsserver"),
            )
        ),
    ],
)
def test_what_cannot_work_is_refused_with_a_remedy(run, variables, message):
    ok, output = run(**variables)
    assert not ok
    assert message in output
    assert "c2VjcmV0" not in output

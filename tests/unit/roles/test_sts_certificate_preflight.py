# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role sts_certificate refuses before it touches a host."""

from __future__ import annotations

import json
import os
import re
import sys

import pytest
from helpers.playbook_run import run_playbook

PREFLIGHT = {"name": "postmaster.mta_sts.sts_certificate", "tasks_from": "preflight"}
TASKS = {
    "block": [{"ansible.builtin.include_role": PREFLIGHT}, {"ansible.builtin.debug": {"msg": "not refused"}}],
    "rescue": [{"ansible.builtin.meta": "noop"}],  # for the plays to go on
}
BY_DNS = {"sts_certificate_challenge": "dns-01"}
BOUND = {"sts_certificate_eab_kid": "us", "sts_certificate_eab_hmac_key": "c2VjcmV0"}
SHORT = {"sts_certificate_profile": "shortlived"}
# What apt-cache policy says
NEITHER = "dehydrated:\n  Installed: (none)\n  Candidate: (none)\n"
BOOKWORM = "dehydrated:\n  Installed: (none)\n  Candidate: 0.7.0-3\n  Version table:\n     0.7.2-2 99\n"
TRIXIE = "dehydrated:\n  Installed: 1:0.7.2-2\n  Candidate: 1:0.7.2-2\n"
HELD = "dehydrated:\n  Installed: 0.7.0-3\n  Candidate: 0.7.2-2\n"
WHOLE_KEY = {"sts_certificate_dns_key_name": "key", "sts_certificate_dns_key_secret": "c2VjcmV0"}


GOOD = [
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
]
BAD = [
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
]
GOOD_HOSTS = {f"good{at}": case for at, case in enumerate(GOOD)}
BAD_HOSTS = {f"bad{at}": case for at, case in enumerate(BAD)}
HOSTS = GOOD_HOSTS | {host: variables for host, (variables, _message) in BAD_HOSTS.items()}


def play(folder, host, apt=NEITHER, **variables):
    """Return a play of the preflight on one host, with a program that says what its Debian has."""
    program = folder / host / "apt-cache"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n[ \"$LC_ALL $*\" = 'C policy dehydrated' ] && printf '{apt}'\n")
    program.chmod(0o755)
    if "mta_sts_all_hosts" in variables:
        variables["mta_sts_all_hosts"] = [host if one == "localhost" else one for one in variables["mta_sts_all_hosts"]]
    path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    return {"hosts": host, "gather_facts": False, "environment": path, "vars": variables, "tasks": [TASKS]}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Run the preflight, each host in a play of its own; return the last result of each."""
    folder = tmp_path_factory.mktemp("preflight")
    plays = [play(folder, host, **variables) for host, variables in HOSTS.items()]
    (folder / "play.json").write_text(json.dumps(plays))
    local = f"ansible_connection=local ansible_python_interpreter={sys.executable}\n"
    (folder / "hosts").write_text("".join(f"{host} {local}" for host in HOSTS))
    _status, output = run_playbook(folder, "play.json", "-vvv", "--inventory", "hosts")
    assert "c2VjcmV0" not in output
    # "ok: [good1] => {", and so on to the brace that ends it
    results = re.findall(r"^(\w+): \[(\w+)\].*? => (\{.*?^\}|\{.*?\}$)", output, re.MULTILINE | re.DOTALL)
    assert {host for _state, host, _text in results} == set(HOSTS), output
    return {host: (state, " ".join(text.split())) for state, host, text in results}


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_what_can_work_is_not_refused(said, host):
    assert said[host] == ("ok", '{ "msg": "not refused" }')


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_what_cannot_work_is_refused_with_a_remedy(said, host):
    state, text = said[host]
    _variables, message = BAD_HOSTS[host]
    assert state == "fatal"
    assert message.replace("localhost", host) in text

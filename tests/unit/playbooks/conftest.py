# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policy hosts that are folders of this machine, and a resolver that never says the same twice."""

from __future__ import annotations

import itertools
import json
import os
import sys

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import pytest
from helpers.playbook_run import run_playbook
from servers.dns_server import answering

DOMAINS = ("a.test", "b.test")
HOSTS = ("one", "two", "three")


@pytest.fixture
def resolver():
    """A resolver that names another MX each time, and a policy host that nobody connects to; and what it was asked."""
    number = itertools.count()

    def answer(query):
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        (question,) = query.question
        text = {dns.rdatatype.A: "10.0.0.1"}.get(question.rdtype)
        if question.rdtype == dns.rdatatype.MX:
            text = f"10 mx{next(number)}.provider.test."
        if text and question.name.to_text().startswith(("a.", "b.", "mta-sts.")):
            response.answer = [dns.rrset.from_text(question.name, 60, "IN", question.rdtype, text)]
        return response

    with answering(answer) as (nameserver, asked):
        yield nameserver, asked


@pytest.fixture
def run(resolver, tmp_path):
    """Run a playbook on three hosts, or those that are named, each a folder of this machine; return what it printed."""

    def run(playbook, *arguments, names=HOSTS, first=None, **variables):
        here = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "ansible_become": False,
            "sts_policy_root": f"{tmp_path}/{{{{ inventory_hostname }}}}",
            "sts_policy_history": f"{tmp_path}/state/{{{{ inventory_hostname }}}}/history.json",
            "sts_policy_owner": str(os.geteuid()),
            "sts_policy_group": str(os.getegid()),
        }
        hosts = {**(first or {}), **dict.fromkeys(names)}
        inventory = {"mta_sts_hosts": {"hosts": {name: hosts[name] or here for name in hosts}}}
        (tmp_path / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
        given = {
            "mta_sts_domains": [{"domain": domain} for domain in DOMAINS],
            "mta_sts_nameservers": [resolver[0]],
            "mta_sts_vhost": False,
            "mta_sts_audit_at_end": False,
            **variables,
        }
        return run_playbook(tmp_path, playbook, "--inventory", "hosts.json", *arguments, **given)[1]

    return run

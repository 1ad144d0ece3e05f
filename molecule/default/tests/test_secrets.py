# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No secret in what a run prints, logs, returns, shows as a difference, leaves in a journal or as a process.

The runs have work to do with every secret: records to publish, certificates to order.
"""

from __future__ import annotations

import pytest
import yaml
from lab.exposure import forms_of_keys, forms_of_tsig, found, watch
from lab.hosts import NAME_SERVERS, get_host
from lab.playbook import ROOT, SCENARIO, command_line

LAB = yaml.safe_load((ROOT / "molecule/lab/inventory/lab.yml").read_text(encoding="utf-8"))["all"]["vars"]
POLICY_HOSTS = ("policy12", "policy13")
STORE = "/var/lib/mta-sts/dehydrated"
RECORD = "_mta-sts.plain.test"
INVENTORY = yaml.safe_load((SCENARIO / "inventory/group_vars/all.yml").read_text(encoding="utf-8"))
HEALTHY = [entry for entry in INVENTORY["mta_sts_domains"] if entry["domain"] != "broken.test"]


def every_key() -> str:
    """Every private key on every policy host, that of the account among them."""
    find = f"find {STORE} /var/lib/mta-sts/live -type f -name '*.pem' -exec cat {{}} +"
    return "\n".join(get_host(name).check_output(find) for name in POLICY_HOSTS)


def make_work() -> None:
    """Take a record away, and the certificates of a domain out of the store."""
    update = (
        f"key hmac-sha256:{LAB['lab_tsig_name']} {LAB['lab_tsig_secret']}\n"
        f"server {NAME_SERVERS[0]}\nzone plain.test\ndel {RECORD} TXT\nsend\n"
    )
    get_host("dns1").check_output("printf %s | knsupdate", update)
    for name in POLICY_HOSTS:
        get_host(name).check_output(f"rm -r {STORE}/certs/*/*/mta-sts.plain.test")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run site.yml in check mode and for good, as talkative as users have it run; return all that was to be seen."""
    before = every_key()
    make_work()
    command = command_line("playbooks/site.yml", "-vvv", "--diff", variables={"mta_sts_domains": HEALTHY})
    said = watch(
        {
            "check": ([*command, "--check"], "ansible.posix.json"),
            "site": (command, "ansible.builtin.default"),
        },
        tmp_path_factory.mktemp("runs") / "ansible.log",
        POLICY_HOSTS,
    )
    return said, forms_of_tsig(LAB["lab_tsig_secret"]) | forms_of_keys(before + every_key())


def test_the_runs_had_work_for_every_secret(runs):
    said, _unused = runs
    for run in ("check", "site"):
        assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in said[run]
        assert RECORD in said[run]
    assert "+ Requesting new certificate order from CA" in said["journal of policy12"]
    assert "openssl" in said["processes"]
    assert "dehydrated --config /etc/mta-sts/dehydrated/rsa3072.conf" in said["processes"]
    assert "AnsiballZ_dns_records.py" in said["processes"]


def test_no_secret_is_to_be_seen_anywhere(runs):
    said, forms = runs
    assert found(said, forms) == set()

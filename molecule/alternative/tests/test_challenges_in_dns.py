# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates by dns-01: ordered on the policy host with a key of its own, which stays a secret."""

from __future__ import annotations

import pytest
import yaml
from lab.exposure import forms_of_tsig, found, watch
from lab.hosts import NAME_SERVERS, get_host
from lab.playbook import ROOT, command_line
from lab.security import owners

CONVERGE = "molecule/alternative/converge.yml"
HOSTS = ("policy12", "policy13")
LAB = yaml.safe_load((ROOT / "molecule/lab/inventory/lab.yml").read_text(encoding="utf-8"))["all"]["vars"]
FORMS = forms_of_tsig(LAB["lab_challenge_tsig_secret"])
SETTINGS = "/etc/mta-sts/dehydrated/dns.json"
# Where challenges are answered: for the customer, at the end of the CNAME
PLACES = ("_acme-challenge.mta-sts.plain.test", "_acme-challenge.customer.provider.test")


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """All that was to be seen of a run that had to bring the key and to order a certificate with it."""
    for name in HOSTS:
        get_host(name).check_output(f"rm -r {SETTINGS} /srv/dehydrated/certs/*/*/mta-sts.customer.test")
    command = command_line(CONVERGE, "-vvv", "--diff")
    log = tmp_path_factory.mktemp("run") / "ansible.log"
    return watch({"run": (command, "ansible.builtin.default")}, log, HOSTS)


def test_the_run_had_work_for_the_key(said):
    assert "Put secrets on the host" in said["run"]
    assert "challenge.py deploy_challenge mta-sts.customer.test" in said["processes"]
    for name in HOSTS:
        assert LAB["lab_challenge_tsig_name"] in get_host(name).file(SETTINGS).content_string
        assert "+ Deploying challenge tokens..." in said[f"journal of {name}"]


def test_the_key_is_to_be_seen_nowhere(said):
    assert found(said, FORMS) == set()


def test_the_key_is_read_by_nobody_but_the_service_and_root():
    documented = owners("dns-01")[SETTINGS].replace("mta-sts", "acme")
    for name in HOSTS:
        host = get_host(name)
        assert host.check_output(f"stat --format '%U:%G %a' {SETTINGS}") == documented
        assert host.run(f"runuser -u www-data -- cat {SETTINGS}").rc == 1


@pytest.mark.parametrize("server", NAME_SERVERS)
@pytest.mark.parametrize("name", PLACES)
def test_no_answer_is_left_behind(said, sender, server, name):
    assert sender.check_output(f"kdig @{server} +short {name} TXT") == ""


@pytest.mark.parametrize("name", ["_mta-sts.plain.test", "_smtp._tls.plain.test", "plain.test", "mx.plain.test"])
def test_the_key_can_write_nothing_else(name):
    update = f"server {NAME_SERVERS[0]}\\nzone plain.test\\nadd {name} 60 TXT x\\nsend\\n"
    key = f"hmac-sha512:{LAB['lab_challenge_tsig_name']}:{LAB['lab_challenge_tsig_secret']}"
    done = get_host("dns1").run(f"printf '{update}' | knsupdate -y {key}")
    assert done.rc != 0
    assert "NOTAUTH" in done.stderr + done.stdout or "BADKEY" in done.stderr + done.stdout


def test_a_name_that_leads_elsewhere_has_its_certificate_already(policy_host):
    assert policy_host.file("/srv/live/mta-sts.broken.test.ecdsa.pem").exists

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""To port 80 and back, a domain taken down by force, and everything taken down. The tests build on each other."""

from __future__ import annotations

import pytest
from lab.hosts import IPV4, get_host
from lab.playbook import play

CONVERGE = "molecule/alternative/converge.yml"
HOSTS = ("policy12", "policy13")
ADDRESSES = [IPV4 + "12", IPV4 + "13"]
OUTCOMES = "postmaster.mta_sts.sts_certificate : Order | Report what became of each name"
CONFIGURATION = "/etc/mta-sts/dehydrated"
PROGRAMS = {
    "mta-sts-certificate.service": f"{CONFIGURATION}/renew",
    "mta-sts-reports.service": "/etc/mta-sts/reports/collect",
}


def certificate(run, host, domain):
    """What became of a domain's certificate."""
    return next(entry for entry in run.result(OUTCOMES, host)["domains"] if entry["domain"] == domain)


def on_port_80(address, path="anything"):
    resolve = f"--resolve mta-sts.plain.test:80:{address}"
    return get_host("sender").check_output(f"curl --silent --include {resolve} http://mta-sts.plain.test/{path}")


@pytest.mark.parametrize("address", ADDRESSES)
def test_port_80_is_another_programs(address):
    assert "Server: SimpleHTTP" in on_port_80(address, "GPL-3")


@pytest.fixture(scope="module")
def over_port_80():
    """The run that gives nginx port 80, and has a domain more to order a certificate for."""
    return play(CONVERGE, variables={"http_01": True, "first_run": True})


def test_port_80_answers_challenges_in_the_chosen_folder(over_port_80):
    assert over_port_80.failures == []
    for host in HOSTS:
        found = {name: certificate(over_port_80, host, name) for name in ("live.test", "plain.test")}
        assert {name: entry["outcome"] for name, entry in found.items()} == {
            "live.test": "issued", "plain.test": "kept",
        }, found  # fmt: skip


def test_over_port_80_a_name_that_leads_elsewhere_is_not_ordered(over_port_80):
    assert certificate(over_port_80, "policy12", "broken.test")["outcome"] == "not_ordered"


@pytest.mark.parametrize("address", ADDRESSES)
def test_everything_else_on_port_80_is_redirected(over_port_80, address):
    answer = on_port_80(address)
    assert "301" in answer.splitlines()[0]
    assert "Location: https://www.plain.test/mail" in answer


def test_over_port_80_nobody_keeps_a_key_for_dns(over_port_80):
    for host in HOSTS:
        assert not {"challenge.py", "dns.json"} & set(get_host(host).file(CONFIGURATION).listdir())


@pytest.fixture(scope="module")
def by_dns_again(over_port_80):
    return play(CONVERGE)


def test_dns_does_without_port_80_again(by_dns_again):
    assert by_dns_again.failures == []
    for host in HOSTS:
        entry = certificate(by_dns_again, host, "broken.test")
        assert entry["outcome"] == "kept"
        assert entry["reason"].startswith("mta-sts.broken.test resolves to ")
        assert entry["reason"].endswith("its certificate is ordered by DNS all the same")
        assert {"challenge.py", "dns.json"} <= set(get_host(host).file(CONFIGURATION).listdir())


def test_a_domain_that_senders_still_hold_is_taken_down_by_force(by_dns_again, sender):
    refused = sender.run(f"curl --silent --resolve mta-sts.live.test:443:{IPV4}12 https://mta-sts.live.test/")
    assert refused.rc != 0


@pytest.fixture(scope="module")
def gone(by_dns_again):
    """Everything taken down: after a run that was cut off on one host, with reports still to be read on the other.

    What has failed before is to be forgotten with the rest.
    """
    cut_off, reported = map(get_host, HOSTS)
    cut_off.check_output("rm /etc/nginx/conf.d/policies.conf")
    for unit, program in PROGRAMS.items():
        reported.check_output(
            f"chmod -x {program}; systemctl start {unit}; chmod +x {program}; systemctl is-failed {unit}"
        )
    reported.check_output(
        "cd /srv/reports && echo '{}' | tee received/0123456789abcdef.json >uploads/0000000007"
        " && echo /srv/reports/uploads/0000000007 >complete/fedcba9876543210"
    )
    return play(CONVERGE, variables={"last_run": True, "sts_policy_defaults": {"state": "absent"}})


# Without the fixture policy_host, by which pytest would move this test up to the others of the same host.
def test_what_the_roles_put_there_goes_with_them(gone):
    assert gone.failures == []
    for policy_host in map(get_host, HOSTS):
        for path in (
            "/srv/live",
            "/srv/dehydrated",
            "/srv/acme",
            "/srv/mta-sts",
            "/srv/state/served.json",
            "/etc/mta-sts",
        ):
            assert not policy_host.file(path).exists, path
        assert not policy_host.file("/etc/nginx/conf.d/policies.conf").exists
        assert policy_host.check_output("find /etc/systemd/system -name '*mta-sts*'") == ""
        assert policy_host.check_output("systemctl list-units --all --no-legend '*mta-sts*'") == ""
        assert not policy_host.user("acme").exists
        assert policy_host.service("nginx").is_running
        assert "mta_sts" not in policy_host.check_output("nginx -T 2>&1")


def test_reports_that_nobody_has_read_yet_stay_and_where_there_is_none_their_folder_goes(gone):
    without, reported = map(get_host, HOSTS)
    assert not without.file("/srv/reports").exists
    assert reported.check_output("find /srv/reports -type f | sort").split() == [
        "/srv/reports/received/0123456789abcdef.json",
        "/srv/reports/received/fedcba9876543210.json",
    ]
    assert reported.file("/srv/reports").listdir() == ["received"]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check mode changes nothing and tells the truth, on bare hosts and on finished ones. The tests build on each other."""

from __future__ import annotations

import pytest
from lab.hosts import NAME_SERVERS, get_host
from lab.playbook import play

SITE = "playbooks/site.yml"
HOSTS = ("policy12", "policy13")
INSTALL = "postmaster.mta_sts.sts_policy : Install and remove policies"

# All that a run may change, and nothing that changes by itself: a line for each file and folder, with its time.
FINGERPRINT = (
    "find /etc /opt /root /srv /usr /var/lib /var/spool /var/www -xdev "
    r"\( -path /root/.ansible -o -path /var/lib/systemd/random-seed -o -path /var/lib/private -o -name __pycache__ "
    r"-o -path /var/lib/apt -o -path /var/lib/systemd/timers \) -prune -o "
    r"-printf '%p %y %m %u %g %s %T@\n' 2>/dev/null | sort"
)


def fingerprint():
    lines = {host: set(get_host(host).check_output(FINGERPRINT).splitlines()) for host in HOSTS}
    asked = [
        f"kdig @{server} +short _mta-sts.{name} TXT"
        for server in NAME_SERVERS
        for name in ("plain.test", "wildcard.test")
    ]
    lines["dns"] = {f"{command}: {get_host('sender').check_output(command)}" for command in asked}
    return lines


@pytest.fixture(scope="module")
def bare():
    for host in HOSTS:  # as a new server is: apt has not fetched its lists yet
        get_host(host).check_output("rm -rf /var/lib/apt/lists && mkdir -p /var/lib/apt/lists/partial")
    return fingerprint()


@pytest.fixture(scope="module")
def first_check(bare):
    return play(SITE, "--check", "--diff")


@pytest.fixture(scope="module")
def after_first_check(first_check):
    return fingerprint()


@pytest.fixture(scope="module")
def real(after_first_check):
    return play(SITE, "--diff")


@pytest.fixture(scope="module")
def finished(real):
    return fingerprint()


@pytest.fixture(scope="module")
def second_check(finished):
    return play(SITE, "--check", "--diff")


def test_check_mode_works_on_bare_hosts(first_check):
    assert first_check.failures == []
    assert first_check.ok


def test_check_mode_changed_nothing(bare, after_first_check):
    assert {where: after_first_check[where] ^ bare[where] for where in bare} == {where: set() for where in bare}


def test_the_real_run_ends_well(real):
    assert real.failures == []
    assert real.ok


def test_the_real_run_changed_something(bare, finished):
    assert all(finished[where] != bare[where] for where in bare)


def test_what_check_mode_announced_came_true(first_check, real):
    assert first_check.changed - real.changed == set()


def test_check_mode_announced_every_role_that_changed_something(first_check, real):
    def roles(run):
        return {(task.split(" : ")[0], host) for task, host in run.changed}

    assert roles(first_check) == roles(real)


@pytest.mark.parametrize("host", HOSTS)
def test_the_announced_policies_are_the_installed_ones(first_check, real, host):
    assert first_check.result(INSTALL, host)["diff"] == real.result(INSTALL, host)["diff"]
    assert len(real.result(INSTALL, host)["diff"]) == 2


def test_check_mode_on_finished_hosts_announces_nothing(second_check):
    assert second_check.failures == []
    assert second_check.changed == set()


def test_and_changes_nothing(second_check, finished):
    assert fingerprint() == finished


def test_fifty_domains_take_as_many_tasks_as_one(finished):
    def tasks(count):
        domains = [{"domain": f"d{number}.plain.test", "mx": ["mx.plain.test"]} for number in range(count)]
        variables = {"mta_sts_domains": domains, "sts_certificate_strict": False}
        return [(task, host) for task, host, _unused in play(SITE, "--check", variables=variables).results]

    assert tasks(50) == tasks(1)

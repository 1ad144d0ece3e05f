# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Beside a shop's own sites, certificates and records, then gone without a trace. The tests build on each other."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from guest.host_state import (
    COMMANDS,
    HOSTS,
    NAMES,
    ROOT_CERTIFICATE,
    answers,
    inventory,
    of_all_hosts,
    serial,
    visit,
    zone,
)
from lab.hosts import get_host, wait_for
from lab.playbook import play

CONVERGE = "molecule/guest/converge.yml"
INSTALL = "postmaster.mta_sts.sts_policy : Install and remove policies"
LEAVING = {"shop_publishes": False}
POLICIES = {
    "shop.test": ["version: STSv1", "mode: testing", "mx: mx.shop.test", "max_age: 86400"],
    "news.shop.test": ["version: STSv1", "mode: enforce", "mx: mx.shop.test", "max_age: 2419200"],
}
SIGNATURES = ["rsa_pss_rsae_sha256", "ecdsa_secp256r1_sha256"]
# What is ours has our name; the files of all users have one more line.
OURS = re.compile(
    r"nginx: |listening: |ours: |(\w+): \S*mta-sts|user: mta-sts:"
    r"|content: /etc/(passwd|shadow|group|gshadow) |timer: \"unit\":\"mta-sts-certificate.timer\""
)
USERS = re.compile(r"content: /etc/(passwd|shadow|group|gshadow) ")
# What the shop's cron job changes
RENEWED = re.compile(r"\w+: /var/lib/dehydrated/")
SOON = "/etc/dehydrated/conf.d/soon.sh"
CRON_JOB = "grep --only-matching --perl-regexp '^[0-9* ]+root \\K.*' /etc/cron.d/dehydrated"


@dataclass(frozen=True)
class State:
    """What there is at one moment, each a set of lines by host."""

    inventory: dict[str, set[str]]
    answers: dict[str, set[str]]
    zone: set[str]


def look(*names):
    return State(of_all_hosts(inventory), of_all_hosts(lambda host: answers(host, *names)), zone())


def theirs():
    """The certificates of the shop."""
    return {
        (address, name): serial(address, name)
        for host, addresses in HOSTS.items() for address in addresses for name in NAMES[host][:2]
    }  # fmt: skip


def ours():
    """The certificates of the policy hosts."""
    return {
        (address, domain, signature): serial(address, f"mta-sts.{domain}", f"-sigalgs {signature}")
        for addresses in HOSTS.values() for address in addresses for domain in POLICIES for signature in SIGNATURES
    }  # fmt: skip


def roles(run):
    return {(task.split(" : ")[0], host) for task, host in run.changed if " : " in task}


@pytest.fixture(scope="module")
def found():
    return look("mta-sts.shop.test")


@pytest.fixture(scope="module")
def first_check(found):
    return play(CONVERGE, "--check", "--diff")


@pytest.fixture(scope="module")
def after_first_check(first_check):
    return look("mta-sts.shop.test")


@pytest.fixture(scope="module")
def real(after_first_check):
    return play(CONVERGE, "--diff")


@pytest.fixture(scope="module")
def beside(real):
    return look()


@pytest.fixture(scope="module")
def again(beside):
    return play(CONVERGE)


@pytest.fixture(scope="module")
def renewal(again):
    """All certificates before and after the shop's cron job has renewed its own, as if they ended soon."""
    before = (theirs(), ours())
    for name in HOSTS:
        host = get_host(name)
        job = host.check_output(CRON_JOB)
        host.check_output(f"echo RENEW_DAYS=1000 >{SOON}")
        done = host.run(f"env --ignore-environment PATH=/usr/bin:/bin /bin/sh -c '{job}'")
        host.check_output(f"rm {SOON}")
        assert done.rc == 0, done.stderr
    wait_for(lambda: not set(theirs().values()) & set(before[0].values()))
    return {"before": before, "after": (theirs(), ours())}


@pytest.fixture(scope="module")
def renewed(renewal):
    return look()


@pytest.fixture(scope="module")
def last_check(renewed):
    return play(CONVERGE, "--check", variables=LEAVING)


@pytest.fixture(scope="module")
def after_last_check(last_check):
    return look()


@pytest.fixture(scope="module")
def removal(after_last_check):
    return play(CONVERGE, variables=LEAVING)


@pytest.fixture(scope="module")
def left(removal):
    return look("mta-sts.shop.test")


def test_the_shop_is_there(found):
    for host, addresses in HOSTS.items():
        lines = "\n".join(found.answers[host])
        assert f"This is the shop on {host}." in lines
        assert f"This is the blog on {host}." in lines
        assert all(f"{address} unknown.shop.test: " in lines for address in addresses)
        assert {line.split(": ")[0] for line in found.inventory[host]} == set(COMMANDS) - {"ours"}
    assert all(theirs().values())


def test_check_mode_works(first_check):
    assert first_check.failures == []
    assert first_check.ok


def test_check_mode_changes_nothing(found, after_first_check):
    assert after_first_check == found


def test_the_roles_work_under_another_user(real):
    assert real.failures == []
    assert real.ok


def test_check_mode_has_told_the_truth(first_check, real):
    assert first_check.changed - real.changed == set()
    assert roles(first_check) == roles(real)
    for host in HOSTS:
        assert first_check.result(INSTALL, host)["diff"] == real.result(INSTALL, host)["diff"] != []


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_of_the_shop_has_changed(found, beside, host):
    assert {line for line in found.inventory[host] - beside.inventory[host] if not USERS.match(line)} == set()


@pytest.mark.parametrize("host", HOSTS)
def test_all_that_is_new_has_our_name(found, beside, host):
    assert {line for line in beside.inventory[host] - found.inventory[host] if not OURS.match(line)} == set()


@pytest.mark.parametrize("host", HOSTS)
def test_every_name_is_answered_as_before(found, beside, host):
    assert {line for line in found.answers[host] ^ beside.answers[host] if " mta-sts." not in line} == set()


def test_the_foreign_records_are_untouched_and_ours_are_beside_them(found, beside):
    assert found.zone - beside.zone == set()
    assert {tuple(line.split()[2:5:2]) for line in beside.zone - found.zone} == {
        ("_mta-sts.shop.test.", "TXT"), ("_mta-sts.news.shop.test.", "TXT"), ("_smtp._tls.news.shop.test.", "TXT"),
    }  # fmt: skip


@pytest.mark.parametrize("domain", POLICIES)
def test_our_policies_are_served(beside, domain):
    for address in [address for addresses in HOSTS.values() for address in addresses]:
        got = visit(
            f"curl --silent --show-error --cacert {ROOT_CERTIFICATE} --resolve 'mta-sts.{domain}:443:{address}'"
            f" --write-out '%{{http_code}} %{{content_type}}' https://mta-sts.{domain}/.well-known/mta-sts.txt"
        )
        assert got.splitlines() == [*POLICIES[domain], "200 text/plain"]


def test_with_certificates_of_both_types(beside):
    certificates = ours()
    assert all(certificates.values())
    assert len(set(certificates.values())) == len(HOSTS) * len(POLICIES) * len(SIGNATURES)


def test_handlers_of_the_shop_run_and_not_ours_of_the_same_name(real):
    for handler in ("Reload nginx", "See that nginx took it", "Make systemd forget the units"):
        for host in HOSTS:
            assert real.result(handler, host)["msg"] == "The shop's own handler"


def test_the_second_run_changes_nothing(again):
    assert again.failures == []
    assert {task for task, _host in again.changed} == {"A task of the shop's own"}


def test_the_cron_job_of_the_shop_renews_its_certificates(renewal):
    (before, _unused), (after, _unused) = renewal["before"], renewal["after"]
    assert all(after.values())
    assert {which for which in before if before[which] == after[which]} == set()


def test_and_not_ours(renewal):
    (_unused, before), (_unused, after) = renewal["before"], renewal["after"]
    assert before == after


@pytest.mark.parametrize("host", HOSTS)
def test_and_nothing_else(beside, renewed, host):
    changed = beside.inventory[host] ^ renewed.inventory[host]
    assert changed
    assert {line for line in changed if not RENEWED.match(line)} == set()
    assert renewed.answers == beside.answers


def test_check_mode_of_the_removal_changes_nothing(renewed, last_check, after_last_check):
    assert last_check.failures == []
    assert after_last_check == renewed


def test_the_removal_works_and_check_mode_has_told_the_truth(last_check, removal):
    assert removal.failures == []
    assert last_check.changed - removal.changed == set()
    assert roles(last_check) == roles(removal)


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_is_as_it_was_found(found, renewed, left, host):
    expected = {line for line in found.inventory[host] if not RENEWED.match(line)}
    expected |= {line for line in renewed.inventory[host] if RENEWED.match(line)}
    assert left.inventory[host] ^ expected == set()


@pytest.mark.parametrize("host", HOSTS)
def test_it_answers_as_it_did(found, left, host):
    assert left.answers[host] ^ found.answers[host] == set()


def test_the_zone_is_as_it_was_found(found, left):
    assert left.zone ^ found.zone == set()

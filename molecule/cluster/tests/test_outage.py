# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host goes down while certificates are due and policies change, and comes back. The tests build on each other."""

from __future__ import annotations

import pytest
from cluster.deployment import (
    ADDRESSES,
    DAY,
    DOMAINS,
    HOSTS,
    announced,
    ask,
    certificates,
    failures,
    lead,
    make_due,
    podman,
    policies,
    put,
    records,
    renew,
    served,
)
from lab.hosts import get_host, wait_for
from lab.playbook import play

SITE = "playbooks/site.yml"
DEAD, *LIVE = reversed(HOSTS)
INSTALL = "postmaster.mta_sts.sts_policy : Install and remove policies"
FIRST, SECOND = 2 * DAY, 3 * DAY
# All addresses of the hosts that live
QUORUM = sum(len(ADDRESSES[host]) for host in LIVE)
LOST = (
    f"{DEAD}: it could not be reached, or a task failed on it, so it may serve former policies once it is back. "
    "Remedy: See above which it was, then run again."
)


def site(max_age, *arguments, **variables):
    return play(SITE, *arguments, variables={"mta_sts_defaults": {"max_age": max_age}, **variables})


def message(run):
    """What the run says in the end of the domains that need attention."""
    return next(
        result["msg"] for task, _host, result in run.results if task == "Fail for the domains that need attention"
    )


def table(run):
    return next(result["msg"] for task, _host, result in run.results if task == "Show the table")


def look():
    """What the live hosts serve, whose last order failed, what is announced."""
    return {
        "policies": {host: served(host) for host in LIVE},
        "certificates": {host: certificates(host) for host in LIVE},
        "failures": {host: failures(host) for host in LIVE},
        "records": announced(),
    }


@pytest.fixture(scope="module")
def before():
    return look()


@pytest.fixture(scope="module")
def down(before):
    """A third of all addresses leads to a dead host now."""
    make_due(LIVE)
    podman("kill", DEAD)


@pytest.fixture(scope="module")
def renewal(down):
    renew(LIVE)
    return look()


@pytest.fixture(scope="module")
def withdrawn(renewal):
    """Its addresses are taken out of DNS until the certificates are renewed."""
    lead("mta-sts", "plain.test", "unset", DEAD)
    renew(LIVE)
    seen = look()
    lead("mta-sts", "plain.test", "set", DEAD)
    return seen


@pytest.fixture(scope="module")
def changed(withdrawn):
    run = site(FIRST)
    return run, look()


@pytest.fixture(scope="module")
def quorum(changed):
    run = site(FIRST, "--tags=proof,dns", sts_dns_quorum=QUORUM)
    return run, look()


@pytest.fixture(scope="module")
def back(quorum):
    """It is up again with what it had, and a run that leaves it alone changes the policies once more."""
    podman("start", DEAD)
    wait_for(lambda: served(DEAD) == policies())
    run = site(SECOND, f"--limit={','.join(LIVE)}", sts_dns_quorum=QUORUM)
    return run, look()


@pytest.fixture(scope="module")
def healed(back):
    run = site(SECOND)
    return run, {**look(), "policies": {host: served(host) for host in HOSTS}}


@pytest.fixture(scope="module")
def again(healed):
    return site(SECOND)


def test_whoever_could_not_be_validated_keeps_what_was_served(before, renewal):
    for host in LIVE:
        for domain in DOMAINS:
            is_old = renewal["certificates"][host][domain] == before["certificates"][host][domain]
            assert is_old == (f"/mta-sts.{domain}/failure" in renewal["failures"][host])
    assert renewal["policies"] == before["policies"]


def test_once_dns_leads_to_live_hosts_only_the_rest_is_renewed(before, renewal, withdrawn):
    assert set(withdrawn["failures"].values()) == {""}
    for host in LIVE:
        for domain in DOMAINS:
            serials = [seen["certificates"][host][domain] for seen in (before, renewal, withdrawn)]
            assert len(set(serials)) == 2, "renewed once, by the first attempt that could"


def test_a_run_goes_on_without_the_host_although_it_is_the_first_of_all(changed):
    run, seen = changed
    assert {host for _task, host, result in run.results if result.get("unreachable")} == {DEAD}
    assert seen["policies"] == dict.fromkeys(LIVE, policies(FIRST))


def test_the_others_go_on_renewing(changed):
    run, _unused = changed
    orders = {get_host(host).check_output("cat /etc/mta-sts/dehydrated/domains.txt") for host in LIVE}
    assert orders == {"mta-sts.alias.test\nmta-sts.plain.test"}
    assert [line.rsplit(maxsplit=2)[-2:] for line in table(run)[2:4]] == [["failed:", "proof"]] * 2


def test_without_a_quorum_nothing_is_announced_and_the_message_says_why(changed, before):
    run, seen = changed
    assert seen["records"] == before["records"]
    said = message(run).splitlines()
    assert said[0] == LOST
    assert len(said) == 1 + len(DOMAINS) * len(ADDRESSES[DEAD])
    for domain in DOMAINS:
        for address in ADDRESSES[DEAD]:
            (line,) = [
                line for line in said if line.startswith(f"{domain}: policy host: {address.strip('[]')} port 443 ")
            ]
            assert "Start the web server" in line
            assert line.endswith(f"or, until the host is repaired, set sts_dns_quorum to {QUORUM}.")


def test_with_a_quorum_it_is_announced(quorum):
    run, seen = quorum
    assert run.failures == []
    assert seen["records"] == records(FIRST)
    assert [line.split()[-1] for line in table(run)[2:4]] == ["working", "working"]


def test_the_run_ends_failed_all_the_same_and_names_the_host(quorum):
    run, _unused = quorum
    assert not run.ok
    assert table(run)[-1] == LOST


def test_a_quorum_is_not_enough_while_an_address_serves_something_else(back):
    run, seen = back
    assert seen["policies"] == dict.fromkeys(LIVE, policies(SECOND))
    assert seen["records"] == records(FIRST)
    said = message(run).splitlines()
    assert len(said) == len(DOMAINS) * len(ADDRESSES[DEAD])
    for domain in DOMAINS:
        for address in ADDRESSES[DEAD]:
            assert [line for line in said if line.startswith(f"{domain}: policy: {address.strip('[]')} serves policy ")]


def test_a_run_of_some_hosts_leaves_peers_and_certificates_alone(back):
    run, _unused = back
    assert run.changed == {(INSTALL, host) for host in LIVE}


def test_the_next_run_of_all_heals_the_host(healed):
    run, seen = healed
    assert run.failures == []
    assert run.ok
    assert seen["policies"] == dict.fromkeys(HOSTS, policies(SECOND))
    assert seen["records"] == records(SECOND)


def test_then_a_run_changes_nothing(again):
    assert again.ok
    assert again.changed == set()


@pytest.mark.parametrize("host", HOSTS)
def test_and_every_host_answers_for_every_other(again, host):
    for peer in HOSTS:
        put(f"after-{peer}", peer)
        assert ask(host, f"after-{peer}")[:2] == ("200", f"answer-after-{peer}\n")

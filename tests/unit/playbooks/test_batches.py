# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plays of users that go through the hosts in batches: nothing is announced or ordered before all are there."""

from __future__ import annotations

import json
import re

import pytest
from conftest import COLLECTIONS
from helpers.playbook_run import run_playbook

DOMAIN = [{"domain": "a.test", "mx": ["mx.a.test"]}]
ROLES = COLLECTIONS / "ansible_collections/postmaster/mta_sts/roles"

# Of each play, by the name of its hosts: how it goes through one, two and three, and who is later in each batch.
BATCHES = {
    "ones": ({"serial": 1}, ["two three", "three", ""]),
    "twos": ({"serial": 2}, ["three", ""]),
    "percent": ({"serial": "40%"}, ["two three", "three", ""]),
    "threes": ({"serial": 3}, [""]),
    "more": ({"serial": 5}, [""]),
    "reverse": ({"serial": 1, "order": "reverse_inventory"}, ["one two", "one", ""]),
    "reverse_inventory": ({"serial": 3, "order": "reverse_inventory"}, [""]),
    "reverse_sorted": ({"serial": 3, "order": "reverse_sorted"}, [""]),
    "sorted": ({"serial": 3, "order": "sorted"}, [""]),
    "shuffle": ({"serial": 3, "order": "shuffle"}, [""]),
}
GONE = {
    "gone_at_once": ({"serial": 5}, [""]),
    "gone_at_first": ({"serial": 2}, ["two three", ""]),
}
BEHIND = {"behind": ({}, [""]), "behind_in_batches": ({"serial": 1}, ["", "", ""])}

# What sts_dns and sts_certificate work out, with the real batches of Ansible
LATER = "{{ case }}: {{ __sts_dns_later_hosts | join(' ') }}; {{ __sts_certificate_later_hosts | join(' ') }}."
SHOW = {"ansible.builtin.debug": {"msg": LATER}, "run_once": True}
TASKS = [SHOW, {"ansible.builtin.set_fact": {"sts_policy_result": {}}}]


def batch_play(case, hosts, how, tasks):
    files = [str(ROLES / role / "vars/main.yml") for role in ("sts_dns", "sts_certificate")]
    return {"hosts": hosts, "gather_facts": False, **how, "vars": {"case": case}, "vars_files": files, "tasks": tasks}


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """Go through hosts in every way, in one run; return who is later in each batch, as each role sees it."""
    here = {"ansible_connection": "local"}
    gone = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    groups = {case: {f"{case}-{host}": here for host in ("one", "two", "three")} for case in {**BATCHES, **GONE}}
    for case in GONE:
        groups[case] = {f"{case}-gone": gone, **groups[case]}
    reach = {"ansible.builtin.raw": "true"}
    plays = [batch_play(case, case, how, TASKS) for case, (how, _later) in BATCHES.items()]
    plays += [batch_play(case, case, how, [reach, *TASKS]) for case, (how, _later) in GONE.items()]
    plays += [batch_play(case, "ones", how, [SHOW]) for case, (how, _later) in BEHIND.items()]
    folder = tmp_path_factory.mktemp("batches")
    inventory = {group: {"hosts": hosts} for group, hosts in groups.items()}
    (folder / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
    (folder / "play.yml").write_text(json.dumps(plays), encoding="utf-8")
    _status, output = run_playbook(folder, "play.yml", "--inventory", "hosts.json")
    assert output.count("unreachable=1") == len(GONE), output
    assert "failed=1" not in output
    return re.findall(r'"msg": "(\w+): (.*); (.*)\."', output.replace("-", ":")), output


@pytest.mark.parametrize("case", [*BATCHES, *GONE, *BEHIND])
def test_later_are_those_that_this_play_has_not_come_to(later, case):
    seen, output = later
    hosts = [[" ".join(re.findall(r":(\w+)", role)) for role in roles] for name, *roles in seen if name == case]
    expected = {**BATCHES, **GONE, **BEHIND}[case][1]
    assert hosts == [[names, names] for names in expected], output


ROLLING = """
- name: Announce nothing
  hosts: all
  serial: 1
  gather_facts: false
  roles:
    - role: postmaster.mta_sts.sts_dns
      vars:
        sts_dns_method: none

- name: Announce too early
  hosts: all
  serial: 1
  gather_facts: false
  vars:
    sts_dns_method: zonefile
  roles:
    - postmaster.mta_sts.sts_policy
    - postmaster.mta_sts.sts_dns
"""
LAST_AND_BEHIND = """
- name: Announce with the last batch
  hosts: all
  serial: 1
  order: reverse_inventory
  gather_facts: false
  vars: &method
    sts_dns_method: zonefile
  roles:
    - postmaster.mta_sts.sts_policy
  tasks:
    - ansible.builtin.include_role:
        name: postmaster.mta_sts.sts_dns
      when: inventory_hostname == 'one'

- name: Announce in a play behind
  hosts: all
  gather_facts: false
  vars: *method
  roles:
    - postmaster.mta_sts.sts_dns
"""
PUBLISHING = "TASK [postmaster.mta_sts.sts_dns : Publish the records, or hand them on]"


@pytest.fixture
def play(run, tmp_path):
    """Run the text of a playbook that publishes into files; return what it printed, on one line."""

    def play(text, **variables):
        (tmp_path / "play.yml").write_text(text, encoding="utf-8")
        output = run("play.yml", mta_sts_domains=DOMAIN, sts_dns_zonefile_folder=str(tmp_path / "zones"), **variables)
        return " ".join(output.split())

    return play


def test_a_batch_that_would_announce_what_later_hosts_do_not_serve_is_refused_unless_there_is_no_method(play, tmp_path):
    output = play(ROLLING)
    nothing, _unused, early = output.partition("PLAY [Announce too early]")
    assert nothing.count("PLAY [Announce nothing]") == 3
    assert "this play runs in batches" not in nothing
    assert "sts_dns: this play runs in batches (serial), and two, three would still serve the former policies" in early
    assert "Remedy: move sts_dns into a play of its own behind this one, without serial" in early
    assert PUBLISHING not in early
    assert not (tmp_path / "zones").exists()


def test_the_last_batch_and_a_play_behind_are_not_refused(play):
    output = play(LAST_AND_BEHIND)
    assert "this play runs in batches" not in output
    assert "PLAY [Announce in a play behind]" in output
    assert output.count(PUBLISHING) == 2
    assert output.count("failed=0") == 3


def order_play(name, *before, **variables):
    """A play in batches of one whose hosts have had these certificates before they order."""
    domains = [
        {"action": "order", "policy_host": f"mta-sts.d{place}.test", "before": one} for place, one in enumerate(before)
    ]
    batches = {"name": "postmaster.mta_sts.sts_certificate", "tasks_from": "batches"}
    return {
        "name": name,
        "hosts": "all",
        "serial": 1,
        "gather_facts": False,
        "vars": {"__sts_certificate_orders": {"domains": domains}, **variables},
        "tasks": [{"ansible.builtin.include_role": batches}],
    }


def test_a_new_name_is_refused_while_other_hosts_cannot_answer_for_it_and_what_needs_no_other_host_goes_on(play):
    kept = order_play("Kept", {"p256": "ab"})
    by_dns = order_play("dns-01", {}, sts_certificate_challenge="dns-01")
    output = play(json.dumps([kept, by_dns, order_play("New", {"p256": "ab"}, {})]))
    going_on, _unused, refused = output.partition("PLAY [New]")
    assert (going_on.count("PLAY [Kept]"), going_on.count("PLAY [dns-01]")) == (3, 3)
    assert "this play runs in batches" not in going_on
    assert (
        "sts_certificate: this play runs in batches (serial), and two, three cannot answer the CA's challenges yet for "
        "mta-sts.d1.test." in refused
    )
    assert "Remedy: move sts_certificate, and sts_dns, into a second play without serial" in refused

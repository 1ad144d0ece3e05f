# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plays of users that go through the hosts in batches: nothing is announced or ordered before all are there."""

from __future__ import annotations

import json

import pytest

DOMAIN = [{"domain": "a.test", "mx": ["mx.a.test"]}]
ROLLING = """
- hosts: all
  serial: {serial}
  gather_facts: false
  roles:
    - postmaster.mta_sts.sts_policy
    - postmaster.mta_sts.sts_dns
"""
BEHIND = """
- hosts: all
  serial: 1
  gather_facts: false
  roles:
    - postmaster.mta_sts.sts_policy

- hosts: all
  gather_facts: false
  roles:
    - postmaster.mta_sts.sts_dns
"""
LAST = """
- hosts: all
  serial: 1
  gather_facts: false
  roles:
    - postmaster.mta_sts.sts_policy
  tasks:
    - ansible.builtin.include_role:
        name: postmaster.mta_sts.sts_dns
      when: inventory_hostname == ansible_play_hosts_all | last
"""
ORDER = """
- hosts: all
  serial: 1
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: postmaster.mta_sts.sts_certificate
        tasks_from: batches
"""


@pytest.fixture
def play(run, tmp_path):
    """Run the text of a playbook that publishes into files; return what it printed, on one line."""

    def play(text, **variables):
        (tmp_path / "play.yml").write_text(text, encoding="utf-8")
        files = {"sts_dns_method": "zonefile", "sts_dns_zonefile_folder": str(tmp_path / "zones")}
        return " ".join(run("play.yml", **{"mta_sts_domains": DOMAIN, **files, **variables}).split())

    return play


@pytest.mark.parametrize("serial", [1, 2, "40%"])
def test_a_batch_is_refused_that_would_announce_what_later_hosts_do_not_serve(play, tmp_path, serial):
    output = play(ROLLING.format(serial=json.dumps(serial)))
    later = "three" if serial == 2 else "two, three"
    assert f"sts_dns: this play runs in batches (serial), and {later} would still serve the former policies" in output
    assert "Remedy: move sts_dns into a play of its own behind this one, without serial" in output
    assert not (tmp_path / "zones").exists()


@pytest.mark.parametrize("text", [ROLLING.format(serial=3), BEHIND, LAST], ids=["one batch", "behind", "last batch"])
def test_all_hosts_at_once_and_a_play_behind_are_not_refused(play, text):
    output = play(text)
    assert "this play runs in batches" not in output
    assert "failed=0" in output
    assert "failed=1" not in output


def in_order(text, order):
    return text.replace("gather_facts", f"order: {order}\n  gather_facts")


@pytest.mark.parametrize("order", ["reverse_inventory", "reverse_sorted", "sorted", "shuffle"])
def test_in_another_order_all_hosts_at_once_are_not_refused(play, order):
    assert "this play runs in batches" not in play(in_order(ROLLING.format(serial=3), order))


def test_in_another_order_the_first_batch_is_refused(play, tmp_path):
    output = play(in_order(ROLLING.format(serial=1), "reverse_inventory"))
    assert "sts_dns: this play runs in batches (serial), and one, two would still serve" in output
    assert not (tmp_path / "zones").exists()


def test_in_another_order_the_last_batch_is_not_refused(play):
    text = in_order(LAST.replace("ansible_play_hosts_all | last", "'one'"), "reverse_inventory")
    output = play(text)
    assert "this play runs in batches" not in output
    assert "failed=1" not in output


def test_a_host_that_is_gone_makes_no_batch(run, tmp_path):
    (tmp_path / "play.yml").write_text(ROLLING.format(serial=5), encoding="utf-8")
    gone = {"gone": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}}
    options = {"sts_dns_method": "zonefile", "sts_dns_zonefile_folder": str(tmp_path / "zones")}
    output = run("play.yml", first=gone, mta_sts_domains=DOMAIN, **options)
    assert "unreachable=1" in output
    assert "this play runs in batches" not in output


def test_with_no_method_there_is_nothing_to_announce(play):
    assert "this play runs in batches" not in play(ROLLING.format(serial=1), sts_dns_method="none")


def orders(*before):
    domains = [
        {"action": "order", "policy_host": f"mta-sts.d{place}.test", "before": one} for place, one in enumerate(before)
    ]
    return {"__sts_certificate_orders": {"domains": domains}}


def test_a_new_name_is_refused_while_other_hosts_cannot_answer_for_it(play):
    output = play(ORDER, **orders({"p256": "ab"}, {}))
    assert (
        "sts_certificate: this play runs in batches (serial), and two, three cannot answer the CA's challenges yet for "
        "mta-sts.d1.test." in output
    )
    assert "Remedy: move sts_certificate, and sts_dns, into a second play without serial" in output


@pytest.mark.parametrize(
    "variables", [orders({"p256": "ab"}), {**orders({}), "sts_certificate_challenge": "dns-01"}], ids=["kept", "dns-01"]
)
def test_what_needs_no_other_host_goes_on_in_batches(play, variables):
    assert play(ORDER, **variables).count("failed=0") == 3

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter policy_host_addresses, as templates call it."""

from __future__ import annotations

import socket

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.filter import policy_host_addresses

HOSTVARS = {
    "one": {"mta_sts_addresses": ["192.0.2.1", "2001:db8::1"]},
    "two": {"ansible_facts": {"all_ipv4_addresses": ["192.0.2.2", "192.0.2.22"]}},
    "shared": {"ansible_host": "192.0.2.1"},
    "unknown": {"ansible_host": "no such name"},
    "192.0.2.3": {},
}

addresses = policy_host_addresses.FilterModule().filters()["policy_host_addresses"]


def test_all_addresses_of_all_hosts_each_once():
    assert addresses(list(HOSTVARS), HOSTVARS) == [
        "192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.22", "no such name", "192.0.2.3",
    ]  # fmt: skip


def test_a_mistake_becomes_a_failure_of_the_template():
    with pytest.raises(AnsibleFilterError, match="wrong: mta_sts_addresses"):
        addresses(["wrong"], {"wrong": {"mta_sts_addresses": "300.1.1.1"}})


def test_what_another_host_claims_as_its_address_reaches_nobody():
    hostile = "2001:db8::1%x]:80;}server{"
    facts = {"default_ipv6": {"address": hostile}, "all_ipv6_addresses": [hostile, "fe80::1%eth0", "2001:db8::2"]}
    hostvars = {**HOSTVARS, "hostile": {"ansible_host": hostile, "ansible_facts": facts}}
    assert addresses(["hostile", "one"], hostvars) == ["2001:db8::2", "192.0.2.1", "2001:db8::1"]


def test_no_name_is_looked_up_while_ansible_fills_in_a_variable(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert addresses(["localhost", "two"], {**HOSTVARS, "localhost": {}}) == ["localhost", "192.0.2.2", "192.0.2.22"]


def test_a_hostile_name_of_a_host_without_facts_reaches_nobody():
    assert addresses(["hostile"], {"hostile": {"ansible_host": "2001:db8::1%x]:80;}server{"}}) == []

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter policy_host_peers, as templates call it."""

from __future__ import annotations

import socket

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.filter import policy_host_peers

HOSTVARS = {
    "one": {"mta_sts_addresses": ["192.0.2.1", "2001:db8::1"]},
    "two": {"ansible_facts": {"all_ipv4_addresses": ["192.0.2.2", "192.0.2.22"]}},
    "unknown": {"ansible_host": "no such name"},
    "192.0.2.3": {},
}
peers = policy_host_peers.FilterModule().filters()["policy_host_peers"]


def test_one_address_of_every_other_host():
    assert peers(["one", "two", "unknown", "192.0.2.3"], HOSTVARS, "one") == ["192.0.2.2", "no such name", "192.0.2.3"]
    assert peers(["one", "two"], HOSTVARS, "two") == ["192.0.2.1"]


def test_a_mistake_becomes_a_failure_of_the_template():
    with pytest.raises(AnsibleFilterError, match="wrong: mta_sts_addresses"):
        peers(["wrong"], {"wrong": {"mta_sts_addresses": "300.1.1.1"}}, "other")


def test_what_another_host_claims_as_its_address_reaches_nobody():
    hostile = "2001:db8::1%x]:80;}server{"
    facts = {"default_ipv6": {"address": hostile}, "all_ipv6_addresses": [hostile, "fe80::1%eth0", "2001:db8::2"]}
    hostvars = {**HOSTVARS, "hostile": {"ansible_host": hostile, "ansible_facts": facts}}
    assert peers(["hostile", "one"], hostvars, "one") == ["2001:db8::2"]
    with pytest.raises(AnsibleFilterError, match=r"hostile: mta_sts_addresses: .* is not an IP address"):
        peers(["hostile"], {"hostile": {"mta_sts_addresses": [hostile]}}, "one")


def test_no_name_is_looked_up_while_ansible_fills_in_a_variable(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert peers(["localhost", "two"], {**HOSTVARS, "localhost": {}}, "two") == ["localhost"]


def test_a_hostile_name_of_a_host_without_facts_reaches_nobody():
    hostvars = {"hostile": {"ansible_host": "2001:db8::1%x]:80;}server{"}}
    assert peers(["hostile"], hostvars, "one") == []

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy host's addresses, from its variables."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.addresses import InvalidAddress, addresses

FACTS = {
    "default_ipv4": {"address": "192.0.2.1"},
    "all_ipv4_addresses": ["10.0.0.1", "192.0.2.1"],
    "all_ipv6_addresses": ["2001:DB8:0::1", "fe80::1"],
}
CASES = [
    ("facts, the default route first", {"ansible_facts": FACTS}, ["192.0.2.1", "10.0.0.1", "2001:db8::1"]),
    ("ansible_host is an address", {"ansible_host": "198.51.100.1"}, ["198.51.100.1"]),
    ("ansible_host is a name", {"ansible_host": "mx.example.com"}, []),
    ("loopback is nobody's address", {"ansible_host": "127.0.0.1"}, []),
    ("facts without a default route", {"ansible_facts": {"default_ipv4": {}}}, []),
    ("nothing known", {}, []),
    ("the variable replaces all", {"ansible_facts": FACTS, "mta_sts_addresses": ["203.0.113.1"]}, ["203.0.113.1"]),
    ("the variable is one address", {"mta_sts_addresses": "203.0.113.1"}, ["203.0.113.1"]),
    ("the variable is empty", {"ansible_host": "198.51.100.1", "mta_sts_addresses": []}, ["198.51.100.1"]),
]


@pytest.mark.parametrize(("variables", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_addresses(variables, found):
    assert addresses(variables, "host1") == found


def test_what_is_no_address_is_refused():
    with pytest.raises(InvalidAddress) as refused:
        addresses({"mta_sts_addresses": ["mx.example.com"]}, "host1")
    assert str(refused.value) == (
        'host1: mta_sts_addresses: "mx.example.com" is no IP address. Remedy: Write an IPv4 or IPv6 address.'
    )

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


NO_PLAIN_ADDRESSES = [
    "2001:db8::1%x]:80;}server{", "2001:db8::1%eth0", "fe80::1%1", "::1%", "%", "192.0.2.1%eth0",
    " 192.0.2.1", "192.0.2.1 ", "192.0.2.1\n", "2001:db8::1\n", "[2001:db8::1]", "192.0.2.1:80", "192.0.2.1/32",
    "192.0.2.01", "192.0.02.1", "0192.0.2.1", "::ffff:192.0.2.01", "192.0.2", "0x7f000001", "2130706433", 2130706433,
    "\u0661.2.3.4", "", None, b"\xc0\x00\x02\x01", True,
]  # fmt: skip


@pytest.mark.parametrize("hostile", NO_PLAIN_ADDRESSES, ids=ascii)
def test_what_is_more_or_less_than_an_address_is_refused_and_the_host_named(hostile):
    with pytest.raises(InvalidAddress, match=r"^host1: mta_sts_addresses: "):
        addresses({"mta_sts_addresses": [hostile]}, "host1")


@pytest.mark.parametrize("hostile", NO_PLAIN_ADDRESSES, ids=ascii)
def test_what_another_hosts_facts_say_is_an_address_or_nothing(hostile):
    facts = {
        "default_ipv4": {"address": hostile},
        "all_ipv4_addresses": [hostile, "192.0.2.1"],
        "all_ipv6_addresses": [hostile, "fe80::1%eth0"],
    }
    assert addresses({"ansible_host": hostile, "ansible_facts": facts}, "host1") == ["192.0.2.1"]


def test_addresses_are_spelt_as_in_dns():
    given = [
        "2001:DB8:0:0::1",
        "::ffff:192.0.2.1",
        "192.0.2.1",
        "::ffff:c000:201",
        "0.0.0.0",
        "10.0.0.10",
        "2001:db8::10",
    ]
    found = ["2001:db8::1", "192.0.2.1", "0.0.0.0", "10.0.0.10", "2001:db8::10"]
    assert addresses({"mta_sts_addresses": given}, "host1") == found

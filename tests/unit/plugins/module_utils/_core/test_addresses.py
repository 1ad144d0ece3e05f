# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy host's addresses, from its variables; what the world reaches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.addresses import (
    InvalidAddress,
    addresses,
    is_ever_a_host,
    plain_address,
    refusal,
    refusal_remedy,
    refusal_rule,
    whereabouts,
)

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
    (
        "facts with two default routes",
        {"ansible_facts": {**FACTS, "default_ipv6": {"address": "2001:db8::9"}}},
        ["192.0.2.1", "2001:db8::9", "10.0.0.1", "2001:db8::1"],
    ),
    ("facts of a host without addresses", {"ansible_facts": {"default_ipv6": None, "all_ipv6_addresses": None}}, []),
    *(
        (f"{what} leads nowhere", {"ansible_host": what}, [])
        for what in (
            "::1",
            "169.254.1.1",
            "fe80::1",
            "224.0.0.1",
            "ff02::1",
            "0.0.0.0",
            "::",
        )
    ),
    ("facts without a default route", {"ansible_facts": {"default_ipv4": {}}}, []),
    ("nothing known", {}, []),
    ("the variable replaces all", {"ansible_facts": FACTS, "mta_sts_addresses": ["203.0.113.1"]}, ["203.0.113.1"]),
    ("the variable is one address", {"mta_sts_addresses": "203.0.113.1"}, ["203.0.113.1"]),
    ("the variable is empty", {"ansible_host": "198.51.100.1", "mta_sts_addresses": []}, ["198.51.100.1"]),
]


@pytest.mark.parametrize(("variables", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_addresses(variables, found):
    assert addresses(variables, "host1") == found


@pytest.mark.parametrize(
    ("variables", "host", "found"),
    [
        ({}, "192.0.2.7", ["192.0.2.7"]),
        ({}, "2001:DB8::7", ["2001:db8::7"]),
        ({"mta_sts_addresses": ["192.0.2.1"]}, "192.0.2.7", ["192.0.2.1"]),
        ({"ansible_facts": FACTS}, "one.example", ["192.0.2.1", "10.0.0.1", "2001:db8::1"]),
        ({}, "one.example", ["one.example"]),
        ({"ansible_host": "two.example"}, "192.0.2.7", ["two.example"]),
        ({"ansible_host": "127.0.0.1"}, "one.example", []),
        ({"ansible_host": "2001:db8::1%x]:80;}"}, "one.example", []),
        ({}, "300.1.1.1", []),
    ],
)
def test_a_host_of_which_no_address_is_known_has_its_name(variables, host, found):
    assert whereabouts(variables, host) == found


def test_what_is_no_address_is_refused():
    with pytest.raises(InvalidAddress) as refused:
        addresses({"mta_sts_addresses": ["mx.example.com"]}, "host1")
    assert str(refused.value) == (
        'host1: mta_sts_addresses: "mx.example.com" is not an IP address. Remedy: Write an IPv4 or IPv6 address.'
    )


NOT_GLOBAL = [
    # IPv4, by the first and the last address of each block
    ("0.0.0.0", "an address that no host has (RFC 1122)"),
    ("0.255.255.255", "an address that no host has (RFC 1122)"),
    ("10.0.0.0", "a private address (RFC 1918)"),
    ("10.255.255.255", "a private address (RFC 1918)"),
    ("100.64.0.0", "a shared address behind a provider's NAT (RFC 6598)"),
    ("100.127.255.255", "a shared address behind a provider's NAT (RFC 6598)"),
    ("127.0.0.1", "a loopback address (RFC 1122)"),
    ("127.255.255.255", "a loopback address (RFC 1122)"),
    ("169.254.169.254", "a link-local address (RFC 3927)"),
    ("172.16.0.0", "a private address (RFC 1918)"),
    ("172.31.255.255", "a private address (RFC 1918)"),
    ("192.0.0.1", "an address for protocols within one network (RFC 6890)"),
    ("192.0.0.9", "an address for protocols within one network (RFC 6890)"),
    ("192.0.2.255", "an address for documentation (RFC 5737)"),
    ("192.88.99.1", "an address of 6to4 relays (RFC 7526)"),
    ("192.168.255.255", "a private address (RFC 1918)"),
    ("198.18.0.0", "an address for measurements (RFC 2544)"),
    ("198.19.255.255", "an address for measurements (RFC 2544)"),
    ("198.51.100.1", "an address for documentation (RFC 5737)"),
    ("203.0.113.1", "an address for documentation (RFC 5737)"),
    ("224.0.0.0", "a multicast address (RFC 1112)"),
    ("239.255.255.255", "a multicast address (RFC 1112)"),
    ("240.0.0.0", "a reserved address (RFC 1112)"),
    ("255.255.255.255", "the broadcast address (RFC 919)"),
    # IPv6
    ("::", "an address that no host has (RFC 4291)"),
    ("::1", "a loopback address (RFC 4291)"),
    ("::8.8.8.8", "an IPv4-compatible address (RFC 4291)"),
    ("::ffff:8.8.8.8", "an IPv4-mapped address (RFC 4291)"),
    ("::ffff:0:8.8.8.8", "a reserved address (RFC 4291)"),
    ("64:ff9b:1::808:808", "an address for translation within one network (RFC 8215)"),
    ("100::1", "an address whose packets are discarded (RFC 6666)"),
    ("100:0:0:1::1", "a reserved address (RFC 4291)"),
    ("2001:0:808:808::f7f7:f7f7", "a Teredo address (RFC 4380)"),
    ("2001:1::1", "an address for protocols within one network (RFC 2928)"),
    ("2001:2::1", "an address for protocols within one network (RFC 2928)"),
    ("2001:10::1", "an address for protocols within one network (RFC 2928)"),
    ("2001:1ff:ffff::1", "an address for protocols within one network (RFC 2928)"),
    ("2001:db8::1", "an address for documentation (RFC 3849)"),
    ("3fff:fff::1", "an address for documentation (RFC 9637)"),
    ("4000::1", "a reserved address (RFC 4291)"),
    ("5f00::1", "a reserved address (RFC 4291)"),
    ("fc00::1", "a unique local address (RFC 4193)"),
    ("fdff::1", "a unique local address (RFC 4193)"),
    ("fe80::1", "a link-local address (RFC 4291)"),
    ("fe80::1%1", "a link-local address (RFC 4291)"),
    ("fec0::1", "a site-local address (RFC 3879)"),
    ("ff02::1", "a multicast address (RFC 4291)"),
]
STANDING_FOR = [
    ("::ffff:127.0.0.1", "127.0.0.1, a loopback address (RFC 1122)"),
    ("::10.0.0.1", "10.0.0.1, a private address (RFC 1918)"),
    ("64:ff9b::a9fe:a9fe", "169.254.169.254, a link-local address (RFC 3927)"),
    ("::2", "0.0.0.2, an address that no host has (RFC 1122)"),
    ("64:ff9b::", "0.0.0.0, an address that no host has (RFC 1122)"),
    ("2002:c0a8:1::1", "192.168.0.1, a private address (RFC 1918)"),
    ("2001:0:a00:1::f7f7:f7f7", "10.0.0.1, a private address (RFC 1918)"),  # Teredo: the server
    ("2001:0:808:808::f5ff:fffe", "10.0.0.1, a private address (RFC 1918)"),  # and the client
]
GLOBAL = [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.31.196.1", "192.167.1.1",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2000::1", "2001:200::1", "2001:4860:4860::8888",
    "2620:4f:8000::1", "2a00:1450::1", "3ffe::1", "64:ff9b::808:808", "2002:808:808::1",
]  # fmt: skip
NO_HOSTS = ["0.0.0.0", "0.1.2.3", "224.0.0.25", "255.255.255.255", "::", "ff02::1", "::ffff:0.0.0.0", "2002:e000:1::"]


@pytest.mark.parametrize(("address", "what"), NOT_GLOBAL)
def test_an_address_that_the_world_does_not_reach_is_refused(address, what):
    assert refusal(address) == what


@pytest.mark.parametrize(("address", "what"), STANDING_FOR)
def test_an_address_that_stands_for_one_is_refused_too(address, what):
    assert refusal(address) == f"which stands for {what}"


@pytest.mark.parametrize("address", GLOBAL)
def test_an_address_that_the_world_reaches_is_not_refused(address):
    assert (refusal(address), refusal(address, allow_private=True)) == ("", "")


@pytest.mark.parametrize("address", [address for address, _unused in NOT_GLOBAL + STANDING_FOR])
def test_private_addresses_may_be_allowed_but_not_those_of_no_host(address):
    assert (refusal(address, allow_private=True) == "") == is_ever_a_host(address)


@pytest.mark.parametrize("address", NO_HOSTS)
def test_some_addresses_are_never_a_host_s(address):
    assert not is_ever_a_host(address)
    assert refusal(address, allow_private=True) == refusal(address) != ""


@given(st.ip_addresses())
def test_nothing_is_let_through_that_python_would_not(address):
    """Save for 6to4, which the registry leaves open: there the IPv4 address decides."""
    assert refusal(str(address)) or address.is_global or address.sixtofour.is_global


def test_a_refusal_names_name_address_reason_and_the_option_that_helps():
    assert refusal_rule("mx.example.com", "10.0.0.1", refusal("10.0.0.1")) == (
        "mx.example.com resolves to 10.0.0.1, a private address (RFC 1918): the Internet cannot reach it, "
        "and no connection was made"
    )
    assert refusal_remedy("mx.example.com", "10.0.0.1") == (
        "Give mx.example.com public addresses only; in an intranet or a lab set "
        "mta_sts_allow_private, the option allow_private of the modules, to true"
    )
    assert refusal_remedy("mx.example.com", "0.0.0.0") == ("Give mx.example.com public addresses only")


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


def test_what_is_more_than_an_address_is_told_as_it_was_written():
    with pytest.raises(ValueError, match=r"^'fe80::1%1' is not a plain IP address$"):
        plain_address("fe80::1%1")


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

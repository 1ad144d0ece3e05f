# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which name servers a zone has, what each of them says, and how long they are waited for."""

from __future__ import annotations

import time

import dns.flags
import dns.message
import dns.query
import pytest
from dns_server import answering
from knot import PRIMARY, SECONDARY, SERVERS, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.rrsets import Outcome, Place, Wanted
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.propagation import Host, name_servers, watch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.resolve import (
    Nameserver,
    Resolver,
    read_nameserver,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.zones import Settings, publish

TEXT = "v=STSv1; id=1;"
RECORDS = f"""
_mta-sts TXT "{TEXT}"
_mta-sts.old TXT "v=STSv1; id=0;"
@ NS ns3.{SERVERS}.
@ NS ns.broken.test.
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    zones = [Zone("example.com", RECORDS), Zone("sub.example.com"), Zone("broken.test", broken=True)]
    with serve(tmp_path_factory.mktemp("knot"), *zones) as running:
        yield running


def outcome(domain="example.com", value=TEXT):
    return Outcome(Wanted(domain, f"_mta-sts.{domain}", value, 300), Place(f"_mta-sts.{domain}", "example.com"))


def said(outcomes):
    return [list(seen.servers.values()) for seen in outcomes]


def test_name_servers_are_found_with_all_addresses(servers):
    hosts = name_servers("sub.example.com", servers.port, Resolver([servers.nameserver], 2))
    assert hosts == [
        Host(f"ns1.{SERVERS}", (Nameserver(PRIMARY, servers.port),)),
        Host(f"ns2.{SERVERS}", (Nameserver(SECONDARY, servers.port),)),
    ]


def test_a_name_server_without_address_counts_only_if_it_may_have_one(servers):
    """ns3 certainly has none; that of the broken zone may have one."""
    hosts = name_servers("example.com", servers.port, Resolver([servers.nameserver], 2))
    assert [host.name for host in hosts] == ["ns.broken.test", f"ns1.{SERVERS}", f"ns2.{SERVERS}"]
    assert hosts[0].trouble == f"has an unknown address: {servers.nameserver} says SERVFAIL"
    (seen,) = watch([outcome()], hosts, 2, 0)
    assert seen.servers["ns.broken.test"] == hosts[0].trouble
    assert not seen.published


def test_name_servers_that_cannot_be_looked_up_are_trouble(servers):
    (host,) = name_servers("broken.test", servers.port, Resolver([servers.nameserver], 2))
    assert (host.name, host.trouble) == (
        "NS of broken.test",
        f"cannot be looked up: {servers.nameserver} says SERVFAIL",
    )


def test_every_server_is_asked_about_every_record(servers):
    hosts = name_servers("sub.example.com", servers.port, Resolver([servers.nameserver], 2))
    good, old, gone = watch([outcome(), outcome("old.example.com"), outcome("none.example.com", None)], hosts, 2, 0)
    assert good.published
    assert gone.published
    assert said([old]) == [["still has the old data"] * 2]


def test_a_server_that_has_the_zone_from_elsewhere_does_not_count(servers):
    """It answers right, but not with authority: a resolver, or a server the zone was taken from."""

    def forward(query):
        response = dns.query.udp(query, PRIMARY, 2, servers.port)
        response.flags &= ~dns.flags.AA
        return response

    with answering(forward) as (server, _unused):
        (seen,) = watch([outcome()], [Host("ns", (read_nameserver(server),))], 2, 0)
    assert said([seen]) == [["does not serve the zone"]]


def test_a_silent_server_is_waited_for_once_in_a_round():
    domains = [outcome(f"n{number}.example.com") for number in range(500)]
    with answering(lambda query: None) as (server, asked):
        began = time.monotonic()
        seen = watch(domains, [Host("ns", (read_nameserver(server),))], 0.3, 0)
        assert time.monotonic() - began < 3
    assert {text for answers in said(seen) for text in answers} == {f"{server} gave no answer within 0.3 s"}
    assert len(asked) < 100


@pytest.mark.parametrize("hosts", [[], [Host("ns.broken.test", trouble="has an unknown address: SERVFAIL")]])
def test_nobody_is_waited_for_who_cannot_be_asked(hosts):
    began = time.monotonic()
    (seen,) = watch([outcome()], hosts, 2, 60)
    assert time.monotonic() - began < 5
    assert not seen.published


def test_a_server_that_comes_round_in_time_is_waited_for(servers):
    def late(query):
        return None if len(asked) < 3 else dns.query.udp(query, PRIMARY, 2, servers.port)

    with answering(late) as (server, asked):
        (seen,) = watch([outcome()], [Host("ns", (read_nameserver(server),))], 0.2, 10)
    assert seen.published
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("domain", "zone"), [("new.example.com", "example.com"), ("sub.example.com", "sub.example.com")]
)
def test_a_zone_is_found_through_a_resolver_that_leaves_soa_records_out(servers, domain, zone):
    """systemd-resolved does so in negative answers."""

    def forward(query):
        response = dns.query.udp(query, PRIMARY, 2, servers.port)
        response.authority = []
        return response

    with answering(forward) as (server, _unused):
        settings = Settings(port=servers.port, timeout=2, wait=0)
        (seen,) = publish(
            [Wanted(domain, f"_mta-sts.{domain}", TEXT, 300)], Resolver([server], 2), settings, check=True
        )
    assert seen.place == Place(f"_mta-sts.{domain}", zone)
    assert seen.changed

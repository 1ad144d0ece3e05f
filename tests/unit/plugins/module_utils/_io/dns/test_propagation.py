# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which name servers a zone has, what each of them says, and how long they are waited for."""

from __future__ import annotations

import contextlib
import socket
import time

import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import dns.rrset
import pytest
from servers.dns_server import answering
from servers.knot import PRIMARY, SECONDARY, SERVERS, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent, RecordOutcome
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns import propagation
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.propagation import Host, name_servers, watch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import (
    Nameserver,
    Resolver,
    read_nameserver,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, look, publish

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
    return RecordOutcome(RecordIntent(domain, f"_mta-sts.{domain}", value, 300), "example.com")


def only(server):
    return {"example.com": [Host("ns", (read_nameserver(server),))]}


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
    (seen,) = watch([outcome()], {"example.com": hosts}, 2, 0)
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
    intents = [outcome(), outcome("old.example.com"), outcome("none.example.com", None)]
    good, old, gone = watch(intents, {"example.com": hosts}, 2, 0)
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
        (seen,) = watch([outcome()], only(server), 2, 0)
    assert said([seen]) == [["does not serve the zone"]]


def test_a_silent_server_is_waited_for_once_in_a_round():
    domains = [outcome(f"n{number}.example.com") for number in range(500)]
    with answering(lambda query: None) as (server, asked):
        began = time.monotonic()
        seen = watch(domains, only(server), 0.3, 0)
        assert time.monotonic() - began < 3
    assert {text for answers in said(seen) for text in answers} == {f"{server} gave no answer within 0.3 s"}
    assert len(asked) < 100


def test_a_lost_packet_costs_one_record_its_answer_and_no_other(servers):
    def lossy(query):
        return None if len(asked) == 1 else dns.query.udp(query, PRIMARY, 2, servers.port)

    with answering(lossy) as (server, asked):
        seen = watch([outcome(f"n{number}.example.com", None) for number in range(20)], only(server), 1, 0)
    answers = sorted(text for answers in said(seen) for text in answers)
    assert answers == [f"{server} gave no answer within 1 s", *["ok"] * 19]


@pytest.mark.parametrize("hosts", [[], [Host("ns.broken.test", trouble="has an unknown address: SERVFAIL")]])
def test_nobody_is_waited_for_who_cannot_be_asked(hosts):
    began = time.monotonic()
    (seen,) = watch([outcome()], {"example.com": hosts}, 2, 60)
    assert time.monotonic() - began < 5
    assert not seen.published


def test_a_server_that_comes_round_in_time_is_waited_for(servers):
    def late(query):
        return None if len(asked) < 3 else dns.query.udp(query, PRIMARY, 2, servers.port)

    with answering(late) as (server, asked):
        (seen,) = watch([outcome()], only(server), 0.2, 10)
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
        options = PublishOptions(port=servers.port, timeout=2, wait=0)
        (seen,) = publish(
            [RecordIntent(domain, f"_mta-sts.{domain}", TEXT, 300)], Resolver([server], 2), options, check=True
        )
    assert seen.zone == zone
    assert f"says NOTAUTH to {zone} without a key" in seen.problem  # the primary was asked for that zone


MANY = 300  # more than are asked about at the same time


class ManyZones:
    """A resolver and name server with as many zones as there are domains; what it answers to TXT, each test decides."""

    def __init__(self, text):
        self.text = text

    def __call__(self, query):
        question = query.question[0]
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        name = question.name.to_text()
        zone = ".".join(name.split(".")[-3:])
        kind = dns.rdatatype.to_text(question.rdtype)
        texts = [f'"{self.text(name)}"'] if kind == "TXT" else {"NS": ["ns.test."], "A": ["127.0.0.1"]}.get(kind)
        if texts:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
        else:
            soa = "ns.test. hostmaster.test. 1 3600 600 86400 1"
            response.authority.append(dns.rrset.from_text(zone, 60, "IN", "SOA", soa))
        return response

    @staticmethod
    def look(server, wait):
        intents = [RecordIntent(f"d{number}.test", f"_mta-sts.d{number}.test", TEXT, 300) for number in range(MANY)]
        options = PublishOptions(port=read_nameserver(server).port, timeout=5, wait=wait)
        return look(intents, Resolver([server], 5), options)


def test_all_zones_are_waited_for_together():
    """Each has the new data only once it has been asked of all: whoever waited for a few first would wait in vain."""
    seen = set()

    def text(name):
        seen.add(name)
        return TEXT if len(seen) == MANY else "v=STSv1; id=0;"

    with answering(ManyZones(text)) as (server, _asked):
        assert all(outcome.published for outcome in ManyZones.look(server, 30))


def test_the_addresses_of_a_name_server_are_asked_for_once_and_not_for_every_zone():
    with answering(ManyZones(lambda name: TEXT)) as (server, asked):
        assert all(outcome.published for outcome in ManyZones.look(server, 0))
    assert (asked.count("ns.test. IN A"), asked.count("ns.test. IN AAAA")) == (1, 1)
    assert sum("IN NS" in question for question in asked) == MANY


def test_a_zone_of_silent_servers_keeps_no_other_waiting(monkeypatch):
    """The other zone's only server is asked in the first moment, though it comes last and little time is left."""
    monkeypatch.setattr(propagation, "ROUND_SECONDS", 0.1)
    monkeypatch.setattr(propagation, "QUESTIONS_AT_ONCE", 4)
    with answering(ManyZones(lambda name: TEXT)) as (server, _asked):
        port = read_nameserver(server).port
        silent = tuple(Nameserver(f"127.0.3.{number}", port) for number in range(1, 100))
        with contextlib.ExitStack() as bound:
            for one in silent:
                bound.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind((one.address, port))
            hosts = {"bad.test": [Host("ns", silent)], "d1.test": [Host("ns", (read_nameserver(server),))]}
            zones = [RecordOutcome(RecordIntent(zone, f"_mta-sts.{zone}", TEXT, 300), zone) for zone in hosts]
            started = time.monotonic()
            bad, good = watch(zones, hosts, 0.5, 0)
    assert good.published
    assert "was not asked in time" in bad.servers.values()
    assert time.monotonic() - started < 3

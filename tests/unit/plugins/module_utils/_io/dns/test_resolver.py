# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Questions to real name servers, and every way of not getting an answer."""

from __future__ import annotations

import socket
import time

import dns.flags
import dns.message
import dns.opcode
import dns.query
import pytest
from servers.dns_server import answering
from servers.knot import PRIMARY, SECONDARY, SERVERS, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import (
    InvalidNameserver,
    Nameserver,
    Resolver,
    _system_nameservers,
    read_nameserver,
)

LONG_TEXTS = tuple(f"{number:02}" + "x" * 200 for number in range(12))
RECORDS = "\n".join(
    [
        "one TXT first",
        'two TXT "v=STSv1; " "id=1;"',
        "only-a A 192.0.2.1",
        'many TXT "a" \nmany TXT "c"\nmany TXT "b"',
        "mail MX 20 MX2\nmail MX 10 mx1",
        "both A 192.0.2.1\nboth AAAA 2001:db8::1",
        "alias CNAME one",
        "alias2 CNAME alias",
        "elsewhere CNAME two.example.org.",
        "to-nothing CNAME nothing.example.org.",
        "to-a CNAME only-a",
        "far CNAME two.not-here.test.",
        "circle1 CNAME circle2\ncircle2 CNAME circle1",
        *(f"long TXT {text}" for text in LONG_TEXTS),
        *(f"n{number} TXT {number}" for number in range(200)),
    ]
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    zones = [
        Zone("example.com", RECORDS),
        Zone("example.org", "two TXT second"),
        Zone("broken.test", broken=True),
    ]
    with serve(tmp_path_factory.mktemp("knot"), *zones) as running:
        yield running


@pytest.fixture
def resolver(servers):
    return Resolver([servers.nameserver], 2)


@pytest.fixture
def silent():
    """A name server that takes questions and says nothing."""
    with socket.socket(type=socket.SOCK_DGRAM) as bound:
        bound.bind((PRIMARY, 0))
        yield f"{PRIMARY}:{bound.getsockname()[1]}"


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "canonical", "records"),
    [
        ("one.example.com", "TXT", "OK", "one.example.com", ((b"first",),)),
        ("ONE.Example.com", "TXT", "OK", "one.example.com", ((b"first",),)),
        ("two.example.com", "TXT", "OK", "two.example.com", ((b"v=STSv1; ", b"id=1;"),)),
        ("many.example.com", "TXT", "OK", "many.example.com", ((b"a",), (b"b",), (b"c",))),
        ("mail.example.com", "MX", "OK", "mail.example.com", ((10, "mx1.example.com"), (20, "mx2.example.com"))),
        ("both.example.com", "A", "OK", "both.example.com", ("192.0.2.1",)),
        ("both.example.com", "AAAA", "OK", "both.example.com", ("2001:db8::1",)),
        ("example.com", "NS", "OK", "example.com", (f"ns1.{SERVERS}", f"ns2.{SERVERS}")),
        ("example.com", "SOA", "OK", "example.com", (f"ns1.{SERVERS}",)),
        ("nothing.example.com", "TXT", "NXDOMAIN", "nothing.example.com", ()),
        ("only-a.example.com", "TXT", "NODATA", "only-a.example.com", ()),
        ("www.broken.test", "TXT", "SERVFAIL", "www.broken.test", ()),
        ("not-here.test", "TXT", "REFUSED", "not-here.test", ()),
        ("alias.example.com", "TXT", "OK", "one.example.com", ((b"first",),)),
        ("alias2.example.com", "TXT", "OK", "one.example.com", ((b"first",),)),
        ("elsewhere.example.com", "TXT", "OK", "two.example.org", ((b"second",),)),
        ("to-nothing.example.com", "TXT", "NXDOMAIN", "nothing.example.org", ()),
        ("to-a.example.com", "TXT", "NODATA", "only-a.example.com", ()),
        ("far.example.com", "TXT", "REFUSED", "two.not-here.test", ()),
    ],
)
def test_an_answer_says_what_there_is_and_what_is_not(resolver, name, rdtype, status, canonical, records):
    answer = resolver.ask(name, rdtype)
    assert (answer.name, answer.rdtype) == (name, rdtype)
    assert (answer.status, answer.canonical, answer.records) == (status, canonical, records)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("nothing.example.com", "example.com"),
        ("only-a.example.com", "example.com"),
        ("example.com", "example.com"),
        ("to-nothing.example.com", "example.org"),
    ],
)
def test_the_zone_and_its_primary_come_along(resolver, name, zone):
    answer = resolver.ask(name, "SOA")
    assert (answer.zone, answer.primary) == (zone, "ns1.servers.test")


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("nothing.example.com", "{} says NXDOMAIN"),
        ("only-a.example.com", "{} has no TXT record there"),
        ("www.broken.test", "{} says SERVFAIL"),
        ("not-here.test", "{} says REFUSED"),
        ("one.example.com", "{}"),
    ],
)
def test_the_detail_names_the_server_and_its_words(resolver, servers, name, detail):
    assert resolver.ask(name, "TXT").detail == detail.format(servers.nameserver)


def test_a_circle_of_cnames_ends(resolver):
    answer = resolver.ask("circle1.example.com", "TXT")
    assert answer.status == "ERROR"
    assert answer.detail.endswith("the CNAME records form a loop, or too long a chain")


@pytest.mark.parametrize("name", ["a..example.com", f"{'a' * 64}.example.com", ".".join(["a" * 60] * 5)])
def test_what_is_no_name_is_an_error_and_nothing_is_raised(resolver, name):
    answer = resolver.ask(name, "TXT")
    assert answer.status == "ERROR"
    assert answer.detail


@pytest.mark.parametrize("opcode", [dns.opcode.IQUERY, dns.opcode.STATUS, 15])
def test_an_answer_that_is_none_to_a_query_is_an_error_and_nothing_is_raised(opcode):
    def strange(query):
        response = dns.message.make_response(query)
        response.set_opcode(opcode)
        return response

    with answering(strange) as (server, _asked):
        answer = Resolver([server], timeout=1).ask("a.example", "TXT")
    assert (answer.status, answer.records) == ("ERROR", ())
    assert "not to a query" in answer.detail


def test_what_udp_cuts_short_comes_by_tcp(resolver, servers):
    query = dns.message.make_query("long.example.com", "TXT", use_edns=0, payload=1232)
    assert dns.query.udp(query, PRIMARY, 2, servers.port).flags & dns.flags.TC
    answer = resolver.ask("long.example.com", "TXT")
    assert [strings[0].decode() for strings in answer.records] == list(LONG_TEXTS)


def test_silence_costs_two_time_outs(silent):
    began = time.monotonic()
    answer = Resolver([silent], 0.2).ask("one.example.com", "TXT")
    assert answer.status == "TIMEOUT"
    assert answer.detail == f"{silent} gave no answer within 0.2 s"
    assert 0.4 <= time.monotonic() - began < 2


def test_what_one_server_does_not_know_the_next_is_asked(servers, silent):
    resolver = Resolver([silent, servers.secondary], 0.2)
    assert resolver.ask("one.example.com", "TXT").detail == f"{SECONDARY}:{servers.port}"


def test_a_server_that_is_sure_is_the_last_one_asked(servers, silent):
    assert Resolver([servers.nameserver, silent], 5).ask("nothing.example.com", "TXT").status == "NXDOMAIN"


def test_200_names_are_asked_side_by_side_and_answered_in_order(resolver):
    questions = [(f"n{number}.example.com", "TXT") for number in range(200)]
    answers = resolver.ask_all(question for question in questions)
    assert [answer.records for answer in answers] == [((str(number).encode(),),) for number in range(200)]


def test_silence_costs_200_names_no_more_than_a_few_of_them(silent):
    began = time.monotonic()
    answers = Resolver([silent], 0.1).ask_all((f"n{number}.example.com", "TXT") for number in range(200))
    assert {answer.status for answer in answers} == {"TIMEOUT"}
    assert time.monotonic() - began < 10


def test_no_question_is_no_answer(resolver):
    assert resolver.ask_all([]) == []


def test_without_nameservers_the_machines_are_asked():
    assert Resolver().nameservers == _system_nameservers()


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 53),
        (" 192.0.2.1 ", "192.0.2.1", 53),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("2001:db8::1", "2001:db8::1", 53),
        ("2001:DB8:0::1", "2001:db8::1", 53),
        ("[2001:db8::1]", "2001:db8::1", 53),
        ("[2001:db8::1]:5353", "2001:db8::1", 5353),
        ("[192.0.2.1]:5353", "192.0.2.1", 5353),
    ],
)
def test_a_nameserver_is_an_address_with_or_without_port(text, address, port):
    assert read_nameserver(text) == Nameserver(address, port)


def test_a_nameserver_may_be_a_name():
    assert read_nameserver("localhost:5353") in {Nameserver("127.0.0.1", 5353), Nameserver("::1", 5353)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("192.0.2.1:", "'' is not a port"),
        ("192.0.2.1:0", "'0' is not a port"),
        ("192.0.2.1:65536", "'65536' is not a port"),
        ("192.0.2.1:dns", "'dns' is not a port"),
        ("192.0.2.1:-1", "'-1' is not a port"),
        ("192.0.2.1:\u00b2", "'\u00b2' is not a port"),
        ("[2001:db8::1", "is not an address in brackets"),
        ("[2001:db8::1]5353", "is not an address in brackets"),
        ("", "is neither an address nor a name that resolves"),
        ("no such host.invalid", "is neither an address nor a name that resolves"),
        (f"{'a' * 64}.example.com", "is neither an address nor a name that resolves"),
    ],
)
def test_what_is_no_nameserver_is_refused(text, words):
    with pytest.raises(InvalidNameserver) as refused:
        read_nameserver(text)
    assert str(refused.value).startswith(repr(text))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("server", "text"),
    [
        (Nameserver("192.0.2.1"), "192.0.2.1"),
        (Nameserver("192.0.2.1", 5353), "192.0.2.1:5353"),
        (Nameserver("2001:db8::1"), "2001:db8::1"),
        (Nameserver("2001:db8::1", 5353), "[2001:db8::1]:5353"),
    ],
)
def test_a_nameserver_is_shown_as_it_is_written(server, text):
    assert str(server) == text
    assert read_nameserver(text) == server

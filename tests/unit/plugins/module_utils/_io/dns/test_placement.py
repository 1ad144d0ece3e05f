# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What DNS says about the names of records, on a real name server: zones, CNAMEs, wildcards and who lives by them."""

from __future__ import annotations

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from servers.dns_server import answering
from servers.knot import Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.placement import Zones, place_all
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver

VALUE = "v=STSv1; id=1;"
ZONES = [
    Zone("plain.test", "sub MX 10 mx\n_mta-sts.alias CNAME _dmarc"),
    Zone("mx.test", "* MX 10 mx\nmx A 192.0.2.1\nown MX 10 mx\nhost.below A 192.0.2.2"),
    Zone("address.test", "* A 192.0.2.1\n* AAAA 2001:db8::1"),
    Zone("cname.test", "* CNAME nowhere.invalid.\nown A 192.0.2.1"),
    Zone("text.test", '* TXT "v=spf1 -all"'),
    Zone("deeper.test", "*.customers A 192.0.2.1\n* MX 10 mx"),
    Zone("both.test", "sub A 192.0.2.1\n*.sub A 192.0.2.1"),
    Zone("round.test", "_mta-sts CNAME c1\nc1 CNAME c2\nc2 CNAME c1"),
    Zone("long.test", "\n".join(["_mta-sts CNAME c1", *(f"c{place} CNAME c{place + 1}" for place in range(1, 40))])),
    Zone("dname.test", "moved DNAME plain.test."),
]


class Counting(Resolver):
    """A resolver that remembers what it was asked."""

    def __init__(self, nameserver):
        super().__init__([nameserver], 2)
        self.asked = []

    def ask(self, name, rdtype):
        self.asked.append((name, rdtype))
        return super().ask(name, rdtype)


@pytest.fixture(scope="module")
def resolver(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("knot"), *ZONES) as servers:
        yield Counting(servers.nameserver)


@pytest.fixture
def zones(resolver):
    resolver.asked.clear()
    return Zones(resolver)


def want(domain, value=VALUE):
    return RecordIntent(domain, f"_mta-sts.{domain}", value, 300)


@pytest.mark.parametrize(
    ("domain", "zone"),
    [
        ("plain.test", "plain.test"),
        ("sub.plain.test", "plain.test"),
        ("new.plain.test", "plain.test"),
        ("mx.test", "mx.test"),
        ("own.mx.test", "mx.test"),
        ("below.mx.test", "mx.test"),
        ("cname.test", "cname.test"),
        ("own.cname.test", "cname.test"),
        ("text.test", "text.test"),
        ("sub.text.test", "text.test"),
        ("sub.both.test", "both.test"),
    ],
)
def test_where_nobody_loses_anything_a_record_may_be_written(zones, domain, zone):
    outcome = zones.place(want(domain))
    assert (outcome.zone, outcome.problem) == (zone, None)


@pytest.mark.parametrize(
    ("domain", "wildcard", "lives"),
    [
        ("sub.mx.test", "*.mx.test", "sub.mx.test has its MX records"),
        ("a.b.mx.test", "*.mx.test", "a.b.mx.test has its MX records; b.mx.test has its MX records"),
        ("sub.address.test", "*.address.test", "sub.address.test has its A, AAAA records"),
        ("sub.cname.test", "*.cname.test", "sub.cname.test has its CNAME records"),
        ("c1.customers.deeper.test", "*.customers.deeper.test", "c1.customers.deeper.test has its A records"),
        ("other.deeper.test", "*.deeper.test", "other.deeper.test has its MX records"),
    ],
)
def test_a_name_is_not_created_that_would_hide_a_wildcard_others_live_by(zones, domain, wildcard, lives):
    outcome = zones.place(want(domain))
    assert outcome.refused
    assert f"a record here would hide the wildcard {wildcard}, by which {lives} (RFC 4592" in outcome.problem
    assert zones.place(want(domain, None)).problem is None, "to remove a record takes nothing from anybody"


def test_a_cname_or_dname_is_told_though_it_leads_nowhere(zones):
    assert "the name is a CNAME to _dmarc.plain.test" in zones.place(want("alias.plain.test")).problem
    assert "the name is a CNAME to _mta-sts.plain.test" in zones.place(want("moved.dname.test")).problem


def test_cnames_that_go_round_are_told(zones):
    problem = zones.place(want("round.test")).problem
    assert "which leads in a circle, and which no entry of the list refers to" in problem
    assert "delegated_to" not in problem


def test_many_cnames_whose_end_is_known_lead_there(zones):
    problem = zones.place(want("long.test")).problem
    assert "the name is a CNAME to c40.long.test, which does not exist (NXDOMAIN), and which no entry" in problem


def test_more_cnames_than_a_resolver_follows_are_no_circle():
    def answer(query):
        response = dns.message.make_response(query)
        (question,) = query.question
        first = question.name.to_text().partition(".")[0]
        if first == "*":
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.CNAME:
            place = int(first.removeprefix("c")) if first.startswith("c") else 0
            target = f"c{place + 1}.long.test."
            response.answer = [dns.rrset.from_text(question.name, 60, "IN", "CNAME", target)]
        elif first == "long":
            soa = "ns1.long.test. hostmaster.long.test. 1 3600 600 86400 60"
            response.answer = [dns.rrset.from_text(question.name, 60, "IN", "SOA", soa)]
        else:
            response.set_rcode(dns.rcode.SERVFAIL)
        return response

    with answering(answer) as (server, _unused):
        problem = Zones(Resolver([server], 1)).place(want("long.test")).problem
    assert "a CNAME to c1.long.test, which leads on through more than 16 CNAMEs, and which no entry" in problem
    assert "delegated_to" not in problem


def test_what_cannot_be_looked_up_is_not_written(zones):
    def answer(query):
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.SERVFAIL)
        return response

    with answering(answer) as (server, _unused):
        outcome = Zones(Resolver([server], 1)).place(want("plain.test"))
    assert (outcome.zone, outcome.refused) == (None, False)
    assert outcome.problem == (
        f"plain.test: _mta-sts.plain.test: the zone it is in cannot be found: {server} says SERVFAIL. Remedy: "
        "Check that all name servers of its zone answer (dig +trace _mta-sts.plain.test SOA), and run again."
    )


def test_what_many_names_share_is_asked_once(zones, resolver):
    domains = [f"c{number}.customers.deeper.test" for number in range(20)]
    places = place_all([want(domain) for domain in domains], zones, 8)
    assert [outcome.refused for outcome in places.values()] == [True] * 20
    assert resolver.asked.count(("*.customers.deeper.test", "A")) == 1


def test_a_domain_with_a_zone_of_its_own_costs_one_question(zones, resolver):
    assert zones.place(want("plain.test")).problem is None
    assert resolver.asked == [("_mta-sts.plain.test", "SOA")]


def test_the_list_decides_before_dns_does(zones):
    own, other = want("plain.test"), RecordIntent("b.test", "_mta-sts.plain.test", "v=STSv1; id=2;", 300, "plain.test")
    places = place_all([own, other], zones, 8)
    assert (places[own].problem, places[other].refused) == (None, True)

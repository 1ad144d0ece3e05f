# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which addresses a proof is fetched from: those of the world and our own, not wherever a customer's domain leads."""

from __future__ import annotations

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
import trustme
from dns_server import answering
from https_server import Answer, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.prove import Expected, Fetching, prove_all
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.resolve import Resolver

HOST = "mta-sts.example.com"
POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


@pytest.fixture
def inside(tmp_path):
    """A policy host on loopback, and the way to it; return the proof and the requests."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "root.pem")

    def say(query):
        response = dns.message.make_response(query)
        if query.question[0].rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(query.question[0].name, 300, "IN", "A", "127.0.0.1"))
        return response

    answer = Answer(body=POLICY)
    with serve(answer, authority.issue_cert(HOST)) as port, answering(say) as (nameserver, _asked):

        def prove(policy=POLICY, **options):
            fetching = Fetching(ca_path=str(tmp_path / "root.pem"), port=port, attempts=1, **options)
            (proven,) = prove_all([Expected("example.com", HOST, policy)], Resolver([nameserver]), fetching)
            return proven.proof, answer.requests

        yield prove


def test_a_private_address_that_is_not_ours_is_an_error_and_not_connected_to(inside):
    proof, requests = inside()
    assert not proof.proven
    assert requests == []
    assert f"{HOST} leads to 127.0.0.1, a loopback address" in str(proof.findings[0])
    assert "mta_sts_allow_private" in proof.findings[0].remedy


@pytest.mark.parametrize("options", [{"own": frozenset({"127.0.0.1"})}, {"allow_private": True}])
def test_our_own_and_allowed_ones_are_fetched_from(inside, options):
    proof, requests = inside(**options)
    assert proof.proven
    assert len(requests) == 1


def test_a_quorum_does_not_help_a_private_address(inside):
    assert not inside(quorum=1, own=frozenset({"10.0.0.1"}))[0].proven


@pytest.mark.parametrize(
    ("rcode", "rule"),
    [
        (dns.rcode.NXDOMAIN, f"{HOST} has no address (A: NXDOMAIN, AAAA: NXDOMAIN)"),
        (dns.rcode.SERVFAIL, f"{HOST} cannot be looked up (A: SERVFAIL, AAAA: SERVFAIL)"),
    ],
)
def test_a_name_that_cannot_be_looked_up_is_not_one_without_address(rcode, rule):
    def say(query):
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        return response

    with answering(say) as (nameserver, _asked):
        (proven,) = prove_all([Expected("example.com", HOST, POLICY)], Resolver([nameserver]), Fetching())
    assert not proven.proof.proven
    assert proven.proof.findings[0].rule == rule

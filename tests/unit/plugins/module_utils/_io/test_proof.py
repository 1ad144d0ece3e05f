# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of one domain is that domain's matter: in time, in connections, and whatever goes wrong."""

from __future__ import annotations

import socket
import time

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
import trustme
from servers.dns_server import answering
from servers.https_server import Answer, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Expected
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import proof as proving
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.proof import ProofOptions, prove_all

POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
SILENT = "127.0.0.3"
HOST = "mta-sts.example.com"


def answers(addresses):
    """Answer with the addresses of each host."""

    def answer(query):
        question = query.question[0]
        response = dns.message.make_response(query)
        response.request_payload = 65535
        found = addresses.get(question.name.to_text(omit_final_dot=True), []) if question.rdtype == 1 else []
        if found:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", *found))
        return response

    return answer


@pytest.fixture
def prove(tmp_path):
    """Yields a function that proves domains, for which it is given their addresses."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    certificate = authority.issue_cert(*(f"mta-sts.{name}.test" for name in "abc"))
    with serve(Answer(body=POLICY), certificate) as port, socket.create_server((SILENT, port)):

        def prove(addresses, policy=POLICY, attempts=1, **options):
            trusted = str(tmp_path / "root.pem")
            how = ProofOptions(FetchOptions(trusted, port, 5, attempts, allow_private=True), **options)
            expected = [Expected(domain, policy is not None, policy) for domain in addresses]
            by_host = {f"mta-sts.{domain}": found for domain, found in addresses.items()}
            with answering(answers(by_host)) as (nameserver, _asked):
                return {proven.domain: proven for proven in prove_all(expected, Resolver([nameserver], 1), how)}

        yield prove


def rules(proven):
    return [finding.rule for finding in proven.proof.findings]


@pytest.mark.parametrize("policy", [POLICY, None])
@pytest.mark.parametrize("name", ["fetch", "prove", "_addresses"])
def test_whatever_is_raised_becomes_a_finding_of_the_domain(prove, monkeypatch, policy, name):
    original = {"fetch": proving.fetch, "prove": proving.prove, "_addresses": Resolver.ask}[name]

    def some(*args, **kwargs):
        if any("b.test" in str(arg) for arg in args) and not getattr(some, "told", False):
            some.told = name == "prove"  # what is thrown while judging is judged a second time
            raise RecursionError("what nobody has thought of")
        return original(*args, **kwargs)

    monkeypatch.setattr(Resolver if name == "_addresses" else proving, "ask" if name == "_addresses" else name, some)
    proofs = prove({"a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"]}, policy)
    assert proofs["a.test"].proof.proven is (policy is not None)
    assert proofs["b.test"].proof.proven is False
    (rule,) = rules(proofs["b.test"])
    assert "nothing is known of it: RecursionError: what nobody has thought of" in rule


@pytest.mark.parametrize("policy", [POLICY, None])
def test_more_addresses_than_are_looked_at_prove_nothing(prove, policy):
    many = [f"127.7.{number // 250}.{number % 250 + 1}" for number in range(3000)]
    proven = prove({"a.test": many}, policy)["a.test"]
    assert proven.proof.proven is False
    assert len(proven.addresses) == 16
    assert "mta-sts.a.test has 3,000 addresses, of which 16 were looked at" in rules(proven)[-1] or policy is not None
    assert len(proven.proof.findings) <= 11


@pytest.mark.parametrize("policy", [POLICY, None])
def test_what_there_is_no_time_for_is_not_proven(prove, policy):
    began = time.monotonic()
    proofs = prove({"a.test": ["127.0.0.1"], "b.test": [SILENT]}, policy, seconds=1.0)
    assert time.monotonic() - began < 3
    assert proofs["b.test"].proof.proven is False
    assert rules(proofs["b.test"]) == [f"{SILENT} was not looked at: the 1 s for all of mta-sts.b.test were over"]


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

        def prove(policy=POLICY, quorum=0, **options):
            fetching = FetchOptions(str(tmp_path / "root.pem"), port, attempts=1, **options)
            how = ProofOptions(fetching, quorum=quorum)
            expected = [Expected("example.com", policy is not None, policy)]
            (proven,) = prove_all(expected, Resolver([nameserver]), how)
            return proven.proof, answer.requests

        yield prove


def test_a_private_address_that_is_not_ours_is_an_error_and_not_connected_to(inside):
    proof, requests = inside()
    assert not proof.proven
    assert requests == []
    assert f"{HOST} resolves to 127.0.0.1, a loopback address" in str(proof.findings[0])
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
        (proven,) = prove_all([Expected("example.com", True, POLICY)], Resolver([nameserver]), ProofOptions())
    assert not proven.proof.proven
    assert proven.proof.findings[0].rule == rule

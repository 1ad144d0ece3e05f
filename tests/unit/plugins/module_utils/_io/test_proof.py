# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of one domain is that domain's matter: in time, in connections, and whatever goes wrong."""

from __future__ import annotations

import contextlib
import socket
import time

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
import trustme
from servers.dns_server import answering, having
from servers.https_server import Answer, serve
from servers.ports import free_port

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Expected
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import proof
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

        def prove(addresses, policy=POLICY, attempts=1, timeout=5, **options):
            trusted = str(tmp_path / "root.pem")
            how = ProofOptions(FetchOptions(trusted, port, timeout, attempts, allow_private=True), **options)
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
    original = {"fetch": proof.fetch, "prove": proof.prove, "_addresses": Resolver.ask}[name]

    def some(*args, **kwargs):
        if any("b.test" in str(arg) for arg in args) and not getattr(some, "told", False):
            some.told = name == "prove"  # what is thrown while judging is judged a second time
            raise RecursionError("what nobody has thought of")
        return original(*args, **kwargs)

    monkeypatch.setattr(Resolver if name == "_addresses" else proof, "ask" if name == "_addresses" else name, some)
    proofs = prove({"a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"]}, policy)
    assert proofs["a.test"].proof.proven is (policy is not None)
    assert proofs["b.test"].proof.proven is False
    (rule,) = rules(proofs["b.test"])
    assert "nothing is known about it: RecursionError: what nobody has thought of" in rule


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
    verdict, requests = inside()
    assert not verdict.proven
    assert requests == []
    assert f"{HOST} resolves to 127.0.0.1, a loopback address" in str(verdict.findings[0])
    assert "mta_sts_allow_private" in verdict.findings[0].remedy


@pytest.mark.parametrize("options", [{"own": frozenset({"127.0.0.1"})}, {"allow_private": True}])
def test_our_own_and_allowed_ones_are_fetched_from(inside, options):
    verdict, requests = inside(**options)
    assert verdict.proven
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


# One policy host, at three addresses
FIRST, SECOND, THIRD = "127.0.0.1", "127.0.0.2", "::1"
OLDER = b"version: STSv1\r\nmode: none\r\nmax_age: 604800\r\n"
GOOD = Answer(body=POLICY)
OLD = Answer(body=OLDER)
GONE = Answer(404, body=b"not found")


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def visit(authority, tmp_path):
    """Return a function that proves a domain whose policy host serves ``answers``; what is None there is down."""
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    certificate = authority.issue_cert(HOST)

    def visit(answers, policy=POLICY, certificates=None, **options):
        port = free_port((FIRST, SECOND))
        records = {
            (HOST, "A"): [address for address in answers if ":" not in address],
            (HOST, "AAAA"): [address for address in answers if ":" in address],
        }
        with contextlib.ExitStack() as running:
            for address, answer in answers.items():
                if answer is not None:
                    shown = (certificates or {}).get(address, certificate)
                    running.enter_context(serve(answer, shown, address=address, port=port))
            nameserver, _asked = running.enter_context(
                answering(having({key: found for key, found in records.items() if found}))
            )
            how = {key: options.pop(key) for key in ("quorum", "seconds", "concurrency") if key in options}
            options = {"timeout": 5, "attempts": 1, "allow_private": True, **options}
            fetching = ProofOptions(FetchOptions(str(tmp_path / "root.pem"), port, **options), **how)
            expected = [Expected("example.com", policy is not None, policy)]
            (proven,) = prove_all(expected, Resolver([nameserver], 2), fetching)
        return proven, port

    return visit


def test_every_address_of_either_family_is_visited_once(visit):
    answers = {address: Answer(body=POLICY) for address in (FIRST, SECOND, THIRD)}
    proven, _port = visit(answers)
    assert (proven.domain, proven.addresses) == ("example.com", (FIRST, SECOND, THIRD))
    assert proven.proof.proven
    assert proven.proof.findings == ()
    assert proven.proof.certificate_expiry > time.time()
    assert [len(answer.requests) for answer in answers.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (OLD, "127.0.0.2 serves policy 6b0a272c43f662b6, not 94815eb6141fb6e5 as expected"),
        (GONE, "127.0.0.2 answers with HTTP status 404; senders accept only 200 and follow no redirect"),
        (
            Answer(301, {"Location": "https://www.example.com/"}),
            "127.0.0.2 answers with HTTP status 301; senders accept only 200 and follow no redirect",
        ),
        (
            Answer(200, {"Content-Type": "text/html"}, POLICY),
            "127.0.0.2 serves the policy with the media type 'text/html' instead of text/plain",
        ),
        (None, "127.0.0.2 port {port} does not accept the connection: Connection refused"),
    ],
    ids=["a former policy", "none", "a redirect", "the wrong media type", "down"],
)
def test_one_address_that_serves_something_else_is_named_and_enough(visit, answer, rule):
    proven, port = visit({FIRST: GOOD, SECOND: answer, THIRD: GOOD})
    assert not proven.proof.proven
    assert rules(proven) == [rule.format(port=port)]


def test_a_certificate_for_another_name_is_the_fault_of_its_address(visit, authority):
    elsewhere = authority.issue_cert("www.example.com")
    proven, port = visit({FIRST: GOOD, SECOND: GOOD}, certificates={SECOND: elsewhere})
    assert not proven.proof.proven
    (rule,) = rules(proven)
    assert rule.startswith(f"the certificate at {SECOND} port {port} does not name {HOST} but 'www.example.com'")


def test_a_certificate_that_nobody_trusts_is_the_fault_of_its_address(visit):
    proven, port = visit({FIRST: GOOD, SECOND: GOOD}, certificates={SECOND: trustme.CA().issue_cert(HOST)})
    assert not proven.proof.proven
    (rule,) = rules(proven)
    assert rule.startswith(f"the certificate at {SECOND} port {port} for {HOST}")


@pytest.mark.parametrize(
    ("answers", "quorum", "is_proven"),
    [
        ({FIRST: GOOD, SECOND: GOOD, THIRD: None}, 0, False),
        ({FIRST: GOOD, SECOND: GOOD, THIRD: None}, 2, True),
        ({FIRST: GOOD, SECOND: GOOD, THIRD: None}, 3, False),
        ({FIRST: GOOD, SECOND: None, THIRD: None}, 1, True),
        ({FIRST: GOOD, SECOND: OLD, THIRD: None}, 1, False),
        ({FIRST: GOOD, SECOND: GONE}, 1, False),
        ({FIRST: None, SECOND: None}, 1, False),
    ],
    ids=[
        "all are wanted", "as many as are wanted", "one too few", "one is enough", "but none may serve another policy",
        "nor none at all", "nobody is up",
    ],
)  # fmt: skip
def test_with_a_quorum_the_others_may_be_down_and_nothing_else(visit, answers, quorum, is_proven):
    assert visit(answers, quorum=quorum)[0].proof.proven is is_proven


def test_the_remedy_of_a_host_that_is_down_names_the_quorum_that_would_do(visit):
    (finding,) = visit({FIRST: GOOD, SECOND: None})[0].proof.findings
    assert finding.remedy.endswith("; or, until the host is repaired, set sts_dns_quorum to 1")


@pytest.mark.parametrize(
    ("answers", "is_proven"),
    [
        ({}, True),
        ({FIRST: None}, True),
        ({FIRST: GONE, SECOND: GONE}, True),
        ({FIRST: Answer(200, {"Content-Type": "text/html"}, b"<html>for sale</html>")}, True),
        ({FIRST: GONE, SECOND: GOOD}, False),
        ({FIRST: GONE, SECOND: OLD}, False),
    ],
    ids=["no address", "nobody is up", "none is served", "a page, no policy", "one serves it", "one serves another"],
)
def test_an_absent_domain_is_proven_when_no_address_serves_a_policy(visit, answers, is_proven):
    assert visit(answers, policy=None)[0].proof.proven is is_proven


class Unready(list):
    """The requests of a server that breaks off the first of them."""

    def append(self, request):
        super().append(request)
        if len(self) == 1:
            raise ConnectionAbortedError


@pytest.mark.parametrize(("attempts", "is_proven"), [(1, False), (2, True)])
def test_a_host_that_answers_a_second_later_is_proven_by_a_second_attempt(visit, attempts, is_proven):
    answer = Answer(body=POLICY, requests=Unready())
    assert visit({FIRST: answer}, attempts=attempts)[0].proof.proven is is_proven
    assert len(answer.requests) == attempts


def test_proofs_come_in_the_order_of_the_list_however_long_each_takes(prove):
    proofs = prove({"a.test": [SILENT], "b.test": ["127.0.0.1"], "c.test": ["127.0.0.1"]}, timeout=0.3, concurrency=0)
    assert [(domain, proven.proof.proven) for domain, proven in proofs.items()] == [
        ("a.test", False),
        ("b.test", True),
        ("c.test", True),
    ]

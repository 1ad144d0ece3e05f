# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One domain is one domain: what it breaks, how long it takes and whom it names is its own matter."""

from __future__ import annotations

import json
import socket
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trustme
from servers.dns_server import answering
from servers.https_server import Answer, serve
from servers.ports import free_port
from servers.smtp_server import MailServer, receive
from servers.tls_server import OLD, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.judge import JudgeOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import TlsInfo
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit import mail_servers, run
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.authoritative import Authorities
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.collect import CollectOptions, Collector
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.run import Target, audit_all
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net import tls_probe
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.smtp import SmtpOptions
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.patience import Patience

HOME, OTHER, SILENT = "127.0.0.1", "127.0.0.2", "127.0.0.3"
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.a.test\r\nmax_age: 2419200\r\n"


def healthy(domain, host=HOME, mx="mx.a.test"):
    return {
        (f"_mta-sts.{domain}", "TXT"): [f'"v=STSv1; id={policy_id(POLICY)};"'],
        (f"_smtp._tls.{domain}", "TXT"): [f'"v=TLSRPTv1; rua=mailto:tlsrpt@{domain}"'],
        (f"mta-sts.{domain}", "A"): [host],
        (domain, "MX"): [f"10 {mx}."],
        (mx, "A"): [HOME],
    }


def answers(*zones, refused=()):
    """Answer what stands in the zones, with authority, but for names that are not served here."""
    records = {key: values for zone in zones for key, values in zone.items()}

    def answer(query):
        question = query.question[0]
        name, rdtype = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        response.request_payload = 65535
        response.flags |= dns.flags.AA
        values = records.get((name, rdtype))
        if name.endswith(tuple(refused)):
            response.set_rcode(dns.rcode.REFUSED)
        elif values:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", rdtype, *values))
        return response

    return answer


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def world(authority, tmp_path):
    """Yields a function that audits domains of these zones, at servers that serve all of them."""
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    names = [f"mta-sts.{domain}.test" for domain in "abc"]
    with (
        serve(Answer(body=POLICY), authority.issue_cert(*names), names=set(names)) as port,
        socket.create_server((SILENT, port)),
        receive(MailServer(context=tls(authority.issue_cert("mx.a.test")))) as smtp_port,
    ):

        def audit(*domains, zones, seconds=20.0):
            trusted = str(tmp_path / "root.pem")
            options = CollectOptions(
                fetch=FetchOptions(trusted, port, 5, 1, allow_private=True),
                smtp=SmtpOptions(trusted, smtp_port, 5, 1, allow_private=True),
                seconds=seconds,
            )
            with answering(answers(*zones)) as (nameserver, _asked):
                collector = Collector(Resolver([nameserver], 1.0), options)
                verdicts, past = audit_all(
                    [Target(domain) for domain in domains], collector, JudgeOptions(int(time.time())), {}, 8
                )
            return {verdict.domain: verdict for verdict in verdicts}, past

        yield audit


def checks(verdict):
    return [finding.check for finding in verdict.findings]


def explode(*_unused, **_unused_too):
    raise RecursionError("what nobody has thought of")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (run, "judge"),
        (Collector, "collect"),
        (Resolver, "ask"),
        (mail_servers, "exchange"),
        (tls_probe, "old_versions"),
    ],
)
def test_whatever_is_raised_becomes_a_finding_of_the_domain(world, monkeypatch, owner, name):
    original = getattr(owner, name)

    def some(*args, **kwargs):
        if any("b.test" in str(arg) for arg in (*args, *kwargs.values())):
            explode()
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, some)
    verdicts, past = world("a.test", "b.test", zones=(healthy("a.test"), healthy("b.test", mx="mx.b.test")))
    assert verdicts["a.test"].verdict == "ok"
    assert set(past) >= {"a.test"}
    failed = verdicts["b.test"]
    assert (failed.verdict, checks(failed)) == ("error", ["audit_failed"])
    assert {state for station, state in failed.stations.items() if station != "dns"} == {"unknown"}
    (finding,) = failed.findings
    assert "nothing is known about it: RecursionError: what nobody has thought of (in module_utils/_io/" in finding.seen
    assert "bug" in finding.remedy


ODD = {
    "names of bytes": {("b.test", "MX"): ["10 \\000\\255\\.\\032.b.test.", "20 *.b.test.", "30 .", "40 \\@.test."]},
    "a name as long as can be": {("b.test", "MX"): ["10 " + ".".join(["m" * 63] * 3 + ["n" * 61]) + "."]},
    "text of bytes": {("_mta-sts.b.test", "TXT"): ['"v=STSv1; id=\\000\\255\\195\\040;"', '""']},
    "a report URI with brackets": {("_smtp._tls.b.test", "TXT"): ['"v=TLSRPTv1; rua=https://[::1/,https://[v1.a]/x"']},
    "a report URI with a port": {("_smtp._tls.b.test", "TXT"): ['"v=TLSRPTv1; rua=https://a.test:99999/"']},
    "a report URI with odd names": {
        ("_smtp._tls.b.test", "TXT"): [
            '"v=TLSRPTv1; rua=mailto:a@%00%ff.test,https://a..b/,https://%25/,mailto:%40@b.test"'
        ]
    },
    "TLSA records of every kind": {
        ("mx.b.test", "A"): [HOME],
        ("b.test", "MX"): ["10 mx.b.test."],
        ("_25._tcp.mx.b.test", "TLSA"): ["255 255 255 00", "3 1 1 00", "3 1 0 00", "0 0 0 00"],
    },
    "CAA records of every kind": {
        ("mta-sts.b.test", "CAA"): ['0 issue ""', '255 x "y"', '0 issue ";"', '0 issuewild "a b"'],
        ("mta-sts.b.test", "A"): [HOME],
    },
    "an address within an address": {("mta-sts.b.test", "AAAA"): ["::ffff:127.0.0.1", "::", "ff02::1"]},
}


@pytest.mark.parametrize("what", ODD)
def test_nothing_that_strangers_publish_is_more_than_a_finding_of_its_own(world, what):
    verdicts, _unused = world("a.test", "b.test", zones=(healthy("a.test"), {**healthy("b.test"), **ODD[what]}))
    assert verdicts["a.test"].verdict == "ok"
    assert "audit_failed" not in checks(verdicts["b.test"])
    json.dumps(verdicts["b.test"].as_dict())


def test_what_there_is_no_time_for_is_told_and_not_judged(world):
    verdicts, _unused = world("a.test", zones=(healthy("a.test"),), seconds=0.0)
    verdict = verdicts["a.test"]
    assert checks(verdict) == ["record_bounds", "host_bounds", "mx_bounds"]
    assert set(verdict.stations.values()) <= {"warning", "unknown"}
    assert "after 0 s there was no time left for _mta-sts.a.test TXT" in verdict.findings[0].seen


def test_a_silent_host_costs_its_domain_its_time_and_is_not_blamed_for_less_than_others_get(world):
    began = time.monotonic()
    verdicts, _unused = world("a.test", "b.test", zones=(healthy("a.test"), healthy("b.test", SILENT)), seconds=2.0)
    assert time.monotonic() - began < 4
    assert verdicts["a.test"].verdict == "ok"
    assert checks(verdicts["b.test"]) == ["host_bounds", "mx_bounds", "tlsrpt_bounds"]
    assert verdicts["b.test"].addresses == (SILENT,)


def test_an_mx_has_a_time_of_its_own_so_that_nobody_spoils_it_for_others(authority):
    with (
        socket.create_server((SILENT, 0)) as server,
        answering(answers({("mx.a.test", "A"): [SILENT]})) as (nameserver, _unused),
    ):
        resolver = Resolver([nameserver], 1.0)
        smtp = SmtpOptions(port=server.getsockname()[1], timeout=5, attempts=1, allow_private=True, seconds=0.5)
        seen = mail_servers.visit("mx.a.test", resolver, smtp)
    assert seen.visits == ()
    assert [(late.check, late.what) for late in seen.late] == [("mx_bounds", f"mx.a.test [{SILENT}]")]


def test_a_refusing_mx_within_this_machine_proves_nothing_of_port_25(world):
    closed = {**healthy("b.test", mx="mx.b.test"), ("mx.b.test", "A"): ["127.0.0.77"]}
    verdicts, _unused = world("b.test", zones=(closed,))
    (finding,) = [finding for finding in verdicts["b.test"].findings if finding.check == "smtp_unreachable"]
    assert (finding.severity, "port 25" in finding.remedy) == ("warning", True)


def test_old_versions_are_looked_for_under_each_name(authority, tmp_path):
    """Whoever lets a name lead to somebody's address, where it is not served, hides nothing from the owner."""
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    certificate = authority.issue_cert("mta-sts.a.test")
    zones = (healthy("a.test"), healthy("evil.test"))
    with (
        serve(Answer(body=POLICY), certificate, names={"mta-sts.a.test"}, oldest=OLD[1]) as port,
        answering(answers(*zones)) as (nameserver, _asked),
    ):
        options = CollectOptions(
            ("policy",), fetch=FetchOptions(str(tmp_path / "root.pem"), port, 5, 1, allow_private=True)
        )
        collector = Collector(Resolver([nameserver], 1.0), options)
        assert collector.collect("evil.test").tls_probes[HOME].old_versions == ()
        assert collector.collect("a.test").tls_probes[HOME].old_versions == ("TLS 1.1",)


@pytest.mark.parametrize("lame", ["refuses", "is silent"])
def test_a_lame_delegation_to_somebodys_servers_takes_nothing_from_its_owner(lame):
    zones = {
        ("evil.test", "SOA"): ["ns.a.test. x. 1 1 1 1 1"],
        ("evil.test", "NS"): ["ns.a.test."],
        ("a.test", "SOA"): ["ns.a.test. x. 1 1 1 1 1"],
        ("a.test", "NS"): ["ns.a.test."],
        ("ns.a.test", "A"): [OTHER],
    }
    served = answers({("a.test", "TXT"): ['"v=STSv1; id=1;"']}, refused=("evil.test",))

    def owner(query):
        return None if lame == "is silent" and "evil" in query.question[0].to_text() else served(query)

    port = free_port((HOME, OTHER), (socket.SOCK_DGRAM,))
    with answering(answers(zones), port=port) as (nameserver, _unused), answering(owner, OTHER, port):
        authorities = Authorities(Resolver([nameserver], 0.3), True, port)
        assert authorities.ask("evil.test", Patience(20)).answers == {}
        assert list(authorities.ask("a.test", Patience(20)).answers) == [f"ns.a.test [{OTHER}:{port}]"]


def test_a_silent_server_is_waited_for_once_a_zone():
    zones = {
        ("a.test", "SOA"): ["ns.a.test. x. 1 1 1 1 1"],
        ("a.test", "NS"): ["ns.a.test."],
        ("ns.a.test", "A"): [OTHER],
    }
    port = free_port((HOME, OTHER), (socket.SOCK_DGRAM,))
    with (
        answering(answers(zones), port=port) as (nameserver, _unused),
        answering(lambda _query: None, OTHER, port) as (_unused, asked),
    ):
        authorities = Authorities(Resolver([nameserver], 0.3), True, port)
        for _unused in range(3):
            assert authorities.ask("a.test", Patience(20)).answers == {}
    assert len(asked) == 1


def test_no_more_name_servers_are_asked_than_a_zone_needs():
    count = 30
    zones = {
        ("a.test", "SOA"): ["ns.a.test. x. 1 1 1 1 1"],
        ("a.test", "NS"): [f"ns{number:02}.a.test." for number in range(count)],
        **{(f"ns{number:02}.a.test", "A"): [OTHER] for number in range(count)},
    }
    port = free_port((HOME, OTHER), (socket.SOCK_DGRAM,))
    served = answers({("a.test", "TXT"): ['"v=STSv1; id=1;"']})
    with (
        answering(answers(zones), port=port) as (nameserver, _unused),
        answering(served, OTHER, port) as (_unused, asked),
    ):
        said = Authorities(Resolver([nameserver], 1), True, port).ask("a.test", Patience(20))
        late = Authorities(Resolver([nameserver], 1), True, port).ask("a.test", Patience(0))
    assert len(asked) == len(said.answers) == 13
    (left_out,) = said.left_out
    assert (left_out.check, left_out.looked_at, left_out.beyond) == ("record_bounds", 13, 17)
    assert len(late.late) == 13


def test_a_server_cannot_claim_that_a_name_lies_in_somebody_elses_zone():
    def answer(query):
        response = dns.message.make_response(query)
        response.authority.append(dns.rrset.from_text("victim.test.", 60, "IN", "SOA", "ns.victim.test. x. 1 1 1 1 1"))
        return response

    with answering(answer) as (nameserver, asked):
        assert Authorities(Resolver([nameserver], 1)).ask("_mta-sts.evil.test", Patience(20)).answers == {}
    assert not [question for question in asked if "victim" in question]


def test_a_record_that_no_reader_of_certificates_understands_leaves_it_open():
    shown = TlsInfo(certificate=b"no certificate")
    assert mail_servers._stand_for((f"3 1 1 {'00' * 32}",), [shown]) is None
    assert mail_servers._stand_for(("3",), [shown]) is None


def test_no_more_tlsa_records_are_compared_than_an_mx_needs():
    zone = {("mx.a.test", "A"): [HOME], ("_1._tcp.mx.a.test", "TLSA"): [f"3 1 1 {number:064x}" for number in range(50)]}
    with answering(answers(zone)) as (nameserver, _asked):
        seen = mail_servers.visit("mx.a.test", Resolver([nameserver], 1.0), SmtpOptions(port=1, timeout=1, attempts=1))
    assert (len(seen.tlsa), seen.tlsa_matches) == (20, None)
    assert [(one.what, one.looked_at, one.beyond) for one in seen.left_out] == [("TLSA records", 20, 30)]

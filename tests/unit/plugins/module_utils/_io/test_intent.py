# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployment and audit give one answer to who takes a domain's mail; what DNS says of one domain is its own matter."""

from __future__ import annotations

import dns.message
import dns.rrset
import pytest
from servers.dns_server import answering
from servers.knot import Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.mx import judge_records
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import intent
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.collect import CollectOptions, Collector
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.sts_txt import look_up
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.intent import LOOK_UPS, MX, complete
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.smtp import SmtpOptions


def crowded(query):
    """Answer with as much as fits."""
    question = query.question[0]
    response = dns.message.make_response(query)
    response.request_payload = 65535
    values = {
        "MX": [f"10 mx{number}.a.test." for number in range(1500)],
        "A": [f"192.0.{number // 250}.{number % 250 + 1}" for number in range(3000)],
        "TXT": [f'"v=STSv1; id={number};"' for number in range(1500)],
    }.get(dns.rdatatype.to_text(question.rdtype), [])
    if values:
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype, *values))
    return response


def domains(*names, **keys):
    found, findings = read_domains([{"domain": name, "mode": "enforce", **keys} for name in names])
    assert errors(findings) == []
    return found


def test_whatever_is_raised_becomes_a_finding_of_the_domain(monkeypatch):
    original = intent.with_mx

    def some(intent, *answers):
        if intent.domain.domain == "b.test":
            raise RecursionError("what nobody has thought of")
        return original(intent, *answers)

    monkeypatch.setattr(intent, "with_mx", some)
    with answering(crowded) as (nameserver, _asked):
        good, bad = complete(domains("a.test", "b.test", mx=["*.a.test"]), LOOK_UPS, (), Resolver([nameserver], 5))
    assert (good.usable, bad.usable) == (True, False)
    (finding,) = errors(bad.findings)
    assert (
        "the DNS answers for this domain could not be judged: RecursionError: what nobody has thought of"
        in finding.rule
    )


def test_what_is_said_has_bounds():
    with answering(crowded) as (nameserver, _asked):
        (intent,) = complete(
            domains("a.test", mx=["mx.a.test"]), LOOK_UPS, ("198.51.100.1",), Resolver([nameserver], 5)
        )
    assert len(intent.findings) <= 22
    assert (len(intent.mx_live), len(intent.addresses)) == (100, 100)
    assert max(len(finding.rule) for finding in intent.findings) <= 1000


def test_no_policy_is_made_of_thousands_of_mx_records():
    with answering(crowded) as (nameserver, _asked):
        (intent,) = complete(domains("a.test"), LOOK_UPS, (), Resolver([nameserver], 5))
    assert not intent.usable
    assert "the domain has 1,500 MX records, too many for a policy" in errors(intent.findings)[0].rule


def test_a_look_up_of_records_goes_on_whatever_is_raised(monkeypatch):
    monkeypatch.setattr(
        "ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.sts_txt.judge",
        lambda kind, domain, *_unused: 1 / (domain != "b.test"),
    )
    with answering(crowded) as (nameserver, _asked):
        entries = look_up(["a.test", "b.test"], ["mta_sts"], lambda _domain: None, Resolver([nameserver], 5))
    assert entries[0].records["mta_sts"] == 1
    assert "ZeroDivisionError" in entries[1].findings[0].rule


# By domain: its records, and who takes its mail
DOMAINS = {
    "listed.test": ("@ MX 20 b\n@ MX 10 a\na A 127.0.0.1\nb A 127.0.0.1", {"a.listed.test", "b.listed.test"}),
    "itself.test": ("@ A 127.0.0.1", {"itself.test"}),
    "itself6.test": ("@ AAAA ::1", {"itself6.test"}),
    "both.test": ("@ MX 10 mx\n@ A 127.0.0.1\nmx A 127.0.0.1", {"mx.both.test"}),
    "nobody.test": ("www A 127.0.0.1", set()),
    "null.test": ("@ MX 0 .\n@ A 127.0.0.1", set()),
    "torn.test": ("@ MX 0 .\n@ MX 10 mx\nmx A 127.0.0.1", {"mx.torn.test"}),
}


@pytest.fixture(scope="module")
def resolver(tmp_path_factory):
    zones = [Zone(name, records) for name, (records, _unused) in DOMAINS.items()]
    with serve(tmp_path_factory.mktemp("knot"), *zones, Zone("broken.test", broken=True)) as servers:
        yield Resolver([servers.nameserver])


def deployed(resolver, *names):
    domains, findings = read_domains([{"domain": name} for name in names])
    assert findings == []
    return {intent.domain.domain: intent for intent in complete(domains, (MX,), (), resolver)}


def audited(resolver, name):
    smtp = SmtpOptions(port=1, timeout=0.2, attempts=1)
    return Collector(resolver, CollectOptions(look_at=("mx",), smtp=smtp)).collect(name)


def test_both_name_the_same_hosts_and_refuse_the_same_domains(resolver):
    intents = deployed(resolver, *DOMAINS, "gone.listed.test", "broken.test")
    for name, completed in intents.items():
        expected = DOMAINS.get(name, ("", set()))[1]
        evidence = audited(resolver, name)
        assert {mx.name for mx in evidence.mx_hosts} == expected, name
        assert set(completed.mx_live or ()) == expected, name
        refused = {finding.check for finding in judge_records(evidence, "error")}
        assert bool(errors(completed.findings)) == bool(refused), (name, completed.findings, refused)
    assert intents["itself.test"].domain.mx == ("itself.test",)
    assert intents["broken.test"].mx_live is None


def test_addresses_that_cannot_be_looked_up_are_no_lack_of_a_mail_server(resolver, monkeypatch):
    ask = resolver.ask

    def partly(name, rdtype):
        return ask("broken.test" if rdtype in {"A", "AAAA"} else name, rdtype)

    monkeypatch.setattr(resolver, "ask", partly)
    assert [
        finding.rule.partition(":")[0] for finding in deployed(resolver, "itself.test")["itself.test"].findings
    ] == ["there is no MX record, and the domain's addresses cannot be looked up"]
    assert [finding.check for finding in judge_records(audited(resolver, "itself.test"), "error")] == ["mx_lookup"]


def test_a_domain_costs_three_questions(tmp_path):
    names = [f"d{number}.test" for number in range(20)]
    with serve(tmp_path, *(Zone(name, "@ MX 10 mx.example.com.\nmta-sts A 192.0.2.1") for name in names)) as servers:
        before = servers.questions()
        intents = complete(domains(*names), LOOK_UPS, ["192.0.2.1"], Resolver([servers.nameserver], 2))
        asked = servers.questions() - before
    assert [(intent.mx_live, intent.leads_here) for intent in intents] == [(("mx.example.com",), "yes")] * len(names)
    assert asked == len(("MX", "A", "AAAA")) * len(names)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployment and audit give one answer to the question who takes a domain's mail, on a real name server."""

from __future__ import annotations

import pytest
from knot import Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.coverage import judge_records
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import errors
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.look import Looking, Onlooker
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.mail_servers import Greeting
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.intents import MX, complete
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.resolve import Resolver

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
    greeting = Greeting(port=1, timeout=0.2, attempts=1)
    return Onlooker(resolver, Looking(look_at=("mx",), greeting=greeting)).look(name)


def test_both_name_the_same_hosts_and_refuse_the_same_domains(resolver):
    intents = deployed(resolver, *DOMAINS, "gone.listed.test", "broken.test")
    for name, intent in intents.items():
        expected = DOMAINS.get(name, ("", set()))[1]
        evidence = audited(resolver, name)
        assert {mx.name for mx in evidence.mx_hosts} == expected, name
        assert set(intent.mx_live or ()) == expected, name
        refused = {finding.check for finding in judge_records(evidence, "error")}
        assert bool(errors(intent.findings)) == bool(refused), (name, intent.findings, refused)
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

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The published records of many domains, asked for at once; each domain's are its own matter."""

from __future__ import annotations

import dns.rcode
import pytest
from servers.dns_server import answering, having

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns import sts_txt
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver

BOTH = ("mta_sts", "tls_rpt")
RECORDS = {
    ("_mta-sts.a.test", "TXT"): ['"v=STSv1; " "id=20261123;"'],
    ("_smtp._tls.a.test", "TXT"): ['"v=TLSRPTv1; rua=mailto:tlsrpt@a.test"'],
    ("_mta-sts.b.test", "TXT"): ['"v=STSv1; id=2;"'],
}


def look_up(*terms, kinds=BOTH, expected_id=lambda _domain: None):
    """Return the entries, and how often DNS was asked."""
    answer = having(RECORDS, {"_smtp._tls.b.test": dns.rcode.SERVFAIL})
    with answering(answer) as (nameserver, asked):
        return sts_txt.look_up(terms, kinds, expected_id, Resolver([nameserver], 1)), len(set(asked))


def errors(entry):
    return [finding.rule for record in entry.records.values() for finding in record.findings]


def test_both_records_of_a_domain():
    (entry,), asked = look_up("a.test")
    assert (entry.domain, entry.problem, asked) == ("a.test", None, 2)
    assert sorted(entry.records) == ["mta_sts", "tls_rpt"]
    assert errors(entry) == []


@pytest.mark.parametrize("kind", BOTH)
def test_only_what_is_wanted_is_asked_for(kind):
    (entry,), asked = look_up("a.test", kinds=[kind])
    assert (list(entry.records), asked) == ([kind], 1)


def test_one_entry_a_term_in_order_and_what_is_no_domain_is_not_asked_for():
    (nothing, b, a), asked = look_up("not a domain", "b.test", "A.test", kinds=["mta_sts"])
    assert [nothing.domain, b.domain, a.domain] == ["not a domain", "b.test", "a.test"]
    assert nothing.problem.field == "domain"
    assert nothing.records == {}
    assert asked == 2


def test_a_name_that_cannot_be_looked_up_is_not_one_without_record():
    (entry, other), _asked = look_up("b.test", "a.test")
    (rule,) = errors(entry)
    assert "SERVFAIL" in rule
    assert errors(other) == []


def test_a_name_that_does_not_exist_has_no_record():
    (entry,), _asked = look_up("c.test", kinds=["mta_sts"])
    assert errors(entry) == ["there is no TXT record: the name does not exist (NXDOMAIN)"]


def test_each_domain_is_compared_with_the_id_that_is_expected_of_it():
    expected = {"a.test": "20261123", "b.test": "3"}
    (a, b), _asked = look_up("a.test", "b.test", kinds=["mta_sts"], expected_id=expected.get)
    assert errors(a) == []
    assert len(errors(b)) == 1


def test_whatever_is_raised_becomes_a_finding_of_the_domain(monkeypatch):
    original = sts_txt.judge

    def some(kind, domain, *more):
        if domain == "b.test":
            raise RecursionError("what nobody has thought of")
        return original(kind, domain, *more)

    monkeypatch.setattr(sts_txt, "judge", some)
    (a, b), _asked = look_up("a.test", "b.test", kinds=["mta_sts"])
    assert errors(a) == []
    (rule,) = errors(b)
    assert rule.startswith("the DNS answers could not be judged: RecursionError: what nobody has thought of")

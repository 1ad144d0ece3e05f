# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options become what the core takes, or a failure with every mistake and its remedy."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.postmaster.mta_sts.plugins.doc_fragments import _domains, _records, _resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils import _argspec
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent, RecordOutcome


class Failure(Exception):
    """The module has failed."""


class Module:
    """The part of an AnsibleModule that is spoken to: its options, its warnings, its failure."""

    def __init__(self, **params):
        self.params = params
        self.warnings = []

    def fail_json(self, **result):
        raise Failure(result)

    def warn(self, text):
        self.warnings.append(text)


def failure(function, *args):
    with pytest.raises(Failure) as raised:
        function(*args)
    return raised.value.args[0]


@pytest.mark.parametrize(
    ("fragment", "spec"),
    [(_domains, _argspec.DOMAINS), (_resolver, _argspec.RESOLVER), (_records, _argspec.RECORDS)],
    ids=["domains", "resolver", "records"],
)
def test_options_are_those_that_are_documented_with_the_same_defaults(fragment, spec):
    documented = yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"]
    assert {name: option.get("default") for name, option in documented.items() if name in spec} == {
        name: option.get("default") for name, option in spec.items()
    }


def test_a_list_becomes_domains_with_its_defaults():
    raw = [{"domain": "A.test"}, {"domain": "b.test", "mode": "none"}]
    domains = _argspec.read_list(Module(domains=raw, defaults={"mode": "enforce"}))
    assert [(domain.domain, domain.mode) for domain in domains] == [("a.test", "enforce"), ("b.test", "none")]


def test_every_mistake_in_a_list_is_told_at_once():
    result = failure(
        _argspec.read_list, Module(domains=[{"domain": "a"}, {"domain": "b.test", "mode": "x"}], defaults={})
    )
    assert [problem.split(": ")[:2] for problem in result["problems"]] == [["entry 1", "domain"], ["b.test", "mode"]]
    assert result["msg"] == "\n".join(result["problems"])


def test_addresses_are_spelt_as_dns_answers_are():
    module = Module(addresses=["192.0.2.1", "2001:DB8:0::1"])
    assert _argspec.read_addresses(module, "addresses") == ["192.0.2.1", "2001:db8::1"]


def test_what_is_no_address_is_told_with_the_name_of_its_option():
    result = failure(_argspec.read_addresses, Module(addresses=["mta-sts.a.test"]), "addresses")
    assert result["msg"].startswith('addresses: "mta-sts.a.test" is not an IP address')


def test_what_is_no_name_server_is_told_with_its_remedy():
    result = failure(_argspec.make_resolver, Module(nameservers=["192.0.2.1:port"], timeout=1))
    assert result["msg"] == (
        "nameservers: '192.0.2.1:port': 'port' is not a port. Remedy: Write an address, with :port if it is not 53."
    )


RECORDS = [
    {"domain": "a.test", "name": "_MTA-STS.a.test.", "value": "v=STSv1; id=1;", "owner": None},
    {"domain": "b.test", "name": "_mta-sts.b.test", "value": None, "owner": "a.test"},
]


@pytest.mark.parametrize(
    ("only", "domains"), [(None, ["a.test", "b.test"]), (["b.test"], ["b.test"]), ([], [])], ids=["all", "some", "none"]
)
def test_only_the_records_of_domains_that_are_named_are_wanted(only, domains):
    assert [one.domain for one in _argspec.record_intents(Module(records=RECORDS, only=only))] == domains


def test_a_record_is_wanted_as_dns_spells_its_name():
    one, other = _argspec.record_intents(Module(records=RECORDS, only=None), ttl=60)
    assert one == RecordIntent("a.test", "_mta-sts.a.test", "v=STSv1; id=1;", 60, None)
    assert other == RecordIntent("b.test", "_mta-sts.b.test", None, 60, "a.test")


INTENT = RecordIntent("a.test", "_mta-sts.a.test", "v=STSv1; id=2;", 60)
OURS, OTHERS = (b"v=STSv1; id=1;",), (b"v=spf1 ", b"-all")


def test_the_entry_of_a_record_says_what_is_exchanged_and_what_stays():
    outcome = RecordOutcome(INTENT, "a.test", (OURS, OTHERS), True, "ns.a.test", {"ns.a.test": "ok"})
    assert _argspec.record_entry(outcome) == {
        "domain": "a.test",
        "name": "_mta-sts.a.test",
        "zone": "a.test",
        "value": "v=STSv1; id=2;",
        "values": ["v=spf1 -all", "v=STSv1; id=2;"],
        "remove": ["v=STSv1; id=1;"],
        "kept": ["v=spf1 -all"],
        "published": True,
        "servers": {"ns.a.test": "ok"},
        "problem": None,
    }


def test_of_a_record_that_is_there_already_nothing_is_exchanged():
    entry = _argspec.record_entry(RecordOutcome(INTENT, "a.test", ((b"v=STSv1;id=2",),)))
    assert (entry["remove"], entry["published"]) == ([], False)


def test_records_of_others_are_told_ten_times_and_then_counted():
    def told(count):
        module = Module()
        _argspec.warn_of_others(module, [RecordOutcome(INTENT, "a.test", (OURS, *[(b"of others",)] * count))])
        return module.warnings

    one = (
        "a.test: _mta-sts.a.test: 'of others' stands there too, and stays. "
        "Remedy: Remove it if nobody needs it: nothing else belongs there."
    )
    assert told(0) == []
    assert told(10) == [one] * 10
    assert told(12) == [*[one] * 10, "and 2 more such records; see kept in the result"]

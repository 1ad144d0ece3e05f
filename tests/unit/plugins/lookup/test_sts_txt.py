# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup sts_txt, as playbooks call it, against real name servers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from servers.knot import PRIMARY, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.doc_fragments._resolver import ModuleDocFragment
from ansible_collections.postmaster.mta_sts.plugins.lookup import sts_txt

LONG = "v=TLSRPTv1; rua=" + ",".join(f"mailto:report{number}@reports.example.com" for number in range(8))
EXAMPLE = f"""
_mta-sts TXT "v=STSv1; " "id=20261123;"
_smtp._tls TXT "{LONG[:200]}" "{LONG[200:]}"
"""
BAD = """
_mta-sts TXT "v=STSv1; id=2026-11-23;"
_smtp._tls TXT "v=TLSRPTv1; rua=reports@bad.example"
"""
FOREIGN = """
_mta-sts TXT "v=STSv1; id=1;"
_mta-sts TXT "v=spf1 -all"
_smtp._tls A 192.0.2.1
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    zones = [
        Zone("example.com", EXAMPLE),
        Zone("bad.example", BAD),
        Zone("foreign.example", FOREIGN),
        Zone("customer.example", "_mta-sts CNAME _mta-sts.example.com.\n_smtp._tls CNAME gone.example.com."),
        Zone("xn--bcher-kva.example", '_mta-sts TXT "v=STSv1; id=1;"'),
        Zone("broken.example", broken=True),
    ]
    with serve(tmp_path_factory.mktemp("knot"), *zones) as running:
        yield running


@pytest.fixture(scope="module")
def look_up(servers):
    """The lookup with the options it documents, as Ansible's plugin loader would make it."""
    options = {
        **yaml.safe_load(sts_txt.DOCUMENTATION)["options"],
        **yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"],
    }
    constants.config.initialize_plugin_configuration_definitions("lookup", "sts_txt", options)
    lookup = sts_txt.LookupModule()
    lookup._load_name = "sts_txt"

    def run(*terms, **given):
        return lookup.run(list(terms), {}, **{"nameservers": [servers.nameserver], "timeout": 2, **given})

    return run


def rules(entry):
    return [finding["rule"] for finding in entry["findings"]]


def test_both_records_of_several_domains_come_in_the_order_asked(look_up):
    foreign, example = look_up("foreign.example", "example.com", record="both")
    assert (foreign["domain"], example["domain"]) == ("foreign.example", "example.com")
    assert example["valid"]
    assert example["mta_sts"]["id"] == "20261123"
    assert example["mta_sts"]["strings"] == [["v=STSv1; ", "id=20261123;"]]
    assert example["tls_rpt"]["texts"] == [LONG]
    assert example["tls_rpt"]["rua"] == LONG.partition("rua=")[2].split(",")
    assert foreign["mta_sts"]["valid"]
    assert sorted(foreign["mta_sts"]["texts"]) == ["v=STSv1; id=1;", "v=spf1 -all"]
    assert foreign["tls_rpt"]["status"] == "NODATA"


def test_one_kind_of_record_can_be_asked_for(look_up):
    (entry,) = look_up("example.com", record="mta_sts")
    assert "tls_rpt" not in entry
    (entry,) = look_up("example.com", record="tls_rpt")
    assert "mta_sts" not in entry


def test_cnames_are_followed_and_named(look_up):
    (entry,) = look_up("customer.example")
    assert entry["mta_sts"]["valid"]
    assert entry["mta_sts"]["name"] == "_mta-sts.customer.example"
    assert entry["mta_sts"]["canonical_name"] == "_mta-sts.example.com"
    assert rules(entry) == [
        "there is no TXT record: the name does not exist (NXDOMAIN); its CNAME points to gone.example.com"
    ]


@pytest.mark.parametrize("term", ["b\u00fccher.example", "xn--bcher-kva.example", "XN--BCHER-KVA.example"])
def test_a_domain_may_be_written_with_u_labels(look_up, term):
    (entry,) = look_up(term, record="mta_sts")
    assert entry["domain"] == "xn--bcher-kva.example"
    assert entry["valid"]


def test_a_list_of_terms_is_as_good_as_several_terms(look_up):
    assert len(look_up(["example.com", "xn--bcher-kva.example"], record="mta_sts")) == 2


def test_the_same_domain_twice_is_answered_twice(look_up):
    first, second = look_up("example.com", "EXAMPLE.com")
    assert first == second


@pytest.mark.parametrize(
    ("domain", "status"),
    [("none.example.com", "NXDOMAIN"), ("broken.example", "SERVFAIL"), ("elsewhere.example", "REFUSED")],
)
def test_the_ways_of_not_getting_an_answer_are_told_apart(look_up, domain, status):
    (entry,) = look_up(domain, record="mta_sts")
    assert entry["mta_sts"]["status"] == status
    assert not entry["valid"]


def test_silence_is_one_of_them(look_up):
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind((PRIMARY, 0))
        nameserver = f"{PRIMARY}:{silent.getsockname()[1]}"
        (entry,) = look_up("example.com", record="mta_sts", nameservers=[nameserver], timeout=0.1)
    assert entry["mta_sts"]["status"] == "TIMEOUT"
    assert rules(entry) == [f"the TXT record cannot be looked up (TIMEOUT): {nameserver} gave no answer within 0.1 s"]


def test_all_errors_of_all_domains_are_said_at_once(look_up):
    with pytest.raises(AnsibleLookupError) as failed:
        look_up("bad.example", "no_domain", "example.com", on_error="fail")
    lines = str(failed.value).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("bad.example: id: '2026-11-23' is not made of 1 to 32 letters and digits")
    assert lines[1].startswith("bad.example: rua: 'reports@bad.example' is neither a mailto: nor an https: URI")
    assert lines[1].endswith("Remedy: Write mailto:reports@bad.example.")
    assert lines[2].startswith("no_domain: domain: 'no_domain'")


def test_a_term_that_is_no_domain_has_no_records(look_up):
    (entry,) = look_up("no_domain")
    assert set(entry) == {"domain", "valid", "findings", "problems"}


def test_the_expected_id_passes_and_another_fails(look_up):
    assert look_up("example.com", expected_id="20261123", on_error="fail")[0]["valid"]
    with pytest.raises(AnsibleLookupError, match="the published id is '20261123', not '20261124' as expected"):
        look_up("example.com", expected_id="20261124", on_error="fail")


def test_every_domain_can_have_an_id_of_its_own(look_up):
    expected = {"B\u00fccher.example": "2", "example.com": 20261123, "foreign.example": None}
    domains = ["xn--bcher-kva.example", "example.com", "foreign.example", "customer.example"]
    entries = look_up(*domains, record="mta_sts", expected_id=expected)
    assert [entry["valid"] for entry in entries] == [False, True, True, True]
    assert entries[0]["problems"] == [
        "xn--bcher-kva.example: id: the published id is '1', not '2' as expected (RFC 8461, section 8.1). "
        "Remedy: Publish the expected id once every policy host serves the policy it stands for."
    ]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (
            ["1"],
            "expected_id: ['1'] is neither an id nor a dictionary of domains and ids. "
            "Remedy: Write the id of the record, or a dictionary of ids by domain.",
        ),
        (
            {"example": "1"},
            "expected_id: 'example' is a single label, not a domain. Remedy: Write the whole name, as in example.com.",
        ),
    ],
)
def test_what_names_no_id_is_refused(look_up, expected, words):
    with pytest.raises(AnsibleLookupError) as refused:
        look_up("example.com", expected_id=expected)
    assert str(refused.value) == words


def test_a_bad_name_server_is_refused(look_up):
    with pytest.raises(AnsibleLookupError, match=r"nameservers: '192\.0\.2\.1:dns'.*Remedy: Write an address"):
        look_up("example.com", nameservers=["192.0.2.1:dns"])


def test_a_playbook_gets_what_the_lookup_returns(servers, tmp_path):
    template = (
        "{{ query('postmaster.mta_sts.sts_txt', 'example.com', nameservers='%s') | map(attribute='mta_sts.id') }}"
    )
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "ansible",
            "adhoc",
            "localhost",
            "-m",
            "debug",
            "-a",
            f"msg={template % servers.nameserver}",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(Path(sts_txt.__file__).parents[5])},
    )
    assert '"20261123"' in told.stdout, told.stdout + told.stderr

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module domains_info as Ansible runs it, with real name servers to look things up."""

from __future__ import annotations

import pytest
from helpers.module_process import run_module
from servers.knot import Zone, serve

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.1"
MX = "@ MX 20 mx2.example.net.\n@ MX 10 MX1.example.com.\n"


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    zones = [
        Zone("example.com", f"{MX}mta-sts A {HERE}\nmta-sts AAAA 2001:db8::1"),
        Zone("example.org", f"mta-sts CNAME mta-sts.example.com.\n{MX}"),
        Zone("null.test", "@ MX 0 ."),
        Zone("none.test", f"mta-sts A {HERE}\nmta-sts A {ELSEWHERE}"),
        Zone("provider.test", f'mta-sts.whole A {HERE}\n_mta-sts.whole TXT "v=STSv1; id=1;"'),
        Zone("whole.test", "mta-sts CNAME mta-sts.whole.provider.test.\n_mta-sts CNAME _mta-sts.whole.provider.test."),
        Zone("served.test", "mta-sts CNAME mta-sts.whole.provider.test."),
        Zone("announced.test", f"mta-sts A {ELSEWHERE}\n_mta-sts CNAME _mta-sts.announced.provider.test."),
        Zone("broken.test", broken=True),
    ]
    with serve(tmp_path_factory.mktemp("knot"), *zones) as running:
        yield running


@pytest.fixture
def look_up(servers):
    def look_up(*domains, kinds=("mx", "policy_host"), **options):
        return run_module(
            "domains_info",
            domains=list(domains),
            look_up=list(kinds),
            policy_host_addresses=[HERE, "2001:db8::1"],
            nameservers=[servers.nameserver],
            timeout=2,
            **options,
        )

    return look_up


def by_domain(result):
    return {entry["domain"]: entry for entry in result["results"]}


def test_our_addresses_may_be_spelt_in_any_way(servers):
    given = {"domains": [{"domain": "example.com"}], "look_up": ["policy_host"], "nameservers": [servers.nameserver]}
    found = run_module("domains_info", **given, policy_host_addresses=[HERE, "2001:DB8:0:0::1"])
    assert by_domain(found)["example.com"]["leads_here"] == "yes"
    refused = run_module("domains_info", **given, policy_host_addresses=["300.1.1.1"])
    assert refused["msg"] == (
        'policy_host_addresses: "300.1.1.1" is not an IP address. Remedy: Write an IPv4 or IPv6 address.'
    )


def test_names_of_policy_hosts_are_looked_up_and_told(servers):
    given = {"domains": [{"domain": "example.com"}], "look_up": ["policy_host"], "nameservers": [servers.nameserver]}
    found = run_module("domains_info", **given, policy_host_addresses=["no such name", HERE, "2001:DB8:0:0::1"])
    assert found["our_addresses"] == [HERE, "2001:db8::1"]
    assert by_domain(found)["example.com"]["leads_here"] == "yes"


def test_without_looking_up_the_list_is_completed():
    domains = [
        {
            "domain": "B\u00fccher.example",
            "mx": "mx1.example.com",
            "tls_rpt": ["mailto:a@example.com"],
            "mode": "enforce",
        },
        {"domain": "example.org"},
        {"domain": "gone.example", "state": "absent", "tls_rpt": []},
    ]
    result = run_module("domains_info", domains=domains, defaults={"max_age": "2w"})
    assert (result["changed"], result["problems"]) == (False, [])
    full, waiting, gone = result["results"]
    assert full == {
        "domain": "xn--bcher-kva.example",
        "state": "present",
        "mode": "enforce",
        "max_age": 1209600,
        "mx": ["mx1.example.com"],
        "tls_rpt": ["mailto:a@example.com"],
        "delegated_to": None,
        "usable": True,
        "policy_host": "mta-sts.xn--bcher-kva.example",
        "policy": "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 1209600\r\n",
        "policy_id": "fd45f86f96fc693c",
        "mx_live": None,
        "policy_host_addresses": None,
        "leads_here": "unknown",
        "delegation": [],
        "findings": [],
    }
    assert (waiting["usable"], waiting["policy"], waiting["policy_id"], waiting["mx"]) == (True, None, None, None)
    assert (gone["state"], gone["usable"], gone["policy"]) == ("absent", True, None)
    assert result["records"] == [
        {
            "domain": "xn--bcher-kva.example",
            "name": "_mta-sts.xn--bcher-kva.example",
            "value": "v=STSv1; id=fd45f86f96fc693c;",
            "owner": None,
        },
        {
            "domain": "xn--bcher-kva.example",
            "name": "_smtp._tls.xn--bcher-kva.example",
            "value": "v=TLSRPTv1; rua=mailto:a@example.com",
            "owner": None,
        },
        {"domain": "gone.example", "name": "_mta-sts.gone.example", "value": None, "owner": None},
        {"domain": "gone.example", "name": "_smtp._tls.gone.example", "value": None, "owner": None},
    ]


def test_only_what_is_asked_for_is_returned():
    done = run_module("domains_info", domains=[{"domain": "a.example"}], returned=["records"])
    assert set(done) & {"domains", "results", "records", "zone_lines"} == {"records"}
    assert done["problems"] == []


def test_its_domains_are_its_own_input_again(look_up):
    first = look_up({"domain": "example.com"}, {"domain": "example.org", "mode": "none"})
    again = run_module("domains_info", domains=first["domains"])
    assert again["domains"] == first["domains"]
    assert again["records"] == first["records"]


def test_every_mistake_is_told_at_once_and_the_module_fails():
    domains = [{"domain": "example.com", "mod": "enforce"}, {"domain": "no domain"}, {"domain": "example.com"}]
    result = run_module("domains_info", domains=domains, defaults={"max_age": "soon"})
    assert result["failed"]
    assert result["msg"] == "\n".join(result["problems"])
    assert [problem.split(": ")[:2] for problem in result["problems"]] == [
        ["defaults", "max_age"],
        ["example.com", "mod"],
        ["entry 2", "domain"],
        ["example.com", "domain"],
    ]


def test_live_mx_records_become_the_patterns(look_up):
    result = look_up({"domain": "example.com"})
    entry = result["results"][0]
    assert entry["mx"] == entry["mx_live"] == ["mx1.example.com", "mx2.example.net"]
    assert "mx: mx1.example.com\r\nmx: mx2.example.net\r\n" in entry["policy"]
    assert result["domains"][0]["mx"] == entry["mx"]
    assert result["records"][0]["value"] == f"v=STSv1; id={entry['policy_id']};"


def test_what_dns_does_not_know_is_the_trouble_of_one_domain(look_up, servers):
    result = look_up(
        {"domain": "null.test"},
        {"domain": "none.test"},
        {"domain": "broken.test"},
        {"domain": "example.com"},
        kinds=["mx"],
    )
    assert [entry["usable"] for entry in result["results"]] == [False, False, False, True]
    assert [entry["domain"] for entry in result["domains"]] == ["example.com"]
    assert [record["domain"] for record in result["records"]] == ["example.com"]
    assert result["problems"] == [
        "null.test: mx: the domain accepts no mail: it has a null MX (RFC 7505) (RFC 8461, section 4.1). "
        "Remedy: Write mode: none, or remove the domain from the list.",
        "none.test: mx: the domain has no MX record (NODATA) (RFC 8461, section 4.1). "
        "Remedy: Publish MX records, or write mode: none.",
        f"broken.test: mx: the MX records cannot be looked up: {servers.nameserver} says SERVFAIL "
        "(RFC 8461, section 4.1). Remedy: Check that every name server of broken.test answers for this name "
        "(dig +trace broken.test MX), and run again, or list mx.",
    ]


@pytest.mark.parametrize(("mode", "usable", "severity"), [("enforce", False, "error"), ("testing", True, "warning")])
def test_an_mx_that_no_pattern_covers(look_up, mode, usable, severity):
    result = look_up({"domain": "example.com", "mx": ["*.example.com"], "mode": mode}, kinds=["mx"])
    entry = result["results"][0]
    assert (entry["usable"], entry["mx"]) == (usable, ["*.example.com"])
    assert [(finding["severity"], finding["rule"]) for finding in entry["findings"]] == [
        (
            severity,
            "the live MX mx2.example.net matches none of the patterns, so senders that enforce the policy would not "
            "deliver to it",
        )
    ]
    assert len(result["problems"]) == (0 if usable else 1)


def test_where_the_policy_host_leads(look_up):
    entries = by_domain(
        look_up(
            *(
                {"domain": domain, "mode": "none"}
                for domain in ("example.com", "example.org", "none.test", "null.test")
            ),
            {"domain": "broken.test", "mode": "none"},
        )
    )
    assert {domain: (entry["leads_here"], entry["policy_host_addresses"]) for domain, entry in entries.items()} == {
        "example.com": ("yes", [HERE, "2001:db8::1"]),
        "example.org": ("yes", [HERE, "2001:db8::1"]),
        "none.test": ("no", [HERE, ELSEWHERE]),
        "null.test": ("no", []),
        "broken.test": ("unknown", []),
    }
    assert all(entry["usable"] for entry in entries.values())
    assert (
        entries["none.test"]["findings"][0]["rule"]
        == f"it resolves to {ELSEWHERE}, which is not one of the policy hosts"
    )


def test_nothing_is_asked_for_absent_domains(look_up):
    entry = look_up({"domain": "broken.test", "state": "absent"})["results"][0]
    assert (entry["usable"], entry["mx_live"], entry["leads_here"], entry["findings"]) == (True, None, "unknown", [])


def test_each_half_of_a_delegation_that_is_missing_is_told(look_up):
    customers = [
        {"domain": f"{name}.test", "mode": "none", "delegated_to": f"{name}.provider.test"}
        for name in ("whole", "served", "announced")
    ]
    result = look_up(*customers, {"domain": "example.com"}, kinds=["delegation"])
    remedy = "(RFC 8461, section 8.2). Remedy: Have the owner of"
    assert result["problems"] == [
        f"served.test: delegation: the half that announces the policy is missing: _mta-sts.served.test is not a CNAME "
        f"{remedy} served.test publish: _mta-sts.served.test. CNAME _mta-sts.served.provider.test.",
        f"announced.test: delegation: the half that serves the policy is missing: mta-sts.announced.test resolves to "
        f"{ELSEWHERE}, not a policy host "
        f"{remedy} announced.test publish: mta-sts.announced.test. CNAME mta-sts.announced.provider.test.",
    ]
    assert [len(entry["delegation"]) for entry in result["results"]] == [0, 1, 1, 0]
    assert all(entry["usable"] for entry in result["results"])
    assert result["records"][1]["name"] == "_mta-sts.served.provider.test"


def test_a_wrong_name_server_is_a_failure():
    result = run_module("domains_info", domains=[], look_up=["mx"], nameservers=["192.0.2.1:dns"])
    assert result["msg"] == (
        "nameservers: '192.0.2.1:dns': 'dns' is not a port. Remedy: Write an address, with :port if it is not 53."
    )


def test_check_mode_reads_as_well(look_up):
    assert look_up({"domain": "example.com"}, check=True)["results"][0]["mx_live"]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module as Ansible runs it: what it returns, policy hosts of our own inside, a customer's that leads inward."""

from __future__ import annotations

import pytest
import trustme
from helpers.module_process import run_module
from servers.dns_server import answering, having
from servers.https_server import Answer, serve

POLICY = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
OURS = "0:0:0:0:0:0:0:1"
RECORDS = {
    ("mta-sts.ours.test", "AAAA"): ["::1"],
    ("mta-sts.old.test", "AAAA"): ["::1"],
    ("mta-sts.two.test", "AAAA"): ["::1"],
    ("mta-sts.two.test", "A"): ["127.0.0.1"],
    ("mta-sts.customer.test", "A"): ["127.0.0.1"],
}


def entry(domain, **keys):
    """What domains_info says of a domain, as far as a proof needs it."""
    return {
        "domain": domain, "policy_host": f"mta-sts.{domain}", "policy": POLICY, "state": "present", "usable": True,
        **keys,
    }  # fmt: skip


EXPECTED = [entry("ours.test"), entry("customer.test")]


@pytest.fixture
def prove(tmp_path):
    """Run the module; return what it returned."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    certificate = authority.issue_cert(*(name for name, _rdtype in RECORDS))
    with (
        serve(Answer(body=POLICY.encode()), certificate, address="::1") as port,
        answering(having(RECORDS)) as (nameserver, asked),
    ):
        given = {"nameservers": [nameserver], "ca_path": str(tmp_path / "root.pem"), "port": port, "attempts": 1}

        def prove(**options):
            asked.clear()
            result = run_module("served_policies_info", **{"expected": EXPECTED, **given, **options})
            return {**result, "asked": list(asked)}

        yield prove


def test_our_own_addresses_are_fetched_from_and_others_inside_are_not(prove):
    result = prove(policy_host_addresses=[OURS])
    assert result["proven"] == ["ours.test"]
    (problem,) = result["problems"]
    assert problem.startswith(
        "customer.test: policy host: mta-sts.customer.test resolves to 127.0.0.1, a loopback address (RFC 1122): "
    )


@pytest.mark.parametrize(("leads_here", "times"), [("yes", 0), ("no", 0), ("unknown", 2)])
def test_addresses_that_the_reading_was_sure_of_are_not_looked_up_again(prove, leads_here, times):
    ours = {**EXPECTED[0], "policy_host_addresses": ["::1"], "leads_here": leads_here}
    result = prove(expected=[ours], policy_host_addresses=["::1"])
    assert (result["proven"], len(result["asked"])) == (["ours.test"], times)


def test_without_any_of_our_own_none_inside_is(prove):
    result = prove()
    assert result["proven"] == []
    assert len(result["problems"]) == 2


def test_what_is_no_address_is_refused(prove):
    result = prove(policy_host_addresses=["mta-sts.ours.test"])
    assert result["failed"] is True
    assert 'policy_host_addresses: "mta-sts.ours.test" is not an IP address' in result["msg"]


def test_what_is_returned_of_a_proven_domain(prove):
    result = prove(expected=[entry("ours.test")], policy_host_addresses=[OURS])
    assert result["proofs"] == [
        {
            "domain": "ours.test",
            "proven": True,
            "addresses": ["::1"],
            "certificate_expiry": "3000-01-01T00:00:00Z",
            "findings": [],
        }
    ]
    assert (result["changed"], result["proven"], result["problems"]) == (False, ["ours.test"], [])


def test_what_is_returned_of_a_domain_that_serves_a_former_policy(prove):
    result = prove(expected=[entry("old.test", policy=POLICY.replace("86400", "604800"))], policy_host_addresses=[OURS])
    (proof,) = result["proofs"]
    assert (proof["proven"], result["proven"], "failed" in result) == (False, [], False)
    assert proof["findings"] == [
        {
            "severity": "error",
            "domain": "old.test",
            "field": "policy",
            "line": None,
            "rule": "::1 serves policy 94815eb6141fb6e5, not 6b0a272c43f662b6 as expected",
            "section": "RFC 8461, section 8.1",
            "remedy": "Install the policy there, and check whether a cache stands in front of it",
        }
    ]
    assert result["problems"] == [
        "old.test: policy: ::1 serves policy 94815eb6141fb6e5, not 6b0a272c43f662b6 as expected "
        "(RFC 8461, section 8.1). Remedy: Install the policy there, and check whether a cache stands in front of it."
    ]


def test_what_is_not_usable_is_left_out_and_the_others_keep_their_order(prove):
    names = ["two.test", "ours.test", "old.test"]
    entries = [entry(name) for name in names]
    entries.insert(1, entry("unusable.test", policy=None, usable=False))
    result = prove(expected=entries, allow_private=True, quorum=1)
    assert [proof["domain"] for proof in result["proofs"]] == names
    assert result["proven"] == names


@pytest.mark.parametrize(("quorum", "proven"), [(0, []), (1, ["two.test"]), (2, [])])
def test_a_quorum_of_the_addresses_may_be_enough(prove, quorum, proven):
    result = prove(expected=[entry("two.test")], allow_private=True, quorum=quorum)
    assert result["proven"] == proven


@pytest.mark.parametrize(("domain", "proven"), [("gone.test", ["gone.test"]), ("ours.test", [])])
def test_an_absent_domain_is_proven_once_nothing_is_served(prove, domain, proven):
    result = prove(expected=[entry(domain, state="absent")], policy_host_addresses=[OURS])
    assert result["proven"] == proven
    assert len(result["problems"]) == 1 - len(proven)


def test_check_mode_proves_as_well(prove):
    assert prove(allow_private=True, check=True)["proven"] == ["ours.test"]

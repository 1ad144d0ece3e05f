# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module as Ansible runs it: policy hosts of our own inside, a customer's domain that leads inward."""

from __future__ import annotations

import dns.message
import dns.rdatatype
import dns.rrset
import pytest
import trustme
from helpers.module_process import run_module
from servers.dns_server import answering
from servers.https_server import Answer, serve

POLICY = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
ADDRESSES = {"mta-sts.ours.test.": "::1", "mta-sts.customer.test.": "127.0.0.1"}
EXPECTED = [
    {"domain": domain, "policy_host": f"mta-sts.{domain}", "policy": POLICY, "state": "present", "usable": True}
    for domain in ("ours.test", "customer.test")
]


def say(query):
    """Have one policy host at each loopback address."""
    question = query.question[0]
    response = dns.message.make_response(query)
    address = ADDRESSES[question.name.to_text()]
    rdtype = "AAAA" if ":" in address else "A"
    if question.rdtype == dns.rdatatype.from_text(rdtype):
        response.answer.append(dns.rrset.from_text(question.name, 300, "IN", rdtype, address))
    return response


@pytest.fixture
def prove(tmp_path):
    """Run the module; return what it returned."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "root.pem")
    certificate = authority.issue_cert("mta-sts.ours.test")
    with (
        serve(Answer(body=POLICY.encode()), certificate, address="::1") as port,
        answering(say) as (nameserver, asked),
    ):
        given = {"nameservers": [nameserver], "ca_path": str(tmp_path / "root.pem"), "port": port, "attempts": 1}

        def prove(expected=EXPECTED, **options):
            asked.clear()
            return {**run_module("served_policies_info", expected=expected, **given, **options), "asked": list(asked)}

        yield prove


def test_our_own_addresses_are_fetched_from_and_others_inside_are_not(prove):
    result = prove(policy_host_addresses=["0:0:0:0:0:0:0:1"])
    assert result["proven"] == ["ours.test"]
    (problem,) = result["problems"]
    assert problem.startswith(
        "customer.test: policy host: mta-sts.customer.test leads to 127.0.0.1, a loopback address (RFC 1122): "
    )


@pytest.mark.parametrize(("leads_here", "times"), [("yes", 0), ("no", 0), ("unknown", 2)])
def test_addresses_that_the_reading_was_sure_of_are_not_looked_up_again(prove, leads_here, times):
    ours = {**EXPECTED[0], "policy_host_addresses": ["::1"], "leads_here": leads_here}
    result = prove([ours], policy_host_addresses=["::1"])
    assert (result["proven"], len(result["asked"])) == (["ours.test"], times)


def test_without_any_of_our_own_none_inside_is(prove):
    result = prove()
    assert result["proven"] == []
    assert len(result["problems"]) == 2


def test_what_is_no_address_is_refused(prove):
    result = prove(policy_host_addresses=["mta-sts.ours.test"])
    assert result["failed"] is True
    assert 'policy_host_addresses: "mta-sts.ours.test" is no IP address' in result["msg"]

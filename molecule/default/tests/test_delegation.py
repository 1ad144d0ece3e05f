# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Customers who delegate (RFC 8461, section 8.2): of each it is said which half is missing, and ours is in place."""

from __future__ import annotations

import pytest
from lab.playbook import Run, play

REPORT = "Fail for the domains that need attention"


@pytest.fixture(scope="module")
def run() -> Run:
    """A whole delegation, and two that lack a half each."""
    domains = [{"domain": f"{name}.test"} for name in ("customer", "served", "announced")]
    defaults = {"mx": ["mx.provider.test"], "delegated_to": "{domain}.provider.test"}
    whole = {**domains[0], "delegated_to": "customer.provider.test", "tls_rpt": ["mailto:tlsrpt@provider.test"]}
    variables = {"mta_sts_domains": [whole, *domains[1:]], "mta_sts_defaults": defaults, "mta_sts_audit_at_end": False}
    return play("playbooks/site.yml", variables=variables)


def problems(run, domain):
    return [said for said in run.result(REPORT, "policy12")["msg"].splitlines() if said.startswith(f"{domain}: ")]


def test_a_whole_delegation_works(run):
    verdicts = {line.split()[0]: line for line in run.result("Show the table", "policy12")["msg"][2:]}
    assert verdicts["customer.test"].endswith("working")
    assert problems(run, "customer.test") == []


def test_the_half_that_announces_is_missing_and_what_to_publish_is_said(run):
    assert problems(run, "served.test") == [
        "served.test: delegation: the half that announces the policy is missing: _mta-sts.served.test is not a CNAME "
        "(RFC 8461, section 8.2). Remedy: Have the owner of served.test publish: "
        "_mta-sts.served.test. CNAME _mta-sts.served.test.provider.test."
    ]


def test_and_our_half_is_in_place_already(run, sender):
    assert "v=STSv1; id=" in sender.check_output("kdig +short _mta-sts.served.test.provider.test TXT")


def test_the_half_that_serves_is_missing_and_what_to_publish_is_said(run):
    assert problems(run, "announced.test")[0] == (
        "announced.test: delegation: the half that serves the policy is missing: mta-sts.announced.test has no address "
        "(RFC 8461, section 8.2). Remedy: Have the owner of announced.test publish: "
        "mta-sts.announced.test. CNAME mta-sts.announced.test.provider.test."
    )


def test_and_nothing_is_announced_that_is_not_served(run, sender):
    assert sender.check_output("kdig +short _mta-sts.announced.test.provider.test TXT") == ""

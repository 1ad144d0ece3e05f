# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of the way to a policy host: its name, its addresses, whether they can be reached."""

from __future__ import annotations

import pytest
from helpers.policy_host_visits import V4, V6, addresses, evidence

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.host import (
    judge_addresses,
    judge_visits,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Fetch, HostVisit
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault

SILENT = addresses("", "", status="SERVFAIL", detail="192.0.2.53 says so")
NOWHERE = [
    (
        "nobody answers",
        evidence(SILENT),
        True,
        [
            found(
                "host_lookup",
                "mta-sts.a.test",
                "mta-sts.a.test cannot be looked up (SERVFAIL): 192.0.2.53 says so",
                "Check that every name server of a.test answers for this name (dig +trace mta-sts.a.test A)",
            )
        ],
    ),
    (
        "nobody answers for the second family",
        evidence((*addresses(""), SILENT[1])),
        True,
        [
            found(
                "host_lookup",
                "mta-sts.a.test",
                "mta-sts.a.test cannot be looked up (SERVFAIL): 192.0.2.53 says so",
                "Check that every name server of a.test answers for this name (dig +trace mta-sts.a.test AAAA)",
            )
        ],
    ),
    (
        "there is none",
        evidence(addresses("", "")),
        True,
        [
            found(
                "host_no_address",
                "mta-sts.a.test",
                "mta-sts.a.test has neither A nor AAAA record",
                "Create A and AAAA records with the addresses of the policy hosts; if the policy was given up, remove "
                "the record",
            )
        ],
    ),
    (
        "there is none, and the name does not exist",
        evidence(addresses("", "", status="NXDOMAIN")),
        True,
        [
            found(
                "host_no_address",
                "mta-sts.a.test",
                "mta-sts.a.test has neither A nor AAAA record",
                "Create A and AAAA records with the addresses of the policy hosts; if the policy was given up, remove "
                "the record",
            )
        ],
    ),
    (
        "they stand at another name",
        evidence(addresses("", ""), host_stray="mta-sts.a.test.a.test"),
        True,
        [
            found(
                "host_no_address",
                "mta-sts.a.test",
                "mta-sts.a.test has neither A nor AAAA record",
                "Move the records of mta-sts.a.test.a.test to mta-sts.a.test: in a zone file, end the name with a dot",
            )
        ],
    ),
    (
        "a CNAME leads nowhere",
        evidence(addresses("", "", canonical="gone.b.test")),
        True,
        [
            found(
                "host_dangling",
                "mta-sts.a.test",
                "the CNAME of mta-sts.a.test points to gone.b.test, which has no address; whoever registers that "
                "name could serve a policy",
                "Remove the CNAME, or create A and AAAA records for gone.b.test",
            )
        ],
    ),
    (
        "a CNAME leads nowhere, and nothing is announced",
        evidence(addresses("", "", canonical="gone.b.test")),
        False,
        [
            found(
                "host_dangling",
                "mta-sts.a.test",
                "the CNAME of mta-sts.a.test points to gone.b.test, which has no address; whoever registers that "
                "name could serve a policy",
                "Remove the CNAME, or create A and AAAA records for gone.b.test",
            )
        ],
    ),
    (
        "only the record is delegated",
        evidence(addresses("", ""), canonical="_mta-sts.b.test"),
        True,
        [
            found(
                "delegation_half",
                "mta-sts.a.test",
                "the record is delegated to _mta-sts.b.test, but mta-sts.a.test has no address",
                "Point it to the provider's policy host with a CNAME, too",
            )
        ],
    ),
]
VISITS = [
    (
        "it cannot be connected to",
        evidence(
            visits=(HostVisit(V4, Fetch(fault=Fault("tcp", "it is silent (RFC 8461, section 3.3)", "Open port 443"))),)
        ),
        [found("host_unreachable", "192.0.2.1", "it is silent", "Open port 443")],
    ),
    (
        "one of its addresses is private",
        evidence(
            visits=(HostVisit(V4, Fetch()), HostVisit(V6, Fetch(fault=Fault("private", "it is private", "Remove it"))))
        ),
        [found("host_private", "2001:db8::1", "it is private", "Remove it", "warning")],
    ),
    (
        "all of its addresses are private",
        evidence(visits=(HostVisit(V6, Fetch(fault=Fault("private", "it is private", "Remove it"))),)),
        [found("host_private", "2001:db8::1", "it is private", "Remove it")],
    ),
]


@pytest.mark.parametrize(
    ("seen", "announced", "findings"), [case[1:] for case in NOWHERE], ids=[case[0] for case in NOWHERE]
)
def test_what_is_told_of_a_policy_host_without_addresses(seen, announced, findings):
    assert judge_addresses(seen, announced) == findings


@pytest.mark.parametrize(
    ("seen", "announced"),
    [
        (evidence(addresses("", "")), False),
        (evidence(addresses(V4, "")), True),
        (evidence((*addresses(V4), *SILENT[1:])), True),
        (evidence(SILENT, status="SERVFAIL"), True),  # the record's finding says why
    ],
)
def test_no_fault_is_told_where_nobody_needs_an_address_or_has_one(seen, announced):
    assert judge_addresses(seen, announced) == []


@pytest.mark.parametrize(("seen", "findings"), [case[1:] for case in VISITS], ids=[case[0] for case in VISITS])
def test_what_is_told_of_a_visit(seen, findings):
    assert judge_visits(seen) == findings


@pytest.mark.parametrize(
    ("kind", "checks"),
    [
        ("dns", ["host_no_address"]),
        ("private", ["host_private"]),
        ("no_route", ["host_no_route"]),
        ("tcp", ["host_unreachable"]),
        ("unreachable", ["host_unreachable"]),
        ("tls_name", []),
        ("timeout", []),
    ],
)
def test_a_fault_fails_its_check(kind, checks):
    visit = HostVisit(V4, Fetch(fault=Fault(kind, "what is wrong", "what to do")))
    assert [finding.check for finding in judge_visits(evidence(visits=(visit,)))] == checks

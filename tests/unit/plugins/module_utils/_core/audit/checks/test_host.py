# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of a policy host: its names and addresses, its certificates, and its manners towards strangers."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.policy_host import (
    earliest_expiry,
    fault_check,
    judge_addresses,
    judge_visits,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import (
    Addresses,
    Evidence,
    Fetch,
    HostVisit,
    Manners,
    Shown,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.limits import Limits
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.sts_txt import Found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import LookedUp
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.proof import Fault

NOW = 2_000_000_000
DAY = 86400
HOST = "mta-sts.a.test"
V4, V6 = "192.0.2.1", "2001:db8::1"


def evidence(host=(), visits=(), status="OK", canonical="_mta-sts.a.test", **more):
    return Evidence(
        "a.test",
        Found(status, canonical),
        Found("NXDOMAIN", "_smtp._tls.a.test"),
        LookedUp("OK"),
        host,
        host_visits=visits,
        **more,
    )


def addresses(*records, status="NODATA", canonical=HOST, detail=""):
    return tuple(Addresses("OK" if one else status, canonical, (one,) if one else (), detail) for one in records)


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
                "See to its name servers",
            )
        ],
    ),
    (
        "nobody answers for the second family",
        evidence((*addresses(""), *SILENT[:1])),
        True,
        [
            found(
                "host_lookup",
                "mta-sts.a.test",
                "mta-sts.a.test cannot be looked up (SERVFAIL): 192.0.2.53 says so",
                "See to its name servers",
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
                "Create A and AAAA records that lead to the policy hosts; if the policy was given up, remove "
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
                "Create A and AAAA records that lead to the policy hosts; if the policy was given up, remove "
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
                "the CNAME of mta-sts.a.test leads to gone.b.test, which has no address; whoever makes that "
                "name could serve a policy",
                "Remove the CNAME, or see that gone.b.test gets its addresses",
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
                "the CNAME of mta-sts.a.test leads to gone.b.test, which has no address; whoever makes that "
                "name could serve a policy",
                "Remove the CNAME, or see that gone.b.test gets its addresses",
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
                "Let it lead to the provider's policy host by CNAME as well",
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
    (
        "another name",
        evidence(
            visits=(
                HostVisit(V4, Fetch(fault=Fault("tls_name", "it names b.test (RFC 8461, section 3.3)", "Order one"))),
            ),
            caa=("one.test", "two.test"),
        ),
        [
            found(
                "tls_name",
                "192.0.2.1",
                "it names b.test; CAA records there let only one.test, two.test issue",
                "Order one",
            )
        ],
    ),
    (
        "no certificate",
        evidence(
            visits=(HostVisit(V4, Fetch(fault=Fault("tls_refused", "it refuses", "Order one"))),), caa=("one.test",)
        ),
        [found("tls_refused", "192.0.2.1", "it refuses; CAA records there let only one.test issue", "Order one")],
    ),
    (
        "no certificate, and CAA records say nothing",
        evidence(visits=(HostVisit(V4, Fetch(fault=Fault("tls_refused", "it refuses", "Order one"))),)),
        [found("tls_refused", "192.0.2.1", "it refuses", "Order one")],
    ),
    (
        "too old a certificate has nothing to do with CAA",
        evidence(
            visits=(HostVisit(V4, Fetch(fault=Fault("tls_expired", "it is old", "Renew it"))),), caa=("one.test",)
        ),
        [found("tls_expired", "192.0.2.1", "it is old", "Renew it")],
    ),
    (
        "one of two certificates",
        evidence(
            visits=(
                HostVisit(
                    V4, Fetch(), {"rsa": Fetch(fault=Fault("tls_expired", "it is old", "Renew it")), "ecdsa": None}
                ),
            )
        ),
        [found("tls_expired", "192.0.2.1 (RSA)", "it is old", "Renew it")],
    ),
    (
        "the other of two certificates",
        evidence(
            visits=(
                HostVisit(
                    V4, Fetch(), {"rsa": None, "ecdsa": Fetch(fault=Fault("tls_expired", "it is old", "Renew it"))}
                ),
            )
        ),
        [found("tls_expired", "192.0.2.1 (ECDSA)", "it is old", "Renew it")],
    ),
    (
        "the certificate ends soon",
        evidence(visits=(HostVisit(V4, Fetch(shown=Shown(expiry=NOW + 2 * DAY))),)),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: the certificate ends on 2033-05-20T03:33:20Z, in 2 days",
                "See why it was not renewed: its timer, its log",
            )
        ],
    ),
    (
        "both certificates end soon",
        evidence(
            visits=(
                HostVisit(
                    V4,
                    Fetch(shown=Shown(expiry=NOW + 3 * DAY)),
                    {
                        "rsa": Fetch(shown=Shown(expiry=NOW + 3 * DAY)),
                        "ecdsa": Fetch(shown=Shown(expiry=NOW + 3 * DAY)),
                    },
                ),
            )
        ),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: ECDSA and RSA certificate ends on 2033-05-21T03:33:20Z, in 3 days",
                "See why it was not renewed: its timer, its log",
            )
        ],
    ),
    (
        "each certificate ends on its day",
        evidence(
            visits=(
                HostVisit(
                    V4,
                    Fetch(),
                    {"rsa": Fetch(shown=Shown(expiry=NOW + 5 * DAY)), "ecdsa": Fetch(shown=Shown(expiry=NOW + DAY))},
                ),
            )
        ),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: ECDSA certificate ends on 2033-05-19T03:33:20Z, in 24 hours",
                "See why it was not renewed: its timer, its log",
            ),
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: RSA certificate ends on 2033-05-23T03:33:20Z, in 5 days",
                "See why it was not renewed: its timer, its log",
            ),
        ],
    ),
    (
        "one of two certificates ends soon",
        evidence(
            visits=(
                HostVisit(
                    V4,
                    Fetch(shown=Shown(expiry=NOW + 90 * DAY)),
                    {
                        "rsa": None,
                        "ecdsa": Fetch(shown=Shown(expiry=NOW + DAY)),
                    },
                ),
            )
        ),
        [
            found(
                "tls_expiring",
                "192.0.2.1",
                "192.0.2.1: ECDSA certificate ends on 2033-05-19T03:33:20Z, in 24 hours",
                "See why it was not renewed: its timer, its log",
            )
        ],
    ),
    (
        "strangers get a certificate",
        evidence(visits=(HostVisit(V4, Fetch()),), manners={V4: Manners(True)}),
        [
            found(
                "tls_unknown_name",
                "192.0.2.1",
                "192.0.2.1 shows some certificate to whoever asks for a name it does not serve",
                "Let the default server abort the handshake (ssl_reject_handshake)",
            )
        ],
    ),
    (
        "old versions",
        evidence(visits=(HostVisit(V4, Fetch()),), manners={V4: Manners(False, ("TLSv1", "TLSv1.1"))}),
        [
            found(
                "tls_old_version",
                "192.0.2.1",
                "192.0.2.1 still accepts TLSv1 and TLSv1.1",
                "Allow TLS 1.2 and 1.3 only",
            )
        ],
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
    assert judge_visits(seen, Limits(), NOW) == findings


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("dns", "host_no_address"),
        ("private", "host_private"),
        ("no_route", "host_no_route"),
        ("tcp", "host_unreachable"),
        ("unreachable", "host_unreachable"),
        ("tls_name", "tls_name"),
        ("tls_expired", "tls_expired"),
        ("tls_self_signed", "tls_self_signed"),
        ("tls_chain", "tls_chain"),
        ("tls_untrusted", "tls_untrusted"),
        ("tls_refused", "tls_refused"),
        ("tls_client", "tls_handshake"),
        ("tls_version", "tls_version"),
        ("tls", "tls_handshake"),
        ("timeout", "http_timeout"),
        ("http", "http_protocol"),
        ("too_large", "http_too_large"),
        ("of a kind nobody has thought of", "http_protocol"),
    ],
)
def test_a_fault_fails_its_check(kind, check):
    assert fault_check(Fault(kind, "what is wrong", "what to do")) == check


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("private", False),
        ("tcp", False),
        ("unreachable", False),
        ("no_route", False),
        ("tls_version", False),
        ("tls_name", False),
        ("http", False),
        ("tls_expired", True),
        ("timeout", True),
    ],
)
def test_bad_manners_are_told_unless_another_fault_explains_them(kind, told):
    visit = HostVisit(V4, Fetch(fault=Fault(kind, "what is wrong", "what to do")))
    findings = judge_visits(evidence(visits=(visit,), manners={V4: Manners(True, ("TLSv1",))}), Limits(), NOW)
    assert ("tls_unknown_name" in [finding.check for finding in findings]) is told
    assert ("tls_old_version" in [finding.check for finding in findings]) is told


@pytest.mark.parametrize("manners", [{}, {V4: Manners()}, {V4: Manners(False)}, {V6: Manners(True)}])
def test_without_bad_manners_none_are_told(manners):
    assert judge_visits(evidence(visits=(HostVisit(V4, Fetch()),), manners=manners), Limits(), NOW) == []


def test_a_fetch_that_fails_later_than_in_tls_is_not_about_the_certificate():
    later = Fetch(fault=Fault("timeout", "what is wrong", "what to do"))
    assert judge_visits(evidence(visits=(HostVisit(V4, Fetch(), {"rsa": later}),)), Limits(), NOW) == []


def test_the_first_certificate_of_all_to_end():
    def ends(day):
        return Fetch(shown=Shown(expiry=day and NOW + day * DAY))

    visits = [
        HostVisit(V4, ends(9), {"rsa": ends(7), "ecdsa": None}),
        HostVisit(V6, ends(8), {"rsa": ends(None), "ecdsa": Fetch()}),
    ]
    assert earliest_expiry(visits) == NOW + 7 * DAY
    assert earliest_expiry(visits[1:]) == NOW + 8 * DAY
    assert earliest_expiry([HostVisit(V4, Fetch())]) is None
    assert earliest_expiry([]) is None

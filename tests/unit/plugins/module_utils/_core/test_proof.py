# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a domain may be announced, and when its record may go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import TlsInfo
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import Policy, render
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.proof import prove

POLICY = render(Policy("enforce", 2419200, ("mx1.example.com",)))
OLDER = render(Policy("testing", 86400, ("mx1.example.com",)))
GOOD = Fetch("192.0.2.1", 200, "text/plain", body=POLICY, tls=TlsInfo(expiry=1800000000))
OTHER = replace(GOOD, address="2001:db8::1", tls=TlsInfo(expiry=1700000000))
REFUSED = Fetch("192.0.2.3", fault=Fault("tcp", "192.0.2.3 port 443 does not accept the connection", "Start it"))
NO_ROUTE = Fetch("2001:db8::9", fault=Fault("no_route", "2001:db8::9 port 443 cannot be reached from here", "Move"))


def said(fetches, expected=POLICY):
    proof = prove("example.com", expected, fetches)
    return proof.proven, [str(finding) for finding in proof.findings]


def test_every_address_serves_what_is_meant():
    proof = prove("example.com", POLICY, [GOOD, OTHER])
    assert proof.proven
    assert proof.findings == ()
    assert proof.certificate_expiry == 1700000000


@pytest.mark.parametrize("media_type", ["text/plain", "TEXT/PLAIN; charset=utf-8", "text/plain;charset=us-ascii"])
def test_parameters_and_case_of_the_media_type_do_not_matter(media_type):
    assert said([replace(GOOD, content_type=media_type)]) == (True, [])


@pytest.mark.parametrize(
    ("fetch", "sentence"),
    [
        (
            replace(GOOD, status=301),
            "example.com: policy host: 192.0.2.1 answers with HTTP status 301; senders accept only 200 and follow no "
            "redirect (RFC 8461, section 3.3). Remedy: Serve the policy itself at this address, at exactly "
            "/.well-known/mta-sts.txt.",
        ),
        (
            replace(GOOD, content_type="text/html"),
            "example.com: policy host: 192.0.2.1 serves the policy with the media type 'text/html' "
            "instead of text/plain (RFC 8461, section 3.2). "
            "Remedy: Send Content-Type: text/plain.",
        ),
        (
            replace(GOOD, content_type=""),
            "example.com: policy host: 192.0.2.1 serves the policy with no media type "
            "instead of text/plain (RFC 8461, section 3.2). "
            "Remedy: Send Content-Type: text/plain.",
        ),
        (
            replace(GOOD, body=OLDER),
            "example.com: policy: 192.0.2.1 serves policy 909b7807395c432c, not a86567ce492a45af as "
            "expected (RFC 8461, section 8.1). Remedy: Install the policy there, and check whether a cache stands in "
            "front of it.",
        ),
        (
            REFUSED,
            "example.com: policy host: 192.0.2.3 port 443 does not accept the connection. Remedy: Start it; or, until "
            "the host is repaired, set sts_dns_quorum to 1.",
        ),
    ],
)
def test_one_bad_address_is_enough(fetch, sentence):
    proven, sentences = said([OTHER, fetch])
    assert not proven
    assert sentences == [sentence]


def test_an_address_this_machine_has_no_route_to_is_a_warning():
    proof = prove("example.com", POLICY, [GOOD, NO_ROUTE])
    assert proof.proven
    assert [(finding.severity, str(finding)) for finding in proof.findings] == [
        ("warning", "example.com: policy host: 2001:db8::9 port 443 cannot be reached from here. Remedy: Move.")
    ]


@pytest.mark.parametrize("fetches", [[], [NO_ROUTE]])
def test_nothing_seen_proves_nothing(fetches):
    assert not prove("example.com", POLICY, fetches).proven


@pytest.mark.parametrize(
    "fetches",
    [[], [REFUSED], [replace(GOOD, status=404, body=b"not found")], [replace(GOOD, body=b"<html>for sale</html>")]],
)
def test_an_absent_policy_is_proven_when_nobody_serves_one(fetches):
    assert said(fetches, None) == (True, [])


def test_an_absent_policy_that_is_still_served_keeps_its_record():
    proven, (sentence,) = said([REFUSED, GOOD], None)
    assert not proven
    assert sentence == (
        "example.com: policy: 192.0.2.1 still serves policy a86567ce492a45af, so its record must stay "
        "(RFC 8461, section 8.3). Remedy: Take the policy down first; if somebody else serves this domain now, take it "
        "off the list."
    )


@pytest.mark.parametrize("kind", ["too_many", "too_late", "failed"])
def test_an_absent_policy_is_not_proven_by_an_address_that_was_not_looked_at(kind):
    unseen = Fetch("192.0.2.3", fault=Fault(kind, "192.0.2.3 was not looked at", "Look again"))
    assert said([unseen], None) == (
        False,
        ["example.com: policy host: 192.0.2.3 was not looked at. Remedy: Look again."],
    )


def test_a_certificate_whose_end_is_not_known_has_no_say_in_when_the_first_one_ends():
    unknown = Fetch("192.0.2.1", 200, "text/plain", body=POLICY)
    assert prove("example.com", POLICY, [unknown]).certificate_expiry is None
    assert prove("example.com", POLICY, [unknown, OTHER]).certificate_expiry == 1700000000


@pytest.mark.parametrize(
    ("others", "remedy"),
    [
        ([GOOD, OTHER], "Start it; or, until the host is repaired, set sts_dns_quorum to 2"),
        ([GOOD, NO_ROUTE], "Start it; or, until the host is repaired, set sts_dns_quorum to 1"),
        ([], "Start it"),
        ([NO_ROUTE], "Start it"),
        ([GOOD, replace(OTHER, body=OLDER)], "Start it"),
    ],
)
@pytest.mark.parametrize("quorum", [0, 3])
def test_the_remedy_names_a_quorum_where_that_would_do(others, remedy, quorum):
    findings = prove("example.com", POLICY, [*others, REFUSED], quorum).findings
    assert remedy in {finding.remedy for finding in findings}


@pytest.mark.parametrize("kind", ["tcp", "unreachable", "timeout"])
@pytest.mark.parametrize("quorum", [1, 2])
def test_with_a_quorum_the_others_may_be_down(kind, quorum):
    down = replace(REFUSED, fault=replace(REFUSED.fault, kind=kind))
    proof = prove("example.com", POLICY, [GOOD, OTHER, down], quorum)
    assert proof.proven
    assert [(finding.severity, finding.rule, finding.remedy) for finding in proof.findings] == [
        ("warning", "192.0.2.3 port 443 does not accept the connection", "Start it")
    ]


def test_only_the_remedy_of_an_address_that_is_down_names_a_quorum():
    sentences = [str(finding) for finding in prove("example.com", POLICY, [GOOD, NO_ROUTE, REFUSED]).findings]
    assert sentences[0] == ("example.com: policy host: 2001:db8::9 port 443 cannot be reached from here. Remedy: Move.")


@pytest.mark.parametrize(
    "fetches",
    [
        [GOOD, REFUSED],
        [GOOD, OTHER, replace(REFUSED, fault=replace(REFUSED.fault, kind="tls_name"))],
        [GOOD, OTHER, replace(GOOD, body=OLDER)],
        [GOOD, OTHER, replace(GOOD, status=404)],
    ],
)
def test_a_quorum_that_is_missed_or_an_address_that_serves_something_else_proves_nothing(fetches):
    assert not prove("example.com", POLICY, fetches, quorum=2).proven


def test_a_quorum_takes_nobody_down():
    assert not prove("example.com", None, [GOOD, REFUSED], quorum=1).proven

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of a policy as served: the answers it comes with, what it says, and what it was before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.policy import (
    Served,
    judge_past,
    judge_removal,
    judge_served,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Evidence, HostVisit
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.past import Observed
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.thresholds import Thresholds
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Expected
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import Policy, parse
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

NOW = 2_000_000_000
DAY = 86400
WEEK = 7 * DAY
V4, V6 = "192.0.2.1", "2001:db8::1"


def text_of(mode="enforce", max_age=2419200):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: mx.a.test\r\nmax_age: {max_age}\r\n".encode()


BODY, OTHER = text_of(), text_of("testing")
ID, OTHER_ID = policy_id(BODY), policy_id(OTHER)
PRESENT, ABSENT = Expected("a.test", True, OTHER, "testing"), Expected("a.test", False)


def fetched(body=BODY, status=200, content_type="text/plain", **more):
    return Fetch(status=status, content_type=content_type, body=body, **more)


def failed(kind):
    return Fetch(fault=Fault(kind, "what is wrong (RFC 8461, section 3.3)", "what to do"))


def seen(*visits):
    nothing = Answer("_mta-sts.a.test", "TXT", "NXDOMAIN", "_mta-sts.a.test")
    return Evidence("a.test", nothing, nothing, Answer("a.test", "MX", "OK", "a.test"), (), host_visits=visits)


def one(*fetch, **more):
    return seen(HostVisit(V4, fetch[0] if fetch else fetched(**more)))


def with_families(**families):
    return seen(HostVisit(V4, fetched(), families))


FAULTS = [
    (
        "a redirect",
        one(status=301, location="https://www.a.test/" + "x" * 200),
        None,
        [
            found(
                "http_redirect",
                "192.0.2.1",
                f"192.0.2.1 redirects (status 301) to {('https://www.a.test/' + 'x' * 101)!r}; senders do not follow",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            )
        ],
    ),
    (
        "a redirect that leads nowhere",
        one(status=300),
        None,
        [
            found(
                "http_redirect",
                "192.0.2.1",
                "192.0.2.1 redirects (status 300); senders do not follow",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            )
        ],
    ),
    (
        "the last of all redirects",
        one(status=399, location="/"),
        None,
        [
            found(
                "http_redirect",
                "192.0.2.1",
                "192.0.2.1 redirects (status 399) to '/'; senders do not follow",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            )
        ],
    ),
    (
        "a status beyond redirects",
        one(status=400),
        None,
        [
            found(
                "http_status",
                "192.0.2.1",
                "192.0.2.1 answers status 400, not 200",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            )
        ],
    ),
    (
        "a status before redirects",
        one(status=299),
        None,
        [
            found(
                "http_status",
                "192.0.2.1",
                "192.0.2.1 answers status 299, not 200",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            )
        ],
    ),
    (
        "browsers are served",
        seen(HostVisit(V4, fetched(status=403), browser=fetched())),
        None,
        [
            found(
                "http_user_agent",
                "192.0.2.1",
                "192.0.2.1 answers status 403 to senders, and 200 to browsers",
                "Exempt /.well-known/mta-sts.txt from the filter that keeps bots out",
            )
        ],
    ),
    (
        "browsers are not served either",
        seen(HostVisit(V4, fetched(status=403), browser=fetched(status=503))),
        None,
        [
            found(
                "http_status",
                "192.0.2.1",
                "192.0.2.1 answers status 403, not 200",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            )
        ],
    ),
    (
        "a browser's answer beside a good one",
        seen(HostVisit(V4, fetched(content_type=""), browser=fetched())),
        None,
        [
            found(
                "http_content_type",
                "192.0.2.1",
                "192.0.2.1 serves the policy with no media type instead of text/plain",
                "Send Content-Type: text/plain",
            )
        ],
    ),
    (
        "another media type",
        one(content_type="Application/Octet-Stream; charset=" + "x" * 99),
        None,
        [
            found(
                "http_content_type",
                "192.0.2.1",
                "192.0.2.1 serves the policy with the media type 'application/octet-stream' instead of text/plain",
                "Send Content-Type: text/plain",
            )
        ],
    ),
    (
        "a long media type",
        one(content_type="x" * 99),
        None,
        [
            found(
                "http_content_type",
                "192.0.2.1",
                f"192.0.2.1 serves the policy with the media type {'x' * 60!r} instead of text/plain",
                "Send Content-Type: text/plain",
            )
        ],
    ),
    (
        "slow",
        one(seconds=10.6),
        None,
        [
            found(
                "http_slow",
                "192.0.2.1",
                "192.0.2.1 took 11 seconds; senders may give up after a minute or less",
                "Serve the policy as a plain file",
            )
        ],
    ),
    (
        "slow without a policy",
        one(status=404, seconds=11),
        None,
        [
            found(
                "http_status",
                "192.0.2.1",
                "192.0.2.1 answers status 404, not 200",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            ),
            found(
                "http_slow",
                "192.0.2.1",
                "192.0.2.1 took 11 seconds; senders may give up after a minute or less",
                "Serve the policy as a plain file",
            ),
        ],
    ),
    (
        "a page at two addresses and a file",
        seen(
            HostVisit(V4, fetched(b"<html>")), HostVisit(V6, fetched(b"<html>")), HostVisit("192.0.2.2", fetched(b""))
        ),
        None,
        [
            found(
                "policy_html",
                "192.0.2.1, 2001:db8::1",
                "what 192.0.2.1, 2001:db8::1 serves is a web page, which begins with '<html>'",
                "Serve the policy itself at exactly /.well-known/mta-sts.txt",
            ),
            found(
                "policy_other",
                "192.0.2.2",
                "what 192.0.2.2 serves is empty",
                "Write version, mode, mx and max_age into it",
            ),
        ],
    ),
    (
        "another policy a moment later",
        with_families(rsa=None, ecdsa=fetched(OTHER)),
        None,
        [
            found(
                "http_unsteady",
                "192.0.2.1",
                f"192.0.2.1 served policy {ID}, and a moment later (ECDSA): status 200, policy {OTHER_ID}",
                "Install the same policy on every server behind the address, and look for a cache in front of them",
            )
        ],
    ),
    (
        "another status a moment later",
        with_families(rsa=fetched(status=503), ecdsa=fetched(OTHER)),
        None,
        [
            found(
                "http_unsteady",
                "192.0.2.1",
                f"192.0.2.1 served policy {ID}, and a moment later (RSA): status 503, policy {ID}",
                "Install the same policy on every server behind the address, and look for a cache in front of them",
            )
        ],
    ),
    (
        "silence a moment later",
        with_families(rsa=failed("timeout")),
        None,
        [
            found(
                "http_unsteady",
                "192.0.2.1",
                f"192.0.2.1 served policy {ID}, and a moment later (RSA): what is wrong",
                "Install the same policy on every server behind the address, and look for a cache in front of them",
            )
        ],
    ),
    (
        "another policy a moment later and at the other address",
        seen(HostVisit(V4, fetched(), {"rsa": fetched(OTHER)}), HostVisit(V6, fetched(OTHER))),
        PRESENT,
        [
            found(
                "http_unsteady",
                "192.0.2.1",
                f"192.0.2.1 served policy {ID}, and a moment later (RSA): status 200, policy {OTHER_ID}",
                "Install the same policy on every server behind the address, and look for a cache in front of them",
            )
        ],
    ),
    (
        "another policy at another address",
        seen(HostVisit(V4, fetched()), HostVisit("192.0.2.2", fetched()), HostVisit(V6, fetched(OTHER))),
        PRESENT,
        [
            found(
                "http_addresses_differ",
                "mta-sts.a.test",
                f"the addresses differ: 192.0.2.1, 192.0.2.2: policy {ID}; 2001:db8::1: policy {OTHER_ID}",
                "Install the same policy everywhere, and look for a cache in front of one: "
                "curl --resolve mta-sts.a.test:443:[2001:db8::1] https://mta-sts.a.test/.well-known/mta-sts.txt",
            )
        ],
    ),
    (
        "another than expected",
        one(),
        PRESENT,
        [
            found(
                "policy_not_as_expected",
                "mta-sts.a.test",
                f"policy {ID} is served, but the inventory calls for {OTHER_ID}",
                "Install that policy on every policy host: ansible-playbook postmaster.mta_sts.site",
            )
        ],
    ),
    (
        "one, and none is expected",
        one(),
        ABSENT,
        [
            found(
                "policy_not_as_expected",
                "mta-sts.a.test",
                "a policy is served, but the inventory calls for none",
                "Take it down",
            )
        ],
    ),
    (
        "too long an age",
        one(body=text_of(max_age=99999999)),
        None,
        [
            found(
                "policy_max_age",
                "line 4",
                "max_age: 99999999 is more than 31557600 seconds",
                "Write 31557600 (one year) or less",
            )
        ],
    ),
    (
        "a short age",
        one(body=text_of(max_age=3600)),
        None,
        [
            found(
                "policy_max_age_short",
                "line 4",
                "max_age: 3600 seconds protect little in mode enforce: an attacker only has to wait",
                "Write 1209600 or more",
            )
        ],
    ),
    (
        "no age",
        one(body=BODY.replace(b"max_age: 2419200\r\n", b"")),
        None,
        [
            found(
                "policy_syntax",
                "mta-sts.a.test",
                "max_age: the field is missing",
                "Write max_age: and the seconds senders may keep the policy",
            )
        ],
    ),
    (
        "no MX",
        one(body=BODY.replace(b"mx: mx.a.test\r\n", b"")),
        None,
        [
            found(
                "policy_mx_missing",
                "mta-sts.a.test",
                "mx: the field is missing",
                "Write a line mx: for every MX host; only mode none needs none",
            )
        ],
    ),
    (
        "a bad MX",
        one(body=BODY.replace(b"mx.a.test", b"192.0.2.1")),
        None,
        [found("policy_syntax", "line 3", "mx: '192.0.2.1' is an address, not a name", "Write the host's name")],
    ),
    (
        "a bad mode",
        one(body=text_of("report")),
        None,
        [
            found(
                "policy_syntax",
                "line 2",
                "mode: 'report' is not one of testing, enforce, none",
                "Write one of them, in lower case",
            )
        ],
    ),
    (
        "an unusual end of a line",
        one(body=BODY.replace(b"enforce\r", b"enforce")),
        None,
        [
            found(
                "policy_style",
                "mta-sts.a.test",
                "policy: lines end with LF alone, which some checkers refuse",
                "End them with CRLF",
                "info",
            )
        ],
    ),
]
PAST = Observed(ID, ID, "enforce", 2419200, NOW - 9 * WEEK, NOW - DAY, NOW - 9 * WEEK)
TESTING = replace(PAST, record_id=OTHER_ID, policy_id=OTHER_ID, mode="testing")
OVER_TIME = [
    (
        "the policy is another, the id is not",
        (PAST,),
        ID,
        OTHER,
        [
            found(
                "record_stale_id",
                "id",
                f"id {ID} stood for policy {ID}, now for {OTHER_ID}; senders that know the id keep the old one",
                "Publish a new id",
            )
        ],
    ),
    (
        "the policy has been another under the id",
        (replace(PAST, policy_id="1"), replace(PAST, policy_id="2"), TESTING),
        ID,
        BODY,
        [
            found(
                "record_stale_id",
                "id",
                f"id {ID} stood for policy 2, now for {ID}; senders that know the id keep the old one",
                "Publish a new id",
            )
        ],
    ),
    (
        "the id is another, the policy is not",
        (PAST,),
        "2",
        BODY,
        [
            found(
                "record_early_id",
                "id",
                f"the id changed from {ID} to 2, but the policy is the same",
                "Change the policy first, the id after it",
            )
        ],
    ),
    (
        "testing for long",
        (TESTING,),
        OTHER_ID,
        OTHER,
        [
            found(
                "policy_testing_long",
                "mode",
                "the policy has been in mode testing for 9 weeks, since 2033-03-16T03:33:20Z",
                "If the TLS reports are clean, write mode: enforce",
            )
        ],
    ),
]


def served(body):
    reading = parse(body, "a.test")
    return Served(body, reading.policy, reading.lenient)


@pytest.mark.parametrize(
    ("evidence", "expected", "findings"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_what_is_told_of_what_is_served(evidence, expected, findings):
    assert judge_served(evidence, expected, Thresholds())[1] == findings


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (one(), None),
        (one(), replace(PRESENT, policy=BODY)),
        (one(), replace(PRESENT, policy=None)),
        (one(content_type="Text/Plain ; charset=utf-8"), None),
        (one(seconds=10), None),
        (one(failed("tcp")), None),  # judged with the addresses
        (one(failed("tls_name")), None),  # judged with the certificates
        (seen(), PRESENT),
        (with_families(rsa=fetched(), ecdsa=None), None),
        (with_families(rsa=failed("tls_expired")), None),  # judged with the certificates
        (seen(HostVisit(V4, fetched()), HostVisit(V6, fetched())), None),
    ],
)
def test_nothing_is_wrong_with_what_is_served(evidence, expected):
    assert judge_served(evidence, expected, Thresholds())[1] == []


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("timeout", "http_timeout"),
        ("http", "http_protocol"),
        ("too_large", "http_too_large"),
        ("of a kind nobody has thought of", "http_protocol"),
    ],
)
def test_it_is_told_why_no_answer_comes_after_the_handshake(kind, check):
    assert judge_served(one(failed(kind)), None, Thresholds())[1] == [found(check, V4, "what is wrong", "what to do")]


def test_the_command_that_shows_another_policy_has_no_brackets_around_ipv4():
    visits = (HostVisit(V6, fetched()), HostVisit(V4, fetched(OTHER)))
    (finding,) = judge_served(seen(*visits), None, Thresholds())[1]
    assert f"curl --resolve mta-sts.a.test:443:{V4} https://mta-sts.a.test/" in finding.remedy


def test_what_is_served_is_what_the_first_good_address_serves():
    visits = [HostVisit("192.0.2.9", failed("tcp")), HostVisit(V6, fetched(b"<html>")), HostVisit(V4, fetched())]
    policy = Policy("enforce", 2419200, ("mx.a.test",))
    assert judge_served(seen(*visits, HostVisit("192.0.2.2", fetched(OTHER))), None, Thresholds())[0] == Served(
        BODY, policy, policy
    )
    assert judge_served(seen(*visits[:2]), None, Thresholds())[0] == Served(None, None, None)


def test_what_only_forgiving_senders_read_is_no_policy():
    spoilt = BODY.replace(b"\r\n", b"\r\n\r\n", 1)
    read = judge_served(one(body=spoilt), None, Thresholds())[0]
    assert (read.policy, read.lenient.mode, read.policy_id) == (None, "enforce", policy_id(spoilt))
    assert Served().policy_id is None


@pytest.mark.parametrize(
    ("past", "record_id", "body", "findings"), [case[1:] for case in OVER_TIME], ids=[case[0] for case in OVER_TIME]
)
def test_what_is_told_of_a_change(past, record_id, body, findings):
    assert judge_past(past, record_id, served(body), Thresholds(), NOW) == findings


@pytest.mark.parametrize(
    ("past", "record_id", "body"),
    [
        ((), ID, BODY),
        ((PAST,), ID, BODY),
        ((PAST,), OTHER_ID, OTHER),
        ((PAST,), None, OTHER),
        ((replace(PAST, record_id=None),), ID, BODY),
        ((replace(PAST, policy_id="1"), PAST), ID, BODY),
        ((PAST, replace(TESTING, record_id="2")), ID, BODY),
        ((replace(TESTING, mode_since=NOW - 8 * WEEK),), OTHER_ID, OTHER),
        ((replace(TESTING, mode="enforce"),), OTHER_ID, OTHER),
        ((replace(PAST, record_id="1", policy_id="1", mode="testing"),), ID, BODY),
    ],
)
def test_nothing_is_wrong_with_a_change(past, record_id, body):
    assert judge_past(past, record_id, served(body), Thresholds(), NOW) == []


def test_a_policy_that_is_not_read_strictly_may_be_in_testing_for_long_too():
    spoilt = OTHER.replace(b"\r\n", b"\r\n\r\n", 1)
    past = (replace(TESTING, policy_id=policy_id(spoilt)),)
    assert [finding.check for finding in judge_past(past, OTHER_ID, served(spoilt), Thresholds(), NOW)] == [
        "policy_testing_long"
    ]


def test_of_what_is_not_served_nothing_is_told_here():
    assert judge_past((TESTING,), OTHER_ID, Served(), Thresholds(), NOW) == []


def test_a_policy_that_went_too_early_is_told_with_the_moment_it_may_go():
    assert judge_removal("a.test", (replace(PAST, last=NOW, max_age=1),), NOW) == [
        found(
            "policy_removed_early",
            "a.test",
            "record and policy are gone, but senders may hold a policy that is not none until 2033-05-18T03:33:21Z",
            "Serve a policy of mode none, under a new id, until then",
        )
    ]
    assert judge_removal("a.test", (replace(PAST, last=NOW - 1, max_age=1),), NOW) == []
    assert judge_removal("a.test", (replace(PAST, mode="none"),), NOW) == []
    assert judge_removal("a.test", (), NOW) == []

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MX records and the policy's patterns: which MX no pattern matches, and why most likely."""

from __future__ import annotations

import pytest
from helpers.answers import answers_about

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.mx import (
    judge_coverage,
    judge_records,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Evidence, MxHost
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.mx import RENAME

MX = "mx1.a.test"
SEVERITIES = ["error", "warning"]
CREATE = "Create its A and AAAA records"


def judged(patterns, hosts=(MX,), severity="error"):
    return judge_coverage("a.test", patterns, hosts, severity)


COVERED = [
    ("by its name", [MX], [MX]),
    ("by its name in capitals", ["MX1.A.test"], [MX]),
    ("by a wildcard", ["*.a.test"], [MX, "mx2.a.test"]),
    ("each by its own pattern", [MX, "*.b.test"], [MX, "mx.b.test"]),
]


@pytest.mark.parametrize(("patterns", "hosts"), [case[1:] for case in COVERED], ids=[case[0] for case in COVERED])
def test_an_mx_is_covered(patterns, hosts):
    assert judged(patterns, hosts) == []


UNCOVERED = [
    (
        "a wildcard that would have to stand for two labels",
        ["*.test"],
        "mx_labels",
        f"*.test does not match the MX {MX}: the asterisk stands for exactly one label",
    ),
    (
        "a wildcard that would have to stand for none",
        [f"*.{MX}"],
        "mx_labels",
        f"*.{MX} does not match the MX {MX}: the asterisk stands for exactly one label",
    ),
    ("the domain above it", ["a.test"], "mx_labels", f"a.test does not match the MX {MX}: it has other labels"),
    ("a name below it", [f"x.{MX}"], "mx_labels", f"x.{MX} does not match the MX {MX}: it has other labels"),
    ("one typo", ["mx1.a.tset"], "mx_typo", f"mx1.a.tset looks like the MX {MX}, but does not match it"),
    ("three typos", ["mx1.a.abct"], "mx_typo", f"mx1.a.abct looks like the MX {MX}, but does not match it"),
    (
        "the nearest of two",
        ["mx1.a.abct", "mx2.a.test"],
        "mx_typo",
        f"mx2.a.test looks like the MX {MX}, but does not match it",
    ),
]


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize(
    ("patterns", "check", "seen"), [case[1:] for case in UNCOVERED], ids=[case[0] for case in UNCOVERED]
)
def test_why_a_pattern_does_not_match_as_was_meant(patterns, check, seen, severity):
    assert judged(patterns, severity=severity) == [found(check, MX, seen, f"Write mx: {MX}", severity)]


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize(
    ("patterns", "hosts", "others"),
    [
        (["mx1.b.test"], ["mx1.b.test", MX], ""),
        (["mx1.a.abcd"], [MX], "; mx1.a.abcd match no MX at all"),  # four typos are another name
        (["mail.other.example"], [MX], "; mail.other.example match no MX at all"),
    ],
)
def test_an_mx_that_nobody_meant_to_cover(patterns, hosts, others, severity):
    seen = f"no pattern matches the MX {MX}{others}"
    assert judged(patterns, hosts, severity) == [
        found("mx_uncovered", MX, seen, f"Add mx: {MX}, or remove the MX record", severity)
    ]


def test_every_uncovered_mx_is_told():
    assert [finding.subject for finding in judged(["*.b.test"], ["mx.b.test", "mx.c.test", "mx.d.test"])] == [
        "mx.c.test",
        "mx.d.test",
    ]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_pattern_that_matches_nothing_beside_one_that_does_is_a_risk(severity):
    (finding,) = judged([MX, "gone.a.test"], severity=severity)
    assert finding == found(
        "mx_unused",
        "gone.a.test",
        "gone.a.test matches no MX; whoever gets hold of such a name could take the mail",
        "Remove it, unless an MX change is under way",
    )


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("written", ["mta-sts.a.test", "MTA-STS.a.test"])
def test_the_policy_host_is_no_mx(written, severity):
    seen = "the policy lists mta-sts.a.test, which serves policies, as an MX"
    remedy = f"Write mx: {MX}, the name in the MX record"
    assert judged([written], severity=severity) == [
        found("mx_policy_host", "mta-sts.a.test", f"{seen}, but not the MX {MX}", remedy, severity)
    ]
    assert judged([written, MX], severity=severity) == [
        found("mx_policy_host", "mta-sts.a.test", seen, remedy, "warning")
    ]


def test_a_policy_host_that_takes_the_mail_may_be_listed():
    assert judged(["mta-sts.a.test"], ["mta-sts.a.test"]) == []


def answers(*addresses, canonical=MX, status="NODATA"):
    detail = "192.0.2.53 does not answer"
    return tuple(
        Answer(MX, "A", "OK" if address else status, canonical, (address,) if address else (), detail)
        for address in addresses
    )


def records(answer, *hosts, severity="error"):
    nothing = Answer("_mta-sts.a.test", "TXT", "NXDOMAIN", "_mta-sts.a.test")
    return judge_records(Evidence("a.test", nothing, nothing, answer, (), mx_hosts=hosts), severity)


of_mx = answers_about("a.test", "MX")
ONE = of_mx("OK", ((10, MX),))


@pytest.mark.parametrize(("v4", "v6"), [("192.0.2.1", "2001:db8::1"), ("192.0.2.1", ""), ("", "2001:db8::1")])
def test_an_mx_with_an_address_of_either_family_is_fine(v4, v6):
    assert records(ONE, MxHost(MX, answers(v4, v6))) == []


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("status", ["TIMEOUT", "SERVFAIL", "REFUSED"])
def test_mx_records_that_cannot_be_looked_up_are_not_called_missing(status, severity):
    seen = f"the MX records cannot be looked up ({status}): 192.0.2.53 says so"
    remedy = "Check that every name server of a.test answers for this name (dig +trace a.test MX)"
    assert records(of_mx(status, detail="192.0.2.53 says so"), severity=severity) == [
        found("mx_lookup", "a.test", seen, remedy, severity)
    ]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_domain_that_takes_no_mail_needs_no_policy(severity):
    seen = "a null MX (RFC 7505) says that the domain takes no mail, and yet there is a policy"
    remedy = "Publish mode: none, and later remove record and policy"
    assert records(of_mx("OK", ((0, ""),)), severity=severity) == [found("mx_null", "a.test", seen, remedy, severity)]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_null_mx_beside_others_is_told_and_the_others_are_judged(severity):
    hosts = (MxHost(MX, answers("192.0.2.1")), MxHost("mx2.a.test", answers("", canonical="mx2.a.test")))
    seen = f"a null MX (RFC 7505) stands beside the MX {MX}, mx2.a.test, so senders may refuse to send any mail"
    assert records(of_mx("OK", ((0, ""), (10, MX), (20, "mx2.a.test"))), *hosts, severity=severity) == [
        found("mx_null", "a.test", seen, "Remove the null MX, or all the others", severity),
        found("mx_no_address", "mx2.a.test", "the MX mx2.a.test has no address", CREATE, severity),
    ]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_domain_with_neither_mx_nor_address(severity):
    seen = "the domain has no MX record (NODATA) and no address"
    assert records(of_mx("NODATA"), severity=severity) == [
        found("mx_missing", "a.test", seen, "Publish MX records, or a policy of mode none", severity)
    ]


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize(
    ("status", "finding"),
    [
        ("NODATA", ("mx_no_address", MX, f"the MX {MX} has no address", CREATE)),
        (
            "SERVFAIL",
            (
                "mx_lookup",
                MX,
                f"{MX} cannot be looked up: 192.0.2.53 does not answer",
                f"Check that every name server of {MX} answers for this name (dig +trace {MX} A)",
            ),
        ),
    ],
)
def test_an_mx_without_an_address_or_nobody_knows(status, finding, severity):
    half = (*answers(""), *answers("", status=status))
    for addresses in (answers("", "", status=status), half):
        assert records(ONE, MxHost(MX, addresses), severity=severity) == [found(*finding, severity)]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("mx.a.test.a.test", "Did you mean mx.a.test? In a zone file, end the name with a dot"),
        ("a.test.a.test", CREATE),
        ("mx.b.test.a.test", CREATE),
        ("mx.a.test", CREATE),
    ],
)
def test_a_name_that_has_the_zone_twice_lacks_its_last_dot(name, remedy):
    assert records(ONE, MxHost(name, answers("", canonical=name))) == [
        found("mx_no_address", name, f"the MX {name} has no address", remedy)
    ]


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("name", ["192.0.2.1", "2001:db8::1", "a:1", "1"])
def test_an_address_is_no_name_of_an_mx(name, severity):
    seen = f"an MX record names {name}, an address, where a host's name belongs"
    assert records(ONE, MxHost(name, answers("", canonical=name)), severity=severity) == [
        found("mx_no_address", name, seen, RENAME, severity)
    ]
    assert judged([MX], [name, MX]) == []


def test_an_mx_that_is_a_cname_is_told_with_the_name_to_write():
    (finding,) = records(ONE, MxHost(MX, answers("192.0.2.1", "", canonical="mail.b.test")))
    assert finding == found(
        "mx_cname",
        MX,
        f"the MX {MX} is a CNAME to mail.b.test; senders may match either name, or refuse it",
        "Write mail.b.test into the MX record and the policy",
    )


@pytest.mark.parametrize("name", ["mail_1.b.test", "localhost"])
def test_a_cname_to_what_no_policy_can_name_wants_another_name(name):
    assert records(ONE, MxHost(MX, answers("192.0.2.1", canonical=name))) == [
        found("mx_cname", MX, f"the MX {MX} is a CNAME to {name}; senders may match either name, or refuse it", RENAME)
    ]


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("mx_1.a.test", f"Write mx: *.a.test, which matches it; better: {RENAME}"),
        ("localhost", RENAME),
        ("*.a.test", RENAME),
    ],
)
def test_an_mx_that_no_pattern_can_name(name, remedy, severity):
    seen = f"no pattern matches the MX {name}, and none can name it: it is no host's name"
    assert judged(["mx.b.test"], [name], severity) == [found("mx_uncovered", name, seen, remedy, severity)]


@pytest.mark.parametrize(
    ("hosts", "left", "remedy"),
    [
        (["mx_1.a.test"], ", but not the MX mx_1.a.test", RENAME),
        (["mx_1.a.test", MX], f", but not the MX mx_1.a.test, {MX}", f"Write mx: {MX}, the name in the MX record"),
    ],
)
def test_in_place_of_the_policy_host_a_name_that_a_policy_can_have_is_advised(hosts, left, remedy):
    seen = f"the policy lists mta-sts.a.test, which serves policies, as an MX{left}"
    assert judged(["mta-sts.a.test"], hosts) == [found("mx_policy_host", "mta-sts.a.test", seen, remedy)]


def test_all_patterns_that_match_nothing_are_named_in_their_order():
    assert judged(["other.example", "mail.example"])[0].seen == (
        f"no pattern matches the MX {MX}; other.example, mail.example match no MX at all"
    )
    assert judged(["gone.a.test", MX, "old.a.test"]) == [
        found(
            "mx_unused",
            name,
            f"{name} matches no MX; whoever gets hold of such a name could take the mail",
            "Remove it, unless an MX change is under way",
        )
        for name in ("gone.a.test", "old.a.test")
    ]


@pytest.mark.parametrize(
    ("pattern", "check"),
    [
        ("mx1.a.testabc", "mx_typo"),
        ("mx1.a.testabcd", "mx_uncovered"),
        ("x1.a.tt", "mx_typo"),
        ("1.a.tt", "mx_uncovered"),
        ("MX1.A.TSET", "mx_typo"),
        ("*.A.Test.x", "mx_uncovered"),
        ("*.TEST", "mx_labels"),
        ("X.MX1.a.test", "mx_labels"),
        ("notmx1.a.tset", "mx_uncovered"),
    ],
)
def test_how_near_a_pattern_must_be_to_have_been_meant(pattern, check):
    assert [finding.check for finding in judged([pattern])] == [check]


def test_ten_patterns_are_compared_letter_by_letter():
    far = [f"mail{number}.b.io" for number in range(10)]
    assert [finding.check for finding in judged([*far[:9], "mx2.a.test"])] == ["mx_typo"]
    assert [finding.check for finding in judged([*far, "mx2.a.test"])] == ["mx_uncovered"]
    assert [finding.check for finding in judged([*["x"] * 10, "mx2.a.test"])] == ["mx_typo"]


def test_every_mx_is_judged():
    two = of_mx("OK", ((10, MX), (20, "mx2.a.test")))
    hosts = (MxHost(MX, answers("", "")), MxHost("mx2.a.test", answers("", "", canonical="mx2.a.test")))
    assert [finding.subject for finding in records(two, *hosts)] == [MX, "mx2.a.test"]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MX records and the policy's patterns: which MX no pattern matches, and why most likely."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.coverage import (
    judge_coverage,
    judge_records,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import (
    Addresses,
    Evidence,
    MxHost,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import LookedUp
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.published import Found

MX = "mx1.a.test"
SEVERITIES = ["error", "warning"]


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
    return tuple(
        Addresses("OK" if address else status, canonical, (address,) if address else (), "192.0.2.53 does not answer")
        for address in addresses
    )


def records(answer, *hosts, severity="error"):
    nothing = Found("NXDOMAIN", "", ())
    return judge_records(Evidence("a.test", nothing, nothing, answer, (), mx_hosts=hosts), severity)


ONE = LookedUp("OK", ((10, MX),))


@pytest.mark.parametrize(("v4", "v6"), [("192.0.2.1", "2001:db8::1"), ("192.0.2.1", ""), ("", "2001:db8::1")])
def test_an_mx_with_an_address_of_either_family_is_fine(v4, v6):
    assert records(ONE, MxHost(MX, answers(v4, v6))) == []


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("status", ["TIMEOUT", "SERVFAIL", "REFUSED"])
def test_mx_records_that_cannot_be_looked_up_are_not_called_missing(status, severity):
    (finding,) = records(LookedUp(status, detail="192.0.2.53 says so"), severity=severity)
    assert (finding.check, finding.subject, finding.severity) == ("mx_lookup", "a.test", severity)
    assert f"({status}): 192.0.2.53 says so" in finding.seen


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_domain_that_takes_no_mail_needs_no_policy(severity):
    (finding,) = records(LookedUp("OK", ((0, ""),)), severity=severity)
    assert (finding.check, finding.subject, finding.severity) == ("mx_null", "a.test", severity)
    assert "mode: none" in finding.remedy


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_domain_with_neither_mx_nor_address(severity):
    (finding,) = records(LookedUp("NODATA"), severity=severity)
    assert (finding.check, finding.subject, finding.severity) == ("mx_missing", "a.test", severity)
    assert "(NODATA)" in finding.seen


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize(("status", "check"), [("NODATA", "mx_no_address"), ("SERVFAIL", "mx_lookup")])
def test_an_mx_without_an_address_or_nobody_knows(status, check, severity):
    (finding,) = records(ONE, MxHost(MX, answers("", "", status=status)), severity=severity)
    assert (finding.check, finding.subject, finding.severity) == (check, MX, severity)
    assert ("192.0.2.53 does not answer" in finding.seen) is (check == "mx_lookup")


def test_an_mx_that_is_a_cname_is_told_with_the_name_to_write():
    (finding,) = records(ONE, MxHost(MX, answers("192.0.2.1", "", canonical="mail.b.test")))
    assert finding == found(
        "mx_cname",
        MX,
        f"the MX {MX} is a CNAME to mail.b.test; senders may match either name, or refuse it",
        "Write mail.b.test into the MX record and the policy",
    )


def test_every_mx_is_judged():
    two = LookedUp("OK", ((10, MX), (20, "mx2.a.test")))
    hosts = (MxHost(MX, answers("", "")), MxHost("mx2.a.test", answers("", "", canonical="mx2.a.test")))
    assert [finding.subject for finding in records(two, *hosts)] == [MX, "mx2.a.test"]

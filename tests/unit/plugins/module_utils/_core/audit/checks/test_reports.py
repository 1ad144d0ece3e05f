# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of the record that asks for TLS reports, and of where they go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.txt_answers import REPORTS, TLS_RPT, evidence, nothing, txt

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.reports import judge_tls_rpt
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Expected

POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
EXPECTED = Expected("a.test", True, POLICY, "none")
ABSENT = Expected("a.test", False)
LONG = "v=spf1 " + "x" * 93

TLS_RPT_FAULTS = [
    (
        "nobody answers",
        evidence(None, nothing(TLS_RPT, status="TIMEOUT")),
        None,
        [
            found(
                "tlsrpt_lookup",
                "_smtp._tls.a.test",
                "_smtp._tls.a.test cannot be looked up (TIMEOUT): 192.0.2.53 says so",
                "Check that every name server of a.test answers for this name (dig +trace _smtp._tls.a.test TXT)",
            )
        ],
    ),
    (
        "there is none",
        evidence(),
        None,
        [
            found(
                "tlsrpt_missing",
                "_smtp._tls.a.test",
                "there is no TXT record (NXDOMAIN)",
                "Publish v=TLSRPTv1; rua=mailto:tlsrpt@your.domain there, to hear of failures before your users do",
            )
        ],
    ),
    (
        "a CNAME leads to nothing",
        evidence(None, nothing(TLS_RPT, "b.test", "NODATA")),
        None,
        [
            found(
                "tlsrpt_missing",
                "_smtp._tls.a.test",
                "there is no TXT record (NODATA); its CNAME points to b.test",
                "Publish one TXT record at b.test that begins with v=TLSRPTv1;, or remove the CNAME: a TXT "
                "record at _smtp._tls.a.test itself cannot be seen beside the CNAME",
            )
        ],
    ),
    (
        "at a wrong name",
        evidence(tls_rpt_strays={"_tls.a.test": LONG, "x": "y"}),
        None,
        [
            found(
                "tlsrpt_misplaced",
                "_tls.a.test",
                f"the record {LONG[:80]!r} stands at _tls.a.test, where no reporter looks",
                "Move it to _smtp._tls.a.test",
            )
        ],
    ),
    (
        "another record",
        evidence(None, txt(TLS_RPT, "v=spf1 -all")),
        None,
        [
            found(
                "tlsrpt_missing",
                "_smtp._tls.a.test",
                "no TXT record here begins with v=TLSRPTv1;, only 'v=spf1 -all'",
                "Publish v=TLSRPTv1; rua=mailto:tlsrpt@your.domain there, to hear of failures before your users do",
            )
        ],
    ),
    (
        "another version",
        evidence(None, txt(TLS_RPT, "v=TLSRPTv2; rua=mailto:a@a.test")),
        None,
        [
            found(
                "tlsrpt_syntax",
                "_smtp._tls.a.test",
                "'v=TLSRPTv2; rua=mailto:a@a.test' does not begin with v=TLSRPTv1;, written exactly so: its "
                "version is v=TLSRPTv2",
                "Write v=TLSRPTv1; rua=mailto:a@a.test",
            )
        ],
    ),
    (
        "reports are expected",
        evidence(),
        replace(EXPECTED, rua=("mailto:a@a.test", "https://r.test/")),
        [
            found(
                "tlsrpt_not_as_expected",
                "_smtp._tls.a.test",
                "there is no TXT record (NXDOMAIN), but the inventory calls for reports to mailto:a@a.test, https://r.test/",
                "Publish v=TLSRPTv1; rua=mailto:a@a.test,https://r.test/",
            )
        ],
    ),
    (
        "reports are expected, and another record",
        evidence(None, txt(TLS_RPT, "v=spf1 -all")),
        replace(EXPECTED, rua=("mailto:a@a.test",)),
        [
            found(
                "tlsrpt_not_as_expected",
                "_smtp._tls.a.test",
                "no TXT record here begins with v=TLSRPTv1;, only 'v=spf1 -all', but the inventory calls for reports "
                "to mailto:a@a.test",
                "Publish v=TLSRPTv1; rua=mailto:a@a.test",
            )
        ],
    ),
    (
        "nobody said what is expected",
        evidence(),
        EXPECTED,
        [
            found(
                "tlsrpt_missing",
                "_smtp._tls.a.test",
                "there is no TXT record (NXDOMAIN)",
                "Publish v=TLSRPTv1; rua=mailto:tlsrpt@your.domain there, to hear of failures before your users do",
            )
        ],
    ),
    (
        "several",
        evidence(None, txt(TLS_RPT, REPORTS, REPORTS + ".")),
        None,
        [
            found(
                "tlsrpt_multiple",
                "_smtp._tls.a.test",
                "several records begin with v=TLSRPTv1;, so nobody sends reports",
                "Remove all but one of them",
            )
        ],
    ),
    (
        "a bad URI",
        evidence(None, txt(TLS_RPT, "v=TLSRPTv1; rua=a@a.test")),
        None,
        [
            found(
                "tlsrpt_rua",
                "_smtp._tls.a.test",
                "'a@a.test' is neither a mailto: nor an https: URI",
                "Write mailto:a@a.test",
            )
        ],
    ),
    (
        "a bad end",
        evidence(None, txt(TLS_RPT, REPORTS + "; =")),
        None,
        [
            found(
                "tlsrpt_syntax",
                "_smtp._tls.a.test",
                "'' is not a field name",
                "Use 1 to 32 letters, digits, and inner _ - .",
            )
        ],
    ),
    (
        "another beside it",
        evidence(None, txt(TLS_RPT, REPORTS, "v=spf1 -all")),
        None,
        [
            found(
                "tlsrpt_clutter",
                "_smtp._tls.a.test",
                "'v=spf1 -all' stands at the same name; senders discard it",
                "Remove it: nothing else belongs here",
                "info",
            )
        ],
    ),
    (
        "servers differ",
        evidence(None, txt(TLS_RPT, REPORTS), tls_rpt_servers={"ns1": REPORTS, "ns2": ""}),
        None,
        [
            found(
                "tlsrpt_servers_differ",
                "_smtp._tls.a.test",
                "the authoritative servers differ: ns2: no record; ns1: v=TLSRPTv1; rua=mailto:a@a.test",
                "See why the secondaries do not follow the primary: serial number, NOTIFY, transfer",
            )
        ],
    ),
    (
        "reports go elsewhere",
        evidence(None, txt(TLS_RPT, REPORTS + ",mailto:b@a.test")),
        replace(EXPECTED, rua=("mailto:c@a.test", "mailto:d@a.test")),
        [
            found(
                "tlsrpt_not_as_expected",
                "_smtp._tls.a.test",
                "reports go to mailto:a@a.test, mailto:b@a.test, but the inventory calls for reports "
                "to mailto:c@a.test, mailto:d@a.test",
                "Publish v=TLSRPTv1; rua=mailto:c@a.test,mailto:d@a.test",
            )
        ],
    ),
    (
        "nobody is to get reports",
        evidence(None, txt(TLS_RPT, REPORTS)),
        replace(EXPECTED, rua=()),
        [
            found(
                "tlsrpt_not_as_expected",
                "_smtp._tls.a.test",
                "reports go to mailto:a@a.test, but the inventory calls for none",
                "Remove the record",
            )
        ],
    ),
    (
        "a mailbox without mail",
        evidence(
            None,
            txt(TLS_RPT, REPORTS),
            endpoints={
                "mailto:a@a.test": Fault("mailbox", "a.test takes no mail (RFC 7505, section 3)", "Write another"),
                "mailto:b@a.test": None,
            },
        ),
        None,
        [found("tlsrpt_mailbox", "mailto:a@a.test", "a.test takes no mail", "Write another")],
    ),
]


@pytest.mark.parametrize(
    ("seen", "expected", "findings"), [case[1:] for case in TLS_RPT_FAULTS], ids=[case[0] for case in TLS_RPT_FAULTS]
)
def test_what_is_told_of_the_report_record(seen, expected, findings):
    assert judge_tls_rpt(seen, expected)[1] == findings


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("port", "info"),
        ("tls_name", "warning"),
        ("tls_expired", "warning"),
        ("tls_self_signed", "warning"),
        ("tls_chain", "warning"),
        ("tls_untrusted", "warning"),
        ("tls_refused", "error"),
        ("tcp", "error"),
    ],
)
def test_an_endpoint_weighs_what_reporters_make_of_its_fault(kind, severity):
    endpoints = {"https://r.test/": Fault(kind, "it fails (RFC 8460, section 3)", "Fix it"), "mailto:a@a.test": None}
    assert judge_tls_rpt(evidence(None, txt(TLS_RPT, REPORTS), endpoints=endpoints), None)[1] == [
        found("tlsrpt_endpoint", "https://r.test/", "it fails", "Fix it", severity)
    ]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (evidence(), ABSENT),
        (evidence(None, txt(TLS_RPT, "v=spf1 -all")), ABSENT),
        (evidence(), replace(EXPECTED, rua=())),
        (evidence(None, txt(TLS_RPT, REPORTS)), None),
        (evidence(None, txt(TLS_RPT, REPORTS)), EXPECTED),
        (evidence(None, txt(TLS_RPT, REPORTS)), ABSENT),
        (evidence(None, txt(TLS_RPT, REPORTS)), replace(EXPECTED, rua=("mailto:a@a.test",))),
        (evidence(None, txt(TLS_RPT, REPORTS)), replace(ABSENT, rua=("mailto:b@a.test",))),
        (evidence(None, txt(TLS_RPT, REPORTS), tls_rpt_servers={"ns1": REPORTS, "ns2": REPORTS}), None),
    ],
)
def test_nothing_is_wrong_with_the_report_record(seen, expected):
    assert judge_tls_rpt(seen, expected)[1] == []

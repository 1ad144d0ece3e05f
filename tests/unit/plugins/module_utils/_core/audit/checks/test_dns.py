# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of the two TXT records: where they stand, what is wrong with them, and what to publish instead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.records import (
    announces,
    judge_name_servers,
    judge_sts,
    judge_tls_rpt,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import Addresses, Evidence
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.meant import Meant
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.sts_txt import Found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import LookedUp
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.proof import Fault

STS, TLS_RPT = "_mta-sts.a.test", "_smtp._tls.a.test"
POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
ID = policy_id(POLICY)
MEANT = Meant(True, "none", POLICY)
ABSENT = Meant(False, "none", None)
LONG = "v=spf1 " + "x" * 93
REPORTS = "v=TLSRPTv1; rua=mailto:a@a.test"


def txt(name, *texts, status="OK", canonical=None):
    return Found(status, canonical or name, tuple((text.encode(),) for text in texts), "192.0.2.53 says so")


def nothing(name, canonical=None, status="NXDOMAIN"):
    return txt(name, status=status, canonical=canonical)


def host(canonical="mta-sts.a.test", records=("192.0.2.1",)):
    return (Addresses("OK", canonical, records), Addresses("NODATA", canonical))


def evidence(sts=None, tls_rpt=None, **more):
    return Evidence("a.test", sts or nothing(STS), tls_rpt or nothing(TLS_RPT), LookedUp("OK"), **{"host": (), **more})


STS_FAULTS = [
    (
        "nobody answers",
        evidence(nothing(STS, status="SERVFAIL")),
        None,
        [
            found(
                "record_lookup",
                "_mta-sts.a.test",
                "_mta-sts.a.test cannot be looked up (SERVFAIL): 192.0.2.53 says so",
                "See to the domain's name servers",
            )
        ],
    ),
    (
        "there is none",
        evidence(),
        None,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "there is no TXT record (NXDOMAIN)",
                "Publish one TXT record there that begins with v=STSv1;",
            )
        ],
    ),
    (
        "there is none at that name",
        evidence(nothing(STS, status="NODATA"), host=host()),
        None,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "there is no TXT record (NODATA)",
                "Publish one TXT record there that begins with v=STSv1;",
            )
        ],
    ),
    (
        "one is meant",
        evidence(),
        MEANT,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "there is no TXT record (NXDOMAIN)",
                "Publish one TXT record there that begins with v=STSv1;",
            )
        ],
    ),
    (
        "a CNAME leads to nothing",
        evidence(nothing(STS, "b.test")),
        None,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "there is no TXT record (NXDOMAIN); its CNAME leads to b.test",
                "Publish one TXT record at b.test that begins with v=STSv1;, or remove the CNAME: a TXT record "
                "at _mta-sts.a.test itself cannot be seen beside the CNAME",
            )
        ],
    ),
    (
        "a CNAME leads to nothing, and so does the policy host's",
        evidence(nothing(STS, "b.test"), host=host("c.test")),
        None,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "there is no TXT record (NXDOMAIN); its CNAME leads to b.test",
                "Publish one TXT record at b.test that begins with v=STSv1;, or remove the CNAME: a TXT record "
                "at _mta-sts.a.test itself cannot be seen beside the CNAME",
            )
        ],
    ),
    (
        "another record",
        evidence(txt(STS, "v=spf1 -all")),
        None,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "no TXT record here begins with v=STSv1;, only 'v=spf1 -all'",
                "Publish one record that begins with v=STSv1;",
            )
        ],
    ),
    (
        "another version",
        evidence(txt(STS, "v=STSv2; id=1")),
        None,
        [
            found(
                "record_syntax",
                "_mta-sts.a.test",
                "'v=STSv2; id=1' does not begin with v=STSv1;, written exactly so: its version is v=STSv2",
                "Write v=STSv1; id=1;",
            )
        ],
    ),
    (
        "at a wrong name",
        evidence(strays={"mta-sts.a.test": LONG}),
        None,
        [
            found(
                "record_misplaced",
                "mta-sts.a.test",
                f"the record {LONG[:80]!r} stands at mta-sts.a.test, where no sender looks",
                "Move it to _mta-sts.a.test",
            )
        ],
    ),
    (
        "of a wildcard",
        evidence(txt(STS, LONG), wildcard=True),
        None,
        [
            found(
                "record_wildcard",
                "_mta-sts.a.test",
                "a wildcard answers with 'v=spf1 "
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; there is no record "
                "of its own",
                "Publish one TXT record there that begins with v=STSv1;",
            )
        ],
    ),
    (
        "a wildcard of something else",
        evidence(wildcard=True),
        None,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "there is no TXT record (NXDOMAIN)",
                "Publish one TXT record there that begins with v=STSv1;",
            )
        ],
    ),
    (
        "half a delegation",
        evidence(host=host("c.test")),
        None,
        [
            found(
                "delegation_half",
                "_mta-sts.a.test",
                "mta-sts.a.test leads to c.test, but _mta-sts.a.test has no record",
                "Let it lead to the provider's _mta-sts by CNAME as well",
            )
        ],
    ),
    (
        "half a delegation and another record",
        evidence(txt(STS, LONG), host=host("c.test")),
        None,
        [
            found(
                "delegation_half",
                "_mta-sts.a.test",
                "mta-sts.a.test leads to c.test, but _mta-sts.a.test has only 'v=spf1 "
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'",
                "Let it lead to the provider's _mta-sts by CNAME as well",
            )
        ],
    ),
    (
        "a delegation that leads to no address",
        evidence(host=host("c.test", ())),
        None,
        [
            found(
                "record_missing",
                "_mta-sts.a.test",
                "there is no TXT record (NXDOMAIN)",
                "Publish one TXT record there that begins with v=STSv1;",
            )
        ],
    ),
    (
        "several",
        evidence(txt(STS, "v=STSv1; id=1", "v=STSv1; id=2")),
        None,
        [
            found(
                "record_multiple",
                "_mta-sts.a.test",
                "several records begin with v=STSv1;, so senders use none of them",
                "Leave one of them",
            )
        ],
    ),
    (
        "a bad id",
        evidence(txt(STS, "v=STSv1; id=a-b")),
        None,
        [
            found(
                "record_id",
                "_mta-sts.a.test",
                "'a-b' is not made of 1 to 32 letters and digits",
                "Write id=ab: no hyphen, colon, dot or underscore",
            )
        ],
    ),
    (
        "a bad end",
        evidence(txt(STS, "v=STSv1; id=1; =")),
        None,
        [
            found(
                "record_syntax",
                "_mta-sts.a.test",
                "'' is no field name",
                "Use 1 to 32 letters, digits, and inner _ - .",
            )
        ],
    ),
    (
        "another beside it",
        evidence(txt(STS, "v=STSv1; id=1", "v=spf1 -all")),
        None,
        [
            found(
                "record_clutter",
                "_mta-sts.a.test",
                "'v=spf1 -all' stands at the same name; senders discard it",
                "Remove it: nothing else belongs here",
                "info",
            )
        ],
    ),
    (
        "servers differ",
        evidence(txt(STS, "v=STSv1; id=1"), servers={"ns2": "", "ns1": "v=STSv1; id=1", "ns0": ""}),
        None,
        [
            found(
                "record_servers_differ",
                "_mta-sts.a.test",
                "the authoritative servers differ: ns0, ns2: no record; ns1: v=STSv1; id=1",
                "See why the secondaries do not follow the primary: serial number, NOTIFY, transfer",
            )
        ],
    ),
    (
        "there is one, but none is meant",
        evidence(txt(STS, "v=STSv1; id=1")),
        ABSENT,
        [found("record_not_as_meant", "_mta-sts.a.test", "there is a record, but none is meant", "Remove it")],
    ),
    (
        "another id than meant",
        evidence(txt(STS, "v=STSv1; id=1")),
        MEANT,
        [
            found(
                "record_not_as_meant",
                "_mta-sts.a.test",
                f"the id is 1, not {ID} as meant",
                f"Publish v=STSv1; id={ID}; once every policy host serves the policy",
            )
        ],
    ),
]
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
                "See to the domain's name servers",
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
                "there is no TXT record (NODATA); its CNAME leads to b.test",
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
        "reports are meant",
        evidence(),
        replace(MEANT, rua=("mailto:a@a.test", "https://r.test/")),
        [
            found(
                "tlsrpt_not_as_meant",
                "_smtp._tls.a.test",
                "there is no TXT record (NXDOMAIN), but reports are meant to go to mailto:a@a.test, https://r.test/",
                "Publish v=TLSRPTv1; rua=mailto:a@a.test,https://r.test/",
            )
        ],
    ),
    (
        "reports are meant, and another record",
        evidence(None, txt(TLS_RPT, "v=spf1 -all")),
        replace(MEANT, rua=("mailto:a@a.test",)),
        [
            found(
                "tlsrpt_not_as_meant",
                "_smtp._tls.a.test",
                "no TXT record here begins with v=TLSRPTv1;, only 'v=spf1 -all', but reports are meant to go to "
                "mailto:a@a.test",
                "Publish v=TLSRPTv1; rua=mailto:a@a.test",
            )
        ],
    ),
    (
        "nobody said what is meant",
        evidence(),
        MEANT,
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
                "several records begin with v=TLSRPTv1;, so senders use none of them",
                "Leave one of them",
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
                "'' is no field name",
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
        replace(MEANT, rua=("mailto:c@a.test", "mailto:d@a.test")),
        [
            found(
                "tlsrpt_not_as_meant",
                "_smtp._tls.a.test",
                "reports go to mailto:a@a.test, mailto:b@a.test, not to mailto:c@a.test, mailto:d@a.test as meant",
                "Publish the record that is meant",
            )
        ],
    ),
    (
        "nobody is meant to get reports",
        evidence(None, txt(TLS_RPT, REPORTS)),
        replace(MEANT, rua=()),
        [
            found(
                "tlsrpt_not_as_meant",
                "_smtp._tls.a.test",
                "reports go to mailto:a@a.test, not to nobody as meant",
                "Publish the record that is meant",
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
    ("seen", "meant", "findings"), [case[1:] for case in STS_FAULTS], ids=[case[0] for case in STS_FAULTS]
)
def test_what_is_told_of_the_policy_record(seen, meant, findings):
    assert judge_sts(seen, meant)[1] == findings


@pytest.mark.parametrize(
    ("seen", "meant", "findings"), [case[1:] for case in TLS_RPT_FAULTS], ids=[case[0] for case in TLS_RPT_FAULTS]
)
def test_what_is_told_of_the_report_record(seen, meant, findings):
    assert judge_tls_rpt(seen, meant)[1] == findings


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
    endpoints = {"https://r.test/": Fault(kind, "it fails (RFC 8460, section 3)", "Mend it"), "mailto:a@a.test": None}
    assert judge_tls_rpt(evidence(None, txt(TLS_RPT, REPORTS), endpoints=endpoints), None)[1] == [
        found("tlsrpt_endpoint", "https://r.test/", "it fails", "Mend it", severity)
    ]


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        (evidence(), ABSENT),
        (evidence(txt(STS, "v=spf1 -all")), ABSENT),
        (evidence(txt(STS, "v=spf1 -all"), wildcard=True), ABSENT),
        (evidence(txt(STS, f"v=STSv1; id={ID};")), None),
        (evidence(txt(STS, f"v=STSv1; id={ID};")), MEANT),
        (evidence(txt(STS, "v=STSv1; id=1")), replace(MEANT, policy=None)),
        (evidence(txt(STS, "v=STSv1; id=1"), servers={"ns1": "v=STSv1; id=1", "ns2": "v=STSv1; id=1"}), None),
    ],
)
def test_nothing_is_wrong_with_the_policy_record(seen, meant):
    assert judge_sts(seen, meant)[1] == []


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        (evidence(), ABSENT),
        (evidence(None, txt(TLS_RPT, "v=spf1 -all")), ABSENT),
        (evidence(), replace(MEANT, rua=())),
        (evidence(None, txt(TLS_RPT, REPORTS)), None),
        (evidence(None, txt(TLS_RPT, REPORTS)), MEANT),
        (evidence(None, txt(TLS_RPT, REPORTS)), ABSENT),
        (evidence(None, txt(TLS_RPT, REPORTS)), replace(MEANT, rua=("mailto:a@a.test",))),
        (evidence(None, txt(TLS_RPT, REPORTS)), replace(ABSENT, rua=("mailto:b@a.test",))),
        (evidence(None, txt(TLS_RPT, REPORTS), tls_rpt_servers={"ns1": REPORTS, "ns2": REPORTS}), None),
    ],
)
def test_nothing_is_wrong_with_the_report_record(seen, meant):
    assert judge_tls_rpt(seen, meant)[1] == []


def test_a_record_is_read_also_where_servers_differ():
    there, reported = txt(STS, "v=STSv1; id=1"), txt(TLS_RPT, REPORTS)
    servers = {"ns1": "something", "ns2": ""}
    seen = evidence(there, reported, servers=servers, tls_rpt_servers=servers)
    assert judge_sts(seen, None)[0].id == "1"
    assert judge_tls_rpt(seen, None)[0].rua == ("mailto:a@a.test",)


def test_a_record_that_senders_cannot_use_is_none():
    for seen in (evidence(), evidence(txt(STS, "v=STSv1; id=1", "v=STSv1; id=2"))):
        assert judge_sts(seen, None)[0] is None
        assert judge_tls_rpt(seen, None)[0] is None


def test_name_servers_that_the_world_does_not_reach_are_told_in_their_order():
    private = {f"{name} [10.0.0.1]": Fault("private", f"{name} is private", f"Move {name}") for name in ("ns2", "ns1")}
    assert judge_name_servers(evidence(private_servers=private)) == [
        found("record_servers_private", "ns1 [10.0.0.1]", "ns1 is private", "Move ns1"),
        found("record_servers_private", "ns2 [10.0.0.1]", "ns2 is private", "Move ns2"),
    ]


@pytest.mark.parametrize(
    ("sts", "is_announced"),
    [
        (nothing(STS), False),
        (nothing(STS, status="NODATA"), False),
        (txt(STS, "v=spf1 -all"), False),
        (txt(STS, "v=STSv2"), True),
        (txt(STS, "v=STSv1; id=1"), True),
        (nothing(STS, status="TIMEOUT"), True),
    ],
)
def test_a_policy_host_is_announced_by_a_record_or_unknown(sts, is_announced):
    assert announces(evidence(sts)) is is_announced

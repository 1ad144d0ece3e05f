# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of the policy record and of the name servers that have it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.txt_answers import STS, evidence, host, nothing, txt

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.dns import (
    announces,
    judge_name_servers,
    judge_sts,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Expected
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
ID = policy_id(POLICY)
EXPECTED = Expected("a.test", True, POLICY, "none")
ABSENT = Expected("a.test", False)
LONG = "v=spf1 " + "x" * 93

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
                "Check that every name server of a.test answers for this name (dig +trace _mta-sts.a.test TXT)",
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
        "one is expected",
        evidence(),
        EXPECTED,
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
                "there is no TXT record (NXDOMAIN); its CNAME points to b.test",
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
                "there is no TXT record (NXDOMAIN); its CNAME points to b.test",
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
                "mta-sts.a.test points to c.test, but _mta-sts.a.test has no record",
                "Point it to the provider's _mta-sts with a CNAME, too",
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
                "mta-sts.a.test points to c.test, but _mta-sts.a.test has only 'v=spf1 "
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'",
                "Point it to the provider's _mta-sts with a CNAME, too",
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
                "Remove all but one of them",
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
                "'' is not a field name",
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
        "there is one, but none is expected",
        evidence(txt(STS, "v=STSv1; id=1")),
        ABSENT,
        [
            found(
                "record_not_as_expected",
                "_mta-sts.a.test",
                "there is a record, but the inventory calls for none",
                "Remove it",
            )
        ],
    ),
    (
        "another id than expected",
        evidence(txt(STS, "v=STSv1; id=1")),
        EXPECTED,
        [
            found(
                "record_not_as_expected",
                "_mta-sts.a.test",
                f"the id is 1, but the inventory calls for {ID}",
                f"Publish v=STSv1; id={ID}; once every policy host serves the policy",
            )
        ],
    ),
]


@pytest.mark.parametrize(
    ("seen", "expected", "findings"), [case[1:] for case in STS_FAULTS], ids=[case[0] for case in STS_FAULTS]
)
def test_what_is_told_of_the_policy_record(seen, expected, findings):
    assert judge_sts(seen, expected)[1] == findings


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (evidence(), ABSENT),
        (evidence(txt(STS, "v=spf1 -all")), ABSENT),
        (evidence(txt(STS, "v=spf1 -all"), wildcard=True), ABSENT),
        (evidence(txt(STS, f"v=STSv1; id={ID};")), None),
        (evidence(txt(STS, f"v=STSv1; id={ID};")), EXPECTED),
        (evidence(txt(STS, "v=STSv1; id=1")), replace(EXPECTED, policy=None)),
        (evidence(txt(STS, "v=STSv1; id=1"), servers={"ns1": "v=STSv1; id=1", "ns2": "v=STSv1; id=1"}), None),
    ],
)
def test_nothing_is_wrong_with_the_policy_record(seen, expected):
    assert judge_sts(seen, expected)[1] == []


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

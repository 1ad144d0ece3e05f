# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds of both TXT records, whichever check asks."""

from __future__ import annotations

from helpers.txt_answers import REPORTS, STS, TLS_RPT, evidence, nothing, txt

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.dns import judge_sts
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.reports import judge_tls_rpt
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.txt import (
    how_to_publish,
    many,
    multiple,
    no_answer,
    nothing_at,
    servers_differ,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found


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


def test_where_to_publish_what_is_missing():
    assert nothing_at(nothing(STS)) == "there is no TXT record (NXDOMAIN)"
    assert how_to_publish(nothing(STS), "v=STSv1") == "Publish one TXT record there that begins with v=STSv1;"
    led = nothing(STS, "sts.b.test", "NODATA")
    assert nothing_at(led) == "there is no TXT record (NODATA); its CNAME points to sts.b.test"
    assert how_to_publish(led, "v=STSv1") == (
        "Publish one TXT record at sts.b.test that begins with v=STSv1;, or remove the CNAME: "
        "a TXT record at _mta-sts.a.test itself cannot be seen beside the CNAME"
    )


def test_servers_that_say_the_same_do_not_differ():
    assert not list(servers_differ("record_servers_differ", STS, {}))
    assert not list(servers_differ("record_servers_differ", STS, {"ns1": "", "ns2": ""}))
    (finding,) = servers_differ("record_servers_differ", STS, {"ns2": "b", "ns1": "b", "ns3": ""})
    assert finding.seen == "the authoritative servers differ: ns3: no record; ns1, ns2: b"


def test_several_records_are_told_with_what_follows_from_them():
    assert not many(["v=STSv1; id=1", "v=spf1 -all"], "v=STSv1;")
    assert many(["v=STSv1; id=1", "v=STSv1; id=2"], "v=STSv1;")
    assert multiple("record_multiple", STS, "v=STSv1;", "nobody cares") == found(
        "record_multiple", STS, "several records begin with v=STSv1;, so nobody cares", "Remove all but one of them"
    )


def test_it_is_told_who_does_not_answer():
    seen = "_mta-sts.a.test cannot be looked up (SERVFAIL): 192.0.2.53 says so"
    assert no_answer("record_lookup", "a.test", nothing(STS, status="SERVFAIL")).seen == seen

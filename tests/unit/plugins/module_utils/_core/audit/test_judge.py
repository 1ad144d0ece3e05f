# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One thing wrong at a time: exactly its check fires, with its severity, and a healthy domain raises nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.answers import answers_about

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.mail_servers import (
    PORT_BLOCKED,
    reached,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import (
    Evidence,
    HostVisit,
    Late,
    LeftOut,
    MxHost,
    MxVisit,
    TlsProbe,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.judge import (
    LOOK_AT,
    JudgeOptions,
    by_reports,
    judge,
    without_port_25,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.judge import failed as failed_audit
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.past import Observed
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reported import Reported, ReportedFailure
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.thresholds import Thresholds
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import DomainAudit, found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Expected
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import TlsInfo
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

NOW = 2_000_000_000
DAY = 86400
V4, V6 = "192.0.2.1", "2001:db8::1"
TLS = TlsInfo("TLSv1.3", NOW + 60 * DAY)
SOON = TlsInfo("TLSv1.3", NOW + 3 * DAY)


of_mx = answers_about("a.test", "MX")


def text_of(*lines, mode="enforce", max_age=2419200, mx=("mx1.a.test", "mx2.a.test")):
    lines = lines or ("version: STSv1", f"mode: {mode}", *(f"mx: {name}" for name in mx), f"max_age: {max_age}")
    return "".join(f"{line}\r\n" for line in lines).encode()


BODY = text_of()
ID = policy_id(BODY)


def txt(*texts, name="_mta-sts.a.test", canonical=None, status="OK"):
    return Answer(
        name, "TXT", status, canonical or name, tuple((text.encode(),) for text in texts), "192.0.2.53 says so"
    )


def record(text):
    return {"sts": txt(text)}


def report(*texts):
    return {"tls_rpt": txt(*texts, name="_smtp._tls.a.test", status="OK" if texts else "NXDOMAIN")}


def addresses(a=(V4,), aaaa=(V6,), canonical="mta-sts.a.test", status="NODATA", name="mta-sts.a.test"):
    found = {"A": a, "AAAA": aaaa}
    return tuple(Answer(name, rdtype, "OK" if some else status, canonical, some) for rdtype, some in found.items())


def fetched(body=BODY, **changes):
    return Fetch(**{"status": 200, "content_type": "text/plain", "body": body, "seconds": 0.1, "tls": TLS, **changes})


def failed(kind):
    return Fetch(fault=Fault(kind, f"what {kind} is", "what to do"))


def visit(address=V4, first=None, rsa=None, ecdsa=None, browser=None):
    first = first or fetched()
    families = {} if first.fault else {"rsa": rsa or first, "ecdsa": ecdsa or first}
    return HostVisit(address, first, families, browser)


def served(*visits):
    """Both addresses alike, unless two visits are given."""
    return {"host_visits": visits if len(visits) > 1 else (visits[0], replace(visits[0], address=V6))}


def policy(*lines, **fields):
    """A policy, announced under its own id."""
    return served(visit(first=fetched(text_of(*lines, **fields))))


def mx_host(name="mx1.a.test", *visits, canonical=None, found=True, tlsa=(), matches=None, secure=True):
    visits = visits or ((MxVisit(V4, TLS), MxVisit(V6, TLS)) if found else ())
    answers = addresses((V4,), (V6,), canonical or name, name=name) if found else addresses((), (), name, name=name)
    return MxHost(name, answers, visits, tlsa, matches, secure)


def mxes(*hosts):
    return {"mx": of_mx("OK", tuple((10, host.name) for host in hosts)), "mx_hosts": hosts}


def bad_mx(kind):
    """The second of two MXes is bad at its second address."""
    return mxes(mx_host(), mx_host("mx2.a.test", MxVisit(V4, TLS), MxVisit(V6, fault=Fault(kind, "what", "do"))))


HEALTHY = Evidence(
    domain="a.test",
    **record(f"v=STSv1; id={ID};"),
    **report("v=TLSRPTv1; rua=mailto:tlsrpt@a.test"),
    **mxes(mx_host(), mx_host("mx2.a.test")),
    host=addresses(),
    **served(visit()),
    tls_probes={V4: TlsProbe(False), V6: TlsProbe(False)},
    endpoints={"mailto:tlsrpt@a.test": None},
)
NO_RECORD = txt(status="NXDOMAIN")
TLSA = "3 1 1 " + "00" * 32
NO_HOST = {"host": addresses((), (), status="NXDOMAIN"), "host_visits": (), "tls_probes": {}}


def fired(evidence, **context):
    verdict, _unused = judge(evidence, context.pop("options", JudgeOptions(NOW)), **context)
    return [(finding.check, finding.severity) for finding in verdict.findings]


FAULTS = [
    # dns
    ("record_lookup", "error", {"sts": txt(status="SERVFAIL")}),
    ("record_missing", "error", {"sts": NO_RECORD}),
    ("record_missing", "error", record("v=spf1 -all")),
    ("record_misplaced", "error", {"sts": NO_RECORD, "strays": {"_mta_sts.a.test": "v=STSv1; id=1"}}),
    ("record_wildcard", "error", {**record("v=spf1 -all"), "wildcard": True}),
    ("record_multiple", "error", {"sts": txt("v=STSv1; id=1", "v=STSv1; id=2")}),
    ("record_syntax", "error", record("v=stsv1; id=1")),
    ("record_syntax", "error", record("v=STSv1 ; id=1")),
    ("record_syntax", "error", record("v=STSv2; id=1")),
    ("record_syntax", "error", record('"v=STSv1; id=1"')),
    ("record_syntax", "error", record("v=TLSRPTv1; rua=mailto:a@a.test")),
    ("record_syntax", "error", record("v=DMARC1; p=none")),
    ("record_wildcard", "error", {**record("v=DMARC1; p=none"), "wildcard": True}),
    ("record_syntax", "error", {**record("v=STSv2; id=1"), "host": addresses(canonical="sts.provider.test")}),
    ("record_id", "error", record("v=STSv1; id=2026-11-24")),
    ("record_id", "error", record("v=STSv1; x=1")),
    ("record_clutter", "info", {"sts": txt(f"v=STSv1; id={ID}", "google-site-verification=1")}),
    ("record_servers_private", "warning", {"private_servers": {"ns.a.test [10.0.0.1]": Fault("private", "a", "b")}}),
    ("record_servers_differ", "error", {"sts": NO_RECORD, "servers": {"ns1": "v=STSv1; id=1", "ns2": ""}}),
    ("record_servers_differ", "error", {"servers": {"ns1": "v=STSv1; id=1", "ns2": ""}}),
    ("delegation_half", "error", {"sts": NO_RECORD, "host": addresses(canonical="sts.provider.test")}),
    ("delegation_half", "error", {"sts": txt(f"v=STSv1; id={ID}", canonical="_mta-sts.provider.test"), **NO_HOST}),
    ("record_bounds", "warning", {"left_out": (LeftOut("record_bounds", "a.test", "name servers", 13, 1, ("ns14",)),)}),
    ("record_bounds", "warning", {"late": (Late("record_bounds", "ns9.a.test", 300),)}),
    # host
    ("host_bounds", "warning", {"left_out": (LeftOut("host_bounds", "mta-sts.a.test", "addresses", 16, 1, (V4,)),)}),
    ("mx_bounds", "warning", {"late": (Late("mx_bounds", "mx9.a.test", 300),)}),
    ("tlsrpt_bounds", "warning", {"late": (Late("tlsrpt_bounds", "https://a.test/", 300),)}),
    ("host_lookup", "error", {**NO_HOST, "host": addresses((), (), status="SERVFAIL")}),
    ("host_no_address", "error", NO_HOST),
    ("host_dangling", "error", {**NO_HOST, "host": addresses((), (), "gone.provider.test", "NXDOMAIN")}),
    ("host_unreachable", "error", served(visit(), visit(V6, failed("tcp")))),
    ("host_unreachable", "error", served(visit(), visit(V6, failed("unreachable")))),
    ("host_private", "warning", served(visit(), visit(V6, failed("private")))),
    ("host_no_route", "info", served(visit(), visit(V6, failed("no_route")))),
    # tls
    ("tls_name", "error", served(visit(), visit(V6, failed("tls_name")))),
    ("tls_expired", "error", served(visit(), visit(V6, failed("tls_expired")))),
    ("tls_expired", "error", served(visit(), visit(V6, ecdsa=failed("tls_expired")))),
    ("tls_expiring", "warning", served(visit(), visit(V6, rsa=fetched(tls=SOON)))),
    ("tls_self_signed", "error", served(visit(), visit(V6, failed("tls_self_signed")))),
    ("tls_chain", "error", served(visit(), visit(V6, failed("tls_chain")))),
    ("tls_untrusted", "error", served(visit(), visit(V6, failed("tls_untrusted")))),
    ("tls_refused", "error", served(visit(), visit(V6, failed("tls_refused")))),
    ("tls_handshake", "error", served(visit(), visit(V6, failed("tls")))),
    ("tls_handshake", "error", served(visit(), visit(V6, failed("tls_client")))),
    ("tls_version", "error", served(visit(), visit(V6, failed("tls_version")))),
    ("tls_old_version", "warning", {"tls_probes": {V4: TlsProbe(False, ("TLSv1",)), V6: TlsProbe(False)}}),
    ("tls_unknown_name", "warning", {"tls_probes": {V4: TlsProbe(True), V6: TlsProbe(False)}}),
    # policy
    ("http_protocol", "error", served(visit(), visit(V6, failed("http")))),
    ("http_timeout", "error", served(visit(), visit(V6, failed("timeout")))),
    ("http_too_large", "error", served(visit(), visit(V6, failed("too_large")))),
    ("http_slow", "warning", served(visit(), visit(V6, fetched(seconds=11)))),
    ("http_redirect", "error", served(visit(), visit(V6, fetched(status=301, location="https://www.a.test/")))),
    ("http_status", "error", served(visit(), visit(V6, fetched(status=404)))),
    ("http_user_agent", "error", served(visit(), visit(V6, fetched(status=403), browser=fetched()))),
    ("http_content_type", "error", served(visit(), visit(V6, fetched(content_type="application/octet-stream")))),
    ("http_unsteady", "error", served(visit(), visit(V6, rsa=fetched(text_of(max_age=2419201))))),
    ("http_addresses_differ", "error", served(visit(), visit(V6, fetched(text_of(max_age=2419201))))),
    ("policy_html", "error", served(visit(), visit(V6, fetched(b"<!DOCTYPE html>", content_type="text/html")))),
    ("policy_html", "error", served(visit(first=fetched(b"<script>\n" + b"a = {b: c};\n" * 900)))),
    ("policy_other", "error", served(visit(), visit(V6, fetched(b"\x1f\x8b\x08", content_type="text/html")))),
    ("policy_other", "error", served(visit(first=fetched(b"v=STSv1; id=1")))),
    ("policy_other", "error", served(visit(first=fetched(b"")))),
    ("policy_syntax", "error", served(visit(first=fetched(BODY.decode().encode("utf-16"))))),
    ("policy_syntax", "error", served(visit(first=fetched(BODY.replace(b"\r\n", b"\r"))))),
    ("policy_syntax", "error", policy("version: STSv1", "", "mode: enforce", "mx: mx1.a.test", "max_age: 2419200")),
    ("policy_syntax", "error", policy("version: STSv1", "mode: enforce", "mx: mx1.a.test")),
    ("policy_max_age", "error", policy(max_age=99999999)),
    ("policy_max_age_short", "warning", policy(max_age=3600)),
    ("policy_mx_missing", "error", policy(mx=())),
    ("policy_style", "info", served(visit(first=fetched(BODY.replace(b"\r", b""))))),
    # mx
    ("mx_lookup", "error", {"mx": of_mx("SERVFAIL"), "mx_hosts": ()}),
    ("mx_missing", "error", {"mx": of_mx("NXDOMAIN"), "mx_hosts": ()}),
    ("mx_null", "error", {"mx": of_mx("OK", ((0, ""),)), "mx_hosts": ()}),
    ("mx_null", "error", {**mxes(mx_host(), mx_host("mx2.a.test")), "mx": of_mx("OK", ((0, ""), (5, "mx1")))}),
    ("mx_no_address", "error", mxes(mx_host(), mx_host("mx2.a.test", found=False))),
    ("mx_no_address", "error", mxes(mx_host(), mx_host("mx2.a.test"), mx_host("192.0.2.9", found=False))),
    ("mx_cname", "warning", mxes(mx_host(), mx_host("mx2.a.test", canonical="other.test"))),
    ("mx_uncovered", "error", mxes(mx_host(), mx_host("mx2.a.test"), mx_host("in.elsewhere.test"))),
    ("mx_uncovered", "error", mxes(mx_host("in.elsewhere.test"))),
    ("mx_uncovered", "error", mxes(mx_host(), mx_host("mx2.a.test"), mx_host("mx_3.a.test"))),
    ("mx_labels", "error", {**policy(mx=["*.a.test"]), **mxes(mx_host("in.mx.a.test"))}),
    ("mx_typo", "error", mxes(mx_host(), mx_host("mx22.a.test"))),
    ("mx_policy_host", "error", policy(mx=["mta-sts.a.test"])),
    ("mx_policy_host", "warning", policy(mx=["mx1.a.test", "mx2.a.test", "mta-sts.a.test"])),
    ("mx_unused", "warning", mxes(mx_host())),
    ("mx_private", "warning", bad_mx("private")),
    ("smtp_no_route", "info", bad_mx("no_route")),
    ("smtp_unreachable", "error", bad_mx("tcp")),
    ("smtp_unreachable", "error", bad_mx("timeout")),
    ("smtp_turned_away", "info", bad_mx("turned_away")),
    ("smtp_turned_away", "info", bad_mx("tls_client")),
    ("smtp_protocol", "error", bad_mx("smtp")),
    ("smtp_starttls", "error", bad_mx("starttls")),
    ("smtp_version", "error", bad_mx("tls_version")),
    ("smtp_name", "error", bad_mx("tls_name")),
    ("smtp_expired", "error", bad_mx("tls_expired")),
    ("smtp_self_signed", "error", bad_mx("tls_self_signed")),
    ("smtp_chain", "error", bad_mx("tls_chain")),
    ("smtp_untrusted", "error", bad_mx("tls_untrusted")),
    ("smtp_handshake", "error", bad_mx("tls_refused")),
    ("smtp_handshake", "error", bad_mx("tls")),
    ("smtp_expiring", "warning", mxes(mx_host(), mx_host("mx2.a.test", MxVisit(V4, TLS), MxVisit(V6, SOON)))),
    ("smtp_sni", "error", mxes(
        mx_host(), mx_host("mx2.a.test", MxVisit(V4, TLS), MxVisit(V6, TLS, without_sni=Fault("tls", "a", "b")))
    )),
    ("dane_present", "info", mxes(mx_host(), mx_host("mx2.a.test", tlsa=(TLSA,)))),
    ("dane_present", "info", mxes(mx_host(), mx_host("mx2.a.test", tlsa=(TLSA,), matches=False, secure=None))),
    ("dane_unusable", "warning", mxes(mx_host(), mx_host("mx2.a.test", tlsa=(f"1{TLSA[1:]}",)))),
    ("dane_mismatch", "error", mxes(mx_host(), mx_host("mx2.a.test", tlsa=(TLSA,), matches=False))),
    # reports
    ("tlsrpt_lookup", "error", {"tls_rpt": txt(status="TIMEOUT")}),
    ("tlsrpt_missing", "warning", report()),
    ("tlsrpt_misplaced", "error", {**report(), "tls_rpt_strays": {"_smtp-tlsrpt.a.test": "v=TLSRPTv1; rua=m"}}),
    ("tlsrpt_multiple", "error", report("v=TLSRPTv1; rua=mailto:a@a.test", "v=TLSRPTv1; rua=mailto:b@a.test")),
    ("tlsrpt_syntax", "error", report("v=TLSRPTv1 ; rua=mailto:a@a.test")),
    ("tlsrpt_missing", "warning", report("v=spf1 -all")),
    ("tlsrpt_syntax", "error", report("v=TLSRPT1; rua=mailto:a@a.test")),
    ("tlsrpt_syntax", "error", report('"v=TLSRPTv1; rua=mailto:a@a.test"')),
    ("tlsrpt_syntax", "error", report("v=DMARC1; rua=mailto:a@a.test")),
    ("tlsrpt_syntax", "error", report("v=STSv1; id=1")),
    ("tlsrpt_rua", "error", report("v=TLSRPTv1; rua=tlsrpt@a.test")),
    ("tlsrpt_rua", "error", report("v=TLSRPTv1; rua=mailto:tlsrpt@a.test!10m")),
    ("tlsrpt_clutter", "info", report("v=TLSRPTv1; rua=mailto:tlsrpt@a.test", "v=spf1 -all")),
    ("tlsrpt_servers_differ", "error", {"tls_rpt_servers": {"ns1": "v=TLSRPTv1; rua=mailto:a@b", "ns2": ""}}),
    ("tlsrpt_mailbox", "error", {"endpoints": {"mailto:a@b.test": Fault("mailbox", "b.test takes no mail", "do")}}),
    ("tlsrpt_endpoint", "error", {"endpoints": {"https://b.test/": Fault("tcp", "it does not answer", "do")}}),
    ("tlsrpt_endpoint", "error", {"endpoints": {"https://b.test/": Fault("private", "it leads to 10.0.0.1", "do")}}),
    ("tlsrpt_endpoint", "warning", {"endpoints": {"https://b.test/": Fault("tls_name", "another name", "do")}}),
    ("tlsrpt_endpoint", "info", {"endpoints": {"https://b.test:8443/": Fault("port", "it was not asked", "do")}}),
]  # fmt: skip


def test_the_findings_of_a_policy_stand_in_the_order_of_its_lines():
    verdict, _unused = judge(
        replace(HEALTHY, **policy(*BODY.decode().split("\r\n")[:-1], *("?" * 12))), JudgeOptions(NOW)
    )
    assert [finding.subject for finding in verdict.findings] == [
        *(f"line {number}" for number in range(6, 16)),
        "a.test",
    ]
    assert verdict.findings[-1].seen == "and 2 more of this kind"


def test_a_disguise_is_told_once_for_all_addresses_that_serve_it():
    verdict, _unused = judge(
        replace(HEALTHY, **served(visit(first=fetched(b"OK", content_type="")))), JudgeOptions(NOW)
    )
    (finding,) = verdict.findings
    assert finding.subject == f"{V4}, {V6}"
    assert finding.seen == f"what {V4}, {V6} serves contains no policy field, and begins with 'OK'"
    assert finding.remedy == "Serve the policy itself at exactly /.well-known/mta-sts.txt"


@pytest.mark.parametrize("text", ["v=spf1 -all", "v=TLSRPT1; rua=mailto:a@a.test", "v=DMARC1", "x"])
@pytest.mark.parametrize("kind", ["sts", "tls_rpt"])
def test_where_something_stands_nobody_says_that_there_is_no_record(kind, text):
    changes = record(text) if kind == "sts" else report(text)
    for context in ({}, {"expected": EXPECTED}, {"expected": replace(EXPECTED, rua=None)}):
        verdict, _unused = judge(replace(HEALTHY, **changes), JudgeOptions(NOW), **context)
        (finding,) = [finding for finding in verdict.findings if finding.station in {"dns", "reports"}]
        assert repr(text) in finding.seen
        assert "there is no" not in finding.seen


def test_a_cname_that_leads_to_nothing_is_where_the_record_belongs():
    for name, field in (("_mta-sts.a.test", "sts"), ("_smtp._tls.a.test", "tls_rpt")):
        lost = {field: txt(name=name, canonical="elsewhere.test", status="NODATA")}
        verdict, _unused = judge(replace(HEALTHY, **lost), JudgeOptions(NOW))
        (finding,) = verdict.findings
        assert finding.seen == "there is no TXT record (NODATA); its CNAME points to elsewhere.test"
        assert finding.remedy.startswith("Publish one TXT record at elsewhere.test that begins with v=")
        assert finding.remedy.endswith(f"a TXT record at {name} itself cannot be seen beside the CNAME")


@pytest.mark.parametrize(
    ("name", "advised"),
    [
        ("in.elsewhere.test", "in.elsewhere.test"),
        ("mx22.a.test", "mx22.a.test"),
        ("a.b.a.test", "a.b.a.test"),
        ("mx_3.a.test", "*.a.test"),
        ("localhost", None),
        ("192.0.2.9", None),
        ("*.b.test", None),
    ],
)
def test_what_is_advised_for_an_mx_makes_a_policy_that_covers_it(name, advised):
    hosts = mxes(mx_host(), mx_host("mx2.a.test"), mx_host(name, found=name != "192.0.2.9"))
    verdict, _unused = judge(replace(HEALTHY, **hosts), JudgeOptions(NOW))
    (finding,) = verdict.findings
    if advised is None:
        assert "mx:" not in finding.remedy
        return
    assert f"mx: {advised}" in finding.remedy
    better = policy(mx=("mx1.a.test", "mx2.a.test", advised))
    verdict, _unused = judge(replace(HEALTHY, **hosts, **better), JudgeOptions(NOW))
    assert [finding.check for finding in verdict.findings if finding.station in {"policy", "mx"}] == []


def test_a_policy_host_without_its_last_dot_in_the_zone_file_is_told_as_such():
    lost = replace(HEALTHY, **NO_HOST, host_stray="mta-sts.a.test.a.test")
    verdict, _unused = judge(lost, JudgeOptions(NOW))
    (finding,) = verdict.findings
    assert finding.remedy == (
        "Move the records of mta-sts.a.test.a.test to mta-sts.a.test: in a zone file, end the name with a dot"
    )


def test_an_mx_without_its_last_dot_in_the_zone_file_is_told_as_such():
    lost = mxes(mx_host(), mx_host("mx2.a.test"), mx_host("mx3.a.test.a.test", found=False))
    verdict, _unused = judge(replace(HEALTHY, **lost), JudgeOptions(NOW))
    remedies = {finding.check: finding.remedy for finding in verdict.findings}
    assert remedies["mx_no_address"] == "Did you mean mx3.a.test? In a zone file, end the name with a dot"


def test_where_the_zone_is_not_signed_there_is_no_dane():
    hosts = mxes(mx_host(), mx_host("mx2.a.test", tlsa=(TLSA, f"1{TLSA[1:]}"), matches=False, secure=False))
    verdict, _unused = judge(replace(HEALTHY, **hosts), JudgeOptions(NOW))
    assert verdict.findings == ()
    assert {"dane_mismatch", "dane_unusable"} <= set(verdict.not_looked_at)


def test_that_nobody_validates_is_said_once():
    hosts = [mx_host(name, tlsa=(TLSA,), matches=False, secure=None) for name in ("mx1.a.test", "mx2.a.test")]
    verdict, _unused = judge(replace(HEALTHY, **mxes(*hosts)), JudgeOptions(NOW))
    (finding,) = verdict.findings
    assert finding.seen.startswith("mx1.a.test, mx2.a.test: there are TLSA records; whether they are signed")
    assert "do not deliver" not in finding.seen


def test_a_mismatch_weighs_the_same_in_mode_testing():
    hosts = mxes(mx_host(), mx_host("mx2.a.test", tlsa=(TLSA,), matches=False))
    assert fired(replace(HEALTHY, **policy(mode="testing"), **hosts)) == [("dane_mismatch", "error")]


def test_unusable_records_beside_usable_ones_are_named():
    hosts = mxes(mx_host(), mx_host("mx2.a.test", tlsa=(TLSA, f"0{TLSA[1:]}", f"1{TLSA[1:]}"), matches=True))
    verdict, _unused = judge(replace(HEALTHY, **hosts), JudgeOptions(NOW))
    assert [(finding.check, finding.severity) for finding in verdict.findings] == [
        ("dane_present", "info"), ("dane_unusable", "info"),
    ]  # fmt: skip
    assert "their usage is PKIX-TA(0) or PKIX-EE(1), which SMTP does not know" in verdict.findings[1].seen


HOUR = 3600


@pytest.mark.parametrize(
    ("lifetime", "left", "late"),
    [
        (160 * HOUR, 150 * HOUR, False),
        (160 * HOUR, 53 * HOUR, False),
        (160 * HOUR, 40 * HOUR, False),
        (160 * HOUR, 40 * HOUR - 1, True),
        (45 * DAY, 15 * DAY, False),
        (45 * DAY, 11 * DAY, True),
        (64 * DAY, 14 * DAY - 1, True),
        (90 * DAY, 14 * DAY, False),
        (90 * DAY, 14 * DAY - 1, True),
        (398 * DAY, 15 * DAY, False),
        (398 * DAY, 13 * DAY, True),
        (None, 13 * DAY, True),
        (90 * DAY, 0, False),  # that is another check
    ],
)
def test_when_a_certificate_is_late_depends_on_its_lifetime(lifetime, left, late):
    end = NOW + left
    one = TlsInfo("TLSv1.3", end, start=None if lifetime is None else end - lifetime)
    both = {
        **served(visit(first=fetched(tls=one))),
        **mxes(mx_host(), mx_host("mx2.a.test", MxVisit(V4, one))),
    }
    checks = {check for check, _unused in fired(replace(HEALTHY, **both))}
    assert checks == ({"tls_expiring", "smtp_expiring"} if late else set())


def test_a_wider_limit_holds_for_long_certificates_only():
    def late(lifetime, left):
        one = replace(TLS, start=NOW + left - lifetime, expiry=NOW + left)
        options = JudgeOptions(NOW, Thresholds(expiring_days=60))
        return bool(fired(replace(HEALTHY, **served(visit(first=fetched(tls=one)))), options=options))

    assert (late(398 * DAY, 59 * DAY), late(398 * DAY, 61 * DAY), late(90 * DAY, 59 * DAY)) == (True, False, False)


def test_hours_are_told_where_days_would_say_little():
    one = TlsInfo("TLSv1.3", NOW + 30 * HOUR, start=NOW - 130 * HOUR)
    verdict, _unused = judge(replace(HEALTHY, **served(visit(first=fetched(tls=one)))), JudgeOptions(NOW))
    assert verdict.findings[0].seen.endswith("in 30 hours")


def test_a_healthy_domain_raises_nothing():
    verdict, _unused = judge(HEALTHY, JudgeOptions(NOW))
    assert verdict.findings == ()
    assert verdict.verdict == "ok"
    assert set(verdict.stations.values()) == {"ok"}
    assert (verdict.mode, verdict.record_id, verdict.policy_id) == ("enforce", ID, ID)


@pytest.mark.parametrize(("check", "severity", "changes"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_one_fault_fires_one_check(check, severity, changes):
    assert fired(replace(HEALTHY, **changes)) == [(check, severity)]


PAST = Observed(ID, ID, "enforce", 30 * DAY, NOW - 100 * DAY, NOW - DAY, NOW - 100 * DAY)
TESTING = text_of(mode="testing")
EXPECTED = Expected("a.test", True, BODY, "enforce", ("mailto:tlsrpt@a.test",))

OVER_TIME = [
    ("record_stale_id", "error", {}, replace(PAST, policy_id="another")),
    ("record_early_id", "warning", {}, replace(PAST, record_id="another")),
    (
        "policy_testing_long", "warning", {**policy(mode="testing"), **record("v=STSv1; id=1")},
        replace(PAST, mode="testing", record_id="1", policy_id=policy_id(TESTING)),
    ),
    ("policy_removed_early", "error", {"sts": NO_RECORD, **NO_HOST}, PAST),
]  # fmt: skip


@pytest.mark.parametrize(("check", "severity", "changes", "past"), OVER_TIME, ids=[fault[0] for fault in OVER_TIME])
def test_what_only_the_past_can_tell(check, severity, changes, past):
    assert fired(replace(HEALTHY, **changes), past=(past,)) == [(check, severity)]


def test_a_domain_as_it_was_before_raises_nothing():
    assert fired(HEALTHY, past=(PAST,)) == []


def test_a_policy_that_no_sender_can_hold_any_more_was_not_removed_too_early():
    gone = replace(HEALTHY, sts=NO_RECORD, **NO_HOST)
    assert fired(gone, past=(replace(PAST, last=NOW - 31 * DAY),)) == [("record_missing", "error")]
    assert fired(gone, past=(replace(PAST, mode="none"),)) == [("record_missing", "error")]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("tlsrpt_not_as_expected", replace(EXPECTED, rua=("mailto:other@a.test",))),
        ("tlsrpt_not_as_expected", replace(EXPECTED, rua=())),
    ],
)
def test_a_report_record_that_is_not_as_expected(check, expected):
    assert fired(HEALTHY, expected=expected) == [(check, "error")]


def test_a_report_record_that_is_meant_and_missing():
    assert fired(replace(HEALTHY, **report()), expected=EXPECTED) == [("tlsrpt_not_as_expected", "error")]
    assert fired(replace(HEALTHY, **report()), expected=replace(EXPECTED, rua=None)) == [("tlsrpt_missing", "warning")]


def test_record_and_policy_that_are_not_as_expected():
    other = replace(EXPECTED, policy=TESTING)
    assert fired(HEALTHY, expected=other) == [("record_not_as_expected", "error"), ("policy_not_as_expected", "error")]
    stale = replace(HEALTHY, **record("v=STSv1; id=1"))
    assert fired(stale, expected=EXPECTED) == [("record_not_as_expected", "error")]


def test_a_domain_as_meant_raises_nothing():
    assert fired(HEALTHY, expected=EXPECTED) == []


def test_an_absent_domain_with_nothing_left_raises_nothing():
    nothing = replace(HEALTHY, sts=NO_RECORD, **NO_HOST, **report())
    assert fired(nothing, expected=Expected("a.test", False, None, "testing")) == []


def test_an_absent_domain_that_is_still_there_is_not_as_expected():
    checks = [("record_not_as_expected", "error"), ("policy_not_as_expected", "error")]
    assert fired(HEALTHY, expected=Expected("a.test", False, None, "testing")) == checks


def test_a_domain_without_any_of_it_lacks_its_record_only():
    nothing = replace(HEALTHY, sts=NO_RECORD, **NO_HOST)
    verdict, past = judge(nothing, JudgeOptions(NOW))
    assert [finding.check for finding in verdict.findings] == ["record_missing"]
    assert past == ()
    assert {verdict.stations[name] for name in ("host", "tls", "policy")} == {"unknown"}


def test_another_web_server_under_the_name_of_a_policy_host_is_nobodys_fault():
    other = replace(HEALTHY, sts=NO_RECORD, **served(visit(first=failed("tls_name"))))
    verdict, _unused = judge(other, JudgeOptions(NOW))
    assert [finding.check for finding in verdict.findings] == ["record_missing"]
    assert {verdict.stations[name] for name in ("host", "tls", "policy")} == {"unknown"}


def test_a_badly_written_record_does_not_hide_what_is_wrong_with_the_host():
    both = replace(HEALTHY, **record("v=STSv1; id=-"), **served(visit(first=failed("tls_name"))))
    assert fired(both)[0] == ("record_id", "error")
    assert ("tls_name", "error") in fired(both)


def test_without_an_answer_about_the_record_the_host_is_looked_at_if_there_is_one():
    silent = {"sts": txt(status="TIMEOUT"), **NO_HOST, "host": addresses((), (), status="TIMEOUT")}
    verdict, _unused = judge(replace(HEALTHY, **silent), JudgeOptions(NOW))
    assert [finding.check for finding in verdict.findings] == ["record_lookup"]
    assert verdict.stations["host"] == "unknown"
    lost = replace(HEALTHY, sts=txt(status="TIMEOUT"), **served(visit(first=failed("tls_name"))))
    assert {check for check, _unused in fired(lost)} == {"record_lookup", "tls_name"}


def test_a_host_is_judged_without_its_record_if_that_is_what_was_asked_for():
    broken = replace(HEALTHY, **served(visit(first=failed("tls_name"))))
    assert fired(broken, options=JudgeOptions(NOW, look_at=("policy",))) == [("tls_name", "error")] * 2


def test_in_mode_testing_a_bad_mx_is_a_warning():
    lenient = replace(HEALTHY, **policy(mode="testing"), **bad_mx("tls_expired"))
    assert fired(lenient) == [("smtp_expired", "warning")]


def test_in_mode_none_no_mx_is_looked_at():
    none = replace(HEALTHY, **policy(mode="none"), **bad_mx("tls_expired"))
    verdict, _unused = judge(none, JudgeOptions(NOW))
    assert verdict.findings == ()
    assert verdict.stations["mx"] == "unknown"


def test_what_was_not_asked_for_is_not_looked_at():
    verdict, _unused = judge(HEALTHY, JudgeOptions(NOW, look_at=("records",)))
    stations = {check.station for check in CHECKS if check.name not in verdict.not_looked_at}
    assert stations == {"dns", "reports"}
    assert verdict.findings == ()


def test_a_dead_policy_host_hides_what_is_behind_it():
    verdict, _unused = judge(replace(HEALTHY, **served(visit(first=failed("tcp")))), JudgeOptions(NOW))
    assert {finding.check for finding in verdict.findings} == {"host_unreachable"}
    assert (verdict.stations["tls"], verdict.stations["policy"], verdict.stations["mx"]) == ("unknown", "unknown", "ok")
    assert "mx_uncovered" in verdict.not_looked_at


def private_mx(name="mx1.a.test"):
    return mx_host(name, *(MxVisit(address, fault=Fault("private", "what", "do")) for address in (V4, V6)))


def test_a_policy_host_that_the_world_does_not_reach_at_all_is_an_error():
    verdict, _unused = judge(replace(HEALTHY, **served(visit(first=failed("private")))), JudgeOptions(NOW))
    assert {(finding.check, finding.severity) for finding in verdict.findings} == {("host_private", "error")}
    assert (verdict.stations["tls"], verdict.stations["policy"]) == ("unknown", "unknown")
    assert "host_unreachable" not in verdict.not_looked_at


@pytest.mark.parametrize(("mode", "severity"), [("enforce", "error"), ("testing", "warning")])
def test_an_mx_that_the_world_does_not_reach_at_all_weighs_as_one_that_does_not_answer(mode, severity):
    hidden = mxes(mx_host(), private_mx("mx2.a.test"))
    assert (
        fired(replace(HEALTHY, **policy(mode=mode), **record(f"v=STSv1; id={ID}"), **hidden))
        == [("mx_private", severity)] * 2
    )


def test_of_mx_hosts_that_nobody_reaches_nothing_else_is_known():
    verdict, _unused = judge(replace(HEALTHY, **mxes(private_mx(), private_mx("mx2.a.test"))), JudgeOptions(NOW))
    assert {finding.check for finding in verdict.findings} == {"mx_private"}
    assert {"smtp_unreachable", "smtp_starttls"} <= set(verdict.not_looked_at)


def test_an_address_that_was_not_connected_to_says_nothing_about_port_25():
    silent = mx_host("mx2.a.test", MxVisit(V4, fault=Fault("timeout", "what", "do")))
    assert reached([private_mx()])
    assert not reached([private_mx(), silent])


@pytest.mark.parametrize(
    "unknown",
    [
        {**NO_HOST, "host": addresses((), (), status="SERVFAIL")},
        served(visit(first=failed("private"))),
        served(visit(first=failed("no_route"))),
    ],
)
def test_a_policy_is_not_gone_because_nobody_could_look(unknown):
    assert ("policy_removed_early", "error") not in fired(replace(HEALTHY, sts=NO_RECORD, **unknown), past=(PAST,))


def test_without_any_mx_reached_the_network_here_is_suspected_first():
    verdict, _unused = judge(replace(HEALTHY, **bad_mx("timeout")), JudgeOptions(NOW))
    milder = without_port_25(verdict)
    assert (milder.verdict, milder.stations["mx"]) == ("warning", "warning")
    assert "port 25" in milder.findings[0].remedy


def test_every_check_of_the_catalogue_is_fired_here():
    expected = {"record_not_as_expected", "policy_not_as_expected", "tlsrpt_not_as_expected"}
    fired_here = {fault[0] for fault in [*FAULTS, *OVER_TIME]} | expected | {"audit_failed"}
    assert fired_here | OF_REPORTS == {check.name for check in CHECKS}


def test_caa_records_stand_beside_a_certificate_that_cannot_be_had():
    lacking = replace(HEALTHY, **served(visit(first=failed("tls_refused"))), caa=("other-ca.test",))
    verdict, _unused = judge(lacking, JudgeOptions(NOW))
    assert "only other-ca.test" in verdict.findings[0].seen


def test_a_finding_names_its_section_once():
    fault = Fault("tls_name", "the certificate names another (RFC 8461, section 3.3)", "what to do")
    verdict, _unused = judge(replace(HEALTHY, **served(visit(first=Fetch(fault=fault)))), JudgeOptions(NOW))
    assert verdict.findings[0].seen == "the certificate names another"
    assert verdict.sentences[0].count("section") == 1


def test_what_is_left_out_is_counted_and_some_of_it_named():
    left_out = LeftOut("host_bounds", "mta-sts.a.test", "addresses", 16, 2984, ("192.0.2.7", "192.0.2.8", "192.0.2.9"))
    late = tuple(Late("mx_bounds", f"mx{number}.a.test", 300) for number in range(9))
    verdict, _unused = judge(replace(HEALTHY, left_out=(left_out,), late=late), JudgeOptions(NOW))
    assert [finding.seen for finding in verdict.findings] == [
        "mta-sts.a.test has 3,000 addresses, of which 16 were looked at, "
        "and not 192.0.2.7, 192.0.2.8, 192.0.2.9 and 2,981 more",
        "after 300 s there was no time left for mx0.a.test, mx1.a.test, mx2.a.test and 6 more",
    ]


def test_what_concerns_nobody_is_not_told_either():
    left_out = (LeftOut("mx_bounds", "a.test", "MX hosts", 20, 1, ("mx21.a.test",)),)
    assert fired(replace(HEALTHY, **policy(mode="none", mx=()), left_out=left_out, sts=HEALTHY.sts)) == []
    unannounced = {"sts": NO_RECORD, **NO_HOST, "left_out": (LeftOut("host_bounds", "h", "addresses", 16, 1, ("h",)),)}
    assert fired(replace(HEALTHY, **unannounced)) == [("record_missing", "error")]


def test_a_pattern_of_an_mx_that_was_not_looked_at_is_not_idle():
    records = of_mx("OK", ((10, "mx1.a.test"), (20, "mx2.a.test")))
    assert fired(replace(HEALTHY, mx=records, mx_hosts=(mx_host(),))) == []
    assert fired(replace(HEALTHY, mx=of_mx("OK", records.records[:1]), mx_hosts=(mx_host(),))) == [
        ("mx_unused", "warning")
    ]


@pytest.mark.parametrize("part", ["sts", "tls_rpt", "mx", "host"])
def test_what_came_too_late_is_judged_by_nobody(part):
    late = {
        "sts": txt(status="TOO_LATE"), "tls_rpt": txt(status="TOO_LATE"), "mx": of_mx("TOO_LATE"),
        "host": addresses((), (), status="TOO_LATE"),
    }  # fmt: skip
    changes = {part: late[part], **({"mx_hosts": ()} if part == "mx" else {})}
    changes.update({"host_visits": (), "tls_probes": {}} if part == "host" else {})
    assert fired(replace(HEALTHY, **changes)) == []


@pytest.mark.parametrize(
    ("visits", "open_from_here"),
    [
        ([], True),
        ([(V4, "timeout")], False),
        ([(V4, "tcp"), (V6, "no_route")], False),
        ([(V4, "timeout"), ("127.0.0.1", "tcp")], False),
        ([("8.8.8.8", "timeout"), ("127.0.0.1", None)], False),
        ([("8.8.8.8", "timeout"), ("8.8.4.4", None)], True),
        ([("8.8.8.8", "timeout"), ("8.8.4.4", "tls_name")], True),
        ([("8.8.8.8", "timeout"), ("8.8.4.4", "smtp")], True),
        ([("127.0.0.1", None)], True),
    ],
)
def test_port_25_is_open_from_here_if_an_mx_out_there_has_spoken(visits, open_from_here):
    seen = [MxVisit(address, fault=Fault(kind, "", "") if kind else None) for address, kind in visits]
    assert reached([MxHost("mx", (), tuple(seen))]) is open_from_here


def test_a_policy_that_there_was_no_time_to_fetch_is_not_gone():
    past = (Observed("1", "1", "enforce", 2419200, NOW - DAY, NOW - DAY, NOW - DAY),)
    seen = replace(HEALTHY, sts=NO_RECORD, host_visits=(), tls_probes={})
    assert ("policy_removed_early", "error") in fired(seen, past=past)
    assert ("policy_removed_early", "error") not in fired(
        replace(seen, late=(Late("host_bounds", V4, 300),)), past=past
    )


SILENT = {"host": addresses((), (), status="SERVFAIL"), "host_visits": (), "tls_probes": {}}
HERE = {"ns1": f"v=STSv1; id={ID};"}
EVERYTHING = replace(
    HEALTHY,
    **mxes(mx_host(), mx_host("mx2.a.test", tlsa=(TLSA,), matches=True)),
    servers=HERE,
    tls_rpt_servers=HERE,
)


def names(station, begin=""):
    return {check.name for check in CHECKS if check.station == station and check.name.startswith(begin)}


OF_STS = {"record_multiple", "record_syntax", "record_id", "record_clutter", "record_not_as_expected"}
OF_TLS_RPT = {
    "tlsrpt_multiple", "tlsrpt_syntax", "tlsrpt_rua", "tlsrpt_clutter", "tlsrpt_mailbox", "tlsrpt_endpoint",
    "tlsrpt_not_as_expected", "tlsrpt_silent",
}  # fmt: skip
OF_REPORTS = {"tlsrpt_silent", "tlsrpt_failures"}
REPORTED = Reported("2033-04-18", "2033-05-17", True, "2033-05-16", ())
OF_MANNERS = {"tls_unknown_name", "tls_old_version"}
OF_COVERAGE = {"mx_uncovered", "mx_labels", "mx_typo", "mx_policy_host", "mx_unused"}
OF_POLICY = names("policy", "policy_") | OF_COVERAGE
NOT_AS_EXPECTED = {"record_not_as_expected", "policy_not_as_expected", "tlsrpt_not_as_expected"}
OF_VISITS = {"host_private", "host_unreachable", "host_no_route"}
NOT_LOOKED_AT = [
    ("all is there", {}, {}, set()),
    ("no record", {"sts": NO_RECORD}, {}, OF_STS),
    ("no report record", report(), {}, OF_TLS_RPT),
    ("no report record, as expected", report(), {"expected": replace(EXPECTED, rua=())}, OF_TLS_RPT),
    ("nothing is expected", {}, {"expected": None}, NOT_AS_EXPECTED),
    (
        "what is expected is not known yet", {}, {"expected": Expected("a.test", True, None, "enforce")},
        NOT_AS_EXPECTED,
    ),
    (
        "no past", {}, {"past": ()},
        {"record_stale_id", "record_early_id", "policy_testing_long", "policy_removed_early"},
    ),
    ("no name server of the record", {"servers": {}}, {}, {"record_servers_differ", "record_servers_private"}),
    ("no name server of the report record", {"tls_rpt_servers": {}}, {}, {"tlsrpt_servers_differ"}),
    ("nobody has read the reports", {}, {"reported": None}, OF_REPORTS),
    ("a source of reports was not read", {}, {"reported": replace(REPORTED, whole=False)}, {"tlsrpt_silent"}),
    ("reports of too few days", {}, {"reported": replace(REPORTED, since="2033-04-19")}, {"tlsrpt_silent"}),
    ("reports were read long ago", {}, {"reported": replace(REPORTED, until="2033-05-14")}, OF_REPORTS),
    ("no probes", {"tls_probes": {}}, {}, OF_MANNERS),
    ("a policy that is not read strictly", served(visit(first=fetched(BODY + b"?\r\n"))), {}, OF_COVERAGE),
    ("mode none", policy(mode="none"), {}, names("mx")),
    ("no MX", {"mx": of_mx("NXDOMAIN"), "mx_hosts": ()}, {}, names("mx")),
    ("no TLSA record", mxes(mx_host(), mx_host("mx2.a.test")), {}, {"dane_unusable", "dane_mismatch"}),
    (
        "an unsigned TLSA record", mxes(mx_host("mx1.a.test", tlsa=(TLSA,), matches=True, secure=None)), {},
        {"dane_unusable", "dane_mismatch"},
    ),
    ("a TLSA record of what was not shown", mxes(mx_host("mx1.a.test", tlsa=(TLSA,))), {}, {"dane_mismatch"}),
    (
        "no MX was visited", mxes(replace(mx_host("mx1.a.test", tlsa=(TLSA,), matches=True), visits=())), {},
        names("mx", "smtp_") | {"mx_private"},
    ),
    ("no MX was connected to", mxes(private_mx()), {}, names("mx", "smtp_") | {"dane_unusable", "dane_mismatch"}),
    (
        "the policy host was not visited", {"host_visits": ()}, {},
        OF_VISITS | names("tls") | names("policy") | OF_POLICY,
    ),
    (
        "nobody answers for the policy host", SILENT, {},
        names("host") | names("tls") | names("policy") | OF_POLICY,
    ),
    (
        "it has no address", NO_HOST, {},
        OF_VISITS | names("tls") | names("policy") | OF_POLICY,
    ),
    (
        "neither record nor policy", {"sts": NO_RECORD, **NO_HOST}, {"expected": None, "past": ()},
        OF_STS | names("host") | names("tls") | names("policy") | OF_POLICY
        | {"record_stale_id", "record_early_id", "tlsrpt_not_as_expected"},
    ),
    *(
        (f"its fault is {kind}", served(visit(first=failed(kind))), {}, names("tls") | names("policy") | OF_POLICY)
        for kind in ("private", "tcp", "unreachable", "no_route")
    ),
    ("its fault is in TLS", served(visit(first=failed("tls_name"))), {}, names("policy") | OF_POLICY),
    ("it serves a page", served(visit(first=fetched(b"<html>"))), {}, OF_POLICY),
    ("only records", {}, {"look_at": ("records",)}, set().union(*map(names, ("host", "tls", "policy", "mx")))),
    ("only the policy", {}, {"look_at": ("policy",)}, set().union(*map(names, ("dns", "reports", "mx")))),
    (
        "only the MX", {}, {"look_at": ("mx",)},
        OF_COVERAGE.union(*map(names, ("dns", "host", "tls", "policy", "reports"))),
    ),
]  # fmt: skip


def test_every_check_is_not_looked_at_in_some_case_unless_it_needs_nothing():
    skipped = set().union(*(unseen for *_unused, context, unseen in NOT_LOOKED_AT if "look_at" not in context))
    assert skipped == {check.name for check in CHECKS if check.needs}


@pytest.mark.parametrize(
    ("changes", "context", "unseen"), [case[1:] for case in NOT_LOOKED_AT], ids=[case[0] for case in NOT_LOOKED_AT]
)
def test_what_is_not_looked_at_is_said_check_by_check(changes, context, unseen):
    context = {"expected": EXPECTED, "past": (PAST,), "reported": REPORTED, **context}
    verdict, _unused = judge(
        replace(EVERYTHING, **changes), JudgeOptions(NOW, look_at=context.pop("look_at", LOOK_AT)), **context
    )
    fired_here = {finding.check for finding in verdict.findings}
    assert set(verdict.not_looked_at) == unseen - fired_here
    assert [check.name for check in CHECKS if check.name in verdict.not_looked_at] == list(verdict.not_looked_at)


MX_FAILURE = ReportedFailure("certificate-expired", 12, "2033-05-16", ("One", "Two"), 5, ("mx1.a.test",))
POLICY_FAILURE = ReportedFailure("sts-webpki-invalid", 1, "2033-05-15", ("One",), 1, ())


def with_reports(evidence, *failures, **changes):
    reported = replace(REPORTED, failures=failures, **changes)
    return [(one.check, one.subject) for one in judge(evidence, JudgeOptions(NOW), reported=reported)[0].findings]


def test_failures_that_the_audit_does_not_see_are_told_with_what_to_do():
    verdict, _unused = judge(HEALTHY, JudgeOptions(NOW), reported=replace(REPORTED, failures=(MX_FAILURE,)))
    (finding,) = verdict.findings
    assert (finding.check, finding.severity, finding.section) == (
        "tlsrpt_failures", "warning", "RFC 8460, section 4.3",
    )  # fmt: skip
    assert finding.seen == (
        "5 senders (One, Two) reported 12 sessions failed with certificate-expired at mx1.a.test, last on 2033-05-16: "
        "The certificate of the MX has expired; this audit sees nothing wrong, from one place of many"
    )
    assert finding.remedy.startswith("Renew it, reload the mail server")
    assert verdict.stations["reports"] == "warning"


def test_failures_of_no_host_name_none():
    verdict, _unused = judge(HEALTHY, JudgeOptions(NOW), reported=replace(REPORTED, failures=(POLICY_FAILURE,)))
    assert verdict.findings[0].seen == (
        "1 sender (One) reported 1 session failed with sts-webpki-invalid, last on 2033-05-15: The sender could not "
        "verify the certificate of the policy host; this audit sees nothing wrong, from one place of many"
    )


def test_failures_where_the_audit_sees_a_fault_are_explained_by_it():
    broken_mx = replace(HEALTHY, **mxes(private_mx(), private_mx("mx2.a.test")))
    assert "tlsrpt_failures" not in [check for check, _unused in with_reports(broken_mx, MX_FAILURE)]
    assert ("tlsrpt_failures", "sts-webpki-invalid") in with_reports(broken_mx, MX_FAILURE, POLICY_FAILURE)
    broken_host = replace(HEALTHY, **served(visit(first=failed("tls_name"))))
    assert set(with_reports(broken_host, POLICY_FAILURE, MX_FAILURE)) == {
        ("tls_name", V4), ("tls_name", V6), ("tlsrpt_failures", "certificate-expired"),
    }  # fmt: skip


def test_failures_of_long_ago_are_not_told():
    assert with_reports(HEALTHY, replace(MX_FAILURE, last_day="2033-05-11")) != []
    assert with_reports(HEALTHY, replace(MX_FAILURE, last_day="2033-05-10")) == []
    assert with_reports(HEALTHY, MX_FAILURE, until="2033-05-14") == []


def test_where_the_audit_did_not_look_it_says_so():
    reported = replace(REPORTED, failures=(MX_FAILURE,))
    verdict, _unused = judge(HEALTHY, JudgeOptions(NOW, look_at=("records", "policy")), reported=reported)
    assert verdict.findings[0].seen.endswith("; this audit did not look there")
    unasked, _unused = judge(HEALTHY, JudgeOptions(NOW, look_at=("mx",)), reported=reported)
    assert unasked.findings == ()


def test_a_published_record_without_a_report_in_thirty_days_is_silent():
    verdict, _unused = judge(HEALTHY, JudgeOptions(NOW), reported=replace(REPORTED, last_day=None))
    (finding,) = verdict.findings
    assert (finding.check, finding.severity) == ("tlsrpt_silent", "info")
    assert finding.seen == "no report has come in 30 days, nor any since 2033-04-18"
    assert finding.remedy.startswith("Nothing, if the record is new or hardly anybody writes to the domain.")
    assert with_reports(replace(HEALTHY, **report()), last_day=None) == [("tlsrpt_missing", "_smtp._tls.a.test")]


def test_of_reports_alone_nothing_else_is_known():
    verdict = by_reports("a.test", replace(REPORTED, last_day=None, failures=(MX_FAILURE,)), NOW)
    assert [(one.check, one.severity) for one in verdict.findings] == [("tlsrpt_failures", "warning")]
    assert verdict.stations == {
        **dict.fromkeys(("dns", "host", "tls", "policy", "mx"), "unknown"),
        "reports": "warning",
    }
    assert {check.name for check in CHECKS} - set(verdict.not_looked_at) == {"tlsrpt_failures"}
    assert verdict.findings[0].seen.endswith("this audit did not look there")
    assert by_reports("a.test", REPORTED, NOW).verdict == "ok"
    assert by_reports("a.test", replace(REPORTED, until="2033-05-14"), NOW).stations["reports"] == "unknown"


def test_the_verdict_on_a_healthy_domain_says_all_that_was_seen():
    ends = (MxVisit(V4, replace(TLS, expiry=NOW + 50 * DAY)),)
    verdict, past = judge(replace(HEALTHY, **mxes(mx_host(), mx_host("mx2.a.test", *ends))), JudgeOptions(NOW))
    assert verdict == DomainAudit(
        domain="a.test",
        verdict="ok",
        stations=dict.fromkeys(("dns", "host", "tls", "policy", "mx", "reports"), "ok"),
        findings=(),
        not_looked_at=verdict.not_looked_at,
        mode="enforce",
        max_age=2419200,
        record_id=ID,
        policy_id=ID,
        patterns=("mx1.a.test", "mx2.a.test"),
        mx=("mx1.a.test", "mx2.a.test"),
        policy_host="mta-sts.a.test",
        addresses=(V4, V6),
        rua=("mailto:tlsrpt@a.test",),
        certificate_expiry=NOW + 60 * DAY,
        mx_certificate_expiry=NOW + 50 * DAY,
    )
    assert past == (Observed(ID, ID, "enforce", 2419200, NOW, NOW, NOW),)


def test_the_verdict_on_a_domain_of_which_nothing_was_seen():
    nothing = Evidence("a.test", NO_RECORD, report()["tls_rpt"], of_mx("NXDOMAIN"), addresses((), ()))
    verdict, past = judge(nothing, JudgeOptions(NOW))
    assert verdict == DomainAudit(
        domain="a.test",
        verdict="error",
        stations={
            "dns": "error", "host": "unknown", "tls": "unknown", "policy": "unknown", "mx": "warning",
            "reports": "warning",
        },
        findings=verdict.findings,
        not_looked_at=verdict.not_looked_at,
        policy_host="mta-sts.a.test",
    )  # fmt: skip
    assert [finding.check for finding in verdict.findings] == ["record_missing", "mx_missing", "tlsrpt_missing"]
    assert past == ()


def test_what_was_seen_before_stays_where_no_policy_can_be_read():
    assert judge(replace(HEALTHY, **NO_HOST), JudgeOptions(NOW), past=(PAST,))[1] == (PAST,)


def test_the_policy_of_forgiving_senders_is_the_one_that_is_told_and_remembered():
    spoilt = BODY + b"?\r\n"
    verdict, past = judge(replace(HEALTHY, **served(visit(first=fetched(spoilt)))), JudgeOptions(NOW))
    assert (verdict.mode, verdict.max_age, verdict.patterns) == ("enforce", 2419200, ("mx1.a.test", "mx2.a.test"))
    assert past == (Observed(ID, policy_id(spoilt), "enforce", 2419200, NOW, NOW, NOW),)


def test_an_audit_that_failed_is_a_finding_about_the_audit():
    verdict = failed_audit("a.test", "ZeroDivisionError: of ours")
    seen = "this domain could not be checked, so nothing is known about it: ZeroDivisionError: of ours"
    remedy = "Report this as a bug of the collection, with the message above"
    assert verdict == DomainAudit(
        domain="a.test",
        verdict="error",
        stations={
            "dns": "error", "host": "unknown", "tls": "unknown", "policy": "unknown", "mx": "unknown",
            "reports": "unknown",
        },
        findings=(found("audit_failed", "a.test", seen, remedy),),
        not_looked_at=tuple(check.name for check in CHECKS if check.name != "audit_failed"),
        policy_host="mta-sts.a.test",
    )  # fmt: skip


def test_without_port_25_the_other_stations_stay_as_bad_as_they_are():
    both = replace(HEALTHY, **bad_mx("timeout"), **served(visit(first=failed("tls_name"))))
    verdict, _unused = judge(both, JudgeOptions(NOW), EXPECTED)
    milder = without_port_25(verdict)
    assert milder.verdict == "error"
    assert milder.stations == {**verdict.stations, "mx": "warning"}
    assert milder.findings == (
        *verdict.findings[:-1],
        replace(verdict.findings[-1], severity="warning", remedy=PORT_BLOCKED),
    )
    worse, _unused = judge(replace(HEALTHY, **bad_mx("tls_name")), JudgeOptions(NOW))
    assert without_port_25(worse) == worse


@pytest.mark.parametrize(
    ("expected", "past", "severity"),
    [
        (None, (), "warning"),
        (None, (replace(PAST, mode="testing"), PAST), "error"),
        (None, (PAST, replace(PAST, mode="testing")), "warning"),
        (None, (replace(PAST, mode="none"),), None),
        (EXPECTED, (replace(PAST, mode="testing"),), "error"),
        (replace(EXPECTED, mode="testing"), (PAST,), "warning"),
        (replace(EXPECTED, present=False, policy=None), (PAST,), None),
    ],
)
def test_where_no_policy_can_be_read_an_mx_weighs_as_it_is_meant_or_was(expected, past, severity):
    unread = replace(HEALTHY, **served(visit(first=failed("timeout"))), **bad_mx("tls_expired"))
    verdict, _unused = judge(unread, JudgeOptions(NOW), expected, past)
    assert [finding.severity for finding in verdict.findings if finding.station == "mx"] == [severity] * bool(severity)


def test_what_there_was_no_time_for_is_told_by_check_with_the_name_of_the_domain():
    slow = mx_host("mx2.a.test")
    slow = replace(
        slow,
        late=(Late("mx_bounds", "mx2.a.test [192.0.2.9]", 120.5),),
        left_out=(LeftOut("mx_bounds", "mx2.a.test", "addresses", 16, 1, ("192.0.2.8",)),),
    )
    late = (Late("host_bounds", V4, 300.0), Late("host_bounds", V6, 300.0), Late("mx_bounds", "mx3.a.test", 300.0))
    verdict, _unused = judge(replace(HEALTHY, **mxes(mx_host(), slow), late=late), JudgeOptions(NOW))
    remedy = "Find out why its servers are so slow, or allow more time with domain_timeout"
    assert verdict.findings == (
        found("host_bounds", "a.test", f"after 300 s there was no time left for {V4}, {V6}", remedy),
        found(
            "mx_bounds", "a.test", "after 300 s there was no time left for mx3.a.test, mx2.a.test [192.0.2.9]", remedy
        ),
        found(
            "mx_bounds",
            "mx2.a.test",
            "mx2.a.test has 17 addresses, of which 16 were looked at, and not 192.0.2.8",
            "Have fewer addresses; nobody tries so many",
        ),
    )
    assert not {"host_bounds", "mx_bounds"} & set(verdict.not_looked_at)
    one = replace(HEALTHY, late=(Late("mx_bounds", "mx3.a.test", 120.5),))
    assert judge(one, JudgeOptions(NOW))[0].findings[0].seen == "after 120.5 s there was no time left for mx3.a.test"


@pytest.mark.parametrize(("count", "named"), [(3, "h0, h1, h2"), (4, "h0, h1, h2 and 1 more")])
def test_three_of_what_is_left_out_have_names(count, named):
    names_of_some = tuple(f"h{number}" for number in range(count))
    left_out = (LeftOut("mx_bounds", "a.test", "MX hosts", 20, count, names_of_some),)
    verdict, _unused = judge(replace(HEALTHY, left_out=left_out), JudgeOptions(NOW))
    assert verdict.findings[0].seen.endswith(f"of which 20 were looked at, and not {named}")


def test_findings_stand_along_the_way_the_worst_first_then_as_checks_stand_in_the_catalogue():
    broken = replace(
        HEALTHY,
        **record("v=STSv1; id=-"),
        **served(visit(first=fetched(status=404, seconds=11)), visit("192.0.2.10", failed("tls_expired"))),
        tls_probes={V4: TlsProbe(True, ("TLSv1",)), "192.0.2.9": TlsProbe(True)},
        private_servers={"ns [10.0.0.1]": Fault("private", "a", "b")},
        endpoints={"mailto:a@b.test": Fault("mailbox", "b.test takes no mail", "do")},
    )
    broken = replace(broken, host_visits=(*broken.host_visits, visit("192.0.2.9", failed("tls_name"))))
    assert [
        (*one, finding.subject) for one, finding in zip(fired(broken), judge(broken, JudgeOptions(NOW))[0].findings)
    ] == [
        ("record_id", "error", "_mta-sts.a.test"),
        ("record_servers_private", "warning", "ns [10.0.0.1]"),
        ("tls_name", "error", "192.0.2.9"),
        ("tls_expired", "error", "192.0.2.10"),
        ("tls_old_version", "warning", V4),
        ("tls_unknown_name", "warning", V4),
        ("http_status", "error", V4),
        ("http_slow", "warning", V4),
        ("tlsrpt_mailbox", "error", "mailto:a@b.test"),
    ]


def test_addresses_stand_in_the_order_of_their_numbers():
    last = [visit(f"192.0.2.{number}", failed("tls_name")) for number in (10, 9, 110, 100)]
    verdict, _unused = judge(replace(HEALTHY, host_visits=tuple(last)), JudgeOptions(NOW))
    assert [finding.subject for finding in verdict.findings] == [
        "192.0.2.9",
        "192.0.2.10",
        "192.0.2.100",
        "192.0.2.110",
    ]


@pytest.mark.parametrize(
    ("changes", "look_at", "early"),
    [
        ({}, LOOK_AT, True),
        ({}, ("records", "policy"), True),
        ({}, ("records", "mx"), False),
        ({}, ("policy", "mx"), False),
        ({"sts": txt("v=spf1 -all")}, LOOK_AT, False),
        ({"sts": txt(status="TIMEOUT")}, LOOK_AT, False),
        ({"sts": txt(status="NODATA")}, LOOK_AT, True),
        ({"host": (*addresses((), ())[:1], *SILENT["host"][:1])}, LOOK_AT, False),
        ({"host_visits": (visit(first=failed("tcp")),)}, LOOK_AT, True),
        ({"host_visits": (visit(first=failed("tcp")), visit(V6, failed("no_route")))}, LOOK_AT, False),
        ({"late": (Late("mx_bounds", "mx1.a.test", 300),)}, LOOK_AT, True),
        ({"late": (Late("host_bounds", V4, 300),)}, LOOK_AT, False),
    ],
)
def test_a_policy_is_gone_too_early_only_where_that_is_certain(changes, look_at, early):
    gone = replace(HEALTHY, **{"sts": NO_RECORD, **NO_HOST, **changes})
    checks = [check for check, _unused in fired(gone, options=JudgeOptions(NOW, look_at=look_at), past=(PAST,))]
    assert ("policy_removed_early" in checks) is early


def test_who_removed_a_policy_too_early_is_told_that_alone():
    verdict, _unused = judge(replace(HEALTHY, sts=NO_RECORD, **NO_HOST), JudgeOptions(NOW), past=(PAST,))
    assert [finding.check for finding in verdict.findings] == ["policy_removed_early"]


@pytest.mark.parametrize(
    ("part", "unseen"),
    [("sts", {"dns", "reports"}), ("tls_rpt", {"dns", "reports"}), ("host", {"host", "tls", "policy"}), ("mx", {"mx"})],
)
def test_stations_that_it_was_too_late_for_are_unknown(part, unseen):
    late = {
        "sts": {"sts": txt(status="TOO_LATE")},
        "tls_rpt": {"tls_rpt": txt(status="TOO_LATE")},
        "mx": {"mx": of_mx("TOO_LATE")},
        "host": {"host": (*addresses()[:1], Answer("mta-sts.a.test", "AAAA", "TOO_LATE", "mta-sts.a.test"))},
    }
    verdict, _unused = judge(replace(HEALTHY, **late[part]), JudgeOptions(NOW))
    assert {station for station, state in verdict.stations.items() if state == "unknown"} == unseen


def test_a_policy_host_that_is_meant_is_missed_also_without_its_record():
    checks = [("record_missing", "error"), ("host_no_address", "error")]
    assert fired(replace(HEALTHY, sts=NO_RECORD, **NO_HOST), expected=EXPECTED) == checks
    left_out = (LeftOut("host_bounds", "mta-sts.a.test", "addresses", 16, 1, (V4,)),)
    assert ("host_bounds", "warning") in fired(
        replace(HEALTHY, sts=NO_RECORD, left_out=left_out, **NO_HOST), expected=EXPECTED
    )

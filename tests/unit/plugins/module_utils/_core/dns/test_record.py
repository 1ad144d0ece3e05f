# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammars of RFC 8461, section 3.1, and RFC 8460, section 3, over RRsets of character-strings."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import (
    StsRecord,
    TlsRptRecord,
    character_strings,
    meant_as,
    read_sts,
    read_tls_rpt,
    render_sts,
    render_tls_rpt,
    rua_problem,
    sts_name,
    tls_rpt_name,
    zone_line,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import error, errors

SPF = "v=spf1 -all"
MAILBOX = "mailto:tls@example.com"


def rrset(*texts):
    """Return TXT records of one character-string each."""
    return [[text.encode("latin-1")] for text in texts]


def said(reading):
    """Return severity, field and rule of every finding."""
    return [(found.severity, found.field, found.rule) for found in reading.findings]


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("v=STSv1; id=20160831085700Z;", StsRecord("20160831085700Z")),
        ("v=STSv1;id=a", StsRecord("a")),
        ("v=STSv1; \t id=a ; \t", StsRecord("a")),
        (f"v=STSv1; id={'a' * 32};", StsRecord("a" * 32)),
        ("v=STSv1; note=x:y; id=a; other_1.-=z", StsRecord("a", (("note", "x:y"), ("other_1.-", "z")))),
    ],
)
def test_valid_sts_records_raise_no_finding(text, record):
    reading = read_sts(rrset(text))
    assert (reading.record, reading.lenient, reading.findings) == (record, record, ())


def test_character_strings_are_joined_without_spaces():
    assert read_sts([[b"v=STS", b"v1; i", b"", b"d=abc"]]).record == StsRecord("abc")


@pytest.mark.parametrize(
    ("texts", "field", "rule", "remedy", "lenient"),
    [
        ([], "_mta-sts", "there is no TXT record", "Publish one record that begins with v=STSv1;", None),
        (
            [SPF],
            "_mta-sts",
            "no TXT record here begins with v=STSv1;, only 'v=spf1 -all'",
            "Publish one record that begins with v=STSv1;",
            None,
        ),
        (
            ["v=STSv1"],
            "_mta-sts",
            "'v=STSv1' has nothing but its version",
            "Publish one record that begins with v=STSv1;",
            None,
        ),
        (["v=STSv1;"], "id", "the record has no id", "Add id= and 1 to 32 letters or digits", None),
        (["v=STSv1; id;"], "_mta-sts", "'id' is not name=value", "Write name=value between semicolons", None),
        (
            ["v=STSv1; id=;"],
            "id",
            "'' is not made of 1 to 32 letters and digits",
            "Write id= and 1 to 32 letters or digits: no hyphen, colon, dot or underscore",
            None,
        ),
        (
            ["v=STSv1; id=2026-01-01;"],
            "id",
            "'2026-01-01' is not made of 1 to 32 letters and digits",
            "Write id=20260101: no hyphen, colon, dot or underscore",
            StsRecord("2026-01-01"),
        ),
        (
            ["v=STSv1; id=a_b;"],
            "id",
            "'a_b' is not made of 1 to 32 letters and digits",
            "Write id=ab: no hyphen, colon, dot or underscore",
            StsRecord("a_b"),
        ),
        (
            ["v=STSv1; id=a.b;"],
            "id",
            "'a.b' is not made of 1 to 32 letters and digits",
            "Write id=ab: no hyphen, colon, dot or underscore",
            StsRecord("a.b"),
        ),
        (
            ["v=STSv1; id= a;"],
            "id",
            "' a' is not made of 1 to 32 letters and digits",
            "Write id=a: no hyphen, colon, dot or underscore",
            StsRecord(" a"),
        ),
        (
            [f"v=STSv1; id={'a' * 33};"],
            "id",
            "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is not made of 1 to 32 letters and digits",
            "Write id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: no hyphen, colon, dot or underscore",
            StsRecord("a" * 33),
        ),
        (["v=STSv1; ID=a;"], "id", "the record has no id; ID is a different field", "Write id=a", None),
        (
            ["v=STSv1;; id=a;"],
            "_mta-sts",
            "two semicolons stand next to each other",
            "Remove one of them",
            StsRecord("a"),
        ),
        (
            ["v=STSv1; id=a;;"],
            "_mta-sts",
            "two semicolons stand next to each other",
            "Remove one of them",
            StsRecord("a"),
        ),
        (
            ["v=STSv1; id=a "],
            "_mta-sts",
            "the record ends in white space",
            "Remove it, or end with a semicolon",
            StsRecord("a"),
        ),
        (
            ["v=STSv1 ; id=a;"],
            "_mta-sts",
            "'v=STSv1 ; id=a;' has white space before the first semicolon, so it does not begin with v=STSv1;",
            "Write v=STSv1; without a space",
            StsRecord("a"),
        ),
        (
            [" v=STSv1; id=a;"],
            "_mta-sts",
            "' v=STSv1; id=a;' does not begin with v=STSv1;, written exactly so: white space stands in its way",
            "Write v=STSv1; id=a;",
            StsRecord("a"),
        ),
        (
            ["v=stsv1; id=a;"],
            "_mta-sts",
            "'v=stsv1; id=a;' does not begin with v=STSv1;, written exactly so: case matters",
            "Write v=STSv1; id=a;",
            None,
        ),
        (
            ["v=STSv2; id=a;"],
            "_mta-sts",
            "'v=STSv2; id=a;' does not begin with v=STSv1;, written exactly so: its version is v=STSv2",
            "Write v=STSv1; id=a;",
            None,
        ),
        (
            ["v=STSv1, id=a;"],
            "_mta-sts",
            "'v=STSv1, id=a;' does not begin with v=STSv1;, written exactly so: no semicolon follows the version",
            "Write v=STSv1; id=a;",
            None,
        ),
        (
            ["v = STSv1; id=a;"],
            "_mta-sts",
            "'v = STSv1; id=a;' does not begin with v=STSv1;, written exactly so: white space stands in its way",
            "Write v=STSv1; id=a;",
            None,
        ),
        (
            ["v=STSv1\\; id=a\\;"],
            "_mta-sts",
            "'v=STSv1\\\\; id=a\\\\;' does not begin with v=STSv1;, "
            "written exactly so: backslashes stand inside the text",
            "Write v=STSv1; id=a;",
            None,
        ),
        (
            ['"v=STSv1; id=a;"'],
            "_mta-sts",
            "'\"v=STSv1; id=a;\"' does not begin with v=STSv1;, "
            "written exactly so: quotation marks stand inside the text",
            "Write v=STSv1; id=a;",
            None,
        ),
        (
            ["id=a; v=STSv1;"],
            "_mta-sts",
            "'id=a; v=STSv1;' does not begin with v=STSv1;, written exactly so: its version does not stand first",
            "Write v=STSv1; id=a;",
            None,
        ),
        (
            ["v=STSv1; id=a\r\n"],
            "id",
            "'a\\r\\n' is not made of 1 to 32 letters and digits",
            "Write id=a: no hyphen, colon, dot or underscore",
            StsRecord("a\r\n"),
        ),
        (["v=STSv1; id =a;"], "id", "'id ' is not a field name", "Write id=", None),
        (
            [f"v=STSv1; id=a; {'x' * 33}=b"],
            "x" * 33,
            "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not a field name",
            "Use 1 to 32 letters, digits, and inner _ - .",
            StsRecord("a", (("x" * 33, "b"),)),
        ),
        (
            ["v=STSv1; id=a; no te=b"],
            "no te",
            "'no te' is not a field name",
            "Use 1 to 32 letters, digits, and inner _ - .",
            StsRecord("a", (("no te", "b"),)),
        ),
        (
            ["v=STSv1; id=a; x=b=c"],
            "x",
            "'b=c' is not a field value",
            "Use visible ASCII without = and ;",
            StsRecord("a", (("x", "b=c"),)),
        ),
        (
            ["v=STSv1; id=a; x="],
            "x",
            "'' is not a field value",
            "Use visible ASCII without = and ;",
            StsRecord("a", (("x", ""),)),
        ),
        (
            ["v=STSv1; id=a;", "v=STSv1; id=b;"],
            "_mta-sts",
            "2 records begin with v=STSv1;, so senders use none of them",
            "Remove all but one of them",
            None,
        ),
        (
            ["v=STSv1; id=a;", "v=STSv1; id=a;"],
            "_mta-sts",
            "2 records begin with v=STSv1;, so senders use none of them",
            "Remove all but one of them",
            None,
        ),
    ],
)
def test_one_mistake_in_an_sts_record_is_one_error(texts, field, rule, remedy, lenient):
    reading = read_sts(rrset(*texts), "example.com")
    found = next(finding for finding in reading.findings if finding.field == field)
    assert found == error("example.com", field, rule, "RFC 8461, section 3.1", remedy)
    assert reading.record is None
    assert reading.lenient == lenient
    assert {finding.section for finding in reading.findings} == {"RFC 8461, section 3.1"}


def test_a_record_that_is_not_ascii():
    reading = read_sts(rrset("v=STSv1; id=a\xfc;"))
    assert ("error", "_mta-sts", "the record is not US-ASCII") in said(reading)


@pytest.mark.parametrize(("other", "severity"), [(SPF, "info"), ("v=STSv1 ; id=b;", "warning"), ("", "info")])
def test_other_records_at_the_name_are_discarded_and_said(other, severity):
    reading = read_sts(rrset(other, "v=STSv1; id=a;"))
    assert reading.record == StsRecord("a")
    assert said(reading) == [(severity, "_mta-sts", f"{other!r} stands at the same name; senders discard it")]


def test_of_two_ids_the_first_counts():
    reading = read_sts(rrset("v=STSv1; id=a; id=-;"))
    assert reading.record == StsRecord("a")
    assert said(reading) == [("warning", "_mta-sts", "'id' stands more than once; senders take the first")]


@pytest.mark.parametrize(
    ("text", "rua"),
    [
        ("v=TLSRPTv1;rua=mailto:reports@example.com", ("mailto:reports@example.com",)),
        ("v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt", ("https://reporting.example.com/v1/tlsrpt",)),
        ("v=TLSRPTv1; rua=mailto:a@x.example , https://r.example/;", ("mailto:a@x.example", "https://r.example/")),
        ("v=TLSRPTv1; rua=MAILTO:a%2Cb@x.example", ("MAILTO:a%2Cb@x.example",)),
        ("v=TLSRPTv1; rua=mailto:a@x.example?subject=x=y", ("mailto:a@x.example?subject=x=y",)),
    ],
)
def test_valid_tls_rpt_records_raise_no_finding(text, rua):
    reading = read_tls_rpt(rrset(text))
    assert (reading.record, reading.lenient, reading.findings) == (TlsRptRecord(rua), TlsRptRecord(rua), ())


@pytest.mark.parametrize(
    ("texts", "field", "rule", "remedy", "lenient"),
    [
        ([], "_smtp._tls", "there is no TXT record", "Publish one record that begins with v=TLSRPTv1;", None),
        (
            ["v=TLSRPTv1;"],
            "rua",
            "the record has no rua: nobody knows where to send reports",
            "Add rua=mailto:tlsrpt@your.domain",
            None,
        ),
        (
            ["v=TLSRPTv1; rua="],
            "rua",
            "the record has no rua: nobody knows where to send reports",
            "Add rua=mailto:tlsrpt@your.domain",
            None,
        ),
        (
            ["v=TLSRPTv1; rua=tls@example.com"],
            "rua",
            "'tls@example.com' is neither a mailto: nor an https: URI",
            "Write mailto:tls@example.com",
            None,
        ),
        (
            [f"v=TLSRPTv1; rua={MAILBOX},"],
            "rua",
            "a comma has no URI on one side",
            "Remove the comma",
            TlsRptRecord((MAILBOX,)),
        ),
        ([f"v=TLSRPTv1; rua= {MAILBOX}"], "rua", "white space follows rua=", "Remove it", TlsRptRecord((MAILBOX,))),
        (
            [f"v=TLSRPTv1; rua={MAILBOX}!10m"],
            "rua",
            "'mailto:tls@example.com!10m' contains '!'",
            "Write mailto:tls@example.com: a limit of size is DMARC's, TLS-RPT has none",
            None,
        ),
        (
            [f"v=TLSRPTv1; rua={MAILBOX};"] * 2,
            "_smtp._tls",
            "2 records begin with v=TLSRPTv1;, so senders use none of them",
            "Remove all but one of them",
            None,
        ),
        (
            [f"v=TLSRPTv1 ; rua={MAILBOX}"],
            "_smtp._tls",
            "'v=TLSRPTv1 ; rua=mailto:tls@example.com' has white space before the first semicolon, "
            "so it does not begin with v=TLSRPTv1;",
            "Write v=TLSRPTv1; without a space",
            TlsRptRecord((MAILBOX,)),
        ),
        (
            [f"v=tlsrptv1; rua={MAILBOX}"],
            "_smtp._tls",
            "'v=tlsrptv1; rua=mailto:tls@example.com' does not begin with v=TLSRPTv1;, "
            "written exactly so: case matters",
            "Write v=TLSRPTv1; rua=mailto:tls@example.com",
            None,
        ),
    ],
)
def test_one_mistake_in_a_tls_rpt_record_is_one_error(texts, field, rule, remedy, lenient):
    reading = read_tls_rpt(rrset(*texts), "example.com")
    assert reading.findings == (error("example.com", field, rule, "RFC 8460, section 3", remedy),)
    assert reading.record is None
    assert reading.lenient == lenient


@pytest.mark.parametrize(
    ("uri", "rule", "remedy"),
    [
        ("tls@example.com", "is neither a mailto: nor an https: URI", "Write mailto:tls@example.com"),
        ("http://r.example/", "is neither a mailto: nor an https: URI", "Write a mailto: or https: URI"),
        ("", "is neither a mailto: nor an https: URI", "Write a mailto: or https: URI"),
        ("mailto:a,b@example.com", "contains ','", "Write it as %2C"),
        ("mailto:a!b@example.com", "contains '!'", "Write it as %21"),
        ("https://r.example/a;b", "contains ';'", "Write it as %3B"),
        ("mailto:a b@example.com", "contains characters that no URI may have", "Percent-encode them"),
        ("mailto:\xfc@example.com", "contains characters that no URI may have", "Percent-encode them"),
        ("mailto:a%@example.com", "contains characters that no URI may have", "Percent-encode them"),
        ("mailto:", "names no mailbox", "Write mailto:user@example.com"),
        ("mailto:example.com", "names no mailbox", "Write mailto:user@example.com"),
        ("mailto:a@b@example.com", "names no mailbox", "Write mailto:user@example.com"),
        ("mailto:a@localhost", "names no mailbox", "Write mailto:user@example.com"),
        ("mailto:a@example.com.", "names no mailbox", "Write mailto:a@example.com"),
        ("mailto://a@example.com", "names no mailbox", "Write mailto:a@example.com"),
        ("mailto: a@example.com", "contains characters that no URI may have", "Write mailto:a@example.com"),
        ("<a@example.com>", "is neither a mailto: nor an https: URI", "Write mailto:a@example.com"),
        ('"mailto:a@example.com"', "is neither a mailto: nor an https: URI", "Write mailto:a@example.com"),
        ("a@[192.0.2.1]", "is neither a mailto: nor an https: URI", "Write a mailto: or https: URI"),
        ("a b@example.com", "is neither a mailto: nor an https: URI", "Write mailto:a%20b@example.com"),
        (
            "mailto:a@b\xfccher.example",
            "contains characters that no URI may have",
            "Write mailto:a@xn--bcher-kva.example",
        ),
        (
            "mailto:a@example.com!10m",
            "contains '!'",
            "Write mailto:a@example.com: a limit of size is DMARC's, TLS-RPT has none",
        ),
        (
            "https://r.example/a!5",
            "contains '!'",
            "Write https://r.example/a: a limit of size is DMARC's, TLS-RPT has none",
        ),
        (
            "mailto:a@x.example, mailto:b@y.example",
            "contains ','",
            "Write each as a URI of its own: mailto:a@x.example and mailto:b@y.example",
        ),
        (
            "mailto:a@x.example;https://r.example/",
            "contains ';'",
            "Write each as a URI of its own: mailto:a@x.example and https://r.example/",
        ),
        ("mailto:a@ex!ample.com", "contains '!'", "Write mailto:user@example.com or https://host/path"),
        ("https:r.example", "names no host", "Write https://host/path"),
        ("https:///path", "names no host", "Write https://host/path"),
        ("https://[::1/", "names no host", "Write https://host/path"),
        ("https://r.example:0/", "names no host", "Write https://host/path"),
        (
            "mailto:a@x.example!10M",
            "contains '!'",
            "Write mailto:a@x.example: a limit of size is DMARC's, TLS-RPT has none",
        ),
        ("mailto:a@x.example!10x", "contains '!'", "Write mailto:user@example.com or https://host/path"),
        ("mailto:a@x.example,b", "contains ','", "Write mailto:user@example.com or https://host/path"),
        ("a%zz@x.example", "is neither a mailto: nor an https: URI", "Write mailto:a%25zz@x.example"),
        ("MAILTO://A@x.example", "names no mailbox", "Write mailto:A@x.example"),
        ("'<https://r.example/>'", "is neither a mailto: nor an https: URI", "Write https://r.example/"),
        ("mailto:a@x.example?subject=a b", "contains characters that no URI may have", "Percent-encode them"),
        ("https://r.example:99999/", "names no host", "Write https://host/path"),
    ],
)
def test_uris_that_no_report_can_be_sent_to(uri, rule, remedy):
    assert rua_problem(uri) == (f"{uri!r} {rule}", remedy)


A = "v=STSv1; id=a;"
RUA = f"v=TLSRPTv1; rua={MAILBOX}"


@pytest.mark.parametrize(
    ("text", "flaw", "meant"),
    [
        ("v=STSv2; id=a;", "its version is v=STSv2", A),
        ("v=STS1; id=a;", "its version is v=STS1", A),
        ("v=STS; id=a", "its version is v=STS", A),
        ("v=mta-sts; id=a", "its version is v=mta-sts", A),
        ("v=MTASTSv1; id=a", "its version is v=MTASTSv1", A),
        ("version=STSv1; id=a", "its version is version=STSv1", A),
        ("v:STSv1; id:a", "its version is v:STSv1", A),
        ("V=STSv1; id=a", "its version is V=STSv1", A),
        ("v=stsv1; id=a", "case matters", A),
        ("STSv1; id=a", "v= is missing", A),
        ("id=a", "its version is missing", A),
        ("id=a; v=STSv1;", "its version does not stand first", A),
        ("v=STSv1, id=a", "no semicolon follows the version", A),
        ("v=STSv1 id=a", "no semicolon follows the version", A),
        ("v=STSv1: id=a", "no semicolon follows the version", A),
        ("v=STSv1|id=a", "no semicolon follows the version", A),
        ("v = STSv1; id=a", "white space stands in its way", A),
        (" v=STSv1; id=a", "white space stands in its way", A),
        ('"v=STSv1; id=a;"', "quotation marks stand inside the text", A),
        ('\\"v=STSv1; id=a;\\"', "quotation marks stand inside the text", A),
        ("'v=STSv1; id=a;'", "quotation marks stand inside the text", A),
        ("\u201cv=STSv1; id=a;\u201d", "quotation marks stand inside the text", A),
        ('"v=STSv1; " "id=a;"', "quotation marks stand inside the text", A),
        ("v=STSv1\\; id=a\\;", "backslashes stand inside the text", A),
        ("v=STSv1\xa0; id=a", "characters that are not ASCII stand inside the text (U+00A0)", A),
        ("v\xa0=\xa0STSv1; id=a", "characters that are not ASCII stand inside the text (U+00A0)", A),
        ("\ufeffv=STSv1; id=a", "characters that are not ASCII stand inside the text (U+FEFF)", A),
        ("v=STS\u200bv1; id=a", "characters that are not ASCII stand inside the text (U+200B)", A),
        ("\uff56=STSv1; id=a", "characters that are not ASCII stand inside the text (U+FF56)", A),
        ("(v=STSv1; id=a)", "white space stands in its way", A),
        ("_mta-sts.example.com. IN TXT v=STSv1; id=a;", "it begins as a line of a zone file does", A),
        ("TXT v=STSv1; id=a", "it begins as a line of a zone file does", A),
        ("v=STSv2; id=2026-01-01T00:00", "its version is v=STSv2", "v=STSv1; id=20260101T0000;"),
        ("version: STSv1 mode: enforce", "its version is version:STSv1", ""),
        (RUA, "it is a TLS-RPT record, whose place is _smtp._tls", ""),
        (f"v=DMARC1; p=none; rua={MAILBOX}", "it is a DMARC record", ""),
    ],
)
def test_what_was_meant_as_an_sts_record_is_told_with_what_keeps_it_from_it(text, flaw, meant):
    reading = read_sts([[text.encode()]], "example.com")
    (finding,) = reading.findings
    assert (finding.severity, finding.field) == ("error", "_mta-sts")
    assert finding.rule.endswith(f"does not begin with v=STSv1;, written exactly so: {flaw}")
    assert finding.remedy == (f"Write {meant}" if meant else "Publish one record that begins with v=STSv1;")
    assert not meant or read_sts([[meant.encode()]]).findings == ()


@pytest.mark.parametrize(
    ("text", "flaw", "meant"),
    [
        (f"v=TLSRPT1; rua={MAILBOX}", "its version is v=TLSRPT1", RUA),
        (f"v=TLSRPT; rua={MAILBOX}", "its version is v=TLSRPT", RUA),
        (f"v=TLS-RPTv1; rua={MAILBOX}", "its version is v=TLS-RPTv1", RUA),
        (f"v=tlsrptv1; rua={MAILBOX}", "case matters", RUA),
        (f"TLSRPTv1; rua={MAILBOX}", "v= is missing", RUA),
        (f"rua={MAILBOX}", "its version is missing", RUA),
        (MAILBOX, "its version is missing", RUA),
        (f"v=TLSRPTv1, rua={MAILBOX}", "no semicolon follows the version", RUA),
        (f"v=TLSRPTv1 rua={MAILBOX}", "no semicolon follows the version", RUA),
        (f'"v=TLSRPTv1; rua={MAILBOX}"', "quotation marks stand inside the text", RUA),
        (f"v=DMARC1; p=none; rua={MAILBOX}!10m", "it is a DMARC record", RUA),
        ("v=DMARC1; p=none", "it is a DMARC record", ""),
        (A, "it is an MTA-STS record, whose place is _mta-sts", ""),
        ("v=TLSRPT1; rua=tls@", "its version is v=TLSRPT1", ""),
    ],
)
def test_what_was_meant_as_a_tls_rpt_record_is_told_with_what_keeps_it_from_it(text, flaw, meant):
    (finding,) = read_tls_rpt([[text.encode()]], "example.com").findings
    assert finding.rule.endswith(f"does not begin with v=TLSRPTv1;, written exactly so: {flaw}")
    assert finding.remedy == (f"Write {meant}" if meant else "Publish one record that begins with v=TLSRPTv1;")
    assert not meant or read_tls_rpt([[meant.encode()]]).findings == ()


@pytest.mark.parametrize("text", [SPF, "google-site-verification=id", "MS=ms1", "", "stsoft=1", "v=verifydomain MS=1"])
def test_what_is_something_else_altogether_is_shown_as_it_stands(text):
    for read, version in ((read_sts, "v=STSv1"), (read_tls_rpt, "v=TLSRPTv1")):
        (finding,) = read([[text.encode()]], "example.com").findings
        assert finding.rule == f"no TXT record here begins with {version};, only {text!r}"


def test_what_was_meant_is_found_among_what_was_not():
    (finding,) = read_sts([[SPF.encode()], [RUA.encode()], [b"v=STSv2; id=a"]], "example.com").findings
    assert finding.remedy == f"Write {A}"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("v=STSv1;\xa0id=a;", "Replace U+00A0; write v=STSv1; id=a;"),
        ("v=STSv1; id=\u201ca\u201d;", "Replace U+201C, U+201D; write v=STSv1; id=a;"),
        ("v=STSv1; x=\xfc", "Replace U+00FC"),
    ],
)
def test_characters_that_are_not_ascii_are_one_error_with_what_to_write(text, remedy):
    (finding,) = read_sts([[text.encode()]], "example.com").findings
    assert (finding.rule, finding.remedy) == ("the record is not US-ASCII", remedy)


@pytest.mark.parametrize(
    ("text", "rule", "remedy"),
    [
        ("v=STSv1; ID=a;", "the record has no id; ID is a different field", "Write id=a"),
        ("v=STSv1; policy_id=a", "the record has no id; policy_id is a different field", "Write id=a"),
        ("v=STSv1; ID=-;", "the record has no id; ID is a different field", "Add id= and 1 to 32 letters or digits"),
        ("v=STSv1; x=1;", "the record has no id", "Add id= and 1 to 32 letters or digits"),
        (
            f"v=TLSRPTv1; ruf={MAILBOX}",
            "the record has no rua; ruf is a different field: nobody",
            f"Write rua={MAILBOX}",
        ),
        (
            f"v=TLSRPTv1; RUA={MAILBOX}",
            "the record has no rua; RUA is a different field: nobody",
            f"Write rua={MAILBOX}",
        ),
        ("v=TLSRPTv1; ruf=a", "the record has no rua: nobody", "Add rua=mailto:tlsrpt@your.domain"),
    ],
)
def test_a_field_under_another_name_is_told_where_the_right_one_is_missing(text, rule, remedy):
    read = read_sts if "STSv1" in text else read_tls_rpt
    (finding,) = read(rrset(text), "example.com").findings
    assert finding.rule.startswith(rule)
    assert finding.remedy == remedy


@pytest.mark.parametrize(
    ("written", "advised"),
    [("2026-01-01", "20260101"), ("a_b", "ab"), ('"a"', "a"), (" a", "a"), ("a" * 40, "a" * 32), ("-", "and 1 to 32")],
)
def test_an_id_that_is_advised_is_one(written, advised):
    (finding,) = read_sts(rrset(f"v=STSv1; id={written};"), "example.com").findings
    assert advised in finding.remedy
    assert advised.startswith("and") or read_sts(rrset(f"v=STSv1; id={advised};")).record == StsRecord(advised)


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("a" * 61, "_mta-sts", f"no TXT record here begins with v=STSv1;, only '{'a' * 60}'"),
        (f"v=STSv2; {'a' * 60}", "_mta-sts", f"'v=STSv2; {'a' * 51}' does not begin with v=STSv1;, written exactly so: "
         "its version is v=STSv2"),
        (f"v=STSv1; id={'a' * 61}", "id", f"'{'a' * 60}' is not made of 1 to 32 letters and digits"),
        (f"v=STSv1; id=a; x={'=' * 61}", "x", f"'{'=' * 60}' is not a field value"),
        (f"v=STSv1; id=a; {'b' * 61}", "_mta-sts", f"'{'b' * 60}' is not name=value"),
        (f"v=STSv1; id=a; {'b' * 41}=c", "b" * 41, f"'{'b' * 40}' is not a field name"),
        (f"v=TLSRPTv1; {'b' * 41}={MAILBOX}", "rua", f"the record has no rua; {'b' * 40} is a different field: nobody "
         "knows where to send reports"),
    ],
)  # fmt: skip
def test_what_is_long_is_quoted_by_its_beginning(text, field, rule):
    read = read_tls_rpt if text.startswith("v=TLSRPTv1") else read_sts
    assert ("error", field, rule) in said(read(rrset(text)))


def test_a_long_name_that_stands_twice_is_quoted_by_its_beginning():
    name = "b" * 41
    assert ("warning", "_mta-sts", f"'{'b' * 40}' stands more than once; senders take the first") in said(
        read_sts(rrset(f"v=STSv1; id=a; {name}=1; {name}=2; {name}=3"))
    )


def test_a_long_record_of_others_is_quoted_by_its_beginning():
    (found,) = read_sts(rrset("a" * 61, A), "example.com").findings
    assert str(found) == (
        f"example.com: _mta-sts: '{'a' * 60}' stands at the same name; senders discard it (RFC 8461, section 3.1). "
        "Remedy: Remove it: nothing else belongs here."
    )


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("v=STSv1; id=a; x", [("_mta-sts", "'x' is not name=value", "Write name=value between semicolons")]),
        ("v=STSv1; id=a; =b", [("field", "'' is not a field name", "Use 1 to 32 letters, digits, and inner _ - .")]),
        ("v=STSv1; id=a; id\t=b", [("id", "'id\\t' is not a field name", "Write id=")]),
        ("v=STSv1; id=a; ID =b", [("ID", "'ID ' is not a field name", "Write id=")]),
        ("v=STSv1; id=a\t", [("_mta-sts", "the record ends in white space", "Remove it, or end with a semicolon"),]),
        ("v=STSv1; id=a; x=1; x=2; x=3", [("_mta-sts", "'x' stands more than once; senders take the first",
                                           "Remove the others")]),
        ("v=STSv1 \t;", [("_mta-sts", "'v=STSv1 \\t;' has nothing but its version",
                          "Publish one record that begins with v=STSv1;")]),
        ("v=STSv1\t; id=a", [("_mta-sts", "'v=STSv1\\t; id=a' has white space before the first semicolon, "
                              "so it does not begin with v=STSv1;", "Write v=STSv1; without a space")]),
        ("v=STSv1; ids=a", [("id", "the record has no id; ids is a different field", "Write id=a")]),
        ("v=STSv1; policy-id=a", [("id", "the record has no id; policy-id is a different field", "Write id=a")]),
        ("v=STSv1; PolicyId=a", [("id", "the record has no id; PolicyId is a different field", "Write id=a")]),
        (f"v=TLSRPTv1; rua={MAILBOX}; rua =x", [("rua", "'rua ' is not a field name", "Write rua=")]),
        (f"v=TLSRPTv1; rua=\t{MAILBOX}", [("rua", "white space follows rua=", "Remove it")]),
        (f"v=TLSRPTv1; rua={MAILBOX},\t,a", [
            ("rua", "a comma has no URI on one side", "Remove the comma"),
            ("rua", "'a' is neither a mailto: nor an https: URI", "Write a mailto: or https: URI"),
        ]),
        (f"v=TLSRPTv1; rua={MAILBOX}; x", [("_smtp._tls", "'x' is not name=value",
                                           "Write name=value between semicolons")]),
        ("v=TLSRPT1; rua=mailto:\xfc@example.com", [
            ("_smtp._tls", "'v=TLSRPT1; rua=mailto:\\\\xfc@example.com' does not begin with v=TLSRPTv1;, written "
             "exactly so: characters that are not ASCII stand inside the text (U+00FC)",
             "Publish one record that begins with v=TLSRPTv1;"),
        ]),
        (f"v=TLSRPTv1;\xa0rua={MAILBOX}", [("_smtp._tls", "the record is not US-ASCII",
                                            f"Replace U+00A0; write v=TLSRPTv1; rua={MAILBOX}")]),
    ],
)  # fmt: skip
def test_every_mistake_is_told_with_its_remedy(text, findings):
    read, section = (
        (read_tls_rpt, "RFC 8460, section 3") if text.startswith("v=TLS") else (read_sts, "RFC 8461, section 3.1")
    )
    found = read(rrset(text), "example.com").findings
    assert [(each.field, each.rule, each.remedy) for each in found] == findings
    assert {(each.domain, each.section) for each in found} == {("example.com", section)}


@pytest.mark.parametrize(
    ("texts", "finding"),
    [
        (["v=STSv1;\x0bid=a"], ("error", "\\x0bid", "'\\x0bid' is not a field name")),
        (["v=STSv1; id=a; \x0b"], ("error", "_mta-sts", "'\\x0b' is not name=value")),
        (["v=STSv1; id=a; id\x0b=b"], ("error", "id\\x0b", "'id\\x0b' is not a field name")),
        (
            ["\x0bv=STSv1; id=b", A],
            ("info", "_mta-sts", "'\\x0bv=STSv1; id=b' stands at the same name; senders discard it"),
        ),
        (
            [f"v=TLSRPTv1; rua=\x0b{MAILBOX}"],
            ("error", "rua", f"'\\x0b{MAILBOX}' is neither a mailto: nor an https: URI"),
        ),
        ([f"v=TLSRPTv1; rua={MAILBOX},\x0b"], ("error", "rua", "'\\x0b' is neither a mailto: nor an https: URI")),
        (["v=TLSRPTv1; rua=\x0b"], ("error", "rua", "'\\x0b' is neither a mailto: nor an https: URI")),
    ],
)
def test_only_spaces_and_tabs_are_white_space(texts, finding):
    read = read_tls_rpt if texts[0].startswith("v=TLS") else read_sts
    assert finding in said(read(rrset(*texts)))


def test_forgiving_senders_take_spaces_and_tabs_alone_from_around_the_version():
    assert read_sts(rrset("\t v=STSv1\t ; id=a")).lenient == StsRecord("a")
    assert read_sts(rrset("v=STSv1\x0b; id=a")).lenient is None
    assert read_tls_rpt(rrset(f"v=TLSRPTv1; rua={MAILBOX},\x0b{MAILBOX}")).lenient == TlsRptRecord((MAILBOX,))


def test_a_domain_need_not_be_named():
    sentences = [str(found) for read in (read_sts, read_tls_rpt) for found in read([]).findings]
    assert sentences == [
        "_mta-sts: there is no TXT record (RFC 8461, section 3.1). Remedy: Publish one record that begins with "
        "v=STSv1;",
        "_smtp._tls: there is no TXT record (RFC 8460, section 3). Remedy: Publish one record that begins with "
        "v=TLSRPTv1;",
    ]


@pytest.mark.parametrize(
    ("texts", "version", "meant"),
    [
        ([], "v=STSv1", False),
        ([SPF], "v=STSv1", False),
        ([SPF, "v=STSv1; id=-"], "v=STSv1", True),
        (["v=STSv2; id=a"], "v=STSv1", True),
        ([f"v=TLSRPTv1; rua={MAILBOX}"], "v=STSv1", False),
        ([f"v=TLSRPTv1; rua={MAILBOX}"], "v=TLSRPTv1", True),
    ],
)
def test_whether_somebody_meant_a_record_to_be_there(texts, version, meant):
    assert meant_as(rrset(*texts), version) is meant
    assert meant_as([[text[:3].encode(), text[3:].encode()] for text in texts], version) is meant


def test_records_of_others_are_shown_by_the_first():
    (found,) = read_sts(rrset(SPF, "MS=1"), "example.com").findings
    assert found.rule == f"no TXT record here begins with v=STSv1;, only '{SPF}'"


@pytest.mark.parametrize(
    "uri",
    [
        "MAILTO:a@x.example",
        "HTTPS://x.example",
        "https://x.example:1/",
        "https://x.example:65535/%2c?a=b",
        "https://[::1]/",
    ],
)
def test_uris_that_reports_can_be_sent_to(uri):
    assert rua_problem(uri) is None


def test_a_finding_is_a_sentence_with_section_and_remedy():
    (found,) = read_sts(rrset("v=STSv1 ; id=a;"), "example.com").findings
    assert str(found) == (
        "example.com: _mta-sts: 'v=STSv1 ; id=a;' has white space before the first semicolon, so it does not begin "
        "with v=STSv1; (RFC 8461, section 3.1). Remedy: Write v=STSv1; without a space."
    )


def test_a_zone_line_quotes_every_character_string():
    assert zone_line("_mta-sts.example.com", "v=STSv1; id=a;") == '_mta-sts.example.com. IN TXT "v=STSv1; id=a;"'
    assert zone_line("a.example", "x" * 300) == f'a.example. IN TXT "{"x" * 255}" "{"x" * 45}"'
    assert zone_line("a.example", 'say "\\"') == 'a.example. IN TXT "say \\"\\\\\\""'


def test_names_and_texts():
    assert sts_name("example.com") == "_mta-sts.example.com"
    assert tls_rpt_name("example.com") == "_smtp._tls.example.com"
    assert render_sts("abc") == "v=STSv1; id=abc;"
    assert render_tls_rpt([MAILBOX, "https://r.example/"]) == f"v=TLSRPTv1; rua={MAILBOX},https://r.example/"


@given(st.text(st.characters(codec="ascii"), max_size=1200))
def test_character_strings_lose_nothing(text):
    strings = character_strings(text)
    assert b"".join(strings).decode("ascii") == text
    assert strings
    assert all(len(string) <= 255 for string in strings)


@given(st.from_regex(r"[A-Za-z0-9]{1,32}", fullmatch=True))
def test_an_sts_record_reads_as_it_was_written(policy_id):
    assert read_sts([character_strings(render_sts(policy_id))]).record == StsRecord(policy_id)


@given(
    st.lists(st.from_regex(r"mailto:[a-z0-9.%2C]{1,8}@[a-z]{1,60}\.example", fullmatch=True), min_size=1, max_size=9)
)
def test_a_tls_rpt_record_reads_as_it_was_written(rua):
    usable = [uri for uri in rua if rua_problem(uri) is None] or [MAILBOX]
    assert read_tls_rpt([character_strings(render_tls_rpt(usable))]).record == TlsRptRecord(tuple(usable))


WORDS = b"v=STSv1 v=TLSRPTv1 ; id= rua= mailto: https:// a@b.example , \xff [".split()
pieces = st.sampled_from([*WORDS, b" ", b"; "])
strings = st.binary(max_size=60) | st.lists(pieces, max_size=9).map(b"".join)


@given(st.lists(st.lists(strings, max_size=3), max_size=3))
def test_no_rrset_makes_it_raise(answer):
    for read in (read_sts, read_tls_rpt):
        reading = read(answer, "example.com")
        assert (reading.record is None) == bool(errors(reading.findings))


WORST = [b";", b"=", b",", b" ", b"@", b"a.", b"a=b;", b"mailto:a@b.example,", b"%2C", b"\xff"]


@pytest.mark.parametrize("begin", [b"v=STSv1;", b"v=TLSRPTv1; rua=", b"v=TLSRPTv1; rua=mailto:", b"v=STSv1"], ids=repr)
@pytest.mark.parametrize("piece", [*WORST, None], ids=repr)
def test_the_largest_record_is_read_in_linear_time(begin, piece):
    def duration(size):
        text = begin + (piece * size if piece else b";".join(b"%x=" % number for number in range(size)))
        start = time.process_time()
        for read in (read_sts, read_tls_rpt):
            read([[text[:size]]])
        return time.process_time() - start

    assert duration(65535) < 16 * duration(65535 // 8) + 0.5

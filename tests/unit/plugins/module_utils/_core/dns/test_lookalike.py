# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was meant as a record, or as one of another kind: what is wrong with it, and what to write instead."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.lookalike import (
    STS,
    TLS_RPT,
    Lookalike,
    is_meant_as,
    lookalike,
    strange_characters,
)

A = "v=STSv1; id=a;"
URI = "mailto:a@x.example"
RUA = f"v=TLSRPTv1; rua={URI}"
SPACE = "white space stands in its way"
MISSING = "its version is missing"
KEY = "v= is missing"
SEMICOLON = "no semicolon follows the version"
QUOTES = "quotation marks stand inside the text"
BACKSLASHES = "backslashes stand inside the text"
STRANGE = "characters that are not ASCII stand inside the text"
ZONE = "it begins as a line of a zone file does"
NOT_FIRST = "its version does not stand first"


@pytest.mark.parametrize(
    ("text", "flaw", "meant"),
    [
        ("v=STSv1 ; id=a", SPACE, A),
        ("STSv1; id=a", KEY, A),
        ("v STSv1; id=a", KEY, A),
        ("version=STSv1; id=a", "its version is version=STSv1", A),
        ("v=stsV1; id=a", "case matters", A),
        ("v=STSv1", SEMICOLON, ""),
        ("v=STSv1: id=a", SEMICOLON, A),
        ("v=STSv1.id=a", "no semicolon follows the version", A),
        ("v=STS.id=a", "its version is v=STS", A),
        ("v=mta sts; id=a", "its version is v=mta sts", A),
        ("v=STSv2; id=-", "its version is v=STSv2", ""),
        ("v=STSv2; ID=a", "its version is v=STSv2", A),
        (f"v=STSv2; id={'a' * 33}", "its version is v=STSv2", f"v=STSv1; id={'a' * 32};"),
        ("ID:a-b_c", MISSING, "v=STSv1; id=abc;"),
        ("id = a", MISSING, A),
        ("id=a; x=v=STSv1;", NOT_FIRST, A),
        ("id=a; x=V=STSV1;", NOT_FIRST, A),
        ('"id=a; v=STSv1;"', NOT_FIRST, A),
        ("\u00abv=STSv1; id=a\u00bb", QUOTES, A),
        ("\u2018v=STSv1\\; id=a\u2019", QUOTES, A),
        ("v=STSv1\\; id=\u00fc", BACKSLASHES, ""),
        ("v=STSv1; \u00fc id=a", f"{STRANGE} (U+00FC)", A),
        ("v\u2003=STSv1; id=a", f"{STRANGE} (U+2003)", A),
        ("TXT v=STSv1;\u00ad id=a", f"{STRANGE} (U+00AD)", A),
        ("_mta-sts IN TXT v=STSv1; id=a", ZONE, A),
        ("txt(v=STSv1; id=a)", ZONE, A),
        ("txt (v=STSv2; id=a)", ZONE, A),
    ],
)
def test_what_keeps_a_text_from_being_a_policys_record(text, flaw, meant):
    assert lookalike(text.encode(), STS) == Lookalike(flaw, meant, own=True)
    assert is_meant_as(text.encode(), STS)


@pytest.mark.parametrize(
    ("text", "flaw", "meant"),
    [
        (f"v=smtp-tlsrptv1; rua={URI}", "its version is v=smtp-tlsrptv1", RUA),
        (f"v=tls rpt; rua={URI}", "its version is v=tls rpt", RUA),
        (f"IN TXT v=TLSRPTv1; rua={URI}", ZONE, RUA),
        (f"rua={URI},https://y.example/", MISSING, f"{RUA},https://y.example/"),
        (f"rua={URI};https://y.example/!10m", MISSING, f"{RUA},https://y.example/"),
        ("RUA: x", MISSING, ""),
        ("rua = x", MISSING, ""),
        ("https://x.example/", MISSING, "v=TLSRPTv1; rua=https://x.example/"),
        ("MAILTO:a@x.example", MISSING, "v=TLSRPTv1; rua=MAILTO:a@x.example"),
        (f"{URI} v=tlsrptv1", NOT_FIRST, RUA),
    ],
)
def test_what_keeps_a_text_from_being_a_record_of_reports(text, flaw, meant):
    assert lookalike(text.encode(), TLS_RPT) == Lookalike(flaw, meant, own=True)
    assert is_meant_as(text.encode(), TLS_RPT)


@pytest.mark.parametrize(
    ("text", "version", "flaw", "meant"),
    [
        (RUA, STS, "it is a TLS-RPT record, whose place is _smtp._tls", ""),
        ("v=TLSRPT1; id=a", STS, "it is a TLS-RPT record, whose place is _smtp._tls", ""),
        (A, TLS_RPT, "it is an MTA-STS record, whose place is _mta-sts", ""),
        (f"v=STSv2; rua={URI}", TLS_RPT, "it is an MTA-STS record, whose place is _mta-sts", ""),
        (f"v=DMARC1; rua={URI}", TLS_RPT, "it is a DMARC record", RUA),
        ("v=DMARC1; id=a", STS, "it is a DMARC record", ""),
        (f"v=dkim1; rua={URI}", STS, "it is a DKIM record", ""),
        ("v=BIMI1; l=", TLS_RPT, "it is a BIMI record", ""),
    ],
)
def test_a_record_of_another_kind_is_called_by_its_name(text, version, flaw, meant):
    assert lookalike(text.encode(), version) == Lookalike(flaw, meant, own=False)
    assert not is_meant_as(text.encode(), version)


@pytest.mark.parametrize(
    "text", ["", "v=spf1 -all", "=STSv1; id=a", "v=STSv1x; id=a", "x TXT-file v=STSv1", "mailto: a"]
)
def test_what_is_like_nothing_of_ours(text):
    for version in (STS, TLS_RPT):
        assert lookalike(text.encode(), version) is None
        assert not is_meant_as(text.encode(), version)


def test_a_record_is_meant_as_what_it_is():
    assert is_meant_as(A.encode(), STS)
    assert is_meant_as(RUA.encode(), TLS_RPT)
    assert is_meant_as(b"v=STSv1; \xff", STS)


@pytest.mark.parametrize(("before", "flaw"), [(988, NOT_FIRST), (989, MISSING)])
def test_the_beginning_tells_what_a_record_is(before, flaw):
    text = f"id=a {'x' * before}v=STSv1"
    assert (len(text[:1000]) == len(text)) == (flaw == NOT_FIRST)
    assert lookalike(text.encode(), STS) == Lookalike(flaw, A, own=True)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ("\u00fc\u00e4\u201c\u00e4".encode(), "U+00E4, U+00FC, U+201C"),
        ("\u201d\u00fc\u00e4\u201c".encode(), "U+00E4, U+00FC, U+201C"),
        (b"v=STSv1;\xa0id=a", "U+00A0"),
        (b"a" * 999 + b"\xfc\xe4", "U+00FC"),
        (b"a", ""),
    ],
)
def test_a_few_characters_that_are_not_ascii_are_named(data, named):
    assert strange_characters(data) == named

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What DNS said about a record, judged: absent, unknown, unusable, another id than expected, or just right."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.sts_txt import (
    DomainRecords,
    InvalidExpectation,
    judge,
    read_expected,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import error

STS, TLS = "_mta-sts.example.com", "_smtp._tls.example.com"


def found(*texts, status="OK", canonical=STS, detail="192.0.2.53"):
    name = TLS if canonical == TLS else STS
    return Answer(name, "TXT", status, canonical, tuple((text.encode(),) for text in texts), detail)


def sentences(published):
    return [str(finding) for finding in published.findings]


def test_a_good_record_has_its_id_and_no_finding():
    published = judge("mta_sts", "example.com", found("v=STSv1; id=20261123;"), "20261123")
    assert published.as_dict() == {
        "name": STS,
        "canonical_name": STS,
        "status": "OK",
        "texts": ["v=STSv1; id=20261123;"],
        "strings": [["v=STSv1; id=20261123;"]],
        "id": "20261123",
        "valid": True,
        "findings": [],
    }


def test_character_strings_are_joined_without_spaces():
    rrset = ((b"v=TLSRPTv1; rua=mail", b"to:a@example.com,https://example.com/r"),)
    published = judge("tls_rpt", "example.com", Answer(TLS, "TXT", "OK", TLS, rrset)).as_dict()
    assert published["texts"] == ["v=TLSRPTv1; rua=mailto:a@example.com,https://example.com/r"]
    assert published["strings"] == [["v=TLSRPTv1; rua=mail", "to:a@example.com,https://example.com/r"]]
    assert published["rua"] == ["mailto:a@example.com", "https://example.com/r"]


def test_of_many_and_long_values_the_first_are_shown():
    rrset = [(b"v=TLSRPTv1; rua=" + b",".join(b"mailto:a%d@x.example" % number for number in range(101)),)]
    rrset += [(b"a", b"b", b"c", b"d", b"e"), (b"f" * 1001,), *[(b"g",)] * 98]
    published = judge("tls_rpt", "example.com", Answer(TLS, "TXT", "OK", TLS, tuple(rrset))).as_dict()
    assert published["rua"] == [f"mailto:a{number}@x.example" for number in range(100)]
    assert published["texts"][1:] == ["abcde", f"{'f' * 499}...{'f' * 498}", *["g"] * 97]
    assert published["strings"][1] == ["a", "b", "c", "d"]
    assert len(published["strings"]) == 100


def test_of_a_uri_that_is_too_long_both_ends_are_shown():
    uri = f"https://x.example/{'a' * 1000}/b"
    rrset = (tuple(f"v=TLSRPTv1; rua={uri}".encode()[at : at + 255] for at in range(0, 1100, 255)),)
    (shown,) = judge("tls_rpt", "example.com", Answer(TLS, "TXT", "OK", TLS, rrset)).as_dict()["rua"]
    assert shown == f"https://x.example/{'a' * 481}...{'a' * 496}/b"


def test_of_many_findings_about_a_record_the_first_are_told():
    fields = "; ".join(f"a{number}=" for number in range(12))
    published = judge("mta_sts", "example.com", found(f"v=STSv1; id=1; {fields}"))
    assert [finding.rule for finding in published.findings] == [
        *["'' is not a field value"] * 10,
        "and 2 more of this kind",
    ]


def test_what_is_not_there_has_no_texts():
    assert judge("tls_rpt", "example.com", Answer(TLS, "TXT", "NXDOMAIN", TLS)).as_dict() == {
        "name": TLS,
        "canonical_name": TLS,
        "status": "NXDOMAIN",
        "texts": [],
        "strings": [],
        "rua": None,
        "valid": False,
        "findings": [
            {
                "severity": "error",
                "domain": "example.com",
                "field": "_smtp._tls",
                "rule": "there is no TXT record: the name does not exist (NXDOMAIN)",
                "section": "RFC 8460, section 3",
                "remedy": "Publish one TXT record at _smtp._tls.example.com that begins with v=TLSRPTv1;",
                "line": None,
            }
        ],
    }


def test_a_server_that_says_nothing_is_told_without_more():
    assert sentences(judge("mta_sts", "example.com", Answer(STS, "TXT", "TIMEOUT", "sts.example.net"))) == [
        "example.com: _mta-sts: the TXT record cannot be looked up (TIMEOUT): ; its CNAME points to sts.example.net "
        "(RFC 8461, section 3.1). Remedy: Check that every name server of sts.example.net answers for this name "
        "(dig +trace sts.example.net TXT), and run again."
    ]


def test_bytes_that_are_no_ascii_are_shown_escaped():
    published = judge("mta_sts", "example.com", Answer(STS, "TXT", "OK", STS, ((b"v=STSv1; id=\xff;",),))).as_dict()
    assert published["texts"] == ["v=STSv1; id=\\xff;"]
    assert published["id"] is None
    assert not published["valid"]


@pytest.mark.parametrize(
    ("kind", "answer", "sentence"),
    [
        (
            "mta_sts",
            found(status="NXDOMAIN"),
            "example.com: _mta-sts: there is no TXT record: the name does not exist (NXDOMAIN) (RFC 8461, section 3.1)."
            " Remedy: Publish one TXT record at _mta-sts.example.com that begins with v=STSv1;",
        ),
        (
            "tls_rpt",
            found(status="NODATA", canonical=TLS),
            "example.com: _smtp._tls: there is no TXT record: the name exists, but has none (NODATA) "
            "(RFC 8460, section 3). Remedy: Publish one TXT record at _smtp._tls.example.com that begins with "
            "v=TLSRPTv1;",
        ),
        (
            "mta_sts",
            found(status="NXDOMAIN", canonical="sts.example.net"),
            "example.com: _mta-sts: there is no TXT record: the name does not exist (NXDOMAIN); its CNAME points to "
            "sts.example.net (RFC 8461, section 3.1). Remedy: Publish one TXT record at sts.example.net that begins "
            "with v=STSv1;",
        ),
        (
            "mta_sts",
            found(status="SERVFAIL", detail="192.0.2.53 says SERVFAIL"),
            "example.com: _mta-sts: the TXT record cannot be looked up (SERVFAIL): 192.0.2.53 says SERVFAIL "
            "(RFC 8461, section 3.1). Remedy: Check that every name server of example.com answers for this name "
            "(dig +trace _mta-sts.example.com TXT), and run again.",
        ),
    ],
)
def test_what_is_not_there_is_told_apart_from_what_is_not_known(kind, answer, sentence):
    published = judge(kind, "example.com", answer, "20261123" if kind == "mta_sts" else None)
    assert sentences(published) == [sentence]
    assert not published.as_dict()["valid"]


def test_another_id_than_expected_is_an_error():
    published = judge("mta_sts", "example.com", found("v=STSv1; id=old;"), "new")
    assert sentences(published) == [
        "example.com: id: the published id is 'old', not 'new' as expected (RFC 8461, section 8.1). Remedy: Publish "
        "the expected id once every policy host serves the policy it stands for."
    ]
    assert published.as_dict()["id"] == "old"


def test_an_unusable_record_is_not_compared_with_the_expected_id():
    published = judge("mta_sts", "example.com", found("v=STSv1; id=a-b;"), "new")
    assert [finding.field for finding in published.findings] == ["id"]
    assert published.findings[0].rule == "'a-b' is not made of 1 to 32 letters and digits"


def test_the_expected_id_says_nothing_about_tls_rpt():
    answer = found("v=TLSRPTv1; rua=mailto:a@example.com", canonical=TLS)
    assert judge("tls_rpt", "example.com", answer, "new").findings == ()


def test_a_domain_is_as_good_as_all_its_records():
    good = judge("mta_sts", "example.com", found("v=STSv1; id=1;"))
    bad = judge("tls_rpt", "example.com", found(status="NXDOMAIN", canonical=TLS))
    assert DomainRecords("example.com", {"mta_sts": good}).as_dict()["valid"]
    both = DomainRecords("example.com", {"mta_sts": good, "tls_rpt": bad}).as_dict()
    assert not both["valid"]
    assert both["mta_sts"]["valid"]
    assert both["findings"] == both["tls_rpt"]["findings"]
    assert both["problems"] == sentences(bad)


def test_what_is_unwise_makes_no_domain_unusable():
    odd = judge("mta_sts", "example.com", found("v=spf1 -all", "v=STSv1; id=1;"))
    records = DomainRecords("example.com", {"mta_sts": odd}).as_dict()
    assert records["domain"] == "example.com"
    assert (records["valid"], records["problems"]) == (True, [])
    assert (odd.as_dict()["valid"], odd.as_dict()["id"]) == (True, "1")
    assert [finding["severity"] for finding in records["findings"]] == ["info"]
    assert [finding["severity"] for finding in odd.as_dict()["findings"]] == ["info"]


@pytest.mark.parametrize(
    ("expected", "ids"),
    [
        (None, [None, None]),
        ("abc", ["abc", "abc"]),
        (20261123, ["20261123", "20261123"]),
        ({}, [None, None]),
        ({"Example.com": 7, "b\u00fccher.example": None}, ["7", None]),
        ({"example.org": "a", "b\u00fccher.example": "b"}, [None, "b"]),
    ],
)
def test_one_id_is_for_all_domains_and_a_dictionary_for_each_of_its_own(expected, ids):
    of_domain = read_expected(expected)
    assert [of_domain(domain) for domain in ("example.com", "xn--bcher-kva.example")] == ids


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        (
            ["a"],
            "['a'] is neither an id nor a dictionary of domains and ids. Remedy: Write the id of the record, or a "
            "dictionary of ids by domain.",
        ),
        (
            1.5,
            "1.5 is neither an id nor a dictionary of domains and ids. Remedy: Write the id of the record, or a "
            "dictionary of ids by domain.",
        ),
        ({"example.com.": "a"}, "'example.com.' ends in a dot. Remedy: Write it without the dot."),
        ({5: "a"}, "'5' is an address, not a name. Remedy: Write the host's name."),
    ],
)
def test_what_names_no_id_is_refused(expected, message):
    with pytest.raises(InvalidExpectation) as refused:
        read_expected(expected)
    assert str(refused.value) == message


def test_a_term_that_is_no_domain_has_no_records():
    problem = error("a_b", "domain", "'a_b' is not a domain", "", "Write a domain")
    assert DomainRecords("a_b", {}, problem).as_dict() == {
        "domain": "a_b",
        "valid": False,
        "findings": [problem.as_dict()],
        "problems": ["a_b: domain: 'a_b' is not a domain. Remedy: Write a domain."],
    }

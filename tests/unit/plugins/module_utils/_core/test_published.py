# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What DNS said about a record, judged: absent, unknown, unusable, another id than expected, or just right."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import error
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.published import DomainRecords, Found, judge

STS, TLS = "_mta-sts.example.com", "_smtp._tls.example.com"


def found(*texts, status="OK", canonical=STS, detail="192.0.2.53"):
    return Found(status, canonical, tuple((text.encode(),) for text in texts), detail)


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
    published = judge("tls_rpt", "example.com", Found("OK", TLS, rrset)).as_dict()
    assert published["texts"] == ["v=TLSRPTv1; rua=mailto:a@example.com,https://example.com/r"]
    assert published["strings"] == [["v=TLSRPTv1; rua=mail", "to:a@example.com,https://example.com/r"]]
    assert published["rua"] == ["mailto:a@example.com", "https://example.com/r"]


def test_bytes_that_are_no_ascii_are_shown_escaped():
    published = judge("mta_sts", "example.com", Found("OK", STS, ((b"v=STSv1; id=\xff;",),))).as_dict()
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
            "example.com: _mta-sts: there is no TXT record: the name does not exist (NXDOMAIN); its CNAME leads to "
            "sts.example.net (RFC 8461, section 3.1). Remedy: Publish one TXT record at sts.example.net that begins "
            "with v=STSv1;",
        ),
        (
            "mta_sts",
            found(status="SERVFAIL", detail="192.0.2.53 says SERVFAIL"),
            "example.com: _mta-sts: the TXT record cannot be looked up (SERVFAIL): 192.0.2.53 says SERVFAIL "
            "(RFC 8461, section 3.1). Remedy: See to the domain's name servers, and run again.",
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
    assert "letters and digits" in published.findings[0].rule


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


def test_a_term_that_is_no_domain_has_no_records():
    problem = error("a_b", "domain", "'a_b' is no domain", "", "Write a domain")
    assert DomainRecords("a_b", {}, problem).as_dict() == {
        "domain": "a_b",
        "valid": False,
        "findings": [problem.as_dict()],
        "problems": ["a_b: domain: 'a_b' is no domain. Remedy: Write a domain."],
    }

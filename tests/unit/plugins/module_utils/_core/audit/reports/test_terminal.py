# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit in a terminal: worst first, shared causes once, and never wider than it may be."""

from __future__ import annotations

import json

import pytest
from helpers.audits import EXPIRING, HOSTILE, NAME, NO_ROUTE, broken, domain_audit, healthy, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.terminal import summarize
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.text import columns

LONG = "a-mail-domain-whose-labels-are-all-as-long-as-dns-lets-them-be." * 3 + "test"
MIXED = returned(healthy("plain.example"), domain_audit("mx.example", EXPIRING, NO_ROUTE), broken())


def test_the_whole_of_it():
    assert summarize(MIXED, width=69).lines == [
        "3 domains seen at 2026-11-24T00:40:00Z: 1 error, 1 warning, 1 ok.",
        "First certificate to end: policy host 2026-12-03 (broken.example), MX",
        "2027-02-22 (plain.example).",
        "",
        "domain          dns    host   tls    policy  mx     reports",
        "--------------  -----  -----  -----  ------  -----  -------",
        "broken.example  ok     ok     ERROR  ?       ok     ok",
        "mx.example      ok     ok     ok     ok      warn   ok",
        "plain.example   ok     ok     ok     ok      ok     ok",
        "? was not looked at, or could not be.",
        "",
        "ERROR tls_name: broken.example",
        "  192.0.2.1: the certificate names www.example.com, not",
        "  mta-sts.broken.example (RFC 8461, section 3.3)",
        "  Remedy: Order a certificate that names the policy host.",
        "",
        "warn smtp_expiring: mx.example",
        "  the certificate of mx.provider.example [192.0.2.25] ends on",
        "  2026-11-30T00:00:00Z, in 5 days (RFC 8461, section 4.2)",
        "  Remedy: Renew it.",
        "",
        "info smtp_no_route: mx.example",
        "  at mx.example.com [2001:db8::25]",
        "  there is no route from here (RFC 8461, section 4)",
        "  Remedy: Nothing, or give this machine IPv6.",
    ]


@pytest.mark.parametrize(
    ("fail_on", "failed"), [("error", ["broken.example"]), ("warning", ["mx.example", "broken.example"]), ("never", [])]
)
def test_domains_at_or_above_the_threshold_fail(fail_on, failed):
    summary = summarize(MIXED, fail_on)
    assert summary.failed == failed
    assert [problem.split(":")[0] for problem in summary.problems] == failed


def test_a_problem_is_a_sentence_that_says_what_to_do():
    assert summarize(MIXED).problems == MIXED["problems"]
    assert summarize(MIXED).message == (
        "broken.example: tls_name: 192.0.2.1: the certificate names www.example.com, not mta-sts.broken.example"
        " (RFC 8461, section 3.3). Remedy: Order a certificate that names the policy host."
    )


def test_a_wrong_threshold_is_refused():
    with pytest.raises(ValueError, match=r"^fail_on: 'errors' is no threshold. Remedy: Write error, warning or never"):
        summarize(MIXED, "errors")


def test_a_width_without_room_for_the_table_is_refused():
    with pytest.raises(ValueError, match=r"^width: 40 is too narrow. Remedy: Write 60 or more."):
        summarize(MIXED, width=40)


@pytest.mark.parametrize("width", [60, 69, 80])
def test_no_line_is_wider_than_it_may_be_also_between_quotes(width):
    hostile = found("http_redirect", HOSTILE, HOSTILE + '"' * 100 + "\u65e5" * 100 + " a" * 100, HOSTILE)
    audit = returned(
        broken(LONG), healthy(LONG), domain_audit(LONG, hostile), *map(broken, [f"d{n}" for n in range(30)])
    )
    for line in summarize(audit, shown=5, width=width).lines:
        assert columns(line) <= width
        assert len(json.dumps(line, ensure_ascii=False)) <= width + 2
        assert line.isprintable()


def test_long_names_keep_both_ends():
    (row,) = [line for line in summarize(returned(broken(LONG))).lines if "ERROR" in line and "?" in line]
    assert row.startswith("a-mail-domain-wh...")
    assert "...ets-them-be.test  ok" in row


def test_what_many_domains_share_is_told_once():
    audit = returned(*(domain_audit(f"customer{number}.example", EXPIRING) for number in range(100)))
    lines = summarize(audit).lines
    assert [line for line in lines if "Remedy" in line] == ["  Remedy: Renew it."]
    start = lines.index("warn smtp_expiring: customer0.example, customer1.example, customer2.example and")
    assert lines[start + 1] == "  97 more"


def test_so_is_what_differs_in_the_domain_only():
    audit = returned(
        *(
            domain_audit(domain, found("tlsrpt_missing", f"_smtp._tls.{domain}", "there is no record", "Publish one"))
            for domain in ("one.example", "two.example")
        )
    )
    assert summarize(audit).lines[-4:] == [
        "warn tlsrpt_missing: one.example, two.example",
        "  such as _smtp._tls.one.example",
        "  there is no record (RFC 8460, section 3)",
        "  Remedy: Publish one.",
    ]


def test_and_what_differs_in_the_address_only():
    late = [
        found("tls_expired", f"192.0.2.{number}", f"192.0.2.{number} shows an old certificate", "Renew it")
        for number in range(6)
    ]
    assert summarize(returned(domain_audit("late.example", *late))).lines[-4:] == [
        "ERROR tls_expired: late.example",
        "  192.0.2.0 shows an old certificate (RFC 8461, section 3.3)",
        "  Likewise: 192.0.2.1, 192.0.2.2, 192.0.2.3 and 2 more",
        "  Remedy: Renew it.",
    ]


def test_different_causes_are_told_apart():
    audit = returned(
        *(
            domain_audit(f"{mx}.example", found("mx_uncovered", mx, f"no pattern matches the MX {mx}", "Add it"))
            for mx in ("mx1", "mx2")
        )
    )
    assert len([line for line in summarize(audit).lines if line.startswith("ERROR mx_uncovered: mx")]) == 2


def test_beyond_the_first_domains_the_others_are_counted():
    audit = returned(*(healthy(f"good{number}.example") for number in range(50)), broken(), broken("two.example"))
    lines = summarize(audit, shown=1).lines
    assert [line.split()[0] for line in lines if " ok " in line] == ["broken.example"]
    assert "and 51 more domains: 1 error, 50 ok." in lines
    assert summarize(audit, shown=0).lines[3:] == [
        "",
        "and 52 more domains: 2 error, 50 ok.",
        "",
        "and 2 more findings.",
    ]


def test_as_many_findings_as_may_be_shown_are_all():
    lines = summarize(returned(broken(), domain_audit("mx.example", EXPIRING)), shown=2).lines
    assert lines[-1] == "  Remedy: Renew it."
    assert not any("more" in line for line in lines)


def test_a_subject_too_long_for_its_line_loses_its_middle():
    subject = "mx." + "a" * 70 + ".example"
    lines = summarize(
        returned(domain_audit("a.example", found("smtp_name", subject, "another name", "Order one"))), width=60
    )
    assert lines.lines[-4:] == [
        "ERROR smtp_name: a.example",
        "  at mx." + "a" * 23 + "..." + "a" * 18 + ".example",
        "  another name (RFC 8461, section 4.2)",
        "  Remedy: Order one.",
    ]


def test_the_message_is_cut_and_says_so():
    audit = returned(*(broken(f"d{number}.example") for number in range(30)))
    summary = summarize(audit, shown=20)
    assert len(summary.problems) == 30
    assert len(summary.message.splitlines()) == 21
    assert summary.message.endswith("\nand 10 more findings")


def test_records_that_need_not_show_yet_do_not_fail_but_the_rest_does():
    missing = found("record_missing", "_mta-sts.new.example", "there is no TXT record", "Publish one")
    unasked = found("tlsrpt_missing", "_smtp._tls.new.example", "there is no record", "Publish one", "error")
    audit = returned(domain_audit("new.example", missing, unasked), domain_audit("bad.example", missing, NAME))
    note = "Records that were just changed, or that you publish, may show later: they do not fail."
    summary = summarize(audit, unsettled={"new.example", "bad.example"}, width=100)
    assert summary.failed == ["bad.example"]
    assert [problem.split(": ")[1] for problem in summary.problems] == ["tls_name"]
    assert summary.lines[-2:] == ["", note]
    assert summary.lines[0].startswith("2 domains seen")
    assert summarize(audit, unsettled={"bad.example"}).failed == ["new.example", "bad.example"]
    assert note not in summarize(audit, width=100).lines


def test_no_domains_make_one_line():
    assert summarize(returned()).lines == ["0 domains seen at 2026-11-24T00:40:00Z: nothing to do."]


def test_twenty_domains_and_findings_are_shown_in_eighty_columns_unless_somebody_says_otherwise():
    audit = returned(*(broken(f"d{number}.example", policy_id=None) for number in range(21)))
    assert summarize(audit) == summarize(audit, "error", 20, 80, ())
    assert sum(" ERROR " in line for line in summarize(audit).lines) == 20
    assert "and 1 more domain: 1 error." in summarize(audit).lines
    assert summarize(audit).message.splitlines()[20:] == ["and 1 more finding"]
    assert len(summarize(audit, shown=21).message.splitlines()) == 21


@pytest.mark.parametrize("width", [-1, 0, 59])
def test_sixty_columns_are_the_fewest(width):
    with pytest.raises(ValueError, match=rf"^width: {width} is too narrow. Remedy: Write 60 or more.$"):
        summarize(MIXED, width=width)
    assert summarize(MIXED, width=60).failed == ["broken.example"]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({}, ["First certificate to end: policy host 2027-01-23 (a.example), MX 2027-02-22", "(a.example)."]),
        ({"mx_certificate_expiry": None}, ["First certificate to end: policy host 2027-01-23 (a.example)."]),
        ({"certificate_expiry": None}, ["First certificate to end: MX 2027-02-22 (a.example)."]),
        ({"certificate_expiry": None, "mx_certificate_expiry": None}, []),
    ],
)
def test_the_first_certificates_to_end_are_named_where_any_was_seen(facts, line):
    lines = summarize(returned(healthy("a.example", **facts))).lines
    assert lines[1 : lines.index("")] == line


def test_a_long_name_beside_a_certificate_loses_its_middle():
    lines = summarize(returned(healthy("a" * 41 + ".example", mx_certificate_expiry=None)), width=100).lines
    assert lines[1] == f"First certificate to end: policy host 2027-01-23 ({'a' * 19}...{'a' * 10}.example)."
    lines = summarize(returned(healthy("a" * 32 + ".example", mx_certificate_expiry=None)), width=100).lines
    assert lines[1] == f"First certificate to end: policy host 2027-01-23 ({'a' * 32}.example)."


def test_the_question_mark_is_explained_where_there_is_one():
    note = "? was not looked at, or could not be."
    assert note in summarize(returned(broken())).lines
    assert note not in summarize(returned(healthy("a.example"))).lines


def sharing(*domains, subject="192.0.2.1", seen="it is old", check="tls_expired"):
    return [domain_audit(domain, found(check, subject.format(domain), seen, "Renew it")) for domain in domains]


@pytest.mark.parametrize(
    ("audits", "where"),
    [
        (sharing("a.example"), ["  at 192.0.2.1"]),
        (sharing("a.example", "b.example"), ["  at 192.0.2.1"]),
        (sharing("a.example", subject="www.{}"), ["  at www.a.example"]),
        (sharing("a.example", "b.example", subject="www.{}"), ["  such as www.a.example"]),
        (sharing("a.example", subject="{}"), []),
        (sharing("a.example", seen="192.0.2.1 is old"), []),
    ],
)
def test_where_a_fault_is_is_told_unless_its_sentence_or_the_domain_says_so(audits, where):
    lines = summarize(returned(*audits)).lines
    start = next(place for place, line in enumerate(lines) if line.startswith("ERROR tls_expired: "))
    end = next(place for place, line in enumerate(lines) if "old (RFC 8461, section 3.3)" in line)
    assert lines[start + 1 : end] == where


@pytest.mark.parametrize(
    ("count", "names"),
    [(3, "a0.example, a1.example, a2.example"), (4, "a0.example, a1.example, a2.example and 1 more")],
)
def test_three_domains_that_share_a_finding_have_names(count, names):
    lines = summarize(returned(*sharing(*(f"a{number}.example" for number in range(count))))).lines
    assert f"ERROR tls_expired: {names}" in lines


def test_findings_stand_by_weight_then_by_the_number_of_their_domains():
    rare = sharing("a.example", check="tls_name")
    common = sharing("b.example", "c.example")
    mild = sharing("d.example", "e.example", "f.example", check="tls_expiring")
    lines = summarize(returned(*mild, *rare, *common)).lines
    told = [line.split(":")[0] for line in lines if ": " in line and line[:5] in {"ERROR", "warn "}]
    assert told == ["ERROR tls_expired", "ERROR tls_name", "warn tls_expiring"]


@pytest.mark.parametrize(
    ("check", "fails"), [("record_missing", False), ("tlsrpt_lookup", False), ("tls_name", True), ("mx_missing", True)]
)
def test_only_what_is_found_on_records_may_wait(check, fails):
    audit = returned(domain_audit("new.example", found(check, "new.example", "it is missing", "Publish it")))
    summary = summarize(audit, unsettled={"new.example"})
    assert (summary.failed, len(summary.problems)) == (["new.example"] * fails, int(fails))
    assert summary.message == "".join(summary.problems)


def test_what_is_beyond_the_first_findings_is_counted():
    many = (found("tls_name", "192.0.2.1", f"it names {name}.example", "Order one") for name in "abcdefghi")
    audit = returned(domain_audit("a.example", *many))
    assert summarize(audit, shown=8).lines[-2:] == ["", "and 1 more finding."]
    assert summarize(audit, shown=2).lines[-2:] == ["", "and 7 more findings."]


def test_domains_stand_as_people_write_them_and_columns_stay_columns():
    names = ("xn--wgv71a119e.jp", "xn--bcher-kva.test", "xn--80ak6aa92e.example")
    audit = returned(*(broken(name) for name in names))
    summary = summarize(audit, width=69)
    lines = summary.lines
    assert lines[lines.index("") + 1 : lines.index("") + 6] == [
        "domain                  dns    host   tls    policy  mx     reports",
        "----------------------  -----  -----  -----  ------  -----  -------",
        "\u65e5\u672c\u8a9e.jp               ok     ok     ERROR  ?       ok     ok",
        "b\u00fccher.test             ok     ok     ERROR  ?       ok     ok",
        "xn--80ak6aa92e.example  ok     ok     ERROR  ?       ok     ok",  # Cyrillic that looks Latin
    ]
    assert "ERROR tls_name: \u65e5\u672c\u8a9e.jp (xn--wgv71a119e.jp), b\u00fccher.test" in lines
    assert summary.failed == list(names)
    assert summary.problems[1].startswith("b\u00fccher.test (xn--bcher-kva.test): tls_name: ")


def test_the_first_certificate_to_end_is_of_a_name_in_both_forms():
    (line,) = summarize(returned(healthy("xn--bcher-kva.test", mx_certificate_expiry=None)), width=100).lines[1:2]
    assert line == "First certificate to end: policy host 2027-01-23 (b\u00fccher.test, xn--bcher-kva.test)."

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS reports in a terminal: the most failures first, a type's remedy once, and never wider than it may be."""

from __future__ import annotations

import json

import pytest
from helpers.audits import HOSTILE
from helpers.reported import fails, report, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.text import columns
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports.terminal import (
    overview,
)

OLD = {"domain": "a.example", "organization": "One", "policy_id": "01", "day": "2026-11-20", "current_id": "02"}
MIXED = figures(
    returned(
        report("a.example", "2026-11-20", 900, fails("dnssec-invalid", 10, "mx1.a.example", "192.0.2.1", "no DS")),
        report("a.example", "2026-11-21", 900, fails("sts-policy-fetch-error", 3, ""), organization="Two"),
        report("b.example", "2026-11-21", 900, failed=2),
        outdated=[OLD],
        refused=[{"source": "maildir", "name": "1:2", "reason": "it is no JSON object"}],
        problems=["imap: mail.example.com does not answer"],
        inputs={"read": 3, "copies": 1, "other_mails": 2, "refused": 1},
        left_out={"domains": 1, "reports": 2, "sessions": 9},
    ),
    ["silent.example"],
)
FINE = figures(returned(report("a.example", "2026-11-20", 900)))


def lines_of(found, **how):
    return overview(found, **how).lines


def test_the_whole_of_it():
    assert lines_of(MIXED, width=69) == [
        "2026-10-26 to 2026-11-24: 2 senders on 2 domains: 2,715 sessions, 15",
        "failed (0.5 %).",
        "3 reports read, 1 copy, 2 other mails, 1 refused, 2 reports on 1",
        "domain not in the list left out.",
        "",
        "domain          sessions  failed  share  senders  days",
        "--------------  --------  ------  -----  -------  ----",
        "a.example          1,813      13  0.7 %        2  2/30",
        "b.example            902       2  0.2 %        1  1/30",
        "silent.example         -       -      -        0  0/30",
        "",
        "dnssec-invalid: 10 sessions, last on 2026-11-20",
        "  Of a.example",
        "  The sender's resolver could not validate the answers of the zone",
        "  (RFC 8460, section 4.3)",
        "  At mx1.a.example [192.0.2.1]",
        "  Reported by Example Mail",
        "  In their words: no DS",
        "  Remedy: Check the chain of DS, DNSKEY and signatures of the zone,",
        "  and that no signature has expired.",
        "",
        "sts-policy-fetch-error: 3 sessions, last on 2026-11-21",
        "  Of a.example",
        "  The sender could not fetch the policy (RFC 8460, section 4.3)",
        "  Reported by Two",
        "  Remedy: Audit the domain: the policy host has to answer on every",
        "  address, and in time.",
        "",
        "2 sessions failed of which no sender says how.",
        "",
        "Sources that could not be read:",
        "  imap: mail.example.com does not answer",
        "",
        "Senders that saw an older policy:",
        "  a.example: One saw 01 on 2026-11-20, which is 02 by now",
        "",
        "Refused:",
        "  maildir: 1:2: it is no JSON object",
    ]


def test_where_all_is_well_it_is_short():
    assert lines_of(FINE, width=80) == [
        "2026-10-26 to 2026-11-24: 1 sender on 1 domain: 900 sessions, 0 failed (0 %).",
        "1 report read.",
        "",
        "domain     sessions  failed  share  senders  days",
        "---------  --------  ------  -----  -------  ----",
        "a.example       900       0    0 %        1  1/30",
    ]


def test_without_a_report_it_says_so():
    assert lines_of(figures(returned(), ["a.example", "b.example"]))[0] == (
        "2026-10-26 to 2026-11-24: no report on any of 2 domains."
    )


def test_many_domains_are_counted():
    reports = [report(f"d{n}.example", "2026-11-20", 1, fails("dnssec-invalid", n)) for n in range(30)]
    lines = lines_of(figures(returned(*reports)), shown=2)
    assert [line.split()[0] for line in lines if ".example  " in line] == ["d29.example", "d28.example"]
    assert "and 28 more domains, 27 with failures." in lines
    assert "  Of d29.example, d28.example, d27.example and 27 more" in lines


@pytest.mark.parametrize("width", [60, 69, 80])
def test_no_line_is_wider_than_it_may_be_also_between_quotes(width):
    long = "a-mail-domain-whose-labels-are-all-as-long-as-dns-lets-them-be." * 3 + "test"
    hostile = [
        report(domain, "2026-11-20", 10**15, fails(HOSTILE, 10**15, HOSTILE, HOSTILE, HOSTILE), organization=HOSTILE)
        for domain in (long, "xn--bcher-kva.example")
    ]
    found = figures(
        returned(
            *hostile,
            outdated=[dict.fromkeys(OLD, HOSTILE)] * 9,
            refused=[dict.fromkeys(("source", "name", "reason"), HOSTILE)] * 9,
            problems=[HOSTILE],
        )
    )
    for line in lines_of(found, width=width):
        assert columns(line) <= width
        assert len(json.dumps(line, ensure_ascii=False)) <= width + 2
        assert line.isprintable()


@pytest.mark.parametrize(
    ("sessions", "words"),
    [(9_999_999, "9,999,999"), (10_000_000, "10 M"), (12_345_678_901, "12 G"), (2**53 - 1, "9,007 T")],
)
def test_a_number_that_is_too_long_for_its_column_is_shortened(sessions, words):
    lines = lines_of(figures(returned(report("a.example", "2026-11-20", sessions))))
    assert f" {words} " in lines[-1]


def test_a_width_without_room_for_the_table_is_refused():
    with pytest.raises(ValueError, match=r"^width: 40 is too narrow. Remedy: Write 60 or more."):
        lines_of(MIXED, width=40)


@pytest.mark.parametrize(
    ("fail_on", "tolerated", "failed"),
    [
        ("never", 0, []),
        ("failures", 0, ["a.example", "b.example"]),
        ("failures", 0.5, ["a.example"]),
        ("failures", 1, []),
    ],
)
def test_a_domain_fails_when_more_of_its_sessions_do_than_is_tolerated(fail_on, tolerated, failed):
    found = overview(MIXED, fail_on, tolerated)
    assert found.failed == failed
    assert [sentence.split(":")[0] for sentence in found.message.splitlines()] == failed


def test_the_sentence_says_what_to_do():
    first, second = overview(MIXED, "failures").message.splitlines()
    assert first == (
        "a.example: 13 sessions of 1,813 failed: dnssec-invalid (10), sts-policy-fetch-error (3) (RFC 8460, section "
        "4.3). Remedy: Check the chain of DS, DNSKEY and signatures of the zone, and that no signature has expired."
    )
    assert second == ("b.example: 2 sessions of 902 failed. Remedy: Ask the senders: their reports have no details.")


def test_a_wrong_threshold_is_refused():
    with pytest.raises(ValueError, match=r"^fail_on: 'error' is no threshold. Remedy: Write failures or never"):
        overview(MIXED, "error")


def test_the_message_is_as_long_as_what_is_shown():
    reports = [report(f"d{n}.example", "2026-11-20", 1, fails("dnssec-invalid", n + 1)) for n in range(9)]
    found = overview(figures(returned(*reports)), "failures", shown=2)
    assert len(found.failed) == 9
    assert found.message.splitlines()[2:] == ["and 7 more domains"]

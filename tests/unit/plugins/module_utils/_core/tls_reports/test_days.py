# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reports added up: each once, in whatever order they come, and none of a stranger's words without bound."""

from __future__ import annotations

import itertools
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    REPORT_HOSTS_KEPT,
    REPORT_ORGANIZATIONS_PER_DAY,
    REPORT_POLICIES_KEPT,
    REPORT_REASONS_KEPT,
    REPORT_RESULT_TYPES_KEPT,
    REPORTS_PER_ROW,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import (
    DKIM,
    OTHER,
    Added,
    Days,
    Host,
    most_common,
    report_count,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import (
    NO_POLICY,
    STS,
    TLSA,
    Failure,
    PolicyReport,
    Report,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.rows import from_plain, to_plain

DAY = 86400
START = 1800489600
POLICY = ("version: STSv1", "mode: testing", "mx: mx1.example.com", "max_age: 86400")


def said(succeeded=1, failed=0, policy_type=STS, domain="example.com", **more):
    """What a report says of one policy."""
    return PolicyReport(policy_type, domain, succeeded, failed, **more)


def report(*policies, organization="Sender", report_id="1", start=START):
    """A report of that day."""
    return Report(organization, report_id, start, policies or (said(),))


def plain(days):
    return [to_plain(row) for row in days]


def sums(days):
    """What each row comes to."""
    return {row.key: (row.succeeded, row.failed) for row in days}


def added_up(*reports, kept=()):
    """Add reports of no signature to what is kept."""
    days = Days(kept)
    for each in reports:
        days.add(each, "none")
    return days


def test_a_row_has_all_that_is_said_of_domain_day_organisation_and_policy_type():
    failures = (
        Failure("certificate-expired", 2, "mx1.example.com", "192.0.2.1", "expired"),
        Failure("certificate-expired", 1, "mx1.example.com", "192.0.2.2", "expired"),
        Failure("sts-policy-fetch-error", 1),
    )
    days = Days()
    added = days.add(report(said(5, 4, policy=POLICY, failures=failures), said(2, policy=POLICY)), "pass")
    assert added == Added(["example.com"], [], [])
    (row,) = days
    assert row.key == ("example.com", "2027-01-21", "Sender", "sts")
    assert (row.succeeded, row.failed) == (7, 4)
    assert row.results["certificate-expired"].sessions == 3
    assert row.results["certificate-expired"].hosts == {
        Host("mx1.example.com", "192.0.2.1"): 2,
        Host("mx1.example.com", "192.0.2.2"): 1,
    }
    assert row.results["certificate-expired"].reasons == {"expired": 3}
    assert row.results["sts-policy-fetch-error"].sessions == 1
    assert row.results["sts-policy-fetch-error"].hosts == {}
    assert row.results["sts-policy-fetch-error"].reasons == {}
    assert row.policies == {POLICY: 11}
    assert row.dkim == {"pass": 1}
    assert len(row.copies) == 1


def test_a_failure_of_no_mx_is_one_of_the_mx_that_the_records_are_of():
    days = added_up(report(said(0, 1, TLSA, mx_host="mx1.example.com", failures=(Failure("tlsa-invalid", 1),))))
    (row,) = days
    assert row.results["tlsa-invalid"].hosts == {Host("mx1.example.com", ""): 1}


def test_reports_of_a_row_are_added_and_others_are_rows_of_their_own():
    days = added_up(
        report(said(1)),
        report(said(2), report_id="2"),
        report(said(4), organization="Other"),
        report(said(8, policy_type=NO_POLICY), said(16, domain="b.test"), report_id="3"),
        report(said(32), start=START + DAY),
    )
    day, next_day = "2027-01-21", "2027-01-22"
    assert sums(days) == {
        ("b.test", day, "Sender", STS): (16, 0),
        ("example.com", day, "Other", STS): (4, 0),
        ("example.com", day, "Sender", NO_POLICY): (8, 0),
        ("example.com", day, "Sender", STS): (3, 0),
        ("example.com", next_day, "Sender", STS): (32, 0),
    }
    assert [row.key for row in days] == sorted(sums(days))


ONE = report(said(5, 1, failures=(Failure("validation-failure", 1),)))
NO_COPIES = {
    "another id": report(*ONE.policies, report_id="2"),
    "another organisation": report(*ONE.policies, organization="Other"),
    "another start on that day": report(*ONE.policies, start=START + 3600),
    "the same id on another day": report(*ONE.policies, start=START + DAY),
    "another domain": report(said(5, 1, domain="b.test")),
    "another policy type of the same id": report(said(5, 1, NO_POLICY)),
    "other numbers of the same id": report(said(5, 0)),
    "more of the same id": report(said(5, 1), said(5, 1)),
}


@pytest.mark.parametrize("is_kept", [False, True], ids=["in one run", "in a later run"])
@pytest.mark.parametrize("report_id", ["1", ""], ids=["with id", "without id"])
def test_a_report_that_comes_twice_counts_once(report_id, is_kept):
    one = report(*ONE.policies, said(7, policy_type=TLSA, mx_host="mx.test"), report_id=report_id)
    days = added_up(one)
    before = plain(days)
    if is_kept:
        days = Days(from_plain(row) for row in before)
    assert days.add(one, "none") == Added([], ["example.com", "example.com"], [])
    assert plain(days) == before


@pytest.mark.parametrize("is_kept", [False, True], ids=["in one run", "in a later run"])
@pytest.mark.parametrize("name", NO_COPIES)
def test_what_says_something_else_is_no_copy(name, is_kept):
    days = added_up(ONE)
    if is_kept:
        days = Days(from_plain(row) for row in plain(days))
    other = NO_COPIES[name]
    assert days.add(other, "none").copies == []
    assert sum(row.succeeded for row in days) == 5 + sum(policy.succeeded for policy in other.policies)


def test_of_a_report_the_part_that_is_a_copy_is_left():
    days = added_up(ONE)
    longer = report(*ONE.policies, said(7, policy_type=TLSA, mx_host="mx.test"))
    assert days.add(longer, "none") == Added(["example.com"], ["example.com"], [])
    assert sum(row.succeeded for row in days) == 12


@pytest.mark.parametrize(
    ("added", "is_copy"),
    [
        (Added([], ["a"], []), True),
        (Added(["a"], ["a"], []), False),
        (Added([], ["a"], ["a"]), False),
        (Added([], [], ["a"]), False),
        (Added(), False),
    ],
)
def test_a_report_is_a_copy_if_nothing_of_it_is_new(added, is_copy):
    assert added.is_copy is is_copy


def test_reports_are_counted_once_whatever_they_have_parts_in():
    parts = [said(1), said(2, policy_type=TLSA), said(3, domain="b.test")]
    days = added_up(report(*parts), report(*parts, report_id="2"), report(parts[0], start=START + DAY))
    assert len(list(days)) == 4
    assert report_count(days) == 3
    assert report_count([]) == 0


def test_what_a_report_is_known_by_stays_as_it_is_in_files():
    assert plain(added_up(ONE))[0]["reports"] == ["9a11dc1407419732"]


@pytest.mark.parametrize("order", list(itertools.permutations(DKIM, 2)))
def test_of_copies_the_best_signature_counts_whichever_comes_first(order):
    days = Days()
    for dkim in order:
        days.add(ONE, dkim)
    (row,) = days
    assert row.dkim == {min(order, key=DKIM.index): 1}


def test_signatures_of_several_reports_are_counted():
    days = Days()
    for report_id, dkim in (("1", "pass"), ("2", "none"), ("3", "none"), ("4", "none"), ("3", "fail"), ("3", "none")):
        days.add(report(report_id=report_id), dkim)
    (row,) = days
    assert row.dkim == {"pass": 1, "fail": 1, "none": 2}
    kept = Days(map(from_plain, plain(days)))
    kept.add(report(report_id="3"), "pass")
    assert plain(kept) == plain(days)


def test_days_before_one_are_forgotten():
    days = added_up(*(report(start=START + DAY * number) for number in range(4)))
    days.forget("2027-01-23")
    assert [row.day for row in days] == ["2027-01-23", "2027-01-24"]


def test_so_many_organisations_report_on_a_day():
    days = added_up(*(report(organization=f"o{number}") for number in range(REPORT_ORGANIZATIONS_PER_DAY)))
    other = report(organization="one too many")
    assert days.add(other, "none") == Added([], [], ["example.com"])
    kept = Days(map(from_plain, plain(days)))
    assert kept.add(other, "none").left_out == ["example.com"]
    assert kept.add(report(said(3), organization="o7"), "none").left_out == []
    assert kept.add(report(start=START + DAY, organization="one too many"), "none").left_out == []
    assert kept.add(report(said(domain="b.test"), organization="one too many"), "none").left_out == []
    assert sum(row.organization == "one too many" for row in kept) == 2


def test_an_organisation_sends_so_many_reports():
    days = added_up(*(report(report_id=f"{number}") for number in range(REPORTS_PER_ROW)))
    assert days.add(report(report_id="more"), "none") == Added([], [], ["example.com"])
    assert days.add(report(report_id="7"), "none") == Added([], ["example.com"], [])
    assert days.add(report(said(policy_type=TLSA), report_id="more"), "none").left_out == []
    assert [row.succeeded for row in days] == [REPORTS_PER_ROW, 1]


def test_of_hosts_reasons_and_policies_those_with_the_most_sessions_are_kept():
    failures = tuple(
        Failure("validation-failure", 1000 - number, f"mx{number:04}.test", "", f"r{number:04}")
        for number in range(999)
    )
    entries = [said(1000 - number, policy=(f"mode: {number:04}",)) for number in range(999)]
    (row,) = plain(added_up(report(said(0, 1, failures=failures), *entries)))
    (result,) = row["results"]
    assert result["sessions"] == sum(range(2, 1001))
    assert [host["mx"] for host in result["hosts"]] == [f"mx{number:04}.test" for number in range(REPORT_HOSTS_KEPT)]
    assert [said["reason"] for said in result["reasons"]] == [f"r{number:04}" for number in range(REPORT_REASONS_KEPT)]
    assert [seen["lines"] for seen in row["policies"]] == [
        [f"mode: {number:04}"] for number in range(REPORT_POLICIES_KEPT)
    ]


def test_between_reports_no_more_is_remembered_than_is_kept():
    failures = tuple(
        Failure("validation-failure", 1 + number, f"mx{number:04}.test", "", f"{number}") for number in range(999)
    )
    (row,) = added_up(report(said(0, 1, failures=failures), *[said(1, policy=(f"{number}",)) for number in range(9)]))
    assert len(row.results["validation-failure"].hosts) == REPORT_HOSTS_KEPT
    assert len(row.results["validation-failure"].reasons) == REPORT_REASONS_KEPT
    assert len(row.policies) == REPORT_POLICIES_KEPT


def test_types_that_are_too_many_are_taken_together():
    types = [f"t{number:02}" for number in range(REPORT_RESULT_TYPES_KEPT + 2)]
    (row,) = added_up(report(said(0, 1, failures=tuple(Failure(name, 1) for name in types))))
    assert sorted(row.results) == sorted([*types[:REPORT_RESULT_TYPES_KEPT], OTHER])
    assert row.results[OTHER].sessions == 2


def test_what_is_most_common_is_told_in_one_order():
    counted = Counter({"b": 2, "a": 2, "c": 3, "d": 1})
    assert most_common(counted, 3) == [("c", 3), ("a", 2), ("b", 2)]


def test_a_hostile_report_is_added_in_linear_time():
    failures = tuple(
        Failure(f"t{number % 50}", number % 7, f"mx{number}.test", f"{number}", f"r{number}")
        for number in range(30_000)
    )
    began = time.process_time()
    days = added_up(report(said(0, 1, failures=failures)))
    assert time.process_time() - began < 3
    (row,) = days
    assert len(row.results) == REPORT_RESULT_TYPES_KEPT + 1
    assert max(len(result.hosts) for result in row.results.values()) == REPORT_HOSTS_KEPT


WORDS = st.sampled_from(["", "a", "b"])
REPORTS = st.builds(
    Report,
    WORDS,
    WORDS,
    st.sampled_from([START, START + 1, START + DAY]),
    st.lists(
        st.builds(
            PolicyReport,
            st.sampled_from([STS, TLSA, NO_POLICY]),
            st.sampled_from(["example.com", "b.test"]),
            st.integers(0, 3),
            st.integers(0, 3),
            WORDS,
            st.sampled_from([(), POLICY, POLICY[:2]]),
            st.lists(st.builds(Failure, WORDS, st.integers(0, 2), WORDS, WORDS, WORDS), max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
)


@given(st.lists(st.tuples(REPORTS, st.sampled_from(DKIM)), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_reports_does_not_matter(reports, chance):
    # Two reports of the same words and numbers are taken for copies: their details are alike, or a sender contradicts
    # himself.
    told = {}
    for one, dkim in reports:
        told.setdefault((one.organization, one.report_id, one.start), (one, dkim))
    reports = [*told.values(), *told.values()]
    shuffled = chance.sample(reports, len(reports))
    days, others = Days(), Days()
    for one, dkim in reports:
        days.add(one, dkim)
    for one, dkim in shuffled:
        others.add(one, dkim)
    assert plain(days) == plain(others)


@given(st.lists(REPORTS, max_size=6), st.integers(0, 6))
def test_it_does_not_matter_how_many_runs_it_takes(reports, at):
    first = plain(added_up(*reports[:at]))
    assert plain(added_up(*reports[at:], kept=map(from_plain, first))) == plain(added_up(*reports))

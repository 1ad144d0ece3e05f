# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is kept is read again as it was, and nothing else is taken for it."""

from __future__ import annotations

import json

import pytest
from helpers.tls_reports import report

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports import state as states
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Days
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import read_report
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.state import (
    CorruptState,
    State,
    from_text,
    summary,
    to_text,
)


def rows(*reports):
    days = Days()
    for one in reports:
        days.add(read_report(json.dumps(one)).report, "pass")
    return list(days)


KEPT = State(
    rows(report(1, "2027-01-21"), report(2, "2027-01-22", "example.org")),
    {"mbox /var/mail/tlsrpt": {"position": "17", "fingerprint": "f"}, "folder /reports": {"a": "1 2"}, "empty": {}},
)


def test_what_is_written_is_read_again():
    text = to_text(KEPT)
    again = from_text(text)
    assert to_text(again) == text
    assert again.rows == KEPT.rows
    assert again.marks == {source: marks for source, marks in KEPT.marks.items() if marks}
    assert len(text.splitlines()) == 3


def test_nothing_is_a_state_too():
    assert from_text(to_text(State())) == State()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "its first line is no JSON: "),
        ("[" * 100000, "its first line is no JSON: "),
        ("[]", "it is not of format 1"),
        ('{"format": 2, "marks": {}}', "it is not of format 1"),
        ('{"format": 1}', "it is not of format 1"),
        ('{"format": 1, "marks": {"a": 1}}', "its marks are no dictionaries"),
        ('{"format": 1, "marks": {}}\n{}', "its line 2 is no row: KeyError('domain')"),
        ('{"format": 1, "marks": {}}\n7', "its line 2 is no row: "),
        (to_text(KEPT)[:-20], "its line 3 is no row: "),
    ],
)
def test_what_is_no_state_says_why(text, words):
    with pytest.raises(CorruptState) as refused:
        from_text(text)
    assert str(refused.value).startswith(words)


def test_it_is_summed_up_for_people_who_compare_two():
    assert summary(State()) == "reports: 0, domains: 0\n"
    assert summary(KEPT) == (
        "reports: 2, domains: 2, days: 2027-01-21 to 2027-01-22\n"
        "folder /reports: 1 files\n"
        "mbox /var/mail/tlsrpt: position 17\n"
    )


def test_of_too_many_rows_whole_days_are_left_out_the_oldest_first(monkeypatch):
    monkeypatch.setattr(states, "REPORT_ROWS_KEPT", 3)
    days = ("2027-01-20", "2027-01-21", "2027-01-21", "2027-01-22")
    many = rows(*(report(number, day, f"d{number}.example") for number, day in enumerate(days)))
    assert [row.day for row in states.bounded_rows(many[:3])] == list(days[:3])
    assert sorted(row.day for row in states.bounded_rows(many)) == list(days[1:])
    crowded = rows(*(report(number, "2027-01-21", f"d{number}.example") for number in range(4)))
    assert states.bounded_rows(crowded) == []

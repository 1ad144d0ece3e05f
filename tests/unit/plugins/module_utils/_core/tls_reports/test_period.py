# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Days as users name them."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.period import (
    days_ago,
    is_within,
    read_day,
)

NOW = 1800489600 + 3600  # 2027-01-21 01:00 UTC


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (None, None),
        ("", None),
        (" 2027-01-05 ", "2027-01-05"),
        ("4w", "2026-12-24"),
        ("1d", "2027-01-20"),
        ("0", "2027-01-21"),
    ],
)
def test_a_day_is_a_date_or_so_long_ago(text, day):
    assert read_day(text, NOW) == day


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2027-02-30", "there is no day 2027-02-30. Remedy: Write one that the calendar has."),
        ("yesterday", "'yesterday' is no day. Remedy: Write it as 2027-01-21, or how long ago it was, as 4w."),
        ("21.1.2027", "'21.1.2027' is no day. "),
    ],
)
def test_anything_else_is_refused(text, words):
    with pytest.raises(Refused) as refused:
        read_day(text, NOW)
    assert str(refused.value).startswith(words)


def test_days_begin_in_utc():
    assert [days_ago(days, NOW) for days in (-1, 0, 1, 400)] == ["2027-01-22", "2027-01-21", "2027-01-20", "2025-12-17"]
    assert days_ago(10**9, NOW) == "1970-01-01"


def test_both_ends_are_part_of_a_period():
    days = ["2027-01-20", "2027-01-21", "2027-01-22"]
    assert [day for day in days if is_within(day, "2027-01-21", "2027-01-21")] == days[1:2]
    assert [day for day in days if is_within(day, None, None)] == days

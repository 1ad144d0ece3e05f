# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From when on a certificate ends soon, and how its time is told."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.thresholds import Thresholds, time_left

NOW = 2_000_000_000
HOUR = 3600
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 hours"),
        (HOUR - 1, "0 hours"),
        (HOUR, "1 hour"),
        (2 * DAY - 1, "47 hours"),
        (2 * DAY, "2 days"),
        (3 * DAY - 1, "2 days"),
        (60 * DAY, "60 days"),
    ],
)
def test_time_left_is_told_in_whole_days_or_hours(seconds, words):
    assert time_left(seconds) == words


@pytest.mark.parametrize(
    ("lifetime", "left", "soon"),
    [
        (None, 14 * DAY, False),
        (None, 14 * DAY - 1, True),
        (None, 1, True),
        (None, 0, False),
        (None, -1, False),
        (400 * DAY, 14 * DAY, False),
        (400 * DAY, 14 * DAY - 1, True),
        (8 * DAY, 2 * DAY, False),
        (8 * DAY, 2 * DAY - 1, True),
    ],
)
def test_a_certificate_ends_soon_in_its_last_two_weeks_or_its_last_quarter(lifetime, left, soon):
    end = NOW + left
    assert Thresholds().expires_soon(None if lifetime is None else end - lifetime, end, NOW) is soon


def test_without_other_words_a_policy_may_take_ten_seconds_and_be_tested_for_eight_weeks():
    assert (Thresholds().slow_seconds, Thresholds().testing_weeks) == (10, 8)

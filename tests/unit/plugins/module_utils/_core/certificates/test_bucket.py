# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bucket never holds more than fits, and gives no token that it has not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.bucket import Bucket
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import Share

FIVE = Share(5, 0.1, 5)


def test_all_at_once_then_one_after_the_other():
    bucket = Bucket(FIVE, 0)
    for _unused in range(5):
        assert bucket.ready(0) == 0
        bucket.take(0)
    assert bucket.ready(0) == 10
    bucket.take(10)
    assert bucket.ready(10) == 20


def test_a_pause_fills_it_but_not_above_its_rim():
    bucket = Bucket(FIVE, 0)
    bucket.take(0)
    for _unused in range(5):
        assert bucket.ready(1000) == 1000
        bucket.take(1000)
    assert bucket.ready(1000) == 1010


def test_one_of_which_nothing_is_known_is_empty():
    assert Bucket(FIVE, 0, unknown=True).ready(0) == 10


def test_what_others_took_too_much_has_to_come_back():
    bucket = Bucket(FIVE, 0)
    for _unused in range(7):
        bucket.take(0)
    assert bucket.ready(5) == 30


@given(st.lists(st.floats(0, 100), max_size=40))
def test_in_no_time_it_gives_more_than_its_rim_and_what_has_come_back(pauses):
    bucket, at, taken = Bucket(FIVE, 0), 0.0, []
    for pause in pauses:
        at = bucket.ready(at + pause)
        bucket.take(at)
        taken.append(at)
    for first, begin in enumerate(taken):
        for last, end in enumerate(taken[first:], start=1):
            assert last <= 5 + (end - begin) * 0.1 + 1e-6

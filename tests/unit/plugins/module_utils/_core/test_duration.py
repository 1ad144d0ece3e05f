# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Durations: what users may write, and how they are said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.duration import (
    InvalidDuration,
    in_words,
    seconds,
)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (86400, 86400), ("86400", 86400), ("90s", 90), ("30m", 1800), ("12h", 43200), ("1d", 86400), ("2w", 1209600),
        (" 4w ", 2419200), (0, 0), ("0", 0),
    ],
)  # fmt: skip
def test_durations_as_users_write_them(value, count):
    assert seconds(value) == count


@pytest.mark.parametrize(
    "value", ["", "soon", "1y", "1 d", "1.5d", "-1", -1, 1.0, True, None, [], "1D", "\u0661d", "1d2h", "9" * 13]
)
def test_what_is_no_duration(value):
    with pytest.raises(InvalidDuration) as raised:
        seconds(value)
    assert str(raised.value) == f"{value!r} is not a duration"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (5400, "90m"), (86400, "1d"), (604800, "1w"), (90000, "25h")],
)
def test_the_largest_unit_that_divides(count, words):
    assert in_words(count) == words


@given(st.integers(0, 10**9))
def test_words_say_the_same_seconds(count):
    assert seconds(in_words(count)) == count

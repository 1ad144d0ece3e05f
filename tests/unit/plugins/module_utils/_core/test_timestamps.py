# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A moment in words is the one the standard library finds."""

from __future__ import annotations

import time

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.timestamps import iso_time, minute, read_iso_time


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (951782400, "2000-02-29T00:00:00Z"),
        (4107542399, "2100-02-28T23:59:59Z"),
        (4107542400, "2100-03-01T00:00:00Z"),
        (1800523800, "2027-01-21T09:30:00Z"),
    ],
)
def test_moments_of_note(moment, words):
    assert iso_time(moment) == words
    assert read_iso_time(words) == moment


def test_a_moment_is_the_same_wherever_the_clock_hangs(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert (iso_time(951782400), read_iso_time("2000-02-29T00:00:00Z")) == ("2000-02-29T00:00:00Z", 951782400)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_no_calendar_reaches_is_no_trace():
    assert iso_time(10**20) == "9999-12-31T23:59:59Z"
    year, _dash, rest = iso_time(-(10**20)).partition("-")
    assert (int(year), rest) == (1, "01-01T00:00:00Z")


@pytest.mark.parametrize("words", ["", "soon", "2027-01-21", "2027-01-21T09:30:00", "2027-02-30T09:30:00Z"])
def test_what_is_no_moment_is_refused(words):
    with pytest.raises(ValueError, match=r"does not match format|day is out of range"):
        read_iso_time(words)


def test_a_sentence_has_the_minute_by_which_it_is_over():
    assert minute(1795946400) == "2026-11-29 10:00 UTC"
    assert minute(1795946401.5) == minute(1795946459) == "2026-11-29 10:01 UTC"

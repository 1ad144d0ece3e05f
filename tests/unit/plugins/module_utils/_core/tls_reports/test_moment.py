# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a report begins, however a sender writes it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.moment import (
    LATEST,
    epoch_seconds,
    is_day,
    utc_day,
)

START = 1800489600


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-21T00:00:00Z", START),
        ("2027-01-21t00:00:00z", START),
        ("2027-01-21 00:00:00 Z", START),
        (" 2027-01-21T00:00:00 ", START),
        ("2027-01-21T00:00", START),
        ("2027-01-21", START),
        ("2027-01-21T00:00:00.123456789Z", START),
        ("2027-01-21T01:00:00+01:00", START),
        ("2027-01-20T18:30:00-0530", START),
        ("2027-01-21T23:59:59Z", START + 86399),
        ("2027-01-21T23:59:60Z", START + 86399),
        ("2028-02-29T00:00:00Z", 1835395200),
        ("1970-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", LATEST),
    ],
)
def test_a_time_is_read(text, moment):
    assert epoch_seconds(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1800489600",
        "2027-02-29T00:00:00Z",
        "2027-01-21T24:00:00Z",
        "2027-01-21T00:60:00Z",
        "2027-1-21",
        "21-01-2027",
        "2027-01-21T00:00:00Z and more",
        "2027-01-21T00:00:00+1",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01",
        "\u0662\u0660\u0662\u0667-01-21",
    ],
)
def test_what_is_no_time_is_none(text):
    assert epoch_seconds(text) is None


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31, 23, 59, 59)))
def test_every_second_is_read_and_has_its_day(moment):
    seconds = epoch_seconds(moment.isoformat(timespec="seconds") + "Z")
    assert seconds == int(moment.replace(tzinfo=timezone.utc).timestamp())
    assert utc_day(seconds) == moment.strftime("%Y-%m-%d").zfill(10)


@given(st.text())
def test_any_text_is_a_time_or_none(text):
    assert epoch_seconds(text) is None or 0 <= epoch_seconds(text) <= LATEST


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2027-01-21", True),
        ("0001-01-01", True),
        ("2027-02-29", False),
        ("20270121", False),
        ("2027-W03-4", False),
        ("2027-01-21 ", False),
        ("", False),
        ("\u0662\u0660\u0662\u0667-01-21", False),
    ],
)
def test_a_day_is_one_of_the_calendar(text, known):
    assert is_day(text) is known

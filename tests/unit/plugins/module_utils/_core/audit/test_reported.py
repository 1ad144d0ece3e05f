# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from helpers.reported import DAY, READ_AT, fails, report, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reported import (
    Reported,
    ReportedFailure,
    UnreadableFigures,
    from_figures,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures

FIGURES = figures(
    returned(
        report("a.example", "2026-11-20", 1, fails("certificate-expired", 2, "mx.a.example", "192.0.2.1")),
        report("a.example", "2026-11-22", 1, fails("certificate-expired", 3, "mx.a.example", "192.0.2.2")),
    ),
    ["silent.example"],
)
FAILURE = ReportedFailure("certificate-expired", 5, "2026-11-22", ("Example Mail",), 1, ("mx.a.example",))
A = Reported("2026-10-26", "2026-11-24", True, "2026-11-22", (FAILURE,))


def test_it_is_read_from_what_was_written():
    read = from_figures(json.loads(json.dumps(FIGURES)))
    assert read == {"a.example": A, "silent.example": replace(A, last_day=None, failures=())}
    assert not from_figures({**FIGURES, "problems": ["a folder is not there"]})["a.example"].whole


@pytest.mark.parametrize(
    "data",
    [[], {}, {**FIGURES, "since": "yesterday"}, {**FIGURES, "domains": [{}]}, {**FIGURES, "domains": 7},
     {**FIGURES, "domains": ["a"]}, {**FIGURES, "until": None}, {**FIGURES, "since": "20261026"},
     {**FIGURES, "domains": [{**FIGURES["domains"][0], "types": [
         {**FIGURES["domains"][0]["types"][0], "sessions": float("inf")}
     ]}]}],
)  # fmt: skip
def test_anything_else_is_refused(data):
    with pytest.raises(UnreadableFigures, match="it "):
        from_figures(data)


def test_the_first_days_there_are_do_no_harm():
    first = Reported("0001-01-01", "0001-01-02", True, "0001-01-02", (FAILURE,))
    assert first.covers_silence(READ_AT) is first.is_fresh(READ_AT) is False
    assert replace(first, until="9999-12-31").covers_silence(READ_AT)


def test_days_are_counted_from_now():
    assert A.is_fresh(READ_AT + 3 * DAY)
    assert not A.is_fresh(READ_AT + 4 * DAY)
    assert A.covers_silence(READ_AT)
    assert not replace(A, since="2026-10-27").covers_silence(READ_AT)
    assert not replace(A, whole=False).covers_silence(READ_AT)
    assert not A.is_silent(READ_AT + 28 * DAY)
    assert A.is_silent(READ_AT + 29 * DAY)
    assert A.recent_failures(READ_AT + 5 * DAY) == [FAILURE]
    assert A.recent_failures(READ_AT + 6 * DAY) == []

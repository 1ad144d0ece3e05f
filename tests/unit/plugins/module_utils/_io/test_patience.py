# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long one domain is waited for, and what is asked again."""

from __future__ import annotations

import time

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import patience as waiting
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.patience import Patience, TooLate, persistently

GOOD = Fetch(status=200)
CLOSED = Fetch(fault=Fault("tcp", "it is closed", "Open it"))
SLOW = Fetch(fault=Fault("timeout", "it is slow", "Hurry"))
WRONG = Fetch(fault=Fault("tls_name", "it has another name", "Rename it"))


@pytest.fixture
def without_pause(monkeypatch):
    monkeypatch.setattr(waiting, "PAUSE_SECONDS", 0)


def looking(*answers):
    """Return a look that gives one answer after the other, and what it was allowed each time."""
    left, allowed = list(answers), []

    def look(seconds):
        allowed.append(seconds)
        return left.pop(0)

    return look, allowed


@pytest.mark.parametrize(
    ("answers", "attempts", "last", "looks"),
    [
        ((GOOD,), 3, GOOD, 1),
        ((WRONG,), 3, WRONG, 1),
        ((CLOSED, GOOD), 3, GOOD, 2),
        ((CLOSED, SLOW, CLOSED), 3, CLOSED, 3),
        ((CLOSED,), 1, CLOSED, 1),
        ((CLOSED,), 0, CLOSED, 1),
    ],
)
@pytest.mark.usefixtures("without_pause")
def test_a_fault_that_may_pass_is_looked_at_again(answers, attempts, last, looks):
    look, allowed = looking(*answers)
    assert persistently(look, Patience(60), 5, attempts) is last
    assert allowed == [5] * looks


def test_no_look_gets_more_than_is_left():
    look, allowed = looking(GOOD)
    persistently(look, Patience(2), 5)
    assert 0 < allowed[0] <= 2


def test_whoever_was_given_less_than_others_is_not_blamed_for_being_slow():
    with pytest.raises(TooLate):
        persistently(looking(SLOW)[0], Patience(2), 5)
    assert persistently(looking(CLOSED)[0], Patience(2), 5) is CLOSED


def test_without_time_nobody_looks():
    look, allowed = looking(GOOD)
    with pytest.raises(TooLate):
        persistently(look, Patience(0), 5)
    assert allowed == []


def test_a_first_answer_stands_where_there_is_no_time_for_a_second():
    patience = Patience(60)

    def look(_seconds):
        patience._end = 0
        return CLOSED

    assert persistently(look, patience, 5, 2) is CLOSED


def test_there_is_a_second_between_two_looks():
    look, _unused = looking(CLOSED, GOOD)
    began = time.monotonic()
    persistently(look, Patience(60), 5, 2)
    assert 1 <= time.monotonic() - began < 5


def test_while_there_is_time_everything_gets_what_it_is_given_and_never_more_than_is_left():
    patience = Patience(10)
    assert not patience.over
    assert patience.allow(3) == 3
    assert 9 < patience.allow(60) <= 10


def test_when_the_time_is_over_nothing_is_begun():
    patience = Patience(0.01)
    time.sleep(0.02)
    assert patience.over
    with pytest.raises(TooLate):
        patience.allow(3)

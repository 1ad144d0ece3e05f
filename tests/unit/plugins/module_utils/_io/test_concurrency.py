# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who waits for somebody silent does not keep the others waiting."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import concurrency
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.concurrency import MOST_FOR_A_PLACE, do_all

LONG = 20


@pytest.fixture
def impatient(monkeypatch):
    """What takes longer than a moment hangs."""
    monkeypatch.setattr(concurrency, "PATIENCE_SECONDS", 0.05)


class Counter:
    """How many are at work, and how many have been at most."""

    def __init__(self):
        self.lock = threading.Lock()
        self.now = self.most = 0

    def __enter__(self):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_unused):
        with self.lock:
            self.now -= 1


def test_the_results_are_in_order_whoever_ends_first():
    def work(number):
        time.sleep(0.01 * (5 - number % 5))
        return number * 2

    assert do_all(work, range(40), 8) == [number * 2 for number in range(40)]


@pytest.mark.parametrize("items", [[], [1]])
def test_few_or_no_items_are_no_trouble(items):
    assert do_all(str, items, 64) == [str(item) for item in items]


def test_no_more_than_there_are_places_are_at_work():
    counter = Counter()

    def work(_unused):
        with counter:
            time.sleep(0.02)

    do_all(work, range(60), 6)
    assert counter.most == 6


def test_who_hangs_makes_room(impatient):
    the_last_is_done = threading.Event()

    def work(number):
        if number < 8:
            return the_last_is_done.wait(LONG)  # false, if the last never gets its turn
        if number == 49:
            the_last_is_done.set()
        return True

    assert all(do_all(work, range(50), 2))


def test_there_is_an_end_to_how_many_may_hang(impatient):
    counter = Counter()

    def work(_unused):
        with counter:
            time.sleep(0.6)

    do_all(work, range(2 * MOST_FOR_A_PLACE), 1)
    assert counter.most == MOST_FOR_A_PLACE


def test_what_is_raised_comes_out_when_all_is_done():
    done = []

    def work(number):
        if number == 3:
            raise ValueError(number)
        done.append(number)

    with pytest.raises(ValueError, match="3"):
        do_all(work, range(10), 2)
    assert len(done) == 9

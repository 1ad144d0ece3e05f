# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who waits for somebody silent does not keep the others waiting, and nothing is found out twice."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import concurrency
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.concurrency import (
    MOST_FOR_A_PLACE,
    SingleFlight,
    map_few,
    map_patiently,
)

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

    assert map_patiently(work, range(40), 8) == [number * 2 for number in range(40)]


@pytest.mark.parametrize("items", [[], [1]])
def test_few_or_no_items_are_no_trouble(items):
    assert map_patiently(str, items, 64) == [str(item) for item in items]


def test_no_more_than_there_are_places_are_at_work():
    counter = Counter()

    def work(_unused):
        with counter:
            time.sleep(0.02)

    map_patiently(work, range(60), 6)
    assert counter.most == 6


def test_who_hangs_makes_room(impatient):
    the_last_is_done = threading.Event()

    def work(number):
        if number < 8:
            return the_last_is_done.wait(LONG)  # false, if the last never gets its turn
        if number == 49:
            the_last_is_done.set()
        return True

    assert all(map_patiently(work, range(50), 2))


def test_there_is_an_end_to_how_many_may_hang(impatient):
    counter = Counter()

    def work(_unused):
        with counter:
            time.sleep(0.6)

    map_patiently(work, range(2 * MOST_FOR_A_PLACE), 1)
    assert counter.most == MOST_FOR_A_PLACE


def test_what_is_raised_comes_out_when_all_is_done():
    done = []

    def work(number):
        if number == 3:
            raise ValueError(number)
        done.append(number)

    with pytest.raises(ValueError, match="3"):
        map_patiently(work, range(10), 2)
    assert len(done) == 9


def test_of_a_few_no_more_than_that_are_at_work_and_results_keep_their_order():
    counter = Counter()

    def work(item):
        with counter:
            time.sleep(0.01)
            return item * 2

    assert map_few(work, range(12), 3) == [item * 2 for item in range(12)]
    assert counter.most <= 3
    assert map_few(work, [], 3) == []


def test_many_threads_compute_a_thing_once():
    calls, go = [], threading.Event()

    def compute(key):
        calls.append(key)
        go.wait(5)
        return key * 2

    flight = SingleFlight(compute)
    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(flight, key) for key in (1, 2, 1, 2, 1, 2)]
        go.set()
        assert [result.result(5) for result in results] == [2, 4, 2, 4, 2, 4]
    assert sorted(calls) == [1, 2]
    assert sorted(flight.values()) == [2, 4]


def test_what_came_to_nothing_is_raised_for_all_who_ask():
    flight = SingleFlight(lambda key: 1 // key)
    for _unused in range(2):
        with pytest.raises(ZeroDivisionError):
            flight(0)
    assert flight(1) == 1
    assert flight.values() == [1]


def test_what_is_not_to_be_kept_is_found_out_again():
    results = iter([None, 1, 2])
    flight = SingleFlight(lambda _key: next(results), keep=lambda result: result is not None)
    assert [flight("key") for _unused in range(3)] == [None, 1, 1]
    assert flight.values() == [1]

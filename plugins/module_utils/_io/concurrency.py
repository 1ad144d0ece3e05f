# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Do many things side by side: nobody waits for those that wait for somebody silent, and nothing is done twice.

Private to this collection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

# Who takes longer gives up its place to the next one, though there is an end to how many may wait beside the others.
PATIENCE_SECONDS = 5.0
MOST_FOR_A_PLACE = 8

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Result = TypeVar("Result")


def map_patiently(work: Callable[[Item], Result], items: Iterable[Item], places: int) -> list[Result]:
    """Return the results in the items' order; as many items as there are ``places`` are worked on at the same time."""
    taken = _Places(places)
    results: dict[int, Result] = {}
    faults: list[BaseException] = []

    def do(number: int, item: Item) -> None:
        try:
            results[number] = work(item)
        except BaseException as fault:
            faults.append(fault)
        finally:
            taken.leave(number)

    with ThreadPoolExecutor(places * MOST_FOR_A_PLACE) as pool:
        for number, item in enumerate(items):
            taken.take(number)
            pool.submit(do, number, item)
    if faults:
        raise faults[0]
    return [results[number] for number in sorted(results)]


def map_few(work: Callable[[Item], Result], items: Iterable[Item], at_once: int) -> list[Result]:
    """Return the results in the items' order, for what belongs to one domain: so many ``at_once``."""
    items = list(items)
    if len(items) <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(at_once, len(items))) as pool:
        return list(pool.map(work, items))


class SingleFlight(Generic[Key, Value]):
    """A function that keeps its results: the first caller computes, others wait meanwhile, later ones get it."""

    def __init__(self, compute: Callable[[Key], Value], keep: Callable[[Value], bool] = lambda _value: True) -> None:
        """Take the function to call once a key, and again after a result that is not to ``keep``."""
        self._compute = compute
        self._keep = keep
        self._results: dict[Key, Value] = {}
        self._under_way: dict[Key, Future[Value]] = {}
        self._lock = threading.Lock()

    def __call__(self, key: Key) -> Value:
        """Return the result for the key, or raise what computing it raised."""
        with self._lock:
            if key in self._results:
                return self._results[key]
            result = self._under_way.get(key)
            mine = result is None
            if result is None:
                result = self._under_way[key] = Future()
        if mine:
            self._find_out(key, result)
        return result.result()

    def values(self) -> list[Value]:
        """Return all results so far, without those that failed."""
        with self._lock:
            return list(self._results.values())

    def _find_out(self, key: Key, result: Future[Value]) -> None:
        try:
            value = self._compute(key)
        except BaseException as problem:
            result.set_exception(problem)
            return
        result.set_result(value)
        with self._lock:  # a future takes more memory than most of what it holds
            if self._keep(value):
                self._results[key] = value
            del self._under_way[key]


class _Places:
    """Places at work, each free again when its holder is done or has been at it for too long."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._begun: dict[int, float] = {}
        self._changed = threading.Condition()

    def take(self, number: int) -> None:
        with self._changed:
            while (wait := self._seconds_until_free()) != 0:
                self._changed.wait(wait)
            self._begun[number] = time.monotonic()

    def leave(self, number: int) -> None:
        with self._changed:
            del self._begun[number]
            self._changed.notify()

    def _seconds_until_free(self) -> float | None:
        """Return 0 when a place is free, and None when only the end of somebody's work can free one."""
        if len(self._begun) >= self._count * MOST_FOR_A_PLACE:
            return None
        too_long_ago = time.monotonic() - PATIENCE_SECONDS
        left = [begun - too_long_ago for begun in self._begun.values() if begun > too_long_ago]
        return 0 if len(left) < self._count else min(left)

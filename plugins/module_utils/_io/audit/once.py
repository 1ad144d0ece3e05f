# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find a thing out once, however many threads want to know it at the same moment.

Private to this collection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Once(Generic[Key, Value]):
    """A function that keeps its results: who asks first computes, who asks meanwhile waits, who asks later gets."""

    def __init__(self, compute: Callable[[Key], Value]) -> None:
        """Take the function to call once a key."""
        self._compute = compute
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
        """Return all results so far, those that came to nothing left out."""
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
            self._results[key] = value
            del self._under_way[key]

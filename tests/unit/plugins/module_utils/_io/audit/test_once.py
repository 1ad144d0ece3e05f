# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A thing is found out once, however many ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.once import Once


def test_many_threads_compute_a_thing_once():
    calls, go = [], threading.Event()

    def compute(key):
        calls.append(key)
        go.wait(5)
        return key * 2

    once = Once(compute)
    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(once, key) for key in (1, 2, 1, 2, 1, 2)]
        go.set()
        assert [result.result(5) for result in results] == [2, 4, 2, 4, 2, 4]
    assert sorted(calls) == [1, 2]
    assert sorted(once.values()) == [2, 4]


def test_what_came_to_nothing_is_raised_for_all_who_ask():
    once = Once(lambda key: 1 // key)
    for _unused in range(2):
        with pytest.raises(ZeroDivisionError):
            once(0)
    assert once(1) == 1
    assert once.values() == [1]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter task_problems, as a rescue calls it."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.filter import task_problems

problems = task_problems.FilterModule().filters()["task_problems"]


def test_it_takes_what_ansible_has_for_a_rescue():
    result = {"failed": True, "results": [{"failed": True, "msg": "401", "item": {"name": "a.test"}}]}
    names = (name for name in ["a.test"])
    assert problems(result, {"name": "Publish"}, names) == [
        "sts_dns: the task 'Publish' failed for a.test: 401. Remedy: Put it right, then run again."
    ]


def test_names_may_be_left_out():
    assert len(problems({"failed": True, "msg": "401"}, {"name": "Publish"})) == 1

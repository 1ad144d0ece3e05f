# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter hosts_of_later_batches, as templates call it; playbooks/test_batches.py has the batches of Ansible."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.filter import hosts_of_later_batches

DONE = {"sts_policy_result": {"changed": False}}
later = hosts_of_later_batches.FilterModule().filters()["hosts_of_later_batches"]


@pytest.mark.parametrize(
    ("batch", "done", "expected"),
    [
        (["one"], ["one"], ["two", "three"]),
        (["two"], ["one", "two"], ["three"]),
        (["three"], ["one", "two", "three"], []),
        (["three"], ["three"], ["one", "two"]),
        (["one", "two", "three"], [], []),
        (["one"], ["one", "two", "three"], []),
    ],
    ids=["first", "second", "last", "first in reverse", "all at once", "a play behind"],
)
def test_hosts_outside_the_batch_without_policies_of_this_run_in_the_order_of_the_play(batch, done, expected):
    hostvars = {host: DONE if host in done else {} for host in ("one", "two", "three")}
    assert later(["one", "two", "three"], batch, hostvars) == expected


def test_a_run_whose_policies_were_skipped_has_come_to_the_host():
    assert later(["one", "two"], ["one"], {"two": {"sts_policy_result": {"skipped": True}}}) == []


def test_no_variables_are_worked_out_of_hosts_of_this_batch():
    assert later(["one", "two"], ["one"], {"two": {}}) == ["two"]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is remembered between audits, and what follows from it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.past import (
    Observed,
    UnreadablePast,
    from_history,
    from_plain,
    held_until,
    observe,
    to_plain,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import Served

FIRST = Observed("id1", "policy1", "testing", 100, 1000, 1000, 1000)


def seen(now, **changes):
    return replace(FIRST, **{"first": now, "last": now, "mode_since": now, **changes})


def test_the_same_policy_goes_on():
    assert observe((FIRST,), seen(1500)) == (replace(FIRST, last=1500),)


def test_a_changed_policy_stands_beside_the_one_senders_may_hold():
    changed = seen(1050, policy_id="policy2", mode="enforce")
    assert observe((FIRST,), changed) == (FIRST, changed)


def test_a_policy_that_no_sender_can_hold_is_forgotten():
    changed = seen(1100, policy_id="policy2")
    assert observe((FIRST,), changed) == (replace(changed, mode_since=1000),)
    changed = seen(1099, policy_id="policy2")
    assert observe((FIRST,), changed) == (FIRST, replace(changed, mode_since=1000))


@pytest.mark.parametrize("other", [{"record_id": "id2"}, {"policy_id": "policy2"}, {"record_id": None}])
def test_another_id_or_policy_is_another_entry(other):
    assert [entry.first for entry in observe((FIRST,), seen(1050, **other))] == [1000, 1050]


def test_of_fifty_entries_none_is_left_out_and_of_one_more_the_one_held_shortest():
    past = tuple(seen(number, policy_id=str(number), max_age=1000 - 10 * number) for number in range(51))
    assert [entry.policy_id for entry in observe(past[:49], past[49])] == [str(number) for number in range(50)]
    kept = observe(past[:50], past[50])
    assert [entry.policy_id for entry in kept] == ["0", *(str(number) for number in range(2, 51))]
    longer = tuple(replace(entry, max_age=2000 - entry.max_age) for entry in past)
    assert [entry.policy_id for entry in observe(longer[:50], longer[50])] == [str(number) for number in range(1, 51)]


def test_a_mode_is_counted_from_its_first_policy_and_anew_after_another():
    past = observe((FIRST,), seen(1050, policy_id="policy2"))
    assert past[-1].mode_since == 1000
    past = observe(past, seen(1060, mode="enforce", policy_id="policy3"))
    assert past[-1].mode_since == 1060
    assert observe(past, seen(1070, policy_id="policy4"))[-1].mode_since == 1070


def test_until_when_a_sender_may_hold_a_policy_none_left_out():
    none = seen(2000, mode="none", max_age=9999)
    assert held_until((FIRST, none)) == 1100
    assert held_until((none,)) == 0
    assert held_until(()) == 0


def test_it_survives_being_written_down():
    pasts = {"b.test": (FIRST,), "a.test": (FIRST, seen(1050, record_id=None))}
    plain = to_plain(pasts)
    assert list(plain) == ["a.test", "b.test"]
    assert from_plain(plain) == pasts
    assert to_plain({"a.test": ()}) == {}


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ([], "it is no dictionary of domains"),
        ({"a.test": [{"id": 1}]}, "an entry of a.test has other keys than an audit writes"),
        ({"a.test": 7}, "an entry of a.test has other keys than an audit writes"),
        ({"a.test": ["text"]}, "an entry of a.test has other keys than an audit writes"),
        ({"a.test": [{**asdict(FIRST), "mode": "strict"}]}, "an entry of a.test makes no sense: number 1"),
        (
            {"a.test": [{**asdict(FIRST), "mode": json.loads("[" * 900 + "]" * 900)}]},
            "an entry of a.test makes no sense: number 1",
        ),
        *(
            ({"a.test": [asdict(FIRST), {**asdict(FIRST), key: value}]}, "an entry of a.test makes no sense: number 2")
            for key in ("max_age", "first", "last", "mode_since")
            for value in ("yesterday", -1, None)
        ),
    ],
)
def test_something_else_is_refused(broken, why):
    with pytest.raises(UnreadablePast) as refused:
        from_plain(broken)
    assert str(refused.value) == why


def test_an_audit_at_the_beginning_of_time_may_be_read():
    pasts = {"a.test": (Observed(None, "", "none", 0, 0, 0, 0),)}
    assert from_plain(to_plain(pasts)) == pasts


def test_what_a_policy_host_served_is_what_an_audit_would_have_seen():
    entries = (Served("p1", "testing", 100, 1000, 1200), Served("p2", "enforce", 200, 1200))
    assert from_history(entries, 1300) == (
        Observed("p1", "p1", "testing", 100, 1000, 1200, 1000),
        Observed("p2", "p2", "enforce", 200, 1200, 1300, 1200),
    )


def test_a_policy_that_changes_each_time_is_remembered_so_often_and_the_one_held_longest_always():
    past = (seen(1, policy_id="held", max_age=31557600),)
    for now in range(2, 500):
        past = observe(past, seen(now, policy_id=f"policy{now}", max_age=1000))
    assert len(past) == 50
    assert [entry.policy_id for entry in past[-2:]] == ["policy498", "policy499"]
    assert held_until(past) == 31557601
    assert past[0].policy_id == "held"

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was served when, until when it lives on in caches, and what happens to a history file that makes no sense."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.history import (
    CorruptHistory,
    Now,
    Served,
    cached_until,
    from_json,
    protected_until,
    serve,
    to_json,
    withdraw,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import MODES

DAY = 86400
NOW = 100 * DAY


def at(moment):
    return Now(moment, moment)


def test_a_policy_is_served_until_the_next_one():
    first = serve((), "a", "testing", DAY, at(NOW))
    assert first == (Served("a", "testing", DAY, NOW),)
    assert serve(first, "a", "testing", DAY, at(NOW + 5)) == first
    assert serve(first, "b", "enforce", 9 * DAY, at(NOW + 5)) == (
        Served("a", "testing", DAY, NOW, NOW + 5),
        Served("b", "enforce", 9 * DAY, NOW + 5),
    )


def test_a_policy_that_comes_back_is_served_anew():
    entries = serve(
        serve(serve((), "a", "enforce", DAY, at(1)), "b", "enforce", DAY, at(2)), "a", "enforce", DAY, at(3)
    )
    assert [(entry.id, entry.first, entry.last) for entry in entries] == [("a", 1, 2), ("b", 2, 3), ("a", 3, None)]


def test_what_a_dead_run_left_open_is_closed():
    open_twice = (Served("a", "enforce", DAY, 1), Served("b", "none", DAY, 2))
    assert serve(open_twice, "b", "none", DAY, at(9)) == (
        Served("a", "enforce", DAY, 1, 9),
        Served("b", "none", DAY, 2),
    )
    assert serve(open_twice, "a", "enforce", DAY, at(9)) == (
        Served("b", "none", DAY, 2, 9),
        Served("a", "enforce", DAY, 1),
    )
    assert withdraw(open_twice, at(9)) == (Served("a", "enforce", DAY, 1, 9), Served("b", "none", DAY, 2, 9))


def test_what_no_sender_can_hold_any_more_is_forgotten():
    entries = (Served("a", "enforce", DAY, 1, 2), Served("b", "enforce", DAY, 2))
    assert serve(entries, "c", "none", DAY, at(NOW)) == (
        Served("b", "enforce", DAY, 2, NOW),
        Served("c", "none", DAY, NOW),
    )


@pytest.mark.parametrize(
    ("entries", "cached", "protected"),
    [
        ((), None, None),
        ((Served("a", "enforce", 9 * DAY, 1),), None, NOW + 9 * DAY),
        ((Served("a", "testing", DAY, 1),), None, NOW + DAY),
        ((Served("a", "none", DAY, 1),), None, None),
        ((Served("a", "enforce", DAY, 1, NOW - DAY),), None, None),
        ((Served("a", "enforce", DAY, 1, NOW - DAY + 1),), NOW + 1, NOW + 1),
        # an older policy may outlive a younger one (RFC 8461, section 8.3)
        ((Served("a", "enforce", 9 * DAY, 1, NOW), Served("b", "enforce", DAY, 3, NOW)), NOW + 9 * DAY, NOW + 9 * DAY),
        ((Served("a", "enforce", 9 * DAY, 1, NOW), Served("b", "none", DAY, 3)), NOW + 9 * DAY, NOW + 9 * DAY),
        ((Served("a", "none", 9 * DAY, 1, NOW), Served("b", "none", DAY, 3)), NOW + 9 * DAY, None),
    ],
)
def test_until_when_a_sender_may_hold_what_was_served(entries, cached, protected):
    assert cached_until(entries, at(NOW)) == cached
    assert protected_until(entries, at(NOW)) == protected


def test_a_clock_an_hour_off_makes_nothing_end_too_early():
    now = Now(NOW - 3600, NOW)
    entries = serve((Served("a", "enforce", DAY, 1),), "b", "none", DAY, now)
    assert entries == (Served("a", "enforce", DAY, 1, NOW), Served("b", "none", DAY, NOW))
    assert protected_until(entries, Now(NOW + DAY - 3600, NOW + DAY)) == NOW + DAY
    assert protected_until(entries, at(NOW + DAY)) is None


def test_what_only_one_clock_holds_for_over_is_remembered():
    entries = (Served("a", "enforce", DAY, 1, NOW), Served("b", "none", DAY, NOW))
    assert serve(entries, "c", "none", DAY, Now(NOW + DAY - 1, NOW + DAY + 3599))[0] == entries[0]


served = st.builds(
    Served, st.text(max_size=16), st.sampled_from(MODES), st.integers(0), st.integers(0), st.none() | st.integers(0)
)


@given(st.dictionaries(st.text(max_size=9), st.lists(served, min_size=1, max_size=3).map(tuple), max_size=3))
def test_a_history_reads_as_it_was_written(history):
    assert from_json(to_json(history)) == history


def test_a_history_is_a_text_that_people_can_read_and_compare():
    entries = (Served("a", "enforce", DAY, 1, 2),)
    assert to_json({"b.example": entries, "a.example": entries}) == (
        '{\n "format": 1,\n "domains": {\n  "a.example": [\n   {\n    "id": "a",\n    "mode": "enforce",\n'
        '    "max_age": 86400,\n    "first": 1,\n    "last": 2\n   }\n  ],\n  "b.example": [\n   {\n'
        '    "id": "a",\n    "mode": "enforce",\n    "max_age": 86400,\n    "first": 1,\n    "last": 2\n'
        "   }\n  ]\n }\n}\n"
    )


def test_a_domain_without_entries_is_not_written():
    assert from_json(to_json({"a.example": ()})) == {}


# deeper than Python's own copies of data go, and not too deep for JSON
DEEP = "[" * 900 + "]" * 900


def with_entry(**changes):
    """Return a history's text with one entry, something of it changed."""
    entry = {"id": "x", "mode": "none", "max_age": 1, "first": 1, **changes}
    return json.dumps({"format": 1, "domains": {"a.example": [entry]}})


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "it is not JSON"),
        ('{"format": 1, "domains": {', "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it is not a history of format 1"),
        ("{}", "it is not a history of format 1"),
        ('{"format": 2, "domains": {}}', "it is not a history of format 1"),
        ('{"format": 1, "domains": []}', "it is not a history of format 1"),
        ('{"format": 1, "domains": {"a.example": 5}}', "an entry of a.example is unreadable"),
        ('{"format": 1, "domains": {"a.example": [5]}}', "an entry of a.example is unreadable"),
        ('{"format": 1, "domains": {"a.example": [{"id": "x"}]}}', "an entry of a.example is unreadable"),
        (with_entry(until=1), "an entry of a.example is unreadable"),
        (with_entry(id=5), "an entry of a.example makes no sense"),
        (with_entry(mode="off"), "an entry of a.example makes no sense"),
        (with_entry(mode=[]), "an entry of a.example makes no sense"),
        (with_entry(mode=5).replace("5", DEEP), "an entry of a.example makes no sense: number 1"),
        (with_entry(max_age=True), "an entry of a.example makes no sense"),
        (with_entry(max_age=-1), "an entry of a.example makes no sense"),
        (with_entry(last="2"), "an entry of a.example makes no sense"),
        (with_entry(first=-1), "an entry of a.example makes no sense"),
        (with_entry(first=1.5), "an entry of a.example makes no sense"),
    ],
)
def test_a_corrupt_history_says_what_is_wrong(text, wrong):
    with pytest.raises(CorruptHistory, match=wrong):
        from_json(text)


def test_the_entry_that_makes_no_sense_is_counted_from_one():
    good, bad = ({"id": "x", "mode": mode, "max_age": 1, "first": 1} for mode in ("none", "off"))
    with pytest.raises(CorruptHistory) as raised:
        from_json(json.dumps({"format": 1, "domains": {"a.example": [good, bad]}}))
    assert str(raised.value) == "an entry of a.example makes no sense: number 2"

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows as plain data: what is written is read again, and nothing else is."""

from __future__ import annotations

import copy
import json
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import DKIM, Host, Result, Row
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import (
    NO_POLICY,
    POLICY_TYPES,
    TLSA,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.rows import from_plain, to_plain

LINES = ("version: STSv1", "mode: testing", "mx: mx1.example.com", "max_age: 86400")
PLAIN = {
    "domain": "example.com",
    "day": "2027-01-21",
    "organization": "Sender",
    "policy_type": "sts",
    "succeeded": 5,
    "failed": 3,
    "results": [
        {
            "type": "certificate-expired",
            "sessions": 3,
            "hosts": [
                {"mx": "mx1.example.com", "address": "192.0.2.2", "sessions": 2},
                {"mx": "mx1.example.com", "address": "192.0.2.1", "sessions": 1},
            ],
            "reasons": [{"reason": "expired", "sessions": 3}],
        },
        {"type": "validation-failure", "sessions": 0, "hosts": [], "reasons": []},
    ],
    "policies": [
        {"id": policy_id("".join(f"{line}\r\n" for line in LINES).encode()), "lines": list(LINES), "sessions": 7},
        {"id": None, "lines": ["mx: mx1.example.com"], "sessions": 1},
    ],
    "dkim": {"none": 1, "pass": 2},
    "reports": ["0123456789ab", "ba9876543210"],
}
ROW = Row(
    "example.com", "2027-01-21", "Sender", "sts", 5, 3,
    {
        "validation-failure": Result(),
        "certificate-expired": Result(
            3,
            Counter({Host("mx1.example.com", "192.0.2.1"): 1, Host("mx1.example.com", "192.0.2.2"): 2}),
            Counter({"expired": 3}),
        ),
    },
    Counter({("mx: mx1.example.com",): 1, LINES: 7}),
    Counter({"pass": 2, "none": 1}),
    {"ba9876543210", "0123456789ab"},
)  # fmt: skip


def test_a_row_is_plain_data_in_one_order():
    assert to_plain(ROW) == PLAIN
    assert list(to_plain(ROW)) == list(PLAIN)
    assert list(to_plain(ROW)["dkim"]) == ["none", "pass"]


def test_a_row_comes_back():
    assert from_plain(json.loads(json.dumps(PLAIN))) == ROW


@pytest.mark.parametrize("policy_type", [TLSA, NO_POLICY])
def test_only_a_policy_of_type_sts_has_an_id(policy_type):
    (seen,) = to_plain(Row("a.test", "2027-01-21", "S", policy_type, policies=Counter({LINES: 1})))["policies"]
    assert seen == {"id": None, "lines": list(LINES), "sessions": 1}


def test_what_is_to_be_evidence_is_in_a_row():
    plain = to_plain(ROW)
    evidence = {"organization", "day", "policy_type", "policies", "succeeded", "failed", "dkim"}
    assert evidence <= set(plain)
    assert {seen["id"]: seen["sessions"] for seen in plain["policies"]} == {PLAIN["policies"][0]["id"]: 7, None: 1}


def places(value, path=()):
    """Every place in plain data."""
    yield path
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


def changed(path, how):
    """The plain row with one place changed."""
    plain = copy.deepcopy(PLAIN)
    if not path:
        return how(plain)
    holder = plain
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = how(holder[path[-1]])
    return plain


@pytest.mark.parametrize("path", [place for place in places(PLAIN) if "id" not in place], ids=repr)
@pytest.mark.parametrize("other", [None, True, 1.0, object()], ids=["null", "true", "1.0", "object"])
def test_what_is_not_of_its_type_is_an_error(path, other):
    with pytest.raises(TypeError, match=r" is not of type (dict|list|str|int)\Z"):
        from_plain(changed(path, lambda _was: other))


@pytest.mark.parametrize("path", list(places(PLAIN)), ids=repr)
def test_text_in_place_of_anything_else_is_an_error(path):
    was = PLAIN
    for key in path:
        was = was[key]
    if not isinstance(was, str) and "id" not in path:
        with pytest.raises(TypeError):
            from_plain(changed(path, lambda _was: "1"))


NUMBERS = [place for place in places(PLAIN) if place[-1:] in (("sessions",), ("succeeded",), ("failed",), ("pass",))]


@pytest.mark.parametrize("path", NUMBERS, ids=repr)
def test_a_negative_number_is_an_error(path):
    with pytest.raises(ValueError, match="-1 is negative"):
        from_plain(changed(path, lambda _was: -1))


@pytest.mark.parametrize("day", ["", "x", "2027-02-30", "20270121", "2027-W03-4", "2027-01-21T00:00:00Z"])
def test_a_day_that_is_none_is_an_error(day):
    with pytest.raises(ValueError, match="is no day"):
        from_plain({**PLAIN, "day": day})


@pytest.mark.parametrize("key", PLAIN)
def test_a_missing_member_is_an_error(key):
    with pytest.raises(KeyError):
        from_plain({name: value for name, value in PLAIN.items() if name != key})


@pytest.mark.parametrize(
    "path", [("results", 0), ("results", 0, "hosts", 0), ("results", 0, "reasons", 0), ("policies", 0)], ids=repr
)
def test_an_empty_member_is_an_error(path):
    with pytest.raises(KeyError):
        from_plain(changed(path, lambda _was: {}))


WORDS = st.text(max_size=5)
COUNTS = st.integers(0, 5)
ROWS = st.builds(
    Row,
    WORDS,
    st.dates(date(1970, 1, 1)).map(str),
    WORDS,
    st.sampled_from(POLICY_TYPES),
    COUNTS,
    COUNTS,
    st.dictionaries(
        WORDS,
        st.builds(
            Result,
            COUNTS,
            st.dictionaries(st.builds(Host, WORDS, WORDS), COUNTS, max_size=4).map(Counter),
            st.dictionaries(WORDS, COUNTS, max_size=4).map(Counter),
        ),
        max_size=3,
    ),
    st.dictionaries(st.lists(WORDS, max_size=4).map(tuple), COUNTS, max_size=4).map(Counter),
    st.dictionaries(st.sampled_from(DKIM), COUNTS).map(Counter),
    st.sets(WORDS),
)


@given(ROWS)
def test_every_row_comes_back_the_same(row):
    plain = to_plain(row)
    assert from_plain(json.loads(json.dumps(plain))) == row
    assert json.dumps(to_plain(from_plain(plain))) == json.dumps(plain)


PLAIN_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PLAIN, "type", "lines"]), inner),
)


@given(PLAIN_DATA, st.sampled_from(list(places(PLAIN))))
def test_whatever_stands_there_nothing_but_three_kinds_of_errors_is_raised(data, path):
    try:
        row = from_plain(changed(path, lambda _was: data))
    except (KeyError, TypeError, ValueError):
        return
    assert from_plain(to_plain(row)).key == row.key

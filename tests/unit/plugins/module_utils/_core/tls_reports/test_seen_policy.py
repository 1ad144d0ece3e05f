# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy is the same in whatever order a sender repeats its lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import REPORT_POLICY_LINES
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import Policy, render
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.seen_policy import (
    meaning,
    meaning_of,
    seen_policy_id,
)

POLICY = Policy("enforce", 604800, ("mx1.example.com", "*.example.net"))
LINES = ("version: STSv1", "mode: enforce", "mx: mx1.example.com", "mx: *.example.net", "max_age: 604800")
MEANING = ("enforce", 604800, frozenset({"mx1.example.com", "*.example.net"}))


@pytest.mark.parametrize(
    "lines",
    [
        LINES,
        (*LINES[:2], LINES[4], *LINES[2:4]),
        LINES[::-1][-1:] + LINES[1:],
        tuple(line.replace(": ", ":") for line in LINES),
        tuple(f" {line}  " for line in LINES),
        tuple(f"{line}\r" for line in LINES),
        (*LINES, "", "x-unknown"),
    ],
)
def test_a_policy_has_the_id_that_we_give_it(lines):
    assert seen_policy_id(lines) == policy_id(render(POLICY))
    assert meaning(lines) == MEANING


def test_the_order_of_patterns_is_part_of_the_id_and_not_of_the_meaning():
    lines = (*LINES[:2], LINES[3], LINES[2].upper().replace("MX:", "mx:"), LINES[4])
    assert seen_policy_id(lines) != seen_policy_id(LINES)
    assert meaning(lines) == MEANING


@pytest.mark.parametrize("at", range(1, 5))
def test_every_line_counts(at):
    other = {1: "mode: testing", 2: "mx: mx2.example.com", 3: "mx: *.example.org", 4: "max_age: 1"}
    lines = (*LINES[:at], other[at], *LINES[at + 1 :])
    assert seen_policy_id(lines) not in (None, seen_policy_id(LINES))
    assert meaning(lines) not in (None, MEANING)


@pytest.mark.parametrize("lines", [(), ("mx: mx1.example.com",), LINES[1:], LINES[:-1], ("3 1 1 00",), ("\ud800",)])
def test_what_no_sender_would_accept_has_none(lines):
    assert seen_policy_id(lines) is None
    assert meaning(lines) is None


def test_a_policy_that_may_have_been_cut_is_not_known():
    patterns = [f"mx: mx{number}.example.com" for number in range(REPORT_POLICY_LINES - 3)]
    assert seen_policy_id((*LINES[:2], LINES[4], *patterns[1:])) is not None
    assert seen_policy_id((*LINES[:2], LINES[4], *patterns)) is None


def test_a_policy_means_the_same_as_it_is_served():
    assert meaning_of(render(POLICY)) == MEANING
    assert meaning_of(render(POLICY).replace(b"\r\n", b"\n")) == MEANING
    assert meaning_of(b"\xff") is None


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=20)).map(tuple))
def test_any_lines_have_an_id_or_none(lines):
    assert (seen_policy_id(lines) is None) == (meaning(lines) is None)

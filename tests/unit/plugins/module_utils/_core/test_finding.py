# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sentence a finding becomes."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import (
    Finding,
    error,
    errors,
    few_of_each,
    info,
    warning,
)

SECTION = "RFC 8461, section 3.2"


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (
            error("example.com", "mx", "'mx.' ends in a dot", SECTION, "Write it without the dot", 3),
            "example.com: mx: line 3: 'mx.' ends in a dot (RFC 8461, section 3.2). Remedy: Write it without the dot.",
        ),
        (
            error("entry 3", "mod", "no such key", "", "Did you mean mode?"),
            "entry 3: mod: no such key. Remedy: Did you mean mode?",
        ),
        (error("", "domains", "it is empty", "", "Fill it."), "domains: it is empty. Remedy: Fill it."),
    ],
)
def test_whose_where_what_and_what_to_do(finding, sentence):
    assert str(finding) == sentence


def test_only_errors_make_something_unusable():
    found = [make("d", "f", "r", "", "m") for make in (info, error, warning)]
    assert [finding.severity for finding in found] == ["info", "error", "warning"]
    assert errors(found) == [found[1]]


def test_plain_data_for_modules():
    assert Finding("info", "d", "f", "r", "s", "m", 1).as_dict() == {
        "severity": "info", "domain": "d", "field": "f", "rule": "r", "section": "s", "remedy": "m", "line": 1,
    }  # fmt: skip


def test_what_strangers_wrote_cannot_act_on_a_terminal():
    parts = ["a\x1b[2J", "b\n", "\u202ec", "d\r", "e\x9b"]
    finding = error(*parts)
    assert str(finding).isprintable()
    assert list(finding.as_dict().values())[1:6] == [r"a\x1b[2J", r"b\n", r"\u202ec", r"d\r", r"e\x9b"]


def test_what_strangers_wrote_is_cut_also_where_it_grows_by_being_written_out():
    for text in ("x" * 65536, "\U000e0001" * 65536):
        finding = error("a.test", text, text, text, text)
        assert max(len(part) for part in vars(finding).values() if isinstance(part, str)) == 1000
        assert "..." in finding.rule


def test_of_many_alike_the_first_ones_are_told_and_the_others_counted():
    lines = [
        error("a.test", f"field{number}", "the value is empty", SECTION, "Fill it", number) for number in range(1, 5000)
    ]
    others = [
        error("b.test", "mx", "it is missing", SECTION, "Add it"),
        warning("a.test", "mx", "r", SECTION, "m", 5000),
    ]
    *first, rest, missing, warned = few_of_each([*lines, *others])
    assert first == lines[:10]
    assert str(rest) == (
        "a.test: field11: and 4,989 more of the kind (RFC 8461, section 3.2). "
        "Remedy: Mend those before it, and look again."
    )
    assert [missing, warned] == others


def test_ten_of_a_kind_are_all_told():
    findings = [error("a.test", "mx", str(number), SECTION, "m", number) for number in range(10)]
    assert list(few_of_each(findings)) == findings

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sentence a finding becomes."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import (
    Finding,
    Refused,
    error,
    errors,
    escaped_text,
    few_of_each,
    info,
    quote,
    shorten,
    warning,
    with_remedy,
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
        (error("", "domains", "it is empty", "", "Fill it!"), "domains: it is empty. Remedy: Fill it!"),
        (error("", "d", "r", "", "Write v=STSv1; id=1;"), "d: r. Remedy: Write v=STSv1; id=1;"),
    ],
)
def test_whose_where_what_and_what_to_do(finding, sentence):
    assert str(finding) == sentence


def test_only_errors_make_something_unusable():
    found = [make("d", "f", "r", "", "m") for make in (info, error, warning)]
    assert [finding.severity for finding in found] == ["info", "error", "warning"]
    assert errors(found) == [found[1]]


@pytest.mark.parametrize(("make", "severity"), [(error, "error"), (warning, "warning"), (info, "info")])
def test_a_finding_of_any_severity_says_all_that_it_is_given(make, severity):
    assert make("d", "f", "r", "s", "m", 3) == Finding(severity, "d", "f", "r", "s", "m", 3)
    assert make("d", "f", "r", "s", "m").line is None


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


@pytest.mark.parametrize(
    ("width", "shown"),
    [(10, "0123456789"), (9, "012...789"), (8, "012...89"), (7, "01...89"), (5, "0...9")],
)
def test_of_what_is_too_long_both_ends_are_left(width, shown):
    assert shorten("0123456789", width) == shown


def test_a_text_of_a_thousand_characters_is_shown_whole():
    whole, longer = "a" * 500 + "b" * 500, "a" * 500 + "b" * 501
    assert error("a.test", "mx", whole, SECTION, "m").rule == whole
    assert error("a.test", "mx", longer, SECTION, "m").rule == "a" * 499 + "..." + "b" * 498


def test_a_text_of_several_lines_keeps_its_lines_and_nothing_else_that_acts():
    text = "a\tb\n\x1b[2J\r\nc\rd\u2028e\n"
    assert escaped_text(text) == "a\tb\n\\x1b[2J\r\nc\\rd\\u2028e\n"


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
        "a.test: field11: and 4,989 more of this kind (RFC 8461, section 3.2). "
        "Remedy: Fix those listed first, then check again."
    )
    assert [missing, warned] == others


def test_ten_of_a_kind_are_all_told():
    findings = [error("a.test", "mx", str(number), SECTION, "m", number) for number in range(10)]
    assert list(few_of_each(findings)) == findings


def test_of_eleven_of_a_kind_one_is_counted():
    findings = [error("a.test", "mx", str(number), SECTION, "m", number) for number in range(11)]
    *first, rest = few_of_each(findings)
    assert first == findings[:10]
    assert (rest.rule, rest.line) == ("and 1 more of this kind", None)


def test_what_differs_in_domain_severity_section_or_in_having_a_line_is_not_alike():
    kinds = [
        error("a.test", "mx", "r", SECTION, "m"),
        error("b.test", "mx", "r", SECTION, "m"),
        warning("a.test", "mx", "r", SECTION, "m"),
        error("a.test", "mx", "r", "RFC 8461, section 3.1", "m"),
        error("a.test", "mx", "r", SECTION, "m", 7),
    ]
    assert list(few_of_each(kinds * 10)) == kinds * 10
    assert len(few_of_each(kinds * 11)) == 55


@pytest.mark.parametrize(
    ("remedy", "sentence"),
    [
        ("Write 200", "it is 300. Remedy: Write 200."),
        ("Write 200.", "it is 300. Remedy: Write 200."),
        ("Did you mean 200?", "it is 300. Remedy: Did you mean 200?"),
        ("Begin it with v=STSv1;", "it is 300. Remedy: Begin it with v=STSv1;"),
    ],
)
def test_a_remedy_is_a_sentence_of_its_own(remedy, sentence):
    assert with_remedy("it is 300", remedy) == sentence
    refused = Refused("it is 300", remedy)
    assert (str(refused), refused.rule, refused.remedy) == (sentence, "it is 300", remedy)


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("hello", "'hello'"),
        (b"caf\xc3\xa9 \xff", r"'caf\xe9 \\xff'"),
        ("\x1b[2J", r"'\x1b[2J'"),
        ("x" * 80, f"'{'x' * 80}'"),
        ("x" * 81, f"'{'x' * 77}...'"),
    ],
)
def test_what_strangers_say_is_quoted_in_few_plain_characters(said, quoted):
    assert quote(said) == quoted

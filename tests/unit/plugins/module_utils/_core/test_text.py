# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Strangers' text on terminals: it cannot act, and it keeps to its columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import shorten
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.text import (
    columns,
    counted,
    name_in,
    pad,
    printable,
    wrap,
)

WIDE = "\u65e5"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\n  lines\t", "two lines"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("b\u00fccher", "b\u00fccher"),
    ],
)
def test_one_line_of_what_a_terminal_only_shows(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        (f"a{WIDE}", 3),
        ("\uff21", 2),
        ('"\\', 4),
        (f'"\\{WIDE}', 6),
        ("'", 1),
        ("\u0e17\u0e35\u0e48", 1),  # a Thai letter with two marks on it
    ],
)
def test_columns(text, count):
    assert columns(text) == count


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abcdefghij", 10, "abcdefghij"),
        ("abcdefghij", 9, "abc...hij"),
        ("abcdefghij", 8, "abc...ij"),
        ("abcdefghijk", 5, "a...k"),
    ],
)
def test_a_long_name_loses_its_middle(text, width, shown):
    assert shorten(text, width) == shown


@pytest.mark.parametrize(
    ("text", "padded"), [("", "    "), ("abc", "abc "), (f"a{WIDE}", f"a{WIDE} "), ("abcde", "abcde")]
)
def test_spaces_fill_the_columns_of_a_cell(text, padded):
    assert pad(text, 4) == padded


@pytest.mark.parametrize(
    ("name", "width", "cell"),
    [
        ("a.example", 9, "a.example"),
        ("a.example", 8, "a.e...le"),
        ("xn--bcher-kva.test", 32, "b\u00fccher.test (xn--bcher-kva.test)"),
        ("xn--bcher-kva.test", 31, "b\u00fccher.test"),
        ("xn--bcher-kva.test", 11, "b\u00fccher.test"),
        ("xn--bcher-kva.test", 10, "b\u00fcch...est"),
        ("xn--wgv71a119e.jp", 29, "\u65e5\u672c\u8a9e.jp (xn--wgv71a119e.jp)"),
        ("xn--wgv71a119e.jp", 28, "\u65e5\u672c\u8a9e.jp"),
        ("xn--wgv71a119e.jp", 8, "\u65e5...jp"),
    ],
)
def test_a_name_fits_its_cell_in_both_forms_or_as_people_write_it(name, width, cell):
    assert name_in(width, name) == cell
    assert columns(name_in(width, name)) <= width


@pytest.mark.parametrize(
    ("text", "width", "indent", "lines"),
    [
        ("", 10, "", []),
        ("one two", 7, "", ["one two"]),
        ("one two", 6, "", ["one", "two"]),
        ("one two", 8, "  ", ["  one", "  two"]),
        ("one two", 9, "  ", ["  one two"]),
        ("abcdefgh", 3, "", ["abc", "def", "gh"]),
        ("ab cdefgh", 3, "", ["ab", "cde", "fgh"]),
        (WIDE * 3, 4, "", [WIDE * 2, WIDE]),
        (WIDE, 1, "", [WIDE]),
        ("a\x1bb", 20, "", ["a\\x1bb"]),
    ],
)
def test_lines_are_no_wider_than_they_may_be(text, width, indent, lines):
    assert wrap(text, width, indent) == lines


@given(st.text(), st.integers(2, 20))
def test_no_text_makes_a_line_too_wide(text, width):
    assert all(columns(line) <= width for line in wrap(text, width))


@given(st.text(), st.integers(2, 20))
def test_nothing_is_lost_between_the_lines(text, width):
    assert "".join(wrap(text, width)).replace(" ", "") == printable(text).replace(" ", "")


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 sessions"), (1, "1 session"), (2, "2 sessions"), (12000, "12,000 sessions")]
)
def test_what_is_counted_is_one_or_several(number, words):
    assert counted(number, "session") == words
    assert counted(number, "copy", "copies") == words.replace("sessions", "copies").replace("session", "copy")

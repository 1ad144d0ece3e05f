# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON that is made to break readers: its depth, its size, its numbers, its words."""

from __future__ import annotations

import contextlib
import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    REPORT_CHARACTERS,
    REPORT_DEPTH,
    REPORT_FAILURE_DETAILS,
    REPORT_POLICY_LINES,
    REPORT_UNPACKED_BYTES,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.json_object import (
    LARGEST,
    NoCount,
    count,
    items,
    lines,
    member,
    read_object,
    text,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.unpack import unpack

ASK = "Remedy: Ask the sender to mend it, or leave it out: the next report has the next day."
REMOVE = "Remedy: Remove it, unless you know its sender."


def refusal(written):
    with pytest.raises(Refused) as raised:
        read_object(written)
    return str(raised.value)


def nested(depth):
    """An object of that depth."""
    return '{"a":' * (depth - 1) + "{}" + "}" * (depth - 1)


@pytest.mark.parametrize(
    ("written", "data"),
    [
        ("{}", {}),
        (' {"a": [1, "b", null, true]}\r\n', {"a": [1, "b", None, True]}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ('{"a": "\0"}', {"a": "\0"}),
        ('{"a": "\\ud800"}', {"a": "\ud800"}),
        ('{"a": 1e999}', {"a": float("inf")}),
        ('{"a": 99999999999999999999}', {"a": 10**20 - 1}),
        ('{"a": 100000000000000000000}', {"a": "1" + "0" * 20}),
        ('{"a": -%s}' % ("9" * 5000), {"a": "-" + "9" * 5000}),
    ],
)
def test_an_object_is_read(written, data):
    assert read_object(written) == data


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "it is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"a": 1', "it is no JSON: Expecting ',' delimiter: line 1 column 8 (char 7)"),
        ("{}{}", "it is no JSON: Extra data: line 1 column 3 (char 2)"),
        ("{}\0", "it is no JSON: Extra data: line 1 column 3 (char 2)"),
        ("{'a': 1}", "it is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "it is no JSON object"),
        ("3", "it is no JSON object"),
    ],
)
def test_what_is_none_is_refused(written, said):
    assert refusal(written) == f"{said} (RFC 8460, section 4.4). {ASK}"


def test_an_object_is_so_deep():
    assert read_object(nested(REPORT_DEPTH))
    assert read_object('{"a":' + "[" * (REPORT_DEPTH - 1) + "]" * (REPORT_DEPTH - 1) + "}")
    said = f"its JSON is more than 32 deep (RFC 8460, section 4.4). {REMOVE}"
    assert refusal(nested(REPORT_DEPTH + 1)) == said
    assert refusal('{"a":' + "[" * REPORT_DEPTH + "]" * REPORT_DEPTH + "}") == said


@pytest.mark.parametrize(("opening", "times"), [("[", 199_998), ('{"a":', 199_998), ('[{"a":', 99_999)])
@pytest.mark.parametrize("closing", ["", "]"])
def test_depth_without_end_is_refused(opening, times, closing):
    assert "it is no JSON: " in refusal('{"a":' + opening * times + closing * times)


TOO_MANY = f"its JSON has more than 200,000 arrays and objects, or 610,000 items (RFC 8460, section 4.4). {REMOVE}"


def test_an_object_has_so_many_containers():
    within = 2 * REPORT_FAILURE_DETAILS - 2
    assert read_object('{"a":[' + ",".join(["{}"] * within) + "]}")
    assert refusal('{"a":[' + ",".join(["{}"] * (within + 1)) + "]}") == TOO_MANY


def test_an_object_has_so_many_items():
    assert read_object('{"a":[1' + ",1" * 610_000 + "]}")
    assert refusal('{"a":[1' + ",1" * 610_001 + "]}") == TOO_MANY


def test_all_failures_of_the_largest_report_fit_in():
    details = {f"member-{number}": 1 for number in range(6)}
    whole = {"failure-details": [details] * REPORT_FAILURE_DETAILS}
    assert len(read_object(json.dumps(whole))["failure-details"]) == REPORT_FAILURE_DETAILS


WORST = {
    "digits": '{"a":' + "9" * (REPORT_UNPACKED_BYTES - 6) + "}",
    "digits of a fraction": '{"a":0.' + "9" * (REPORT_UNPACKED_BYTES - 8) + "}",
    "an exponent": '{"a":1e' + "9" * (REPORT_UNPACKED_BYTES - 8) + "}",
    "numbers": '{"a":[' + ",".join(["9" * 29] * 610_000) + "]}",
    "one word": '{"a":"' + "x" * (REPORT_UNPACKED_BYTES - 8) + '"}',
    "escapes": '{"a":"' + "\\u0041" * ((REPORT_UNPACKED_BYTES - 8) // 6) + '"}',
    "blanks": "{" + " " * (REPORT_UNPACKED_BYTES - 2) + "}",
    "a string without end": '{"a":"' + "\\\\" * (REPORT_UNPACKED_BYTES // 2 - 10),
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_json_is_read_in_a_second_and_in_bounded_memory(name):
    tracemalloc.start()
    began = time.process_time()
    with contextlib.suppress(Refused):
        read_object(WORST[name])
    took = time.process_time() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 3
    assert peak < 4 * REPORT_UNPACKED_BYTES


@pytest.mark.parametrize(("holder", "found"), [({"a": 1}, 1), ({}, None), ([], None), (None, None), ("a", None)])
def test_a_member_of_anything_is_there_or_not(holder, found):
    assert member(holder, "a") == found


@pytest.mark.parametrize(("value", "found"), [([1], [1]), ({"a": 1}, ()), ("abc", ()), (None, ()), (3, ())])
def test_only_an_array_has_items(value, found):
    assert items(value) == found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "a"),
        (" a \r\n\t b ", "a b"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
        ("Z\u00fcrich", "Z\u00fcrich"),
        ("Z\u00fcrich".encode().decode("latin-1"), "Z\u00fcrich"),
        ("\u00fc", "\u00fc"),
        ("x" * REPORT_CHARACTERS, "x" * REPORT_CHARACTERS),
        (None, ""),
        (3, ""),
        (["a"], ""),
    ],
)
def test_a_word_is_shown_on_one_line_and_does_nothing(value, shown):
    assert text(value) == shown


@pytest.mark.parametrize("word", ["x" * (REPORT_CHARACTERS + 1), "\0" * 10**6, "a " * 10**7, "\n" * 10**7 + "a"])
def test_a_long_word_is_cut(word):
    tracemalloc.start()
    shown = text(word)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(shown) <= REPORT_CHARACTERS
    assert peak < 8 * 2**20


def test_lines_are_few_and_bounded():
    assert lines(["a", "b\r\nc\n", 3]) == ("a", "b", "c")
    assert len(lines(["a"] * (REPORT_POLICY_LINES + 1))) == REPORT_POLICY_LINES
    assert len(lines("a\n" * (REPORT_POLICY_LINES + 1))) == REPORT_POLICY_LINES
    assert lines(None) == lines({"a": "b"}) == lines([[]]) == lines("\n \n") == ()


@pytest.mark.parametrize("number", [0, 1, LARGEST, -0.0, 3.0, 2.0**53 - 1])
def test_a_whole_number_is_a_count_however_it_is_written(number):
    assert count(number) == number
    assert isinstance(count(number), int)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1, "is '-1'"),
        (LARGEST + 1, "is '9007199254740992'"),
        (1.5, "is '1.5'"),
        (-1.0, "is '-1.0'"),
        (2.0**53, "is '9007199254740992.0'"),
        (True, "is 'true'"),
        ("1", "is '\"1\"'"),
        (None, "is missing"),
        ({}, "is no number"),
        ([1], "is no number"),
    ],
)
def test_anything_else_is_no_count(value, said):
    with pytest.raises(NoCount) as raised:
        count(value)
    assert str(raised.value) == f"{said}: a whole number that is not negative is needed"


@given(st.text())
def test_any_word_is_shown_in_printable_characters(word):
    assert text(word).isprintable()
    assert all(line.isprintable() for line in lines(word))


# Letters of Latin-1 may happen to read as bytes of UTF-8; "Z\u00fcrich" above does not.
OUTSIDE_LATIN_1 = st.characters(max_codepoint=0x7F) | st.characters(min_codepoint=0x100, exclude_categories=["Cs"])


@given(st.text(OUTSIDE_LATIN_1))
def test_words_come_through_bytes(word):
    data = json.dumps({"a": word}, ensure_ascii=False).encode()
    assert text(read_object(unpack(data))["a"]) == text(word)


@given(st.text(alphabet='{}[]",:\\0129.eE+-ntfuaI ', max_size=60))
def test_any_text_is_an_object_or_refused(written):
    with contextlib.suppress(Refused):
        assert isinstance(read_object(written), dict)

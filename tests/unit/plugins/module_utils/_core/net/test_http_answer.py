# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTTP answers of every kind: honest ones whatever way their bytes come, hostile ones no further than the bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    HTTP_FIELDS,
    HTTP_INTERIM_ANSWERS,
    HTTP_LINES_BYTES,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.http_answer import (
    Incomplete,
    NoHTTP,
    TooLarge,
    read_answer,
)

LIMIT = 65536
NO_LENGTH = "does not state the length of its answer (RFC 9112, section 6.3)"
NINES = b"9" * 5000  # more than int() takes
POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(POLICY)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"


def honest(*lines):
    """Return an answer with these header fields beside the length."""
    return OK + b"".join(line + b"\r\n" for line in lines) + LENGTH + POLICY


def read(*pieces, limit=LIMIT):
    """Read from pieces that come one after the other."""
    left = iter(pieces)
    return read_answer(lambda: next(left, b""), limit)


def endlessly(begin, piece):
    """Read what begins like this and goes on without end; return the problem and how much was taken."""
    taken = []

    def receive():
        taken.append(piece if taken else begin)
        return taken[-1]

    with pytest.raises((NoHTTP, TooLarge)) as raised:
        read_answer(receive, LIMIT)
    return raised.value, sum(map(len, taken))


HONEST = {
    "length": OK + LENGTH + POLICY,
    "length and more behind it": OK + LENGTH + POLICY + b"HTTP/1.1 404 Not Found\r\n\r\n",
    "the same length twice": OK + b"Content-Length: %d\r\n" % len(POLICY) + LENGTH + POLICY,
    "end of the connection": OK + b"\r\n" + POLICY,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + POLICY,
    "no reason": b"HTTP/1.1 200\r\n" + LENGTH + POLICY,
    "newlines alone": b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(POLICY) + POLICY,
    "chunks": OK + CHUNKED + b"5\r\n%s\r\n%X;a=b\r\n%s\r\n0\r\n\r\n" % (POLICY[:5], len(POLICY) - 5, POLICY[5:]),
    "trailers": OK + CHUNKED + b"%x\r\n%s\r\n0\r\nChecksum: 1\r\n\r\n" % (len(POLICY), POLICY),
    "chunks and a length": OK + b"Content-Length: 3\r\n" + CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(POLICY), POLICY),
    "a coding before chunks": OK
    + b"Transfer-Encoding: gzip, Chunked \r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(POLICY), POLICY),
    "another coding": OK + b"Transfer-Encoding: identity\r\n\r\n" + POLICY,
    "100": CONTINUE + OK + LENGTH + POLICY,
    "102, 103": b"HTTP/1.1 102 Processing\r\n\r\n" + HINTS + OK + LENGTH + POLICY,
    "as many as allowed": CONTINUE * HTTP_INTERIM_ANSWERS + OK + LENGTH + POLICY,
    "a folded field": OK + b"X-Long: a\r\n b\r\n" + LENGTH + POLICY,
    "a line that is no field": OK + b"nonsense\r\n" + LENGTH + POLICY,
}


@pytest.mark.parametrize("data", HONEST.values(), ids=HONEST)
def test_the_policy_is_read_however_its_bytes_come(data):
    for size in (1, 7, len(data)):
        answer = read(*(data[at : at + size] for at in range(0, len(data), size)))
        assert (answer.status, answer.body) == (200, POLICY)


def test_header_fields_are_of_the_final_answer():
    answer = read(HINTS + OK + b"content-TYPE:text/plain \r\nX: a\r\nX: b\r\n" + LENGTH + POLICY)
    assert answer.fields["content-type"] == "text/plain"
    assert answer.fields["x"] == "a, b"
    assert "link" not in answer.fields


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ([b"Sent: 12:30: now"], "12:30: now"),
        ([b"Sent: a", b" b ", b"\tc"], "a b c"),
        ([b"Sent: a", b"nonsense", b"Sent: b"], "a, b"),
        ([b"Sent:"], ""),
        ([b"Sent: \xfc"], "\xfc"),
    ],
)
def test_a_header_field_is_read_as_http_has_it(lines, value):
    answer = read(honest(*lines))
    assert (answer.fields["sent"], answer.body) == (value, POLICY)


@pytest.mark.parametrize("status", [101, 201, 204, 206, 301, 304, 404, 500])
def test_only_the_answer_200_has_a_body_that_anybody_looks_at(status):
    answer = read(b"HTTP/1.1 %d\r\nContent-Length: 999999999\r\nLocation: /a\r\n\r\nx" % status)
    assert (answer.status, answer.body, answer.fields["location"]) == (status, b"", "/a")


@pytest.mark.parametrize(
    ("data", "rule", "said"),
    [
        (b"version: STSv1\r\nmode: none\r\n", "does not speak HTTP", b"version: STSv1"),
        (b"HTTP/2 200\r\n\r\n", "does not speak HTTP", b"HTTP/2 200"),
        (b"HTTP/1.1 20\r\n\r\n", "does not speak HTTP", b"HTTP/1.1 20"),
        (b"HTTP/1.1 +20 OK\r\n\r\n", "does not speak HTTP", b"HTTP/1.1 +20 OK"),
        (b"\r\n" + OK + LENGTH + POLICY, "does not speak HTTP", b""),
        (OK + b"Content-Length: -5\r\n\r\n", NO_LENGTH, b"-5"),
        (OK + b"Content-Length: \xb2\r\n\r\n", NO_LENGTH, b"\xb2"),
        (OK + b"Content-Length: 5x\r\n\r\n", NO_LENGTH, b"5x"),
        (OK + b"Content-Length:\r\n\r\n", NO_LENGTH, b""),
        (OK + b"Content-Length: 5, 6\r\n\r\n", NO_LENGTH, b"5, 6"),
        (OK + b"Content-Length: 5\r\n" + LENGTH, NO_LENGTH, b"5, 44"),
        (OK + b"Content-Length: %s\r\n\r\n" % NINES, NO_LENGTH, NINES),
        (OK + CHUNKED + b"-5\r\n", "does not state the length of a chunk (RFC 9112, section 7.1)", b"-5"),
        (OK + CHUNKED + b"0x5\r\nabcde\r\n", "does not state the length of a chunk (RFC 9112, section 7.1)", b"0x5"),
        (OK + CHUNKED + b"1_0\r\n", "does not state the length of a chunk (RFC 9112, section 7.1)", b"1_0"),
        (OK + CHUNKED + b"\r\n", "does not state the length of a chunk (RFC 9112, section 7.1)", b""),
        (OK + CHUNKED + b"2\r\nabc\r\n", "sends a chunk that is longer than it says (RFC 9112, section 7.1)", b""),
    ],
)  # fmt: skip
def test_what_is_no_http_is_told_with_what_was_said(data, rule, said):
    with pytest.raises(NoHTTP) as raised:
        read(data)
    assert (raised.value.rule, raised.value.said) == (rule, said)


@pytest.mark.parametrize("data", [data for name, data in HONEST.items() if "end" not in name and name != "HTTP/1.0"])
def test_an_answer_cut_short_anywhere_is_incomplete(data):
    whole = next(end for end in range(len(data) + 1) if _is_whole(data[:end]))
    for end in range(whole):
        with pytest.raises(Incomplete):
            read(data[:end])


def _is_whole(data):
    try:
        read(data)
    except Incomplete:
        return False
    return True


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 65537\r\n\r\n",
        OK + b"Content-Length: 999999999999999999\r\n\r\n",
        OK + CHUNKED + b"10001\r\n",
        OK + CHUNKED + b"FFFFFFFFFFFFFFFF\r\n",
        OK + CHUNKED + b"1\r\nx\r\n10000\r\n",
        OK + b"\r\n" + b"x" * (LIMIT + 1),
    ],
)
def test_a_body_over_the_limit_is_not_read(data):
    with pytest.raises(TooLarge):
        read(data)


def test_a_body_without_a_length_is_over_the_limit_whenever_its_last_byte_comes():
    for fields in (b"\r\n", b"Transfer-Encoding: identity\r\n\r\n"):
        with pytest.raises(TooLarge):
            read(OK + fields + b"x" * LIMIT, b"x")


def test_a_body_of_just_the_limit_is_read():
    body = b"x" * LIMIT
    for framed in (
        b"\r\n%s" % body,
        b"Content-Length: 65536\r\n\r\n%s" % body,
        CHUNKED + b"10000\r\n%s\r\n0\r\n\r\n" % body,
    ):
        assert read(OK + framed).body == body


def test_as_many_lines_and_bytes_of_them_are_read_as_senders_read_and_no_more():
    fields = [b"X: y"] * 99  # and the length is one more
    assert read(honest(*fields)).body == POLICY
    with pytest.raises(NoHTTP, match=r"^sends more than 100 header fields$"):
        read(honest(*fields, b"X: y"))
    framing = len(honest(b"X: ")) - len(POLICY)
    long = honest(b"X: " + b"y" * (32768 - framing))
    assert long.index(POLICY) == 32768
    assert read(long).body == POLICY
    with pytest.raises(NoHTTP, match=r"^sends more than 32768 bytes of header fields and the like$"):
        read(long.replace(b"y", b"yy", 1))


def test_five_interim_answers_are_waited_through_and_no_sixth():
    assert read(CONTINUE * 5 + honest()).body == POLICY
    with pytest.raises(NoHTTP, match=r"^sends more than 5 interim answers \(1xx\) and no final one$"):
        read(CONTINUE * 6 + honest())


LINES = f"sends more than {HTTP_LINES_BYTES} bytes of header fields and the like"
INTERIM = f"sends more than {HTTP_INTERIM_ANSWERS} interim answers (1xx) and no final one"
ENDLESS = {
    "100 Continue": (b"", CONTINUE, INTERIM),
    "103 Early Hints": (b"", HINTS, INTERIM),
    "interim answers with fields": (b"", b"HTTP/1.1 102 P\r\n" + b"X: y\r\n" * 99 + b"\r\n", INTERIM),
    "large interim answers": (b"", b"HTTP/1.1 102 P\r\nX: %s\r\n\r\n" % (b"y" * 15000), LINES),
    "a status line": (b"HTTP/1.1 200 ", b"x" * 4096, LINES),
    "a status line, byte by byte": (b"HTTP/1.1 200 ", b"x", LINES),
    "a header field": (OK + b"X: ", b"x" * 4096, LINES),
    "header fields": (OK, b"X: y\r\n", f"sends more than {HTTP_FIELDS} header fields"),
    "large header fields": (OK, b"X: %s\r\n" % (b"y" * 4096), LINES),
    "folded lines": (OK + b"X: y\r\n", b" z\r\n", f"sends more than {HTTP_FIELDS} header fields"),
    "lines that are no fields": (OK, b"x\r\n", f"sends more than {HTTP_FIELDS} header fields"),
    "trailers": (OK + CHUNKED + b"0\r\n", b"X: y\r\n", f"sends more than {HTTP_FIELDS} header fields"),
    "large trailers": (OK + CHUNKED + b"0\r\n", b"X: %s\r\n" % (b"y" * 4096), LINES),
    "a chunk extension": (OK + CHUNKED + b"1;", b"x" * 4096, LINES),
    "chunk extensions": (OK + CHUNKED, b"1;%s\r\nx\r\n" % (b"y" * 1000), LINES),
    "small chunks": (OK + CHUNKED, b"1\r\nx\r\n", LINES),
    "a chunk's size": (OK + CHUNKED, b"0" * 4096, LINES),
    "a body": (OK + b"\r\n", b"x" * 4096, ""),
    "nothing but newlines": (
        OK + CHUNKED + b"1\r\nx",
        b"\n",
        "does not state the length of a chunk (RFC 9112, section 7.1)",
    ),
}


@pytest.mark.parametrize(("begin", "piece", "rule"), ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_not_read_beyond_the_bounds(begin, piece, rule):
    problem, taken = endlessly(begin or piece, piece)
    assert str(problem) == rule
    assert taken <= LIMIT + HTTP_LINES_BYTES + len(piece)


@given(st.binary(max_size=300), st.sampled_from([b"", OK, OK + CHUNKED, OK + b"Content-Length: "]))
def test_any_bytes_give_an_answer_or_one_of_three_problems(data, begin):
    whole = begin + data
    pieces = [whole[at : at + 5] for at in range(0, len(whole), 5)]
    outcomes = []
    for given_bytes in ([whole], pieces):
        try:
            outcomes.append(read(*given_bytes, limit=100))
        except (NoHTTP, Incomplete, TooLarge) as problem:
            outcomes.append(repr(problem))
    assert outcomes[0] == outcomes[1]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Base64 of every strictness, and what else mail is written in."""

from __future__ import annotations

import base64
import quopri
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import MAIL_BASE64_PIECES
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.transfer_encoding import decode

DATA = bytes(range(256)) + b"{}"  # 258 bytes: no padding
LONGER = DATA + b"!"  # two characters of padding


def wrapped(data, end=b"\r\n", width=76):
    text = base64.b64encode(data)
    return b"".join(text[at : at + width] + end for at in range(0, len(text), width))


def pieces(data, size, end=b""):
    """Each piece encoded by itself, with its own padding."""
    return b"".join(base64.b64encode(data[at : at + size]) + end for at in range(0, len(data), size))


@pytest.mark.parametrize("data", [DATA, LONGER, LONGER + b"!"], ids=len)
@pytest.mark.parametrize(
    "encode",
    [
        base64.b64encode,
        wrapped,
        lambda data: wrapped(data, b"\n", 61),
        lambda data: wrapped(data, b"\r\r\n"),
        lambda data: wrapped(data, b" \r\n\t"),
        lambda data: b"\r\n\r\n" + wrapped(data),
        lambda data: base64.b64encode(data).rstrip(b"="),
        lambda data: wrapped(data).replace(b"A", b"A "),
        lambda data: wrapped(data).replace(b"A", b"A\0\xff-"),
        lambda data: wrapped(data) + b"\r\nThis mail was scanned by a gateway\r\n",
        lambda data: wrapped(data) + b" \r\n \r\n== A list ==\r\n",
        lambda data: pieces(data, 7),
        lambda data: pieces(data, 100, b"\r\n"),
    ],
)
def test_base64_is_read_however_it_is_written(encode, data):
    assert decode(memoryview(encode(data)), " BASE64 ") == data


def test_what_stands_below_the_padding_is_not_read():
    assert decode(memoryview(wrapped(LONGER) + b"-- \r\nA list"), "base64") == LONGER


def test_one_letter_is_no_byte():
    assert decode(memoryview(b"QUJDR"), "base64") == b"ABC"


def test_so_many_pieces_are_read():
    text = b"QQ==" * (MAIL_BASE64_PIECES + 1)
    assert decode(memoryview(text), "base64") == b"A" * MAIL_BASE64_PIECES


@pytest.mark.parametrize("body", [b"", b"\r\n", b"==", b"Q"])
def test_nothing_is_read_as_nothing(body):
    assert decode(memoryview(body), "base64") == b""


@pytest.mark.parametrize("piece", [b"=", b"A=", b"QQ==", b"\n", b"\n=", b" \n\r", b"Q", b"-", b"\r\n \r"])
def test_base64_is_read_in_linear_time(piece):
    began = time.process_time()
    decode(memoryview(piece * (15 * 2**20 // len(piece))), "base64")
    assert time.process_time() - began < 3


def test_quoted_printable_is_read():
    assert decode(memoryview(quopri.encodestring(DATA)), "Quoted-Printable") == DATA
    assert decode(memoryview(b"=7B=\r\n=7d=ZZ="), "quoted-printable") == b"{}=ZZ"


@pytest.mark.parametrize("encoding", ["", "7bit", "8bit", "binary", "x-unknown", "base64;"])
def test_of_any_other_encoding_the_body_is_left_as_it_is(encoding):
    assert decode(memoryview(DATA), encoding) == DATA


@given(st.binary(), st.sampled_from(["base64", "quoted-printable"]))
def test_any_body_is_decoded(body, encoding):
    assert isinstance(decode(memoryview(body), encoding), bytes)


@given(st.binary())
def test_base64_comes_back(data):
    assert decode(memoryview(wrapped(data)), "base64") == data

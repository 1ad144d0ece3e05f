# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fields that matter of a header, honest or hostile."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    MAIL_FIELD_BYTES,
    MAIL_HEADER_BYTES,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.mail_header import Header

NAME = "sender.example!example.com!1800489600!1800575999.json.gz"


def header(*lines, end="\r\n"):
    """Read these lines."""
    return Header(memoryview("".join(line + end for line in lines).encode("latin-1")))


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_fields_are_found(end):
    read = header(
        "Received: from a.test;",
        " Content-Type: text/html",
        "CONTENT-TYPE:multipart/report; report-type=tlsrpt;",
        '\tBoundary="a b"',
        "content-transfer-encoding : Base64 ",
        "Content-Type: text/plain",
        "TLS-Report-Domain: example.com",
        "Subject: Report Domain: example.com",
        "\tSubmitter: sender.example",
        end=end,
    )
    assert read.media_type == "multipart/report"
    assert read.boundary == b"a b"
    assert read.transfer_encoding == "Base64"
    assert read.file_name == ""
    assert read.words("TLS-Report-Domain") == "example.com"
    assert read.words("Subject") == "Report Domain: example.com Submitter: sender.example"
    assert read.words("TLS-Report-Submitter") == ""


def test_a_header_without_fields_is_one_of_plain_text():
    read = header()
    assert (read.media_type, read.boundary, read.transfer_encoding, read.file_name) == ("text/plain", b"", "", "")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("=?utf-8?q?Report_Domain=3A_example=2Ecom?=", "Report Domain: example.com"),
        ("=?UTF-8?B?UmVwb3J0?= =?us-ascii?Q?_Domain?=", "Report Domain"),
        ("=?no-such-charset?q?a?=", "=?no-such-charset?q?a?="),
        ("=?a\0b?q?a?=", "=?a\0b?q?a?="),
        ("=?\u00fctf-8?q?a?=", "=?\u00fctf-8?q?a?="),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?utf-8?q?=FF?=", "=?utf-8?q?=FF?="),
        ("M\u00fcnchen", "M\u00fcnchen"),
    ],
)
def test_words_are_decoded_as_far_as_they_can_be(words, text):
    assert header(f"Subject: {words}").words("Subject") == text


@pytest.mark.parametrize(
    "field",
    [
        f'Content-Disposition: attachment; filename="{NAME}"',
        f"Content-Disposition: attachment; filename={NAME}",
        f'Content-Type: application/gzip; name="{NAME}"',
        'Content-Disposition: attachment;\r\n filename="sender.example!example.com!\r\n 1800489600!1800575999.json.gz"',
        "Content-Disposition: a; filename*=utf-8''sender.example%21example.com%211800489600%211800575999.json.gz",
        "Content-Disposition: attachment;\r\n filename*0=sender.example!example.com!;\r\n"
        " filename*1*=1800489600%211800575999.json.gz",
        'Content-Disposition: attachment; filename="=?utf-8?q?sender.example!example.com!1800489600!1800575999?=\r\n'
        ' =?utf-8?q?.json.gz?="',
    ],
)
def test_a_file_name_is_read_however_it_is_written(field):
    assert header(field).file_name == NAME


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        ("multipart/mixed", b""),
        ("multipart/mixed; boundary", b""),
        ('multipart/mixed; boundary=""', b""),
        ('multipart/mixed; boundary="a', b'"a'),
        ("multipart/mixed; boundary=a.*+b", b"a.*+b"),
        ("multipart/mixed; boundary=\xff\xfe", b"\xff\xfe"),
        ("multipart/mixed; boundary*=utf-8''%E2%82%AC", b""),
        ("multipart/mixed; boundary*=no-such-charset''a", b"a"),
        ("multipart/mixed; boundary*=a%00b''a", b""),
    ],
)
def test_a_boundary_is_read_or_there_is_none(kind, boundary):
    assert header(f"Content-Type: {kind}").boundary == boundary


def test_of_a_field_so_much_is_read():
    within = "a" * MAIL_FIELD_BYTES
    assert header(f"Subject:{within}").words("Subject") == within
    assert header(f"Subject:{within}b").words("Subject") == within


@pytest.mark.parametrize(
    "piece",
    [
        "Subject:\n",
        "a:\n",
        "Subject: ",
        "Content-Type: a;\n",
        ";",
        "\n ",
        "=?a?q?",
        "=?a?q?b?=",
        '"',
        " name*0=a;\n",
        "\r",
    ],
)
@pytest.mark.parametrize("start", ["", "Content-Type: a/b;", 'Content-Disposition: a; filename="', "Subject: "])
def test_a_header_is_read_in_linear_time(piece, start):
    text = start + piece * (MAIL_HEADER_BYTES // len(piece))
    began = time.process_time()
    read = Header(memoryview(text.encode()))
    assert len(read.file_name) + len(read.boundary) + len(read.media_type) < 4 * MAIL_FIELD_BYTES
    read.words("Subject")
    assert time.process_time() - began < 1


FIELDS = [
    "Content-Type:",
    "Content-Disposition: a;",
    " filename=",
    " filename*0*=",
    " boundary*=",
    "Subject:",
    "\n",
    "''",
]


@given(st.lists(st.sampled_from(FIELDS).map(str.encode) | st.binary(max_size=30)).map(b"".join))
def test_any_bytes_are_a_header(data):
    read = Header(memoryview(data))
    assert isinstance(read.file_name + read.media_type + read.transfer_encoding, str)
    assert isinstance(read.boundary, bytes)
    assert "\n" not in read.words("Subject")

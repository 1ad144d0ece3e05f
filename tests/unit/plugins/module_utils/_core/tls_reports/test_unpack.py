# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever a report is packed in: read, or refused in a sentence, within bounds of memory and time."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import time
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    REPORT_GZIP_MEMBERS,
    REPORT_PACKED_BYTES,
    REPORT_UNPACKED_BYTES,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.unpack import seems_json, unpack

TEXT = '{"a": "b"}'
DATA = TEXT.encode()
ASK = "Remedy: Ask the sender to mend it, or leave it out: the next report has the next day."
REMOVE = "Remedy: Remove it, unless you know its sender."
SCHEMA, COMPRESSION = "(RFC 8460, section 4.4)", "(RFC 8460, section 5.2)"
EMPTY_MEMBER = gzip.compress(b"", mtime=0)


def refusal(data):
    with pytest.raises(Refused) as raised:
        unpack(data)
    return str(raised.value)


def zip_archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("report.json", TEXT)
    return file.getvalue()


def bomb(size):
    """That many blanks, packed as tightly as can be."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * 2**20) for _unused in range(size // 2**20)) + packer.flush()


READ = {
    "as it is": DATA,
    "blanks around it": b"\r\n \t" + DATA,
    "byte order mark": b"\xef\xbb\xbf" + DATA,
    "blanks and a byte order mark": b" \n\xef\xbb\xbf " + DATA,
    "UTF-16 LE with mark": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "UTF-16 BE with mark": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "UTF-16 LE": TEXT.encode("utf-16-le"),
    "UTF-16 BE": TEXT.encode("utf-16-be"),
    "UTF-32": TEXT.encode("utf-32"),
    "gzip": gzip.compress(DATA),
    "gzip of UTF-16": gzip.compress(TEXT.encode("utf-16")),
    "several members": gzip.compress(DATA[:4]) + EMPTY_MEMBER + gzip.compress(DATA[4:]),
    "gzip and garbage": gzip.compress(DATA) + b"This mail was scanned",
    "gzip and zeros": gzip.compress(DATA) + bytes(512),
    "as many members as may be": EMPTY_MEMBER * (REPORT_GZIP_MEMBERS - 1) + gzip.compress(DATA),
}
REFUSED = {
    "nothing": (b"", f"it is empty {SCHEMA}. {ASK}"),
    "blanks": (b" \r\n", f"it is empty {SCHEMA}. {ASK}"),
    "nothing in gzip": (EMPTY_MEMBER, f"it is empty {SCHEMA}. {ASK}"),
    "XML": (b"<feedback/>", f"it is no JSON object {SCHEMA}. {ASK}"),
    "an array": (b"[{}]", f"it is no JSON object {SCHEMA}. {ASK}"),
    "a mark in the middle of blanks": (b"\xef\xbb[", f"it is no JSON object {SCHEMA}. {ASK}"),
    "gzip in gzip": (gzip.compress(gzip.compress(DATA)), f"it is no JSON object {SCHEMA}. {ASK}"),
    "ZIP": (zip_archive(), f"it is a ZIP archive, not gzip {COMPRESSION}. {ASK}"),
    "bzip2": (bz2.compress(DATA), f"it is packed with bzip2, not gzip {COMPRESSION}. {ASK}"),
    "xz": (lzma.compress(DATA), f"it is packed with xz, not gzip {COMPRESSION}. {ASK}"),
    "cut gzip": (gzip.compress(DATA)[:-9], f"its gzip is cut off {COMPRESSION}. {ASK}"),
    "a cut second member": (gzip.compress(DATA) + EMPTY_MEMBER[:12], f"its gzip is cut off {COMPRESSION}. {ASK}"),
    "the magic alone": (b"\x1f\x8b", f"its gzip is cut off {COMPRESSION}. {ASK}"),
    "broken gzip": (
        gzip.compress(DATA)[:-5] + b"12345",
        f"its gzip cannot be unpacked: Error -3 while decompressing data: incorrect data check {COMPRESSION}. {ASK}",
    ),
    "one member too many": (
        EMPTY_MEMBER * REPORT_GZIP_MEMBERS + gzip.compress(DATA),
        f"its gzip has more than 100 members {COMPRESSION}. {REMOVE}",
    ),
}


@pytest.mark.parametrize("name", READ)
def test_it_is_unpacked(name):
    assert unpack(READ[name]) == TEXT
    assert seems_json(READ[name]) or name == "as many members as may be"


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name):
    data, said = REFUSED[name]
    assert refusal(data) == said


def test_a_report_is_packed_into_so_many_bytes():
    data = DATA + b" " * (REPORT_PACKED_BYTES - len(DATA))
    assert unpack(data).rstrip() == TEXT
    assert refusal(data + b" ") == f"it has 10,485,761 bytes, more than 10,485,760 {COMPRESSION}. {REMOVE}"


@pytest.mark.parametrize("members", [1, 3])
def test_a_report_unpacks_to_so_many_bytes(members):
    whole = DATA + b" " * (REPORT_UNPACKED_BYTES - len(DATA))
    step = -(-len(whole) // members)
    packed = b"".join(gzip.compress(whole[at : at + step], 1) for at in range(0, len(whole), step))
    assert len(unpack(packed)) == REPORT_UNPACKED_BYTES
    said = f"it unpacks to more than 20,971,520 bytes {COMPRESSION}. {REMOVE}"
    assert refusal(packed + gzip.compress(b" ")) == said


BOMBS = {
    "one huge member": lambda: bomb(2**27),
    "many members": lambda: bomb(2**20) * 99,
    "many empty members": lambda: EMPTY_MEMBER * (REPORT_PACKED_BYTES // len(EMPTY_MEMBER)),
    "members that are all large": lambda: gzip.compress(bytes(range(256)) * 400, 0) * 100,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_no_more_memory_than_a_report_and_no_time(name):
    data = BOMBS[name]()
    tracemalloc.start()
    began = time.process_time()
    refusal(data)
    took = time.process_time() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * REPORT_UNPACKED_BYTES
    assert took < 3


@pytest.mark.parametrize(
    "data",
    [b"", b"<feedback>", b"PK\x03\x04{", gzip.compress(b"<feedback>"), b"\x1f\x8b\x08{", b"\x1f\x8bnonsense", b"[{"],
)
def test_what_is_no_json_object_does_not_seem_one(data):
    assert not seems_json(data)


def test_of_a_large_object_the_beginning_is_enough():
    packed = gzip.compress(json.dumps({str(number): number for number in range(10000)}).encode())
    assert seems_json(packed)


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\x1f\x8b", b"{", b"\x1f\x8b\x08\x00", EMPTY_MEMBER, b"\xff\xfe"])
)
def test_any_bytes_are_text_or_refused(data, head):
    seems_json(head + data)
    with contextlib.suppress(Refused):
        assert unpack(head + data).startswith("{")

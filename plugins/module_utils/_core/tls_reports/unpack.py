# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the bytes of a file or an attachment to the text of a report, however it is packed (RFC 8460, section 5.2).

Names and media types are not asked: senders call gzip octet-stream and JSON plain text, and the endpoint keeps neither.
Private to this collection.
"""

from __future__ import annotations

import json
import re
import zlib

from ..bounds import REPORT_GZIP_MEMBERS, REPORT_PACKED_BYTES, REPORT_UNPACKED_BYTES
from ..finding import Refused
from ..rfc import TLS_RPT_COMPRESSION, TLS_RPT_SCHEMA

GZIP = b"\x1f\x8b"
_OTHERS = {b"PK\x03\x04": "a ZIP archive", b"BZh": "packed with bzip2", b"\xfd7zXZ\x00": "packed with xz"}
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
# Byte order marks, one of them as it reads byte by byte, and blanks
_BEGINNING = re.compile("(?:[ \t\r\n\ufeff]|\u00ef\u00bb\u00bf)*({?)")
# Of an attachment, enough to see whether JSON begins there
_GLANCE = 1000
ASK = "Ask the sender to mend it, or leave it out: the next report has the next day"
REMOVE = "Remove it, unless you know its sender"


def unpack(data: bytes) -> str:
    """Return the text. Raises Refused for what is too large, cannot be unpacked, or does not begin as an object."""
    if len(data) > REPORT_PACKED_BYTES:
        raise Refused(f"it has {len(data):,} bytes, more than {REPORT_PACKED_BYTES:,} ({TLS_RPT_COMPRESSION})", REMOVE)
    for magic, packed in _OTHERS.items():
        if data.startswith(magic):
            raise Refused(f"it is {packed}, not gzip ({TLS_RPT_COMPRESSION})", ASK)
    text = _decode(_gunzip(data) if data.startswith(GZIP) else data)
    beginning = _BEGINNING.match(text)
    if not beginning or not beginning[1]:
        raise Refused(f"it is {'no JSON object' if text.strip() else 'empty'} ({TLS_RPT_SCHEMA})", ASK)
    return text[beginning.start(1) :]


def seems_json(data: bytes) -> bool:
    """Return whether an object begins there, packed or not: what of several attachments may be a report."""
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(_GZIP_WINDOW).decompress(data[:_GLANCE], _GLANCE)
        except zlib.error:
            return False
    beginning = _BEGINNING.match(_decode(data[:_GLANCE]))
    return beginning is not None and beginning[1] != ""


def _gunzip(data: bytes) -> bytes:
    """Return what was packed, in one member or several. What comes behind the last one is nobody's."""
    unpacked = bytearray()
    for _unused in range(REPORT_GZIP_MEMBERS):
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            unpacked += member.decompress(data, REPORT_UNPACKED_BYTES + 1 - len(unpacked))
        except zlib.error as problem:
            raise Refused(f"its gzip cannot be unpacked: {problem} ({TLS_RPT_COMPRESSION})", ASK) from None
        if len(unpacked) > REPORT_UNPACKED_BYTES:
            raise Refused(f"it unpacks to more than {REPORT_UNPACKED_BYTES:,} bytes ({TLS_RPT_COMPRESSION})", REMOVE)
        if not member.eof:
            raise Refused(f"its gzip is cut off ({TLS_RPT_COMPRESSION})", ASK)
        data = member.unused_data
        if not data.startswith(GZIP):
            return bytes(unpacked)
    raise Refused(f"its gzip has more than {REPORT_GZIP_MEMBERS} members ({TLS_RPT_COMPRESSION})", REMOVE)


def _decode(data: bytes) -> str:
    """Read UTF-8 byte by byte: one character may make all others four times as large; words are put right by text()."""
    encoding = json.detect_encoding(data)
    return data.decode("latin-1" if encoding.startswith("utf-8") else encoding, "replace")

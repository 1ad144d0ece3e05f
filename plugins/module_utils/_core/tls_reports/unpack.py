# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the bytes of a file or an attachment to the text of a report, however it is packed (RFC 8460, section 5.2).

Names and media types are not asked: senders call gzip octet-stream and JSON plain text, and the endpoint keeps neither.
Private to this collection.
"""

from __future__ import annotations

import json
import zlib

from ..bounds import REPORT_PACKED_BYTES, REPORT_UNPACKED_BYTES
from ..finding import Refused
from ..rfc import TLS_RPT_COMPRESSION, TLS_RPT_SCHEMA

_GZIP = b"\x1f\x8b"
_OTHERS = {b"PK\x03\x04": "a ZIP archive", b"BZh": "packed with bzip2", b"\xfd7zXZ\x00": "packed with xz"}
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_BLANK = " \t\r\n\ufeff"
ASK = "Ask the sender to mend it, or leave it out: the next report has the next day"


def unpack(data: bytes) -> str:
    """Return the text. Raises Refused for what is too large, cannot be unpacked, or is no JSON object at all."""
    if len(data) > REPORT_PACKED_BYTES:
        raise Refused(
            f"it has {len(data):,} bytes, more than {REPORT_PACKED_BYTES:,} ({TLS_RPT_COMPRESSION})",
            "Remove it, unless you know its sender: reports of the largest have a hundredth of that",
        )
    for magic, packed in _OTHERS.items():
        if data.startswith(magic):
            raise Refused(f"it is {packed}, not gzip ({TLS_RPT_COMPRESSION})", ASK)
    if data.startswith(_GZIP):
        data = _gunzip(data)
    text = _decode(data).strip(_BLANK)
    if not text.startswith("{"):
        raise Refused(f"it is {'no JSON object' if text else 'empty'} ({TLS_RPT_SCHEMA})", ASK)
    return text


def _gunzip(data: bytes) -> bytes:
    """Return what was packed, in one member or several. What comes behind the last one is nobody's."""
    unpacked = bytearray()
    while data.startswith(_GZIP):
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            unpacked += member.decompress(data, REPORT_UNPACKED_BYTES + 1 - len(unpacked))
        except zlib.error as problem:
            raise Refused(f"its gzip cannot be unpacked: {problem} ({TLS_RPT_COMPRESSION})", ASK) from None
        if len(unpacked) > REPORT_UNPACKED_BYTES:
            raise Refused(
                f"it unpacks to more than {REPORT_UNPACKED_BYTES:,} bytes ({TLS_RPT_COMPRESSION})",
                "Remove it: no report is that long",
            )
        if not member.eof:
            raise Refused(f"its gzip is cut off ({TLS_RPT_COMPRESSION})", ASK)
        data = member.unused_data
    return bytes(unpacked)


def _decode(data: bytes) -> str:
    """JSON is UTF-8, or UTF-16 with its zeros; what is neither is read byte by byte, for its figures are ASCII."""
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        return data.decode("latin-1")

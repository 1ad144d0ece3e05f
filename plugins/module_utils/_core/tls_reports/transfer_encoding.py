# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Undo the transfer encoding of a part of a mail, as strangely as it may be written (RFC 2045, section 6).

Private to this collection.
"""

from __future__ import annotations

import binascii
import re

from ..bounds import MAIL_BASE64_PIECES

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
# Gateways write below it what they have to say.
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")
# Some encoders put one piece behind the other, each with its own padding.
_PIECE = re.compile(rb"([^=]+)=*")
_GOES_ON = re.compile(rb"\s*[A-Za-z0-9+/]{2}")


def decode(body: memoryview, encoding: str) -> bytes:
    """Return the bytes of a body; of an encoding that nobody knows, the body as it is."""
    name = encoding.strip().lower()
    if name == "base64":
        return _base64(bytes(body))
    return binascii.a2b_qp(body) if name == "quoted-printable" else bytes(body)


def _base64(body: bytes) -> bytes:
    """Read the letters alone: line ends, blanks and missing padding count for nothing."""
    text = body.strip()
    end = _BLANK_LINE.search(text)
    decoded = bytearray()
    for _unused, piece in zip(range(MAIL_BASE64_PIECES), _PIECE.finditer(text, 0, end.start() if end else len(text))):
        letters = piece[1].translate(None, _NOT_BASE64)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]  # one alone is no byte
        decoded += binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
        if not _GOES_ON.match(text, piece.end()):
            break
    return bytes(decoded)

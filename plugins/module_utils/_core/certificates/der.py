# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the public key in a certificate (RFC 5280, section 4.1), and nothing else: hosts may lack cryptography.

    Certificate ::= SEQUENCE { tbsCertificate SEQUENCE {
        [0] version OPTIONAL, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, ... }, ... }

Private to this collection.
"""

from __future__ import annotations

SEQUENCE, VERSION = 0x30, 0xA0
BEFORE_THE_KEY = 5  # serialNumber, signature, issuer, validity, subject
LONG_FORM = 0x80
LONGEST_LENGTH = 4  # bytes of a length; a certificate has a few thousand bytes


def public_key_info(certificate: bytes) -> bytes | None:
    """Return the SubjectPublicKeyInfo of a certificate, both in DER; None when it is not built like one."""
    try:
        at = _inside(certificate, _inside(certificate, 0))
        if certificate[at] == VERSION:
            at = _end(certificate, at)
        for _unused in range(BEFORE_THE_KEY):
            at = _end(certificate, at)
        _inside(certificate, at)
        return certificate[at : _end(certificate, at)]
    except (IndexError, ValueError):
        return None


def _inside(data: bytes, at: int) -> int:
    """Return where the content of the SEQUENCE at a place begins."""
    if data[at] != SEQUENCE:
        raise ValueError
    return _bounds(data, at)[0]


def _end(data: bytes, at: int) -> int:
    return _bounds(data, at)[1]


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Return where the content of the element at a place begins and ends. Raises IndexError and ValueError."""
    length, start = data[at + 1], at + 2
    if length >= LONG_FORM:
        size = length - LONG_FORM
        if not 0 < size <= LONGEST_LENGTH:
            raise ValueError
        start += size
        length = int.from_bytes(data[start - size : start], "big")
    if start + length > len(data):
        raise ValueError
    return start, start + length

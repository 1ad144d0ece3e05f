# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which TLSA record stands for the certificate an MX shows (RFC 6698, section 2.1)?

Needs cryptography for records about the public key, imported late. Private to this collection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

LEAF_USAGES = {"1", "3"}
_DIGESTS = {"1": hashlib.sha256, "2": hashlib.sha512}


def stands_for(tlsa: Iterable[str], certificate: bytes) -> bool | None:
    """Whether one of the records stands for the leaf; None when records about CAs or keys leave it open."""
    open_question = False
    for record in tlsa:
        usage, selector, kind, *data = record.split()
        selected = _selected(selector, certificate) if usage in LEAF_USAGES else None
        if selected is None or kind not in {"0", *_DIGESTS}:
            open_question = True
        elif (selected if kind == "0" else _DIGESTS[kind](selected).digest()).hex() == "".join(data).lower():
            return True
    return None if open_question else False


def _selected(selector: str, certificate: bytes) -> bytes | None:
    if selector == "0":
        return certificate
    if selector != "1" or not HAS_CRYPTOGRAPHY:
        return None
    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

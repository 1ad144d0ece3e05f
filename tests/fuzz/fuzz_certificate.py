# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""certificate_store.parse_certificate: any file is a certificate or none."""

from __future__ import annotations

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from harness import fuzz, load

certificate_store = load("_io.certificates.store")


def try_one(data: bytes) -> None:
    """Read bytes as they are, and as the content of a PEM block."""
    body = base64.encodebytes(data)
    for text in (data, b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"):
        found = certificate_store.parse_certificate(text)
        if found is not None:
            assert found.key_type is not None
            assert len(found.fingerprint) == 64


def seed() -> bytes:
    """A certificate such as a CA issues."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mta-sts.example.com")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=90))
    names = x509.SubjectAlternativeName([x509.DNSName("mta-sts.example.com"), x509.DNSName("b.example")])
    return builder.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


if __name__ == "__main__":
    fuzz(try_one, [seed(), b"", b"-----BEGIN CERTIFICATE-----"])

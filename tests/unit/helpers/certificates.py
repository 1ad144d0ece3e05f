# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A certificate store as dehydrated and our hook leave it, with real keys and certificates."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

FAMILY = {"rsa2048": "rsa", "p256": "ecdsa", "p384": "ecdsa"}
END = 90 * 86400


@cache
def key_of(key_type):
    if key_type == "rsa2048":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[key_type])


def pem_pair(name, key_type, start=0, end=END, authority=b""):
    """Return key and certificate, each as PEM; it is asked about by its ``authority``, its issuer's key identifier."""
    key = key_of(key_type)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(start, timezone.utc))
        .not_valid_after(datetime.fromtimestamp(end, timezone.utc))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
    )
    if authority:
        certificate = certificate.add_extension(x509.AuthorityKeyIdentifier(authority, None, None), critical=False)
    certificate = certificate.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def issue(store, live, name, key_type, **dates):
    """Put a certificate where dehydrated and our hook would."""
    folder = store / key_type / name
    folder.mkdir(parents=True, exist_ok=True)
    live.mkdir(parents=True, exist_ok=True)
    key, certificate = pem_pair(name, key_type, **dates)
    (folder / "privkey.pem").write_bytes(key)
    (folder / "fullchain.pem").write_bytes(certificate)
    (folder / "renew-at").write_text("9\n")
    (live / f"{name}.{FAMILY[key_type]}.pem").write_bytes(key + certificate)

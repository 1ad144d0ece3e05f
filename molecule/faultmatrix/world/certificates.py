# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CAs of our own: one that everybody in the lab trusts and one that nobody does, for certificates right and wrong.

As at public CAs a root stands above an intermediate for each type of key. They live in a folder; what is there stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .data import KEY_TYPES, Certificate

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
TRUSTED, UNKNOWN = "trusted", "unknown"
LONG = timedelta(days=3650)
# What is kept for the next run is made anew before the dates of the short-lived one tell.
KEPT = timedelta(hours=6)


@dataclass(frozen=True)
class Kind:
    """How a certificate is made: by which CA ("" by nobody, it signs itself), from when to when, what is sent along."""

    ca: str = TRUSTED
    start: timedelta = timedelta(days=-1)
    end: timedelta = timedelta(days=60)
    chain: tuple[str, ...] = ("intermediate",)
    names_in_san: bool = True


KINDS = {
    "good": Kind(),
    "expired": Kind(start=timedelta(days=-91), end=timedelta(days=-1)),
    "not_yet_valid": Kind(start=timedelta(days=2), end=timedelta(days=92)),
    "expiring": Kind(start=timedelta(days=-87), end=timedelta(days=3, hours=1)),
    "short_lived": Kind(start=timedelta(hours=-107), end=timedelta(hours=53)),
    "self_signed": Kind(ca="", chain=()),
    "unknown_ca": Kind(ca=UNKNOWN),
    "unknown_ca_with_root": Kind(ca=UNKNOWN, chain=("intermediate", "root")),
    "no_intermediate": Kind(chain=()),
    "name_as_cn_only": Kind(names_in_san=False),
}


class Authorities:
    """The CAs in a folder, made if need be, and the two keys that all servers share."""

    def __init__(self, folder: Path) -> None:
        """Make what is missing."""
        self.folder = folder
        self._loaded: dict[str, PrivateKey] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._keys = {key_type: self._key(f"server-{key_type}", key_type) for key_type in KEY_TYPES}
        for ca in (TRUSTED, UNKNOWN):
            self._authority(ca)

    @property
    def root(self) -> bytes:
        """The certificate to trust."""
        return self._path(f"{TRUSTED}-root.crt").read_bytes()

    def public_key_digest(self, key_type: str) -> str:
        """The SHA-256 of a server's public key, as a TLSA record has it."""
        public = self._keys[key_type].public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(public).hexdigest()

    def issue(self, certificate: Certificate) -> dict[str, bytes]:
        """Return the PEM files of a certificate by name."""
        return {
            certificate.file(key_type): self._kept(certificate, key_type, KINDS[kind])
            for key_type, kind in certificate.kinds.items()
        }

    def _kept(self, certificate: Certificate, key_type: str, kind: Kind) -> bytes:
        path = self._path(certificate.file(key_type))
        if not path.exists() or _is_old(path.read_bytes(), kind):
            key = self._keys[key_type]
            leaf = self._leaf(certificate.names, key, key_type, kind)
            sent = [self._path(f"{kind.ca}-{_of(which, key_type)}.crt").read_bytes() for which in kind.chain]
            path.write_bytes(_private(key) + leaf.public_bytes(PEM) + b"".join(sent))
        return path.read_bytes()

    def _leaf(self, names: tuple[str, ...], key: PrivateKey, key_type: str, kind: Kind) -> x509.Certificate:
        # as public CAs do: the subject says nothing, the names stand in the extension
        subject = x509.Name([] if kind.names_in_san else [x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        issuer_key = self._key(f"{kind.ca}-intermediate-{key_type}", key_type) if kind.ca else key
        issuer = self._certificate(f"{kind.ca}-intermediate-{key_type}").subject if kind.ca else _name(names[0])
        builder = (
            _builder(subject if kind.ca else issuer, issuer, key, kind.start, kind.end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if kind.names_in_san:
            builder = builder.add_extension(alternative, critical=bool(kind.ca))
        return builder.sign(issuer_key, hashes.SHA256())

    def _authority(self, ca: str) -> None:
        """Make a root and an intermediate for each type of key."""
        root_key, root_path = self._key(f"{ca}-root", "rsa"), self._path(f"{ca}-root.crt")
        if not root_path.exists():
            root = _name(f"{ca} root of the lab")
            root_path.write_bytes(_authority(root, root, root_key, root_key))
        root = self._certificate(f"{ca}-root").subject
        for key_type in KEY_TYPES:
            path = self._path(f"{ca}-intermediate-{key_type}.crt")
            if not path.exists():
                key = self._key(f"{ca}-intermediate-{key_type}", key_type)
                path.write_bytes(_authority(_name(f"{ca} {key_type} intermediate of the lab"), root, key, root_key))

    def _key(self, name: str, key_type: str) -> PrivateKey:
        if name not in self._loaded:
            self._loaded[name] = self._load_or_make(name, key_type)
        return self._loaded[name]

    def _load_or_make(self, name: str, key_type: str) -> PrivateKey:
        path = self._path(f"{name}.key")
        if not path.exists():
            made = (
                rsa.generate_private_key(65537, 2048) if key_type == "rsa" else ec.generate_private_key(ec.SECP256R1())
            )
            path.write_bytes(_private(made))
        loaded = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(loaded, PrivateKey):
            raise TypeError(f"{path} holds another type of key")
        return loaded

    def _certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self._path(f"{name}.crt").read_bytes())

    def _path(self, name: str) -> Path:
        return self.folder / name


def _of(which: str, key_type: str) -> str:
    return which if which == "root" else f"{which}-{key_type}"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _is_old(data: bytes, kind: Kind) -> bool:
    """Return whether its dates count from another time."""
    began = x509.load_pem_x509_certificate(data).not_valid_before_utc
    return datetime.now(timezone.utc) + kind.start - began > KEPT


def _private(key: PrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, start: timedelta, end: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start)
        .not_valid_after(now + end)
    )


def _authority(subject: x509.Name, issuer: x509.Name, key: PrivateKey, issuer_key: PrivateKey) -> bytes:
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    certificate = (
        _builder(subject, issuer, key, timedelta(days=-200), LONG)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate.public_bytes(PEM)

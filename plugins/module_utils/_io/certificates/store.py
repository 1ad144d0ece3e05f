# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dehydrated issued and what nginx serves: files of one CA's store, read without a process for each certificate.

Private to this collection.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..._core.bounds import CERTIFICATE_FILE_BYTES
from ..._core.certificates.certificate import FAMILIES, Certificate, Stored, store_folder
from ..files import names_in, read_if_there, remove, remove_tree

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
except ImportError:
    MISSING: str | None = traceback.format_exc()
else:
    MISSING = None
    UNUSABLE = (UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)


class CryptographyMissing(Exception):
    """There is a certificate to read, but no library to read it with; the message is the trace of the import."""


@dataclass(frozen=True)
class CertificateStore:
    """The folder of one CA (``<key type>/<name>/``) and the folder nginx reads (``<name>.<family>.pem``)."""

    root: Path
    live_root: Path
    key_types: tuple[str, ...]

    def read(self, name: str) -> dict[str, Stored]:
        """Return what there is of each key type for one name."""
        return {key_type: self._read(name, key_type) for key_type in self.key_types}

    def general_failure(self) -> str:
        """Return what dehydrated printed when it failed before it came to any name. Raises OSError."""
        return _text(self.root / "failure")

    def certified(self) -> set[str]:
        """Return all names nginx finds a certificate for."""
        endings = tuple(f".{family}.pem" for family in FAMILIES.values())
        return {name[: name.rindex(".", 0, -4)] for name in names_in(str(self.live_root)) if name.endswith(endings)}

    def names(self) -> set[str]:
        """Return all names that there is a key of, whichever CA and key type it was for."""
        kept = {name for kind in self._kinds() for name in names_in(str(kind))}
        return kept | self.certified()

    def everything_of(self, names: Iterable[str]) -> list[Path]:
        """Return every folder and file that holds a key of one of the names, whichever CA and key type it was for."""
        wanted = set(names)
        folders = [kind / name for kind in self._kinds() for name in sorted(wanted.intersection(names_in(str(kind))))]
        files = [self.live_root / f"{name}.{family}.pem" for name in sorted(wanted) for family in ("ecdsa", "rsa")]
        return folders + [file for file in files if os.path.lexists(file)]

    def forget(self, name: str, key_type: str, seen: Stored) -> None:
        """Make a certificate due: the host itself looks at the calendar only, not at names and key types.

        Unless it is no longer the one that was ``seen``: the host, or another run, has just obtained a new one.
        """
        if self._read(name, key_type).certificate == seen.certificate:
            remove(str(self.root / key_type / name / "renew-at"))

    def is_full(self) -> bool:
        """Return whether the disk has no room for anything new, except for root."""
        there = next(path for path in (self.root, *self.root.parents) if path.exists())
        disk = os.statvfs(there)
        return disk.f_bavail == 0 or (disk.f_files > 0 and disk.f_favail == 0)  # some file systems count no files

    def _kinds(self) -> list[Path]:
        """Return the folders of every CA and key type."""
        return [kind for ca in sorted(_folders(self.root.parent)) for kind in sorted(_folders(ca))]

    def _read(self, name: str, key_type: str) -> Stored:
        folder = self.root / key_type / name
        try:
            chain = _bytes(folder / "fullchain.pem")
            return Stored(
                certificate=parse_certificate(chain) if chain else None,
                served=bool(chain) and self._is_served(name, key_type, _bytes(folder / "privkey.pem") + chain),
                failure=_text(folder / "failure"),
            )
        except OSError as problem:  # of this name alone
            return Stored(unreadable=str(problem))

    def _is_served(self, name: str, key_type: str, issued: bytes) -> bool:
        """Return whether nginx finds this key and certificate, and nothing old in place of a family nobody wants."""
        family = FAMILIES[key_type]
        other = "ecdsa" if family == "rsa" else "rsa"
        stands_in = len(self.key_types) > 1 or (self.live_root / f"{name}.{other}.pem").is_symlink()
        return stands_in and _bytes(self.live_root / f"{name}.{family}.pem") == issued


def open_store(options: Mapping[str, Any]) -> CertificateStore:
    """Return the store that the options of the fragment _certificates name."""
    folder = store_folder(options["state_root"], options["ca"])
    return CertificateStore(Path(folder), Path(options["live_root"]), tuple(options["key_types"]))


def discard(paths: Iterable[Path]) -> None:
    """Remove files, and folders with all that is in them."""
    for path in paths:
        remove_tree(str(path))


def parse_certificate(chain: bytes) -> Certificate | None:
    """Return the first certificate of a PEM chain; None when there is none. Raises CryptographyMissing."""
    if MISSING:
        raise CryptographyMissing(MISSING)
    try:
        found = x509.load_pem_x509_certificate(chain)
        return Certificate(
            not_before=_seconds(found, "not_valid_before"),
            not_after=_seconds(found, "not_valid_after"),
            issuer=found.issuer.rfc4514_string(),
            names=_names(found),
            key_type=_key_type(found),
            fingerprint=found.fingerprint(hashes.SHA256()).hex(),
            serial=_serial(found.serial_number),
            authority=_authority(found),
        )
    except (ValueError, TypeError, *UNUSABLE):  # half a file is not a certificate, nor is one that nobody can use
        return None


def _seconds(found: x509.Certificate, field: str) -> int:
    """Return a date of the certificate; cryptography 42 gave the fields with a time zone new names."""
    moment: datetime = getattr(found, f"{field}_utc", None) or getattr(found, field).replace(tzinfo=timezone.utc)
    return int(moment.timestamp())


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(sorted(extension.value.get_values_for_type(x509.DNSName)))


def _serial(number: int) -> str:
    """Return a serial number as it is in the certificate: with a zero before a first bit that would be a sign."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big").hex()


def _authority(found: x509.Certificate) -> str:
    try:
        extension = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return ""
    return (extension.value.key_identifier or b"").hex()


def _key_type(found: x509.Certificate) -> str:
    key = found.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"rsa{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"p{key.curve.key_size}"
    return type(key).__name__


def _bytes(path: Path) -> bytes:
    try:
        return read_if_there(str(path), CERTIFICATE_FILE_BYTES) or b""
    except NotADirectoryError:
        return b""


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _folders(folder: Path) -> list[Path]:
    found = [folder / name for name in names_in(str(folder))]
    return [path for path in found if path.is_dir() and not path.is_symlink()]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read certificates and keys that somebody else puts on the host, as nginx's workers will.

Private to this collection.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..._core.bounds import CERTIFICATE_FILE_BYTES
from ..._core.certificates.external import Pair
from ..files import read_if_there
from .store import parse_certificate

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

GET_THEM = "Obtain key and certificate, or correct the pattern"


class UnknownUser(LookupError):
    """There is no such user on this host."""


def read_pairs(patterns: Sequence[Mapping[str, str]], domain: str, host: str, user: str) -> list[Pair]:
    """Return the pairs that patterns with {domain} and {host} name, as ``user`` sees them. Raises UnknownUser."""

    def path(pattern: str) -> str:
        return pattern.replace("{domain}", domain).replace("{host}", host)

    return [_read(path(pair["certificate"]), path(pair["key"]), user) for pair in patterns]


def _read(certificate_path: str, key_path: str, user: str) -> Pair:
    try:
        chain, key = map(_bytes, (certificate_path, key_path))
    except OSError as problem:
        trouble = (problem.strerror or "").lower() or str(problem)
        return Pair(problem.filename or certificate_path, trouble=trouble, remedy=GET_THEM)
    certificate = parse_certificate(chain)
    if certificate is None:
        return Pair(certificate_path, trouble="it holds no certificate", remedy=GET_THEM)
    if not _belong_together(chain, key):
        return Pair(key_path, certificate, f"it is not the key of {certificate_path}", "Put the right key there")
    closed = next((path for path in (certificate_path, key_path) if not readable(path, user)), None)
    if closed is not None:
        remedy = f"Let {user} read it and enter the folders above it at any time (namei -l {closed})"
        return Pair(closed, certificate, f"{user}, whom nginx runs as, may not read it", remedy)
    return Pair(certificate_path, certificate)


def readable(path: str, user: str) -> bool:
    """Whether a user may read a file, links followed, and enter all folders above it. Raises UnknownUser."""
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise UnknownUser(f"there is no user {user} on this host") from None
    groups = {account.pw_gid, *(group.gr_gid for group in grp.getgrall() if user in group.gr_mem)}
    real = Path(os.path.realpath(path))
    return _allows(real, account.pw_uid, groups, 0o4) and all(
        _allows(folder, account.pw_uid, groups, 0o1) for folder in real.parents
    )


def _allows(path: Path, user: int, groups: set[int], right: int) -> bool:
    found = path.stat()
    if user == 0:
        return True
    if found.st_uid == user:
        return bool(stat.S_IMODE(found.st_mode) >> 6 & right)
    if found.st_gid in groups:
        return bool(stat.S_IMODE(found.st_mode) >> 3 & right)
    return bool(stat.S_IMODE(found.st_mode) & right)


def _bytes(path: str) -> bytes:
    data = read_if_there(path, CERTIFICATE_FILE_BYTES)
    if data is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return data


def _belong_together(chain: bytes, key: bytes) -> bool:
    try:
        public = load_pem_private_key(key, None).public_key()
        shown = x509.load_pem_x509_certificate(chain).public_key()
    except (ValueError, TypeError):
        return False
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public.public_bytes(*form) == shown.public_bytes(*form)

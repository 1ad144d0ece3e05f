# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read certificates and keys that somebody else puts on the host, as nginx will.

Private to this collection.
"""

from __future__ import annotations

import errno
import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..._core.bounds import CERTIFICATE_FILE_BYTES
from ..._core.certificates.external import Pair
from ..._core.nginx.config import is_pattern
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
    """Return the pairs that patterns with {domain} and {host} name, as nginx sees them. Raises UnknownUser.

    What has another path for each name is read as ``user`` at each handshake, the rest as root when nginx starts.
    """

    def path(pattern: str) -> str:
        return pattern.replace("{domain}", domain).replace("{host}", host)

    def by_user(pair: Mapping[str, str]) -> list[str]:
        return [path(pattern) for pattern in pair.values() if is_pattern(pattern)]

    return [_read(path(pair["certificate"]), path(pair["key"]), by_user(pair), user) for pair in patterns]


def _read(certificate_path: str, key_path: str, by_user: Sequence[str], user: str) -> Pair:
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
    closed = next((path for path in by_user if not readable(path, user)), None)
    if closed is not None:
        remedy = f"Let {user} read it and enter the folders above it at any time (namei -l {closed})"
        return Pair(closed, certificate, f"{user}, whom nginx runs as, may not read it", remedy)
    return Pair(certificate_path, certificate)


def readable(path: str, user: str) -> bool:
    """Whether a user may open a file: asked of the kernel, which knows ACLs, too. Raises UnknownUser.

    Only root can ask on behalf of others: for anybody else it is unknown, and nothing is held against the file.
    """
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise UnknownUser(f"there is no user {user} on this host") from None
    try:
        with _acting_as(account):
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except NotRoot:
        return True
    except OSError:
        return False
    return True


class NotRoot(Exception):
    """This process may not act as somebody else."""


@contextmanager
def _acting_as(account: pwd.struct_passwd) -> Iterator[None]:
    """Have the kernel take this process for a user, groups and all. Raises NotRoot."""
    if account.pw_uid == os.geteuid():
        yield
        return
    if os.geteuid() != 0:
        raise NotRoot
    group, groups = os.getegid(), os.getgroups()
    os.setgroups(os.getgrouplist(account.pw_name, account.pw_gid))
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


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

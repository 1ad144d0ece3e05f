# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The only writer of files: whole or not at all, with the right owner from the first moment.

Private to this collection.
"""

from __future__ import annotations

import grp
import os
import pwd
import tempfile
from dataclasses import dataclass

MODE = 0o644
FOLDER_MODE = 0o755
# How the names of files begin that are still being written
UNFINISHED = ".mta-sts-"


@dataclass(frozen=True)
class Owner:
    """Who shall own a file: user and group by name or number (None leaves the caller's), permissions as a number."""

    user: str | None = None
    group: str | None = None
    mode: int = MODE


def read_if_there(path: str) -> bytes | None:
    """Return a file's bytes, or None if there is none. Raises OSError for anything else that stands in the way."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def folder_of(path: str) -> str:
    """Return the folder a file is in; of a relative path, too."""
    return os.path.dirname(os.path.abspath(path))


def write_atomic(path: str, data: bytes, owner: Owner | None = None) -> None:
    """Replace a file's content: readers see the old bytes or the new ones, also after a power cut. Raises OSError.

    Missing folders are made, with mode 0755.
    """
    owner = owner or Owner()
    folder = folder_of(path)
    make_folder(folder)
    handle, temporary = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), owner.mode)
            os.fchown(file.fileno(), _user_number(owner.user), _group_number(owner.group))
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(folder)


def remove_unfinished(folder: str) -> None:
    """Remove what a writer who was killed has left in a folder, if there is one. Nobody may be writing there meanwhile.

    Raises OSError.
    """
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name.startswith(UNFINISHED):
            os.unlink(os.path.join(folder, name))


def make_folder(folder: str) -> None:
    """Make a folder and its missing parents with mode 0755, whatever the umask is. Raises OSError."""
    if os.path.isdir(folder):
        return
    make_folder(folder_of(folder))
    os.mkdir(folder)
    os.chmod(folder, FOLDER_MODE)


def correct_owner(path: str, owner: Owner, *, write: bool) -> bool:
    """Say whether a file has another owner, group or mode than it should; if ``write``, correct it. Raises OSError."""
    now = os.stat(path)
    user, group = _user_number(owner.user), _group_number(owner.group)
    right = user in {-1, now.st_uid} and group in {-1, now.st_gid} and now.st_mode & 0o7777 == owner.mode
    if not right and write:
        os.chown(path, user, group)
        os.chmod(path, owner.mode)
    return not right


def remove(path: str) -> None:
    """Remove a file; that it is not there is fine. Raises OSError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    _sync_folder(folder_of(path))


def remove_empty_folders(folder: str, below: str) -> None:
    """Remove a folder and its parents as long as they are empty and lie below ``below``."""
    while folder.startswith(below.rstrip("/") + "/") and remove_folder_if_empty(folder):
        folder = os.path.dirname(folder)


def remove_folder_if_empty(folder: str) -> bool:
    """Remove a folder in which nobody has anything; say whether it is gone."""
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:  # somebody else's files are in it
        return False
    return True


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _user_number(user: str | None) -> int:
    if user is None or user.isdigit():
        return -1 if user is None else int(user)
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise OSError(f"there is no user {user} on this host") from None


def _group_number(group: str | None) -> int:
    if group is None or group.isdigit():
        return -1 if group is None else int(group)
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise OSError(f"there is no group {group} on this host") from None

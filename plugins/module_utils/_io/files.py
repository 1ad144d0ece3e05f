# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The only reader and writer of a host's files, which is safe in folders that others may write to.

Every path is walked step by step, by handles: nothing that is swapped in meanwhile is opened, changed or removed.
A link is followed if root or we have made it, or if its target belongs to whoever has made it. Nothing but a
plain file of limited size is read. Files are written whole or not at all, with the right owner from the first moment.
Private to this collection.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import heapq
import os
import pwd
import secrets
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .._core.bounds import FOLDERS_IN_ONE_ANOTHER, HOST_FILE_BYTES
from .._core.finding import escaped

MODE = 0o644
FOLDER_MODE = 0o755
MODE_BITS = 0o7777
PRIVATE_MODE = 0o600
# How the names of files begin that are still being written
UNFINISHED = ".mta-sts-"
LINKS_IN_A_PATH = 40  # as many as the kernel follows

# A folder to go through need not be readable. Only Linux knows such handles, and policy hosts run it.
_THROUGH = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link",
}


class UnknownAccount(OSError):
    """There is no such user, or no such group, on this host."""


@dataclass(frozen=True)
class Owner:
    """Who is to own a file: user and group by name or number (None leaves the caller's), permissions as a number."""

    user: str | None = None
    group: str | None = None
    mode: int = MODE


def read_if_there(path: str, limit: int = HOST_FILE_BYTES) -> bytes | None:
    """Return a file's bytes, or None if there is none. Raises OSError for anything else that stands in the way."""
    try:
        with open_to_read(path) as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        return None
    if len(data) > limit:
        raise OSError(f"{path} is larger than {limit} bytes: it does not belong there")
    return data


@contextlib.contextmanager
def open_to_read(path: str) -> Iterator[BinaryIO]:
    """Open a file, for what may be too large to be read at once. Raises OSError."""
    with _plain_file(path) as file, os.fdopen(os.dup(file), "rb") as opened:
        yield opened


@dataclass(frozen=True)
class Folder:
    """An open folder: the way to it was gone once, for all the files in it that are to be read."""

    path: str
    handle: int

    def read(self, name: str, limit: int) -> bytes:
        """Return the first bytes of a plain file, so many at most; no link is followed. Raises OSError."""
        place = _Place(self.handle, name, ())
        with _opened(place, f"{self.path}/{name}") as file, os.fdopen(os.dup(file), "rb") as opened:
            return opened.read(limit)


@contextlib.contextmanager
def open_folder(path: str) -> Iterator[Folder]:
    """Open a folder whose files are to be read. Raises OSError."""
    with _folder(path) as handle:
        yield Folder(path, handle)


@dataclass(frozen=True)
class Listed:
    """A plain file in a folder, its bytes, and when it was last written, in nanoseconds."""

    name: str
    size: int
    written: int


def plain_files_in(folder: str, most: int) -> tuple[list[Listed], int]:
    """Return the first plain files of a folder by their names, hidden ones left out, and how many there are.

    Raises OSError, also if there is no such folder.
    """
    count = 0

    def names(entries: Iterable[os.DirEntry[str]]) -> Iterator[str]:
        nonlocal count
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                count += 1
                yield entry.name

    with _folder(folder) as handle:
        with os.scandir(handle) as entries:
            first = heapq.nsmallest(most, names(entries))
        return [listed for name in first for listed in _listed(name, handle)], count


def _listed(name: str, folder: int) -> Iterator[Listed]:
    with contextlib.suppress(FileNotFoundError):  # it has gone meanwhile
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        yield Listed(name, found.st_size, found.st_mtime_ns)


def folder_of(path: str) -> str:
    """Return the folder a file is in; of a relative path, too."""
    return os.path.dirname(os.path.abspath(path))


def names_in(folder: str) -> list[str]:
    """Return what is in a folder, nothing if there is no such folder. Raises OSError."""
    try:
        with _folder(folder) as handle:
            return os.listdir(handle)
    except (FileNotFoundError, NotADirectoryError):
        return []


def write_atomic(path: str, data: bytes, owner: Owner | None = None) -> None:
    """Replace a file's content: readers see the old bytes or the new ones, also after a power cut. Raises OSError.

    Missing folders are made, with mode 0755.
    """
    owner = owner or Owner()
    user, group = _user_number(owner.user), _group_number(owner.group)
    name, temporary = os.path.basename(path), UNFINISHED + secrets.token_hex(8)
    with _folder(folder_of(path), make=True) as folder:
        try:
            with os.fdopen(os.open(temporary, _NEW, PRIVATE_MODE, dir_fd=folder), "wb") as file:
                file.write(data)
                file.flush()
                if (user, group) != (-1, -1):  # the service that renews must not even ask
                    os.fchown(file.fileno(), user, group)
                os.fchmod(file.fileno(), owner.mode)
                os.fsync(file.fileno())
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)


def remove_unfinished(folder: str) -> None:
    """Remove what a killed writer has left in a folder, if there is one. Nobody may be writing there meanwhile.

    Raises OSError.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), _folder(folder) as handle:
        for name in os.listdir(handle):
            if name.startswith(UNFINISHED) and not _is_folder(handle, name):
                os.unlink(name, dir_fd=handle)


def make_folder(folder: str) -> None:
    """Make a folder and its missing parents with mode 0755, whatever the umask is. Raises OSError."""
    with _folder(folder, make=True):
        pass


def open_private(path: str) -> int:
    """Return the handle of a file that nobody else can open; it is made, if it is not there. Raises OSError."""
    with _reach(path) as place:
        handle = os.open(place.name, os.O_RDWR | os.O_CREAT | _PLAIN, PRIVATE_MODE, dir_fd=place.folder)
    try:
        found = _see_that_it_is_plain(os.fstat(handle), path)
        if found.st_uid != os.geteuid():
            os.fchown(handle, os.geteuid(), os.getegid())
        os.fchmod(handle, PRIVATE_MODE)
    except BaseException:
        os.close(handle)
        raise
    return handle


def is_same_file(path: str, handle: int) -> bool:
    """Whether the file of that handle is still the one at the path. Raises OSError."""
    try:
        with _reach(path) as place:
            return os.path.samestat(os.stat(place.name, dir_fd=place.folder, follow_symlinks=False), os.fstat(handle))
    except FileNotFoundError:
        return False


def is_locked(path: str) -> bool:
    """Whether another process holds a lock (flock) on a file, if there is one. Raises OSError."""
    try:
        with _plain_file(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def correct_owner(path: str, owner: Owner, *, write: bool) -> bool:
    """Say whether a file has another owner, group or mode than it should; if ``write``, correct it. Raises OSError."""
    with _plain_file(path) as file:
        return _correct(file, owner, write=write)


def correct_folder(path: str, owner: Owner, *, write: bool) -> bool:
    """Do for a folder what :func:`correct_owner` does for a file. Raises OSError, UnknownAccount."""
    with _folder(path) as folder:
        return _correct(folder, owner, write=write)


def _correct(handle: int, owner: Owner, *, write: bool) -> bool:
    user, group = _user_number(owner.user), _group_number(owner.group)
    now = os.fstat(handle)
    right = user in {-1, now.st_uid} and group in {-1, now.st_gid} and now.st_mode & MODE_BITS == owner.mode
    if not right and write:
        os.fchown(handle, user, group)
        os.fchmod(handle, owner.mode)
    return not right


def owner_of(path: str) -> Owner:
    """Return who owns a file, by numbers. Raises OSError."""
    with _plain_file(path) as file:
        return _owner(file)


def folder_owner(path: str) -> Owner:
    """Return who owns a folder, by numbers. Raises OSError."""
    with _folder(path) as folder:
        return _owner(folder)


def _owner(handle: int) -> Owner:
    found = os.fstat(handle)
    return Owner(str(found.st_uid), str(found.st_gid), found.st_mode & MODE_BITS)


def remove(path: str) -> None:
    """Remove a file; that it is not there is fine. Raises OSError."""
    with contextlib.suppress(FileNotFoundError), _folder(folder_of(path)) as folder:
        os.unlink(os.path.basename(path), dir_fd=folder)
        os.fsync(folder)


def remove_tree(path: str) -> None:
    """Remove a file, or a folder with all that is in it; that it is not there is fine. Raises OSError."""
    with contextlib.suppress(FileNotFoundError), _folder(folder_of(path)) as folder:
        _remove_tree(folder, os.path.basename(path), path, FOLDERS_IN_ONE_ANOTHER)
        os.fsync(folder)


def remove_empty_folders(folder: str, below: str) -> None:
    """Remove a folder and its parents as long as they are empty and lie below ``below``."""
    while folder.startswith(below.rstrip("/") + "/") and remove_folder_if_empty(folder):
        folder = os.path.dirname(folder)


def remove_folder_if_empty(folder: str) -> bool:
    """Remove a folder in which nobody has anything; say whether it is gone."""
    try:
        with _folder(folder_of(folder)) as above:
            os.rmdir(os.path.basename(folder), dir_fd=above)
    except FileNotFoundError:
        return True
    except OSError:  # somebody else's files are in it
        return False
    return True


def account_name(number: int) -> str:
    """Return the name of a user, or the number of one that has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


# The way to a file


@dataclass(frozen=True)
class _Link:
    """A link made by neither root nor us: its target must belong to whoever made it."""

    path: str
    owner: int

    def see_that_it_may_lead_to(self, found: os.stat_result) -> None:
        """Raise OSError unless the target of the link belongs to whoever has made the link."""
        if found.st_uid != self.owner:
            raise OSError(
                f"{self.path} is a link of {account_name(self.owner)} and points to what belongs to "
                f"{account_name(found.st_uid)}: remove it, or have root make it if it is intended"
            )


@dataclass(frozen=True)
class _Place:
    """Where a path ends: a name in a folder that is open, and the links on the way to that name."""

    folder: int
    name: str
    links: tuple[_Link, ...]


@contextlib.contextmanager
def _reach(path: str, *, follow: bool = False, make: bool = False) -> Iterator[_Place]:
    """Go to the folder a path ends in; ``follow`` a link at its end, too, and ``make`` folders that are missing."""
    waiting = _steps(os.path.abspath(path))
    named = len(waiting)  # by the path itself: nothing is made behind a link
    folder = os.open("/", _THROUGH)
    followed = 0
    try:
        while True:
            is_named = len(waiting) == named
            named -= is_named
            step = waiting.pop()
            if isinstance(step, _Link):
                step.see_that_it_may_lead_to(os.fstat(folder))
                continue
            ends = not any(isinstance(later, str) for later in waiting)
            if (follow or not ends) and (link := _read_link(step, folder)) is not None:
                followed += 1
                if followed > LINKS_IN_A_PATH:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                target, owner = link
                waiting += _behind(step, folder, target, owner)
                if target.startswith("/"):
                    folder = _exchange(folder, os.open("/", _THROUGH))
            elif ends:
                yield _Place(folder, step, tuple(later for later in waiting if isinstance(later, _Link)))
                return
            else:
                folder = _exchange(folder, _enter(step, folder, make=make and is_named))
    except OSError as problem:
        if make and isinstance(problem, FileNotFoundError):  # a link to nowhere, in the way of a folder
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
        if isinstance(problem.filename, str) and not problem.filename.startswith("/"):
            problem.filename = path
        raise
    finally:
        os.close(folder)


def _steps(path: str) -> list[str | _Link]:
    """Return the parts of a path, the first one last."""
    return [part for part in reversed(path.split("/")) if part] or ["."]


def _read_link(name: str, folder: int) -> tuple[str, int] | None:
    """Return target and owner of a link, None if this is not one. Raises OSError, also if it is exchanged meanwhile."""
    try:
        before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISLNK(before.st_mode):
        return None
    target = os.readlink(name, dir_fd=folder)
    after = os.stat(name, dir_fd=folder, follow_symlinks=False)
    # Else the link of one could pass for what another has put in its place.
    if not os.path.samestat(before, after) or before.st_uid != after.st_uid:
        raise OSError(f"{escaped(_path_of(folder))}/{escaped(name)} is exchanged for something else while it is read")
    return target, after.st_uid


def _behind(name: str, folder: int, target: str, owner: int) -> list[str | _Link]:
    """Return the steps that a link stands for, the first one last."""
    trusted = owner in {0, os.geteuid()}
    return [*([] if trusted else [_Link(escaped(f"{_path_of(folder)}/{name}"), owner)]), *_steps(target)]


def _enter(name: str, folder: int, *, make: bool) -> int:
    try:
        return os.open(name, _THROUGH, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError):
        if not make:
            raise
    try:
        os.mkdir(name, FOLDER_MODE, dir_fd=folder)
    except FileExistsError:
        if not _is_folder(folder, name):
            raise
        return os.open(name, _THROUGH, dir_fd=folder)  # another run has just made it
    made = os.open(name, _FOLDER, dir_fd=folder)
    os.fchmod(made, FOLDER_MODE)
    return made


def _exchange(former: int, handle: int) -> int:
    os.close(former)
    return handle


def _path_of(folder: int) -> str:
    """Return the path of an open folder, for messages."""
    try:
        return os.readlink(f"/proc/self/fd/{folder}").rstrip("/")
    except OSError:
        return ""


@contextlib.contextmanager
def _plain_file(path: str) -> Iterator[int]:
    """Open a file for reading, if it is one; neither a pipe nor a device is touched. Raises OSError."""
    with _reach(path, follow=True) as place, _opened(place, path) as file:
        yield file


@contextlib.contextmanager
def _opened(place: _Place, path: str) -> Iterator[int]:
    _see_that_it_is_plain(os.stat(place.name, dir_fd=place.folder, follow_symlinks=False), path)
    file = os.open(place.name, os.O_RDONLY | _PLAIN, dir_fd=place.folder)
    try:
        found = _see_that_it_is_plain(os.fstat(file), path)
        for link in place.links:
            link.see_that_it_may_lead_to(found)
        if found.st_nlink > 1 and _may_be_anybodys(found, os.fstat(place.folder)):
            rule = f"{path} has other names, too (hard links), in a folder that users other than root may write to"
            raise OSError(f"{rule}: copy it to a file of its own")
        yield file
    finally:
        os.close(file)


@contextlib.contextmanager
def _folder(path: str, *, make: bool = False) -> Iterator[int]:
    """Open a folder, for all that is done in it. Raises OSError."""
    try:
        with _reach(os.path.join(os.path.abspath(path), "any"), make=make) as place:
            handle = os.open(".", _FOLDER, dir_fd=place.folder)
    except OSError as problem:
        if problem.filename:
            problem.filename = path
        raise
    try:
        yield handle
    finally:
        os.close(handle)


def _see_that_it_is_plain(found: os.stat_result, path: str) -> os.stat_result:
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if kind != stat.S_IFREG:
        raise OSError(f"{path} is {_KINDS.get(kind, 'something else')}, not a plain file: remove it")
    return found


def _may_be_anybodys(found: os.stat_result, folder: os.stat_result) -> bool:
    """Whether a file may have got into the folder by one who must not read it; its owner may have several names."""
    is_its_owners = found.st_uid == folder.st_uid and found.st_uid not in {0, os.geteuid()}
    return _others_may_write(folder) and not is_its_owners


def _others_may_write(folder: os.stat_result) -> bool:
    group = folder.st_gid not in {0, os.getegid()} and folder.st_mode & stat.S_IWGRP
    return bool(folder.st_uid not in {0, os.geteuid()} or group or folder.st_mode & stat.S_IWOTH)


def _is_folder(folder: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _remove_tree(folder: int, name: str, path: str, levels: int) -> None:
    if not _is_folder(folder, name):
        os.unlink(name, dir_fd=folder)
        return
    if not levels:
        raise OSError(f"{path} has folders nested more than {FOLDERS_IN_ONE_ANOTHER} deep: remove it by hand")
    inner = os.open(name, _FOLDER, dir_fd=folder)
    try:
        for one in os.listdir(inner):
            _remove_tree(inner, one, path, levels - 1)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=folder)


def _user_number(user: str | None) -> int:
    if user is None or user.isdigit():
        return -1 if user is None else int(user)
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise UnknownAccount(f"there is no user {user} on this host") from None


def _group_number(group: str | None) -> int:
    if group is None or group.isdigit():
        return -1 if group is None else int(group)
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise UnknownAccount(f"there is no group {group} on this host") from None

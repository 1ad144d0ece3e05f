# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history file of a policy host: what was served when, read and replaced under a lock.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from ..._core.finding import escaped
from ..._core.policies.history import CorruptHistory, History, from_json, to_json
from .. import files

OWNER = files.Owner(mode=0o644)
RETRY_SECONDS = 0.1


class LockedHistory(OSError):
    """Somebody else has held the lock for too long."""


def read(path: str) -> dict:
    """Return the history; empty if there is no file. Raises CorruptHistory and OSError."""
    data = files.read_if_there(path)
    if data is None:
        return {}
    try:
        return from_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise CorruptHistory("it is not UTF-8 text") from None


def replace(path: str, before: History, after: History) -> None:
    """Write the history if it changed; the caller holds its lock. Raises OSError."""
    if to_json(before) != to_json(after):
        try:
            files.remove_unfinished(files.folder_of(path))
            files.write_atomic(path, to_json(after).encode(), OWNER)
        except OSError as problem:
            raise OSError(f"{path} cannot be written: {problem.strerror or problem}") from problem


@contextlib.contextmanager
def locked(path: str, timeout: float) -> Iterator[None]:
    """Keep other runs away from the history and the policies while the block runs. Raises LockedHistory, OSError.

    Nobody else can open the lock, and so nobody else can hold it.
    """
    files.make_folder(files.folder_of(path))
    deadline = time.monotonic() + timeout
    while (lock := _take(f"{path}.lock")) is None:
        if time.monotonic() > deadline:
            raise LockedHistory(f"another run has held {path}.lock for more than {timeout:g} s{_by_whom(path)}")
        time.sleep(RETRY_SECONDS)
    try:
        yield
    finally:
        os.close(lock)


def _take(path: str) -> int | None:
    """Return the handle of the lock if it is free, and not removed by whoever had it before."""
    lock = files.open_private(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if files.is_same_file(path, lock):
            return lock
    except BlockingIOError:
        pass
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _by_whom(path: str) -> str:
    """Say who holds the lock, if the kernel knows."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        found = os.stat(f"{path}.lock")
        place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
        with open("/proc/locks", encoding="ascii") as locks:  # proc(5): number, kind, ADVISORY, WRITE, process, file
            process = next(line.split()[4] for line in locks if "FLOCK" in line and line.split()[5] == place)
        with open(f"/proc/{process}/comm", encoding="utf-8", errors="replace") as name:
            owner = files.account_name(os.stat(f"/proc/{process}").st_uid)
            return f" (process {process}, {escaped(name.read().strip())}, of {owner})"
    return ""

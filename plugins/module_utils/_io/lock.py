# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run at a time: a lock beside the file that a run reads, thinks about, and replaces.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from .._core.finding import escaped
from . import files

RETRY_SECONDS = 0.1


class Locked(OSError):
    """Somebody else has held the lock for too long."""


@contextlib.contextmanager
def locked(path: str, timeout: float) -> Iterator[None]:
    """Keep other runs away from a file, and from all that goes with it, while the block runs. Raises Locked, OSError.

    Nobody else can open the lock, and so nobody else can hold it.
    """
    files.make_folder(files.folder_of(path))
    deadline = time.monotonic() + timeout
    while (lock := _take(f"{path}.lock")) is None:
        if time.monotonic() > deadline:
            raise Locked(f"another run has held {path}.lock for more than {timeout:g} s{_by_whom(path)}")
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

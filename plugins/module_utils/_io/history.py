# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history file of a policy host: what was served when, read and replaced under a lock.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator

from .._core.lifecycle import CorruptHistory, History, from_json, to_json
from . import files

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
        raise CorruptHistory("it is no UTF-8 text") from None


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
    """Keep other runs away from the history and the policies while the block runs. Raises LockedHistory."""
    files.make_folder(files.folder_of(path))
    with open(f"{path}.lock", "a", encoding="ascii") as lock:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LockedHistory(f"another run has held {path}.lock for more than {timeout:g} s") from None
                time.sleep(RETRY_SECONDS)
        yield

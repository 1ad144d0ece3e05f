# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the program that renews tells modules: whether it has looked at what they asked for, and what it will do when.

Private to this collection.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ...._core.certificates.pending import Pending
from ...files import Owner, is_locked, read_if_there, write_atomic

ORDERING, WAITING, DONE = "ordering", "waiting", "done"
LARGEST = 8 * 1024 * 1024
# So long a program may take until it has started
GRACE = 15.0
PAUSE = 1.0


@dataclass(frozen=True)
class Status:
    """What the program does: ``until`` is when the next order goes out, ``pending`` what waits.

    ``asked`` is the request that it has seen last, ``settings`` the file it has its settings from, and ``written`` when
    that was written: what it says by former settings is not believed.
    """

    asked: str = ""
    state: str = DONE
    until: float = 0.0
    pending: Mapping[str, Mapping[str, Pending]] = field(default_factory=dict)
    settings: str = ""
    written: int = 0

    def has_seen(self, asked: str) -> bool:
        """Whether it knows of a request, or of a later one, and of its present settings."""
        return _number(self.asked) >= _number(asked) and self.written == written_at(self.settings)


def written_at(path: str) -> int:
    """Return when a file was written, 0 where there is none."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def lock_of(state_root: Path) -> Path:
    """Return the file that the program holds a lock on for as long as it runs."""
    return state_root / "renew.lock"


def ask(state_root: Path) -> str:
    """Ask the program to look at everything again, also at what it has tried in vain. Raises OSError.

    Each request has a higher number than the one before, whatever the clock says. Where the disk is full there is none,
    and "" is returned: that is told of each certificate that cannot be ordered.
    """
    token = str(max(time.time_ns(), _number(read_asked(state_root)) + 1))
    try:
        write_atomic(str(state_root / "asked"), token.encode())
    except OSError as problem:
        if problem.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        return ""
    return token


def read_asked(state_root: Path) -> str:
    """Return what was asked last. Raises OSError."""
    return (read_if_there(str(state_root / "asked"), 100) or b"").decode("ascii", "replace")


def _number(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdigit() else 0


def write_status(store: Path, status: Status) -> None:
    """Tell. Raises OSError."""
    write_atomic(str(store / "status.json"), json.dumps(asdict(status)).encode(), Owner(mode=0o600))


def read_status(store: Path) -> Status:
    """Return what was told last; nothing is pending where that cannot be read."""
    try:
        told = json.loads(read_if_there(str(store / "status.json"), LARGEST) or b"{}")
        pending = {
            name: {key_type: Pending(**one) for key_type, one in by_key_type.items()}
            for name, by_key_type in told.get("pending", {}).items()
        }
        return Status(**{**told, "pending": pending})
    except (OSError, ValueError, TypeError, AttributeError):
        return Status()


def wait_for(state_root: Path, store: Path, asked: str, seconds: float, sleep: Callable[[float], None]) -> Status:
    """Wait until all is done that can be within so many seconds, and return the last status."""
    began = at_work = time.monotonic()
    while True:
        status, now = read_status(store), time.monotonic()
        left = began + seconds - now
        seen = status.has_seen(asked)
        if seen and (status.state == DONE or _comes_later(status, left)):
            return status
        if is_locked(str(lock_of(state_root))):
            at_work = now
        if left <= 0 or now - at_work >= GRACE:
            return status if seen else Status()
        sleep(min(PAUSE, max(left, 0.01)))


def _comes_later(status: Status, left: float) -> bool:
    return status.state == WAITING and status.until > time.time() + left

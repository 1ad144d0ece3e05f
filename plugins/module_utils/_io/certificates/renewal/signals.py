# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a running service hears and says: signals, changes of its files, and what systemd is told (sd_notify).

Private to this collection.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

# Seconds after which a change is noticed
PAUSE = 2.0


class Stop:
    """Whether the service has been asked to end: it does between two orders."""

    def __init__(self) -> None:
        """Listen."""
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked = True


class Watch:
    """Files, as they were when they were last looked at."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Look at them."""
        self._files = tuple(files)
        self._seen = self._look()

    def has_changed(self) -> bool:
        """Whether one of them is another now."""
        return self._look() != self._seen

    def _look(self) -> list[tuple[int, int] | None]:
        return [_identity(file) for file in self._files]


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def sleep_until(moment: float, end: float, interrupted: Callable[[], bool]) -> None:
    """Sleep, but no longer than until something happens, or the ``end`` by the clock that nobody sets."""
    while time.time() < moment and time.monotonic() < end and not interrupted():
        time.sleep(max(0.01, min(PAUSE, moment - time.time(), end - time.monotonic())))


def say(words: str, *, wrong: bool = False) -> None:
    """Write a line, or several, into the journal at once."""
    stream = sys.stderr if wrong else sys.stdout
    stream.write(f"{words.rstrip()}\n")
    stream.flush()


def tell_systemd(*lines: str) -> None:
    """Tell the service manager, if there is one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as place:
        place.connect("\0" + address[1:] if address.startswith("@") else address)
        place.sendall("\n".join(lines).encode())

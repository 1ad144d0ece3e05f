# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The book of what was asked of a CA, as a file: lines are added while orders go out, and it is tidied now and then.

Private to this collection.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ...._core.certificates.ledger import WAITING, Entry, Ledger, Refusal, read_ledger, tidied, write_ledger
from ...files import PRIVATE_MODE, Owner, read_if_there, write_atomic

# Those of a week at the pace of Let's Encrypt take two; the service's LimitFSIZE has the same bound.
LARGEST = 8 * 1024 * 1024


class LedgerFile:
    """The book of one store."""

    def __init__(self, path: Path, seconds_kept: float) -> None:
        """Read it. Raises OSError."""
        self._path = path
        self._seconds_kept = seconds_kept
        self.ledger = read_book(path)

    def tidy(self, now: float) -> None:
        """Leave out what is older, and put right what a clock that was ahead has written. Raises OSError."""
        text = write_ledger(tidied(self.ledger, now, self._seconds_kept))
        self.ledger = read_ledger(text)
        write_atomic(str(self._path), text.encode(), Owner(mode=PRIVATE_MODE))

    def add(self, entry: Entry) -> None:
        """Add an order, or what became of it; it is on the disk when this returns. Raises OSError."""
        self.ledger.add(entry)
        self._append([entry.lines()])

    def meet(self, names: Iterable[str], now: float, key_type: str, kind: str) -> None:
        """Note when names were met that have to wait for their turn from then on. Raises OSError."""
        known = {entry.name for entry in self.ledger.entries.values()}
        met = [Entry(now, name, key_type, kind, WAITING) for name in names if name not in known]
        for entry in met:
            self.ledger.add(entry)
        self._append(entry.lines() for entry in met)

    def refuse(self, refusal: Refusal) -> None:
        """Add an answer of the CA. Raises OSError."""
        self.ledger.refuse(refusal)
        self._append([refusal.line()])

    def _append(self, lines: Iterable[str]) -> None:
        text = "".join(lines)
        if not text:
            return
        with open(self._path, "a", encoding="utf-8") as book:
            book.write(text)
            book.flush()
            os.fsync(book.fileno())


def read_book(path: Path) -> Ledger:
    """Return what is in the book, nothing where there is none. Raises OSError."""
    return read_ledger((read_if_there(str(path), LARGEST) or b"").decode("utf-8", "replace"))

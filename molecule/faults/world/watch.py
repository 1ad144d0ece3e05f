# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at all domains, over and over, while something breaks and is mended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from .deployment import EVERYTHING
from .sight import faults, look

PAUSE_SECONDS = 1.0


class Watch:
    """Looks until the block ends, and once more; ``wrong`` is what no sender may ever see."""

    def __init__(self, domains: Iterable[str] = EVERYTHING) -> None:
        """Nothing seen so far."""
        self.wrong: list[str] = []
        self._domains = domains
        self._end = threading.Event()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Watch:
        """Begin to look."""
        self._watching = self._pool.submit(self._watch)
        return self

    def __exit__(self, *_unused: object) -> None:
        """Look a last time."""
        self._end.set()
        self._pool.shutdown()
        self._watching.result()

    def _watch(self) -> None:
        last = False
        while not last:
            last = self._end.wait(PAUSE_SECONDS)
            for domain in self._domains:
                self.wrong += [f"{time.strftime('%H:%M:%S')} {fault}" for fault in faults(look(domain))]

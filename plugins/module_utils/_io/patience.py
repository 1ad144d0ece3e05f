# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long one domain is waited for altogether, and how often it is asked again.

Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from typing import Protocol, TypeVar

from .._core.proof import Fault

PAUSE_SECONDS = 1.0

# Faults that may only say that a connection was given less time than others get
_SLOW = {"timeout", "unreachable"}


class TooLate(Exception):
    """There is no time left to look, so nothing was found out."""


class Patience:
    """The end of the time for all of one domain, or of one thing that domains share."""

    def __init__(self, seconds: float) -> None:
        """Start the clock."""
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether there is no time left."""
        return time.monotonic() >= self._end

    def allow(self, seconds: float) -> float:
        """Return how long something may take that is given so many seconds. Raises TooLate."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TooLate
        return min(seconds, left)


def blame(fault: Fault, allowed: float, given: float) -> Fault:
    """Return the fault of a connection. Raises TooLate where it was allowed less time than is given to others."""
    if allowed < given and fault.kind in _SLOW:
        raise TooLate
    return fault


class _Seen(Protocol):
    @property
    def fault(self) -> Fault | None: ...


Seen = TypeVar("Seen", bound=_Seen)


def persistently(look: Callable[[], Seen], passing: Container[str], attempts: int) -> Seen:
    """Look, and look again a second later while there is a ``passing`` fault. Raises TooLate if not even once."""
    seen = look()
    for _unused in range(1, max(1, attempts)):
        if seen.fault is None or seen.fault.kind not in passing:
            break
        time.sleep(PAUSE_SECONDS)
        try:
            seen = look()
        except TooLate:
            break
    return seen

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long one domain is waited for altogether, and how often it is asked again.

Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from .._core.fault import Fault

PAUSE_SECONDS = 1.0

# Faults that may only say that a connection was given less time than others get
_SLOW = {"timeout", "unreachable"}


class TooLate(Exception):
    """There is no time left to look, so nothing is known."""


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
        """Return how long something may take that would get so many seconds. Raises TooLate."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TooLate
        return min(seconds, left)


class _Looked(Protocol):
    @property
    def fault(self) -> Fault | None: ...


Looked = TypeVar("Looked", bound=_Looked)


def persistently(look: Callable[[float], Looked], patience: Patience, seconds: float, attempts: int = 1) -> Looked:
    """Look for at most so many ``seconds``, and again a second later while there is a passing fault.

    ``look`` takes the seconds that are left for it. Raises TooLate where there was no time to look even once.
    """
    looked = _look(look, patience, seconds)
    for _unused in range(1, max(1, attempts)):
        if looked.fault is None or not looked.fault.passing:
            break
        time.sleep(PAUSE_SECONDS)
        try:
            looked = _look(look, patience, seconds)
        except TooLate:
            break
    return looked


def _look(look: Callable[[float], Looked], patience: Patience, seconds: float) -> Looked:
    """Look once. Raises TooLate also where what was too slow was given less time than others get."""
    allowed = patience.allow(seconds)
    looked = look(allowed)
    if allowed < seconds and looked.fault is not None and looked.fault.kind in _SLOW:
        raise TooLate
    return looked

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bucket of tokens, as CAs count: each order takes one, they come back evenly, and there are never more than fit.

Private to this collection.
"""

from __future__ import annotations

from .limits import Share

# A token that lacks no more than this has only been rounded.
_ROUNDING = 1e-9


class Bucket:
    """What one share holds; moments are seconds since 1970, each not before the one before."""

    def __init__(self, share: Share, since: float, *, unknown: bool = False) -> None:
        """Begin at that moment; with nothing, where it is ``unknown`` what was before."""
        self._share = share
        self._at = since
        self._held = 0.0 if unknown else share.at_first

    def take(self, at: float) -> None:
        """Take a token. There may be less than none afterwards: others count what we did not."""
        self._fill(at)
        self._held -= 1

    def ready(self, at: float) -> float:
        """Return when there is a token, at the earliest at that moment."""
        self._fill(at)
        missing = 1 - self._held
        return self._at if missing <= _ROUNDING else self._at + missing / self._share.per_second

    def _fill(self, at: float) -> None:
        if at > self._at:
            self._held = min(self._share.capacity, self._held + (at - self._at) * self._share.per_second)
            self._at = at

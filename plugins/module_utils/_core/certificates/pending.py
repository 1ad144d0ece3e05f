# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A certificate that the CA does not take the order of yet: when it will, and why not before.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..timestamps import minute
from .certificate import FAMILIES
from .schedule import WHY, Slot

FAMILY_NAMES = {"rsa": "RSA", "ecdsa": "ECDSA"}


@dataclass(frozen=True)
class Pending:
    """When it is ordered, in seconds since 1970, and which limit keeps it back until then, "" when none does."""

    at: float
    why: str = ""

    def __str__(self) -> str:
        """As users read it."""
        return f"{WHY[self.why]} at {minute(self.at)}" if self.why in WHY else "it is its turn soon"


def pending_of(slots: Iterable[Slot]) -> dict[str, dict[str, Pending]]:
    """Return what waits, by name and key type."""
    found: dict[str, dict[str, Pending]] = {}
    for slot in slots:
        found.setdefault(slot.wanted.name, {})[slot.wanted.key_type] = Pending(slot.at, slot.why)
    return found


def in_words(pending: Mapping[str, Pending], good: Iterable[str]) -> str:
    """Say what each key type waits for, and which other one stands in for it until then."""
    said = "; ".join(f"{_family(key_type)}: {one}" for key_type, one in pending.items())
    standing_in = [_family(key_type) for key_type in good]
    return f"{said}; {', '.join(standing_in)} stands in until then" if standing_in else said


def _family(key_type: str) -> str:
    return FAMILY_NAMES[FAMILIES[key_type]]

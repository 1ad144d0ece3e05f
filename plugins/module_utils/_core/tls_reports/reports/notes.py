# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be known of TLS reports beside their figures, in sentences: what was not read, and who sees what is old.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...text import printable
from ...unicode_names import shown

Plain = Mapping[str, Any]


def notes(figures: Plain) -> dict[str, list[str]]:
    """Return the sentences under a head each, the most urgent first; without those that have nothing to say."""
    kinds = {
        "Sources that could not be read": figures["problems"],
        "Senders that saw an older policy": [
            f"{shown(one['domain'])}: {seen_before(one)}" for one in figures["outdated"]
        ],
        "Wrong in reports": [_finding(one) for one in figures["findings"]],
        "Refused": [f"{one['source']}: {one['name']}: {one['reason']}" for one in figures["refused"]],
    }
    return {head: list(map(printable, those)) for head, those in kinds.items() if those}


def seen_before(one: Plain) -> str:
    """Return who saw which policy, and what it is by now."""
    return f"{one['organization']} saw {one['policy_id']} on {one['day']}, which is {one['current_id']} by now"


def _finding(one: Plain) -> str:
    """Return what is wrong with a report that was read all the same; it need not name a domain."""
    return ": ".join(filter(None, (one["domain"], one["field"], one["rule"])))

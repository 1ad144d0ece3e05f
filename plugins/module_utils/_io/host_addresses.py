# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a policy host is that this run may not have asked: it is down, or not in its --limit.

Private to this collection.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable

from .._core.addresses import is_name, reachable


def addresses_of(given: Iterable[str]) -> dict[str, list[str]]:
    """Return the addresses of each: itself, or what a name stands for on this machine, perhaps nothing."""
    return {one: reachable(_look_up(one)) if is_name(one) else [one] for one in given}


def _look_up(name: str) -> list[str]:
    """Return the addresses of a name, IPv4 first, as facts have them."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in sorted(found, key=lambda entry: entry[0] != socket.AF_INET)]

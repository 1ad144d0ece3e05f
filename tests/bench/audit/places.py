# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is where in the bench's network, and what its domains are called."""

from __future__ import annotations

ZONE = "bench.test"
MX_HOSTS = 50
SUBNET = "198.18.5.0/24"
NAMES, MAIL, WEB = "198.18.5.4", "198.18.5.6", "198.18.5.12"
# The client stands in a network of its own; what it sends to the hole vanishes.
HOST_END, CLIENT_END = "198.19.5.1", "198.19.5.2"
HOLE, HOLE_PREFIX = "198.19.6.0/24", "198.19.6."
ONE_IN = 20


def healthy(count: int) -> list[str]:
    """Return the names of so many domains in perfect order."""
    return [f"d{number:05}.{ZONE}" for number in range(count)]


def hanging(count: int) -> list[str]:
    """Return the names of domains whose policy hosts swallow every packet."""
    return [f"h{number:05}.{ZONE}" for number in range(count)]


def with_hanging(count: int) -> list[str]:
    """Return as many names as healthy() does, but each twentieth hangs."""
    names = healthy(count)
    for number, name in enumerate(hanging(count // ONE_IN)):
        names[number * ONE_IN] = name
    return names


def hole_address(number: int) -> str:
    """Return an address nothing comes back from."""
    return f"{HOLE_PREFIX}{1 + number % 254}"

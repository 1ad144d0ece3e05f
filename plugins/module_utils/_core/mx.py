# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MX patterns: what they look like and which hosts they match (RFC 8461, sections 3.2 and 4.1).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .names import InvalidName, check_host

WILDCARD = "*."


def check_pattern(pattern: str, check_name: Callable[[str], str] = check_host) -> str:
    """Return the pattern with A-labels: a host name, or ``*.`` before one. Raises InvalidName."""
    if pattern == "*":
        raise InvalidName("'*' would stand for every host", "Write *.example.com, or every name in full")
    if pattern.startswith("."):
        raise InvalidName(f"{pattern!r} begins with a dot", f"Write *{pattern} for one label before it")
    suffix = pattern[len(WILDCARD) :] if pattern.startswith(WILDCARD) else pattern
    if "*" in suffix:
        raise InvalidName(
            f"{pattern!r} has a wildcard elsewhere than as the whole left-most label",
            "Write *.example.com, or every name in full",
        )
    return pattern[: len(pattern) - len(suffix)] + check_name(suffix)


def matches(pattern: str, host: str) -> bool:
    """Whether a pattern matches an MX record's name: ``*`` stands for exactly one left-most label."""
    return pattern.lower() in _matching(host)


def uncovered(patterns: Iterable[str], hosts: Iterable[str]) -> list[str]:
    """Return the hosts that no pattern matches, in their order."""
    known = {pattern.lower() for pattern in patterns}
    return [host for host in hosts if known.isdisjoint(_matching(host))]


def unused(patterns: Iterable[str], hosts: Iterable[str]) -> list[str]:
    """Return the patterns that match no host, in their order."""
    known = {pattern for host in hosts for pattern in _matching(host)}
    return [pattern for pattern in patterns if pattern.lower() not in known]


def _matching(host: str) -> set[str]:
    """Return the patterns that match a host: there are two, so that none of thousands must be tried."""
    host = host.lower()
    label, _unused, parent = host.partition(".")
    return {host, WILDCARD + parent} if label else {host}


def distance(one: str, other: str, limit: int) -> int:
    """Return how many letters must be added, removed or replaced to turn one name into the other, at most limit + 1.

    Letters that stand farther apart than the limit are no pair, so the time grows with the length and not its square.
    """
    far = limit + 1
    if abs(len(one) - len(other)) > limit:
        return far
    previous = {to: to for to in range(min(limit, len(other)) + 1)}
    for at, letter in enumerate(one, start=1):
        current = {0: at} if at <= limit else {}
        for to in range(max(1, at - limit), min(len(other), at + limit) + 1):
            replaced = previous.get(to - 1, far) + (letter != other[to - 1])
            current[to] = min(previous.get(to, far) + 1, current.get(to - 1, far) + 1, replaced)
        if min(current.values()) > limit:
            return far
        previous = current
    return min(previous[len(other)], far)

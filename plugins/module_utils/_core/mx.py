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
    pattern, host = pattern.lower(), host.lower()
    if pattern.startswith(WILDCARD):
        label, _unused, parent = host.partition(".")
        return bool(label) and parent == pattern[len(WILDCARD) :]
    return pattern == host


def uncovered(patterns: Iterable[str], hosts: Iterable[str]) -> list[str]:
    """Return the hosts that no pattern matches, in their order."""
    patterns = list(patterns)
    return [host for host in hosts if not any(matches(pattern, host) for pattern in patterns)]


def unused(patterns: Iterable[str], hosts: Iterable[str]) -> list[str]:
    """Return the patterns that match no host, in their order."""
    hosts = list(hosts)
    return [pattern for pattern in patterns if not any(matches(pattern, host) for host in hosts)]


def distance(one: str, other: str, limit: int) -> int:
    """Return how many letters must be added, removed or replaced to turn one name into the other, at most limit + 1."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    previous = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        current = [at]
        for to, target in enumerate(other, start=1):
            current.append(min(previous[to] + 1, current[-1] + 1, previous[to - 1] + (letter != target)))
        if min(current) > limit:
            return limit + 1
        previous = current
    return previous[-1]

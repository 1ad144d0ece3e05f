# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who takes a domain's mail (RFC 5321, section 5.1), and which patterns match them (RFC 8461, sections 3.2 and 4.1).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .dns.answer import NODATA, Answer
from .names import InvalidName, check_host

WILDCARD = "*."
RENAME = (
    "Write a host's name into the MX record, of letters, digits and inner hyphens, and give that name the mail "
    "server's A and AAAA records"
)


@dataclass(frozen=True)
class MailServers:
    """Who takes a domain's mail.

    ``hosts`` are names, the most preferred first, each once; ``implicit`` says that the domain has no MX record and
    takes its mail itself; ``null`` that there is a null MX (RFC 7505), whatever stands beside it; ``unsure`` is the
    answer whose absence leaves it unknown.
    """

    hosts: tuple[str, ...] = ()
    implicit: bool = False
    null: bool = False
    unsure: Answer | None = None


def needs_addresses(mx: Answer) -> bool:
    """Whether the domain's own addresses must be asked for to know who takes its mail."""
    return mx.status == NODATA


def mail_servers(domain: str, mx: Answer, addresses: Iterable[Answer] = ()) -> MailServers:
    """Return who takes a domain's mail, by its MX records and, where there are none, its ``addresses``."""
    if not mx.certain:
        return MailServers(unsure=mx)
    if needs_addresses(mx):
        answers = list(addresses)
        if any(answer.records for answer in answers):
            return MailServers((domain,), implicit=True)
        return MailServers(unsure=next((answer for answer in answers if not answer.certain), None))
    names = [name for _unused, name in sorted(mx.records)]
    return MailServers(tuple(dict.fromkeys(name for name in names if name)), null="" in names)


def covering(host: str) -> str:
    """Return a pattern for an MX that lists and policies accept; "" where none can be had, as for an address.

    A name with an underscore cannot stand in a policy, but a wildcard matches it.
    """
    label, _dot, parent = host.partition(".")
    patterns = (host, WILDCARD + parent) if "_" in label else (host,)
    return next((pattern for pattern in patterns if "*" not in host and _is_pattern(pattern)), "")


def check_pattern(pattern: str, check_name: Callable[[str], str] = check_host) -> str:
    """Return the pattern with A-labels: a host name, or ``*.`` before one. Raises InvalidName."""
    if pattern == "*":
        raise InvalidName("'*' would stand for every host", "Write *.example.com, or every name in full")
    if pattern.startswith("."):
        remedy = f"Write *{pattern} for one label before it" if _is_pattern(f"*{pattern}") else "Write a host's name"
        raise InvalidName(f"{pattern!r} begins with a dot", remedy)
    suffix = pattern[len(WILDCARD) :] if pattern.startswith(WILDCARD) else pattern
    if "*" in suffix:
        raise InvalidName(
            f"{pattern!r} has a wildcard elsewhere than as the whole left-most label",
            "Write *.example.com, or every name in full",
        )
    return pattern[: len(pattern) - len(suffix)] + check_name(suffix)


def _is_pattern(text: str) -> bool:
    """Whether a policy takes a text as it stands."""
    try:
        return check_pattern(text) == text
    except InvalidName:
        return False


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

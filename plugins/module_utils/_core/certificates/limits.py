# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many orders a CA takes in which time, and how much of that is one policy host's.

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..duration import InvalidDuration, in_words, seconds
from ..finding import Refused, with_remedy

ACCOUNT = "orders_per_account"
DOMAIN = "certificates_per_registered_domain"
SET = "certificates_per_set"
FAILURES = "failures_per_name"

_LIMIT = re.compile(r"([0-9]{1,9})(?:\s+(?:per|in)\s+(\w+))?\Z")
_NONE = ("", "0", "none")


@dataclass(frozen=True)
class Limit:
    """So many in so many seconds, counted as a token bucket: all at once, then one more after each part of the time."""

    count: int
    window: int

    def __str__(self) -> str:
        """As users write it."""
        return f"{self.count} per {in_words(self.window)}"


Limits = Mapping[str, "Limit | None"]

# https://letsencrypt.org/docs/rate-limits/
LETS_ENCRYPT: Limits = {
    ACCOUNT: Limit(300, 3 * 3600),
    DOMAIN: Limit(50, 7 * 86400),
    SET: Limit(5, 7 * 86400),
    FAILURES: Limit(5, 3600),
}
# The CA counts these for all policy hosts together, each of which has an account of its own.
SHARED = (DOMAIN, SET)
# Renewals count for these nowhere.
OF_NEW_ORDERS = (DOMAIN, ACCOUNT)


@dataclass(frozen=True)
class Share:
    """One host's part of a limit: what it may have at once, a second's part of a token, and what it begins with."""

    capacity: float
    per_second: float
    at_first: float

    @property
    def seconds_to_fill(self) -> float:
        """The time after which nothing that was is of any account."""
        return self.capacity / self.per_second


def subject(limit: str, name: str, registered: Callable[[str], str]) -> str:
    """Return of what a limit counts the orders of this name: itself, its registered domain, or "", the account."""
    return {ACCOUNT: "", DOMAIN: registered(name)}.get(limit, name)


def read_limits(given: Mapping[str, object]) -> dict[str, Limit | None]:
    """Return what is given, and for the rest the limits of Let's Encrypt; None is no limit. Raises Refused."""
    unknown = [str(key) for key in given if key not in LETS_ENCRYPT]
    if unknown:
        raise Refused(f"limits: {', '.join(unknown)} is not a limit", f"Write one of {', '.join(LETS_ENCRYPT)}")
    return {**LETS_ENCRYPT, **{key: _read(key, value) for key, value in given.items()}}


def share(limits: Limits, hosts: int, rank: int) -> dict[str, Share]:
    """Divide what hosts share: whatever each does by itself, all of them together stay below the limit.

    Where a host would get less than one, as many hosts as it allows begin with one each, and each of those behind has
    its own when the CA has the next.
    """
    return {key: _share(limit, hosts if key in SHARED else 1, rank) for key, limit in limits.items() if limit}


def renewals_of_set(limits: Limits, hosts: int, key_types: int, interval: int) -> str:
    """Say that all hosts together renew a name more often than the CA allows, "" if they do not."""
    limit = limits[SET]
    if not limit or hosts * key_types * limit.window <= limit.count * interval:
        return ""
    times = f"{hosts * key_types} certificates of one name"
    rule = (
        f"certificates_per_set: {times} are renewed every {interval // 3600} h, more often than the CA allows ({limit})"
    )
    remedy = "Set sts_certificate_key_types to one type"
    if key_types == 1:
        remedy = "Have fewer policy hosts, or certificates of a longer lifetime"
    return with_remedy(rule, remedy)


def _share(limit: Limit, hosts: int, rank: int) -> Share:
    part = limit.count / hosts
    if part >= 1:
        return Share(part, part / limit.window, part)
    behind = max(rank - limit.count + 1, 0)
    return Share(1.0, part / limit.window, 1 - behind / hosts)


def _read(key: str, value: object) -> Limit | None:
    words = "" if value is None else str(value).strip().lower()
    if isinstance(value, bool) or words in _NONE:
        if value is True:
            raise _no_limit(key, value)
        return None
    found = _LIMIT.match(words)
    if not found:
        raise _no_limit(key, value)
    usual = LETS_ENCRYPT[key]
    try:
        window = seconds(found[2]) if found[2] else usual.window if usual else 0
    except InvalidDuration:
        raise _no_limit(key, value) from None
    if not window:
        raise _no_limit(key, value)
    return Limit(int(found[1]), window) if int(found[1]) else None


def _no_limit(key: str, value: object) -> Refused:
    return Refused(
        f"limits: {key}: {value!r} is not a number of orders in a time",
        "Write it as in '300 per 3h', a number alone for the usual time, or 0 for no limit",
    )

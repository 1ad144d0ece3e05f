# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy that a sender says it saw, from the lines that it reports (RFC 8460, section 4.5).

Some keep its bytes, and some make the lines anew in an order of their own, so a policy is known by what it says.
Private to this collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..bounds import REPORT_POLICY_LINES
from ..policies.policy import Policy, parse, render
from ..policies.policy_id import policy_id

# What a policy says: its MX patterns are a set (RFC 8461, section 3.2)
Meaning = tuple[str, int, frozenset[str]]


@lru_cache(maxsize=100)
def seen_policy_id(lines: tuple[str, ...]) -> str | None:
    """Return the id that this collection gives a policy of these lines, None if senders would not accept them."""
    policy = _read(lines)
    return policy_id(render(policy)) if policy else None


@lru_cache(maxsize=100)
def meaning(lines: tuple[str, ...]) -> Meaning | None:
    """Return what the lines say, None if senders would not accept them."""
    policy = _read(lines)
    return (policy.mode, policy.max_age, frozenset(map(str.lower, policy.mx))) if policy else None


def meaning_of(policy: bytes) -> Meaning | None:
    """Return what a policy says as it is served."""
    return meaning(tuple(policy.decode("utf-8", "replace").splitlines()))


def _read(lines: Sequence[str]) -> Policy | None:
    if len(lines) >= REPORT_POLICY_LINES:  # there may have been more
        return None
    return parse("".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")).lenient

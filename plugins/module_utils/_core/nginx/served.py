# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which policy hosts nginx is to answer for: who may hold a policy must be able to ask for it (RFC 8461, section 8.3).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..domains import MailDomain
from ..finding import Finding, warning
from ..names import several
from ..policies.plan import removed
from ..rfc import REMOVING


def choose_domains(
    listed: Iterable[MailDomain], policies: Iterable[Mapping[str, Any]], on_disk: Collection[str]
) -> list[str]:
    """Return the domains that need a policy host: all present ones, and those whose policy is not removed yet.

    ``policies`` is what became of the policies in this run, ``on_disk`` are the domains that have one.
    """
    leaving = removed(policies)
    return [
        domain.domain
        for domain in listed
        if domain.present or (domain.domain in on_disk and domain.domain not in leaving)
    ]


def choose_unlisted(listed: Iterable[MailDomain], serving: Iterable[str], on_disk: Collection[str]) -> list[str]:
    """Return what our file serves and the list does not name, as long as there is a policy to serve."""
    names = {domain.domain for domain in listed}
    return [domain for domain in serving if domain not in names and domain in on_disk]


def not_in_the_list(domains: Sequence[str]) -> list[Finding]:
    """Say which domains are served although nobody lists them any more."""
    if not domains:
        return []
    rule = f"{several(domains)}: no longer in the list, but still served"
    return [warning("", "domains", rule, REMOVING, "List them, with state: absent to take them down")]

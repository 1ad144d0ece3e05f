# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom to audit: plain names of anybody's domains, and entries of the user's list, which also say what to expect.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..._core.domains import MailDomain, read_domains
from ..._core.finding import Finding, error
from ..._core.intent import Intent
from ..._core.names import InvalidName, check_host
from ..dns.resolver import Resolver
from ..intent import MX, complete
from .run import Target


def read_targets(raw: Sequence[object], defaults: object) -> tuple[list[str], list[MailDomain], list[Finding]]:
    """Return all names in the order given, each once, the entries among them, and every mistake."""
    findings: list[Finding] = []
    names = []
    entries, problems = read_domains([entry for entry in raw if not isinstance(entry, str)], defaults)
    listed = iter(entries)
    for entry in raw:
        if isinstance(entry, str):
            name = _name(entry.strip(), findings)
        else:
            name = next((domain.domain for domain in listed), None)
        if name is not None:
            names.append(name)
    return list(dict.fromkeys(names)), entries, findings + problems


def make_targets(
    names: Sequence[str], entries: Iterable[MailDomain], make_resolver: Callable[[], Resolver]
) -> list[Target]:
    """Complete the entries that take their patterns from DNS, and return a target a name."""
    intents = {entry.domain: Intent(entry) for entry in entries}
    unsure = [intent.domain for intent in intents.values() if intent.domain.present and intent.domain.needs_mx]
    if unsure:
        intents.update({intent.domain.domain: intent for intent in complete(unsure, {MX}, (), make_resolver())})
    return [Target(name, intents[name].expected if name in intents else None) for name in names]


def _name(text: str, findings: list[Finding]) -> str | None:
    try:
        return check_host(text)
    except InvalidName as problem:
        findings.append(error(text, "domain", problem.rule, "", problem.remedy))
        return None

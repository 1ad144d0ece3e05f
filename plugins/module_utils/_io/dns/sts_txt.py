# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask DNS for the TXT records of many domains at once, and have the core judge them.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..._core.dns.answer import Answer
from ..._core.dns.sts_txt import KINDS, DomainRecords, Published, judge
from ..._core.finding import error
from ..._core.names import InvalidName, check_host
from ..unexpected import told
from .resolver import Resolver


def look_up(
    terms: Sequence[str], kinds: Sequence[str], expected_id: Callable[[str], str | None], resolver: Resolver
) -> list[DomainRecords]:
    """Return one entry a term, in order; a term that is not a domain is not asked for."""
    entries = [_read(term) for term in terms]
    domains = [entry.domain for entry in entries if entry.problem is None]
    pairs = [(domain, kind) for domain in domains for kind in kinds]
    answers = resolver.ask_all((KINDS[kind].name(domain), "TXT") for domain, kind in pairs)
    records: dict[str, dict[str, Published]] = {domain: {} for domain in domains}
    for (domain, kind), answer in zip(pairs, answers):
        records[domain][kind] = _judged(kind, domain, answer, expected_id(domain))
    return [DomainRecords(entry.domain, records[entry.domain]) if entry.problem is None else entry for entry in entries]


def _judged(kind: str, domain: str, answer: Answer, expected_id: str | None) -> Published:
    try:
        return judge(kind, domain, answer, expected_id)
    except Exception as problem:  # whatever it is, it is this domain's
        looks = KINDS[kind]
        rule = f"the DNS answers could not be judged: {told(problem)}"
        finding = error(domain, looks.field, rule, "", "Report this as a bug of the collection")
        return Published(kind, looks.name(domain), answer, None, (finding,))


def _read(term: str) -> DomainRecords:
    try:
        return DomainRecords(check_host(term), {})
    except InvalidName as problem:
        return DomainRecords(term, {}, error(term, "domain", problem.rule, "", problem.remedy))

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit in a terminal: a few lines for one domain or ten thousand, what is worst first.

Private to this collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...finding import Refused, error, remedy_sentence, shorten
from ...text import columns, name_in, pad, printable, wrap
from ...unicode_names import shown, unicode_name
from ..catalogue import STATIONS
from ..verdict import SEVERITIES
from .fail_on import reaches

Result = Mapping[str, Any]

WORDS = {"ok": "ok", "info": "info", "warning": "warn", "error": "ERROR", "unknown": "?"}
NARROWEST = 60
# The stations that look at TXT records
OF_RECORDS = {"dns", "reports"}
INDENT = "  "
# Domains named with a finding that several have; the widest column of all states; what stands for any domain or subject
_NAMED, _WIDEST_STATE, _ANY = 3, max(map(len, WORDS.values())), "\0"


@dataclass(frozen=True)
class Summary:
    """What to show, which domains are at fault at the threshold, why in sentences, and the same cut to a message."""

    lines: list[str]
    failed: list[str]
    problems: list[str]
    message: str


@dataclass
class _Shared:
    """Findings of one domain that differ in their subject only, and all domains that have the same."""

    findings: list[Result]
    domains: list[str] = field(default_factory=list)


def check_width(width: int) -> None:
    """Raise Refused when a width leaves no room for the table."""
    if width < NARROWEST:
        raise Refused(f"width: {width} is too narrow", f"Write {NARROWEST} or more")


def summarize(
    audit: Result, fail_on: str = "error", shown: int = 20, width: int = 80, unsettled: Collection[str] = ()
) -> Summary:
    """Sum up what the audit returned, naming at most ``shown`` domains, and as many findings.

    ``unsettled`` are domains whose records name servers need not show yet: what is found on these does not fail.
    Raises ValueError when ``fail_on`` is no threshold, or the width leaves no room for the table.
    """
    check_width(width)
    results = audit["results"]
    reaching = {
        result["domain"]: [finding for finding in result["findings"] if reaches(finding["severity"], fail_on)]
        for result in results
    }
    failing = {
        domain: [finding for finding in findings if domain not in unsettled or finding["station"] not in OF_RECORDS]
        for domain, findings in reaching.items()
    }
    problems = [_sentence(domain, finding) for domain, findings in failing.items() for finding in findings]
    lines = wrap(_totals(audit), width)
    if results:
        lines += wrap(_expiries(results), width)
        lines += ["", *_table(_worst_first(results), shown, width)]
        lines += _findings(_shared(results), shown, width)
    if failing != reaching:
        lines += [
            "",
            *wrap("Records that were just changed, or that you publish, may show later: they do not fail.", width),
        ]
    return Summary(
        lines, [domain for domain, findings in failing.items() if findings], problems, _message(problems, shown)
    )


def _totals(audit: Result) -> str:
    results = audit["results"]
    verdicts = Counter(result["verdict"] for result in results)
    counts = [f"{verdicts[verdict]} {verdict}" for verdict in reversed(SEVERITIES) if verdicts[verdict]]
    return f"{_number(len(results), 'domain')} seen at {audit['audited_at']}: {', '.join(counts) or 'nothing to do'}."


def _expiries(results: Sequence[Result]) -> str:
    ends = [
        f"{what} {end[:10]} ({', '.join(shorten(form, 40) for form in dict.fromkeys((unicode_name(domain), domain)))})"
        for key, what in (("certificate_expiry", "policy host"), ("mx_certificate_expiry", "MX"))
        for end, domain in [
            min(((result[key], result["domain"]) for result in results if result[key]), default=("", ""))
        ]
        if end
    ]
    return f"First certificate to end: {', '.join(ends)}." if ends else ""


def _worst_first(results: Sequence[Result]) -> list[Result]:
    return sorted(results, key=lambda result: -SEVERITIES.index(result["verdict"]))


def _table(results: Sequence[Result], shown: int, width: int) -> Iterator[str]:
    widths = [max(len(station), _WIDEST_STATE) for station in STATIONS]
    room = width - sum(widths) - len(INDENT) * len(widths)
    rows = [
        (name_in(room, printable(result["domain"])), *(WORDS[result["stations"][station]] for station in STATIONS))
        for result in results[:shown]
    ]
    if rows:
        widths = [max(columns(row[0]) for row in (("domain",), *rows)), *widths]
        for row in (("domain", *STATIONS), tuple("-" * one for one in widths), *rows):
            yield INDENT.join(pad(cell, one) for cell, one in zip(row, widths)).rstrip()
    if len(results) > shown:
        rest = Counter(result["verdict"] for result in results[shown:])
        counts = ", ".join(f"{rest[verdict]} {verdict}" for verdict in reversed(SEVERITIES) if rest[verdict])
        yield from wrap(f"and {_number(len(results) - shown, 'more domain')}: {counts}.", width)
    if any(WORDS["unknown"] in row for row in rows):
        yield from wrap("? was not looked at, or could not be.", width)


def _shared(results: Sequence[Result]) -> list[_Shared]:
    """Put together what differs in addresses or in the domain only; the worst first, then what most domains have."""
    shared: dict[tuple[str, ...], _Shared] = {}
    for result in results:
        domain = result["domain"]
        for findings in _alike(result["findings"]):
            subjects = (finding["subject"] for finding in findings)
            key = tuple(part.replace(domain, _ANY) for part in (*_likeness(findings[0]), *subjects))
            shared.setdefault(key, _Shared(findings)).domains.append(domain)
    return sorted(shared.values(), key=lambda one: (-SEVERITIES.index(one.findings[0]["severity"]), -len(one.domains)))


def _alike(findings: Sequence[Result]) -> list[list[Result]]:
    alike: dict[tuple[str, ...], list[Result]] = {}
    for finding in findings:
        alike.setdefault(_likeness(finding), []).append(finding)
    return list(alike.values())


def _likeness(finding: Result) -> tuple[str, ...]:
    """Return what a finding says, whatever its subject."""
    seen = finding["seen"].replace(finding["subject"], _ANY)
    return (finding["severity"], finding["check"], seen, finding["remedy"])


def _findings(shared: Sequence[_Shared], shown: int, width: int) -> Iterator[str]:
    for one in shared[:shown]:
        first, *others = one.findings
        yield ""
        yield from _hanging(f"{WORDS[first['severity']]} {first['check']}: {_names(one.domains, width)}", width)
        if not any(first["subject"] in text for text in (first["seen"], one.domains[0])):
            where = "such as" if len(one.domains) > 1 and one.domains[0] in first["subject"] else "at"
            room = width - len(f"{INDENT}{where} ")
            yield from wrap(f"{where} {shorten(printable(first['subject']), room)}", width, INDENT)
        yield from wrap(f"{first['seen']} ({first['section']})", width, INDENT)
        if others:
            yield from wrap(f"Likewise: {_names([finding['subject'] for finding in others], width)}", width, INDENT)
        yield from wrap(remedy_sentence(first["remedy"]), width, INDENT)
    if len(shared) > shown:
        yield ""
        yield from wrap(f"and {_number(len(shared) - shown, 'more finding')}.", width)


def _hanging(text: str, width: int) -> Iterator[str]:
    first, *more = wrap(text, width)
    yield first
    yield from wrap(" ".join(more), width, INDENT)


def _names(names: Sequence[str], width: int) -> str:
    named = ", ".join(name_in(width - len(INDENT), name) for name in names[:_NAMED])
    return named if len(names) <= _NAMED else f"{named} and {len(names) - _NAMED} more"


def _sentence(domain: str, finding: Result) -> str:
    parts = (finding[part] for part in ("check", "seen", "section", "remedy"))
    return printable(str(error(shown(domain), *parts)))


def _message(problems: Sequence[str], shown: int) -> str:
    rest = [f"and {_number(len(problems) - shown, 'more finding')}"] if len(problems) > shown else []
    return "\n".join([*problems[:shown], *rest])


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

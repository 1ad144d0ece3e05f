# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders report, in a terminal: a few lines for one domain or ten thousand, the most failures first.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...finding import Refused, remedy_sentence, with_remedy
from ...rfc import TLS_RPT_RESULTS
from ...text import columns, counted, name_in, pad, printable, wrap
from ...unicode_names import shown as as_people_write
from ..figures import days_between, share
from .notes import notes

Plain = Mapping[str, Any]

NARROWEST = 60
INDENT = "  "
FAILURES, NEVER = "failures", "never"
FAIL_ON = (FAILURES, NEVER)
# Domains, hosts and senders named with a type, notes of a kind
_NAMED = 3
_HEADS = ("domain", "sessions", "failed", "share", "senders", "days")


@dataclass(frozen=True)
class Overview:
    """What to show, of which domains more sessions failed than is tolerated, and why in sentences."""

    lines: list[str]
    failed: list[str]
    message: str


def overview(figures: Plain, fail_on: str = NEVER, tolerated: float = 0, shown: int = 20, width: int = 80) -> Overview:
    """Sum the figures up, naming at most ``shown`` domains; up to ``tolerated`` percent of sessions may have failed.

    Raises Refused when ``fail_on`` is no threshold, or the width leaves no room for the table.
    """
    if fail_on not in FAIL_ON:
        raise Refused(f"fail_on: {fail_on!r} is no threshold", f"Write {' or '.join(FAIL_ON)}")
    failed = [one for one in figures["domains"] if fail_on == FAILURES and _is_too_much(one, tolerated)]
    sentences = [_sentence(one) for one in failed[:shown]]
    if len(failed) > shown:
        sentences.append(f"and {counted(len(failed) - shown, 'more domain')}")
    return Overview(_lines(figures, shown, width), [one["domain"] for one in failed], "\n".join(sentences))


def _lines(figures: Plain, shown: int, width: int) -> list[str]:
    if width < NARROWEST:
        raise Refused(f"width: {width} is too narrow", f"Write {NARROWEST} or more")
    return [
        *wrap(_totals(figures), width),
        *wrap(_inputs(figures), width),
        *_table(figures, shown, width),
        *(line for found in figures["all"]["types"] for line in _type(found, width)),
        *_unexplained(figures["all"], width),
        *(line for head, those in notes(figures).items() for line in _listed(head, those, width)),
    ]


def _is_too_much(one: Plain, tolerated: float) -> bool:
    sessions: int = one["failed"] + one["succeeded"]
    return bool(100 * one["failed"] > tolerated * sessions)


def _sentence(one: Plain) -> str:
    types = ", ".join(f"{found['type']} ({found['sessions']:,})" for found in one["types"][:_NAMED])
    failed = f"{counted(one['failed'], 'session')} of {one['failed'] + one['succeeded']:,} failed"
    seen = f"{as_people_write(one['domain'])}: {failed}"
    remedy = one["types"][0]["remedy"] if one["types"] else "Ask the senders: their reports have no details"
    return printable(with_remedy(f"{seen}: {types} ({TLS_RPT_RESULTS})" if types else seen, remedy))


def _totals(figures: Plain) -> str:
    every = figures["all"]
    reporting = sum(bool(one["last_day"]) for one in figures["domains"])
    period = f"{figures['since']} to {figures['until']}"
    if not reporting:
        return f"{period}: no report on any of {counted(len(figures['domains']), 'domain')}."
    sessions = every["succeeded"] + every["failed"]
    return (
        f"{period}: {counted(every['sender_count'], 'sender')} on {counted(reporting, 'domain')}: "
        f"{counted(sessions, 'session')}, {every['failed']:,} failed ({share(every['failed'], every['succeeded'])})."
    )


def _inputs(figures: Plain) -> str:
    inputs, left_out = figures["inputs"], figures["left_out"]
    parts = [f"{counted(inputs['read'], 'report')} read"]
    if inputs["copies"]:
        parts.append(counted(inputs["copies"], "copy", "copies"))
    if inputs["other_mails"]:
        parts.append(counted(inputs["other_mails"], "other mail"))
    if inputs["refused"]:
        parts.append(f"{inputs['refused']:,} refused")
    if left_out["reports"]:
        others = counted(left_out["domains"], "domain")
        parts.append(f"{counted(left_out['reports'], 'report')} on {others} not in the list left out")
    if figures["beyond"]:
        parts.append(f"{counted(figures['beyond'], 'session')} of other days not counted")
    return f"{', '.join(parts)}."


def _table(figures: Plain, shown: int, width: int) -> Iterator[str]:
    domains = figures["domains"]
    days = len(days_between(figures["since"], figures["until"]))
    numbers = [_numbers(one, days) for one in domains[:shown]]
    widths = [max(len(row[place]) for row in (_HEADS[1:], *numbers)) for place in range(len(_HEADS) - 1)]
    room = width - sum(widths) - len(INDENT) * len(widths)
    names = [name_in(room, printable(one["domain"])) for one in domains[:shown]]
    if names:
        first = max(map(columns, (_HEADS[0], *names)))
        yield ""
        yield _line(first, _HEADS[0], widths, _HEADS[1:])
        yield _line(first, "-" * first, widths, ["-" * one for one in widths])
        for name, row in zip(names, numbers):
            yield _line(first, name, widths, row)
    rest = domains[shown:]
    if rest:
        failing = sum(bool(one["failed"]) for one in rest)
        yield from wrap(f"and {counted(len(rest), 'more domain')}, {failing:,} with failures.", width)


def _numbers(one: Plain, days: int) -> tuple[str, ...]:
    """What stands beside a domain; a domain without a report has no sessions, rather than none that failed."""
    if not one["last_day"]:
        return "-", "-", "-", "0", f"0/{days}"
    sessions = one["succeeded"] + one["failed"]
    part = share(one["failed"], one["succeeded"])
    return _short(sessions), _short(one["failed"]), part, f"{one['sender_count']:,}", f"{len(one['days'])}/{days}"


def _short(number: int) -> str:
    """Return a number of which a column has room for what nobody has: nine million are written out, ten are 10 M."""
    units = iter("MGTP")
    unit = ""
    while number >= 10**7 if not unit else number >= 10**4:
        number, unit = number // (10**3 if unit else 10**6), next(units)
    return f"{number:,} {unit}".rstrip()


def _line(first: int, name: str, widths: Sequence[int], cells: Sequence[str]) -> str:
    return INDENT.join([pad(name, first), *(cell.rjust(one) for cell, one in zip(cells, widths))])


def _type(found: Plain, width: int) -> Iterator[str]:
    domains = _few([name_in(width - len(INDENT), name) for name in found["domains"]], found["domain_count"])
    yield ""
    yield from wrap(f"{found['type']}: {counted(found['sessions'], 'session')}, last on {found['last_day']}", width)
    yield from wrap(f"Of {domains}", width, INDENT)
    yield from wrap(f"{found['meaning']} ({TLS_RPT_RESULTS})", width, INDENT)
    hosts = [f"{host['mx']} [{host['address']}]" if host["address"] else host["mx"] for host in found["hosts"]]
    if hosts:
        yield from wrap(f"At {_few(hosts, found['host_count'])}", width, INDENT)
    yield from wrap(f"Reported by {_few(found['senders'], found['sender_count'])}", width, INDENT)
    if found["reasons"]:
        yield from wrap(f"In their words: {'; '.join(found['reasons'])}", width, INDENT)
    yield from wrap(remedy_sentence(found["remedy"]), width, INDENT)


def _unexplained(every: Plain, width: int) -> Iterator[str]:
    if every["unexplained"]:
        yield ""
        yield from wrap(f"{counted(every['unexplained'], 'session')} failed of which no sender says how.", width)


def _listed(head: str, those: Sequence[str], width: int) -> Iterator[str]:
    yield ""
    yield f"{head}:"
    for one in those[:_NAMED]:
        yield from wrap(one, width, INDENT)
    if len(those) > _NAMED:
        yield from wrap(f"and {len(those) - _NAMED:,} more", width, INDENT)


def _few(names: Iterable[str], count: int) -> str:
    few = list(names)[:_NAMED]
    return ", ".join(few) + (f" and {count - len(few):,} more" if count > len(few) else "")

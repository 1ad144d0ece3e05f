# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read all sources, one after the other, and say what their reports say.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..._core.finding import with_remedy
from ..._core.timestamps import iso_time
from ..._core.tls_reports.days import Days, Row
from ..._core.tls_reports.figures import figures
from ..._core.tls_reports.outdated import outdated
from ..._core.tls_reports.overview import result_types
from ..._core.tls_reports.period import days_ago, is_within
from ..._core.tls_reports.report import STS
from ..._core.tls_reports.rows import to_plain
from ..._core.tls_reports.state import State, bounded_rows
from ..unexpected import told
from .dkim_signatures import Signatures
from .reader import Reader
from .source import Source, Unreadable

# Returns the policies that domains are to have, of those domains where that is known
Policies = Callable[[Collection[str]], Mapping[str, bytes]]


@dataclass(frozen=True)
class Question:
    """Of which ``domains`` to tell what, from the day ``since`` to ``until``, and how many days are kept at all.

    ``sum_up``: tell figures in place of every row.
    """

    domains: Collection[str]
    now: int
    since: str | None = None
    until: str | None = None
    keep_days: int | None = None
    sum_up: bool = False


@dataclass
class Reading:
    """What was read: by whom, which sources could not be, and what is left for the next run."""

    reader: Reader
    problems: list[str]
    state: State


def read(sources: Sequence[Source], before: State, question: Question, signatures: Signatures) -> Reading:
    """Read what is new in the sources. One that cannot be read is a problem of its own."""
    days = Days(before.rows)
    reader = Reader(days, question.domains, signatures, days_ago(-1, question.now))
    problems = [problem for source in sources for problem in _read(source, reader)]
    if question.keep_days is not None:
        days.forget(days_ago(question.keep_days, question.now))
    rows = list(days)
    kept = bounded_rows(rows)
    if len(kept) < len(rows):
        rule = f"{len(rows):,} rows are more than are kept; the days before {min(row.day for row in kept)} are left out"
        problems.append(with_remedy(rule, "Lower keep_days, or keep several states, each for some of the domains"))
    return Reading(reader, problems, State(kept, {**before.marks, **_marks(sources)}))


def with_marks(state: State, sources: Iterable[Source]) -> State:
    """Return the state with what sources have noted since."""
    return replace(state, marks={**state.marks, **_marks(sources)})


def result(reading: Reading, question: Question, policies: Policies) -> dict[str, Any]:
    """Return what modules return."""
    rows = [row for row in reading.state.rows if _is_asked_for(row, question)]
    reader = reading.reader
    told = {
        "inputs": asdict(reader.inputs),
        "refused": reader.refused,
        "findings": [finding.as_dict() for finding in reader.findings],
        "problems": reading.problems,
        "left_out": reader.left_out.as_dict(),
        "result_types": result_types(rows),
        "outdated": outdated(rows, policies({row.domain for row in rows if row.policy_type == STS and row.policies})),
        "since": question.since,
        "until": question.until,
        "read_at": iso_time(question.now),
        "read_at_epoch": question.now,
    }
    days = map(to_plain, rows)
    if not question.sum_up:
        return {"days": list(days), **told}
    since = question.since or min((row.day for row in rows), default=None)
    return {"figures": figures({**told, "since": since, "days": days}, question.domains), **told}


def _read(source: Source, reader: Reader) -> list[str]:
    try:
        for item in source.items():
            reader.take(source.name, item)
    except Unreadable as problem:
        return [f"{source.name}: {problem}"]
    except Exception as problem:  # whatever it is, it is this source's
        return [with_remedy(f"{source.name}: {told(problem)}", "Report this as a bug of the collection")]
    return []


def _marks(sources: Iterable[Source]) -> dict[str, dict[str, str]]:
    return {source.name: source.marks for source in sources}


def _is_asked_for(row: Row, question: Question) -> bool:
    return row.domain in question.domains and is_within(row.day, question.since, question.until)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one run leaves for the next: the rows, and by source how far it was read.

As text it is JSON, a line each: first the format and the marks, then every row, so that years can be read line by line.
Private to this collection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..bounds import REPORT_ROWS_KEPT
from .days import Row, report_count
from .rows import from_plain, to_plain

FORMAT = 1
# Marks that are shown: how far a mailbox was read. Others are one for each file.
_SHOWN = ("position", "uid", "unmoved")
_LINE = re.compile(".+")
# What a source has noted about how far it was read, in words of its own
Marks = dict[str, str]


class CorruptState(ValueError):
    """Something that is not what an earlier run has written; the message says why."""


@dataclass
class State:
    """The rows of all days that are kept, and the marks of each source."""

    rows: list[Row] = field(default_factory=list)
    marks: dict[str, Marks] = field(default_factory=dict)


def to_text(state: State) -> str:
    """Return the state as a file has it: the same state is always the same text."""
    return "".join(f"{line}\n" for line in _lines(state))


def _lines(state: State) -> Iterator[str]:
    marks = {source: noted for source, noted in state.marks.items() if noted}
    yield json.dumps({"format": FORMAT, "marks": marks}, sort_keys=True)
    for row in state.rows:
        yield json.dumps(to_plain(row), separators=(",", ":"))


def from_text(text: str) -> State:
    """Read what to_text has returned. Raises CorruptState."""
    lines = (line[0] for line in _LINE.finditer(text))  # one after the other: a state may be large
    try:
        head = json.loads(next(lines, ""))
    except (ValueError, RecursionError) as problem:
        raise CorruptState(f"its first line is no JSON: {problem}") from None
    if not isinstance(head, dict) or head.get("format") != FORMAT or not isinstance(head.get("marks"), dict):
        raise CorruptState(f"it is not of format {FORMAT}")
    try:
        marks = {
            str(source): {str(key): str(mark) for key, mark in noted.items()} for source, noted in head["marks"].items()
        }
    except AttributeError:
        raise CorruptState("its marks are no dictionaries") from None
    return State([_row(line, number) for number, line in enumerate(lines, start=2)], marks)


def summary(state: State) -> str:
    """Return what is kept in a few lines, for people who compare two of them."""
    days = sorted({row.day for row in state.rows})
    period = f", days: {days[0]} to {days[-1]}" if days else ""
    domains = len({row.domain for row in state.rows})
    lines = [f"reports: {report_count(state.rows):,}, domains: {domains:,}{period}"]
    for source, noted in sorted(state.marks.items()):
        far = [f"{key} {noted[key]}" for key in _SHOWN if key in noted]
        if noted:
            lines.append(f"{source}: {', '.join(far) or f'{len(noted):,} files'}")
    return "".join(f"{line}\n" for line in lines)


def bounded_rows(rows: list[Row]) -> list[Row]:
    """Return the rows of as many of the latest days as may be kept."""
    if len(rows) <= REPORT_ROWS_KEPT:
        return rows
    oldest = sorted(row.day for row in rows)[-REPORT_ROWS_KEPT - 1]
    return [row for row in rows if row.day > oldest]


def _row(line: str, number: int) -> Row:
    try:
        return from_plain(json.loads(line))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as problem:
        raise CorruptState(f"its line {number} is no row: {problem!r}") from None

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep what reports say: read under the lock of the state, which is written before any mail is moved.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from ..._core.tls_reports.state import State, summary, to_text
from ..lock import locked
from . import state
from .dkim_signatures import Signatures
from .imap import Imap
from .run import Question, Reading, read, with_marks
from .source import Source, Unreadable

LOCK_SECONDS = 60


@dataclass(frozen=True)
class Kept:
    """What was read; how many mails were moved, or would be; the state before and after in a few words for people."""

    reading: Reading
    changed: bool
    moved: int
    before: str
    after: str


def keep(
    path: str,
    make_sources: Callable[[State], Sequence[Source]],
    question: Question,
    signatures: Signatures,
    *,
    check: bool,
) -> Kept:
    """Bring the state up to date, and then move what is to be moved; with ``check`` nothing is touched.

    A run that is killed has written all or nothing; what it has not moved is moved by the next one. Raises Refused,
    CorruptState, Locked or OSError before anything is touched.
    """
    with nullcontext() if check else locked(path, LOCK_SECONDS):
        found = state.read(path)
        before, text = summary(found), to_text(found)
        sources = make_sources(found)
        reading = read(sources, found, question, signatures)
        changed = to_text(reading.state) != text
        if changed and not check:
            state.write(path, reading.state)
        moved = _move(path, reading, sources, check)
    return Kept(reading, changed or moved > 0, moved, before, summary(reading.state))


def _move(path: str, reading: Reading, sources: Sequence[Source], check: bool) -> int:
    """Move what was read as a report, where that is asked for, and note it; return how many mails that are."""
    moved = 0
    for source in sources:
        if not isinstance(source, Imap) or not source.unmoved:
            continue
        waiting = source.unmoved
        if not check:
            try:
                source.move()
            except Unreadable as problem:
                reading.problems.append(f"{source.name}: {problem}")
            reading.state = with_marks(reading.state, [source])
            state.write(path, reading.state)
        moved += waiting if check else waiting - source.unmoved
    return moved

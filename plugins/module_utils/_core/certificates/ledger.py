# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The book of what was asked of a CA: every order, before it is sent, and every answer that says when to come again.

One line for each, the later ones count:

    1795820400.125 mta-sts.example.com p256 new issued
    1795820460.003 orders_per_account - until 1795831200

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .limits import LETS_ENCRYPT

NEW, RENEWAL = "new", "renewal"
# What became of it: it is SENT until that is known, and BAD_NONCE when it has to be sent once more, with another nonce.
SENT, ISSUED, FAILED, RATE_LIMITED, BAD_NONCE = "sent", "issued", "failed", "rateLimited", "badNonce"
# A name that was met before its first order
WAITING = "waiting"
OUTCOMES = (SENT, ISSUED, FAILED, RATE_LIMITED, BAD_NONCE, WAITING)

_UNTIL, _FORGOTTEN = "until", "forgotten"


@dataclass(frozen=True)
class Entry:
    """An order: when it was sent and, once that is known, when it was done."""

    sent: float
    name: str
    key_type: str
    kind: str
    outcome: str
    done: float | None = None

    @property
    def at(self) -> float:
        """When the CA has counted it, at the latest."""
        return self.sent if self.done is None else self.done

    def earlier(self, seconds: float) -> Entry:
        """As it is by a clock that is behind that of this entry."""
        done = None if self.done is None else self.done - seconds
        return replace(self, sent=self.sent - seconds, done=done)

    def lines(self) -> str:
        """As they are written, before the order and after it."""
        end = "" if self.done is None else f" {self.done:.3f}"
        return f"{self.sent:.3f} {self.name} {self.key_type} {self.kind} {self.outcome}{end}\n"


@dataclass(frozen=True)
class Refusal:
    """An answer of the CA that came ``at`` some moment: until when nothing more may be asked.

    ``limit`` is the one it keeps, ``subject`` the name or registered domain that has reached it, "" for the account.
    """

    limit: str
    subject: str
    at: float
    until: float

    def line(self) -> str:
        """As it is written."""
        return f"{self.at:.3f} {self.limit} {self.subject or '-'} {_UNTIL} {self.until:.3f}\n"


@dataclass
class Ledger:
    """What is in the book; ``forgotten`` is the moment before which it is not known what was, None if nothing was."""

    entries: dict[tuple[float, str, str], Entry] = field(default_factory=dict)
    refusals: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    forgotten: float | None = None

    def add(self, entry: Entry) -> None:
        """Add an order, or what became of it."""
        self.entries[entry.sent, entry.name, entry.key_type] = entry

    def refuse(self, refusal: Refusal) -> None:
        """Add an answer of the CA."""
        self.refusals[refusal.limit, refusal.subject] = refusal

    def in_order(self) -> list[Entry]:
        """Return all orders, the first one first."""
        return sorted(self.entries.values(), key=lambda entry: entry.at)


def read_ledger(text: str) -> Ledger:
    """Read a book; a line that is only half there, after a power cut, is passed over."""
    ledger = Ledger()
    for line in text.splitlines():
        _read(line.split(), ledger)
    return ledger


def write_ledger(ledger: Ledger) -> str:
    """Return the book as it is written."""
    return "".join(_lines(ledger))


def _lines(ledger: Ledger) -> Iterable[str]:
    if ledger.forgotten is not None:
        yield f"{ledger.forgotten:.3f} {_FORGOTTEN}\n"
    for entry in ledger.in_order():
        yield entry.lines()
    for refusal in ledger.refusals.values():
        yield refusal.line()


def tidied(ledger: Ledger, now: float, seconds_kept: float) -> Ledger:
    """Return the book without what is older than that, and without answers that are over.

    What stands there for later than now was written by a clock that was ahead. Those orders count as if the last one
    had been sent just now. Until when an answer of the CA holds by the right clock, nobody knows: it is asked again.
    """
    since, entries = now - seconds_kept, _by_this_clock(ledger.in_order(), now)
    forgotten = ledger.forgotten
    tidy = Ledger({}, {}, None if forgotten is None else min(forgotten, now))
    for entry in entries:
        if entry.at >= since:
            tidy.add(entry)
        else:
            tidy.forgotten = since
    for refusal in ledger.refusals.values():
        if refusal.at <= now < refusal.until:
            tidy.refuse(refusal)
    return tidy


def _by_this_clock(entries: list[Entry], now: float) -> list[Entry]:
    ahead = max((entry.at for entry in entries), default=now) - now
    return [entry if entry.at <= now else entry.earlier(ahead) for entry in entries]


def _read(fields: list[str], ledger: Ledger) -> None:
    try:
        if fields[1:] == [_FORGOTTEN]:
            ledger.forgotten = float(fields[0])
        elif fields[3] == _UNTIL and fields[1] in LETS_ENCRYPT:
            subject = "" if fields[2] == "-" else fields[2]
            ledger.refuse(Refusal(fields[1], subject, float(fields[0]), float(fields[4])))
        elif fields[3] in {NEW, RENEWAL} and fields[4] in OUTCOMES:
            sent, name, key_type, kind, outcome = fields[:5]
            ledger.add(Entry(float(sent), name, key_type, kind, outcome, float(fields[5]) if fields[5:] else None))
    except (IndexError, ValueError):
        return

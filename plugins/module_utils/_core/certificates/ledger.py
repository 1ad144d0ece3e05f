# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The book of what was asked of a CA: every order, before it is sent, and every answer that says when to come again.

One line for each, the later ones count:

    1795820400.125 mta-sts.example.com p256 new issued
    1795820460.003 account - until 1795831200

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

NEW, RENEWAL = "new", "renewal"
# What became of it; it is SENT until that is known, and WAITING is a name that was met before its first order.
SENT, ISSUED, FAILED, RATE_LIMITED, WAITING = "sent", "issued", "failed", "rateLimited", "waiting"
OUTCOMES = (SENT, ISSUED, FAILED, RATE_LIMITED, WAITING)

# Whom an answer of the CA concerns
FOR_ACCOUNT, FOR_DOMAIN, FOR_NAME = "account", "domain", "name"
SCOPES = (FOR_ACCOUNT, FOR_DOMAIN, FOR_NAME)

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

    def lines(self) -> str:
        """As they are written, before the order and after it."""
        end = "" if self.done is None else f" {self.done:.3f}"
        return f"{self.sent:.3f} {self.name} {self.key_type} {self.kind} {self.outcome}{end}\n"


@dataclass(frozen=True)
class Refusal:
    """An answer of the CA: whom it concerns, and until when nothing more may be asked."""

    scope: str
    subject: str
    until: float

    def line(self, at: float) -> str:
        """As it is written."""
        return f"{at:.3f} {self.scope} {self.subject or '-'} {_UNTIL} {self.until:.3f}\n"


@dataclass
class Ledger:
    """What is in the book; ``forgotten`` is the moment before which it is not known what was, None if nothing was."""

    entries: dict[tuple[float, str, str], Entry] = field(default_factory=dict)
    refusals: dict[tuple[str, str], float] = field(default_factory=dict)
    forgotten: float | None = None

    def add(self, entry: Entry) -> None:
        """Add an order, or what became of it."""
        self.entries[entry.sent, entry.name, entry.key_type] = entry

    def refuse(self, refusal: Refusal) -> None:
        """Add an answer of the CA."""
        self.refusals[refusal.scope, refusal.subject] = refusal.until

    def in_order(self) -> list[Entry]:
        """Return all orders, the first one first."""
        return sorted(self.entries.values(), key=lambda entry: entry.at)


def read_ledger(text: str) -> Ledger:
    """Read a book; a line that is only half there, after a power cut, is passed over."""
    ledger = Ledger()
    for line in text.splitlines():
        _read(line.split(), ledger)
    return ledger


def write_ledger(ledger: Ledger, since: float) -> str:
    """Return the book without what was before that moment, and without answers that are over by then."""
    kept = [entry for entry in ledger.in_order() if entry.at >= since]
    forgotten = since if len(kept) < len(ledger.entries) else ledger.forgotten
    return "".join(_written(ledger, kept, forgotten, since))


def _written(ledger: Ledger, kept: Iterable[Entry], forgotten: float | None, since: float) -> Iterable[str]:
    if forgotten is not None:
        yield f"{forgotten:.3f} {_FORGOTTEN}\n"
    for entry in kept:
        yield entry.lines()
    for (scope, subject), until in ledger.refusals.items():
        if until > since:
            yield Refusal(scope, subject, until).line(since)


def _read(fields: list[str], ledger: Ledger) -> None:
    try:
        if fields[1:] == [_FORGOTTEN]:
            ledger.forgotten = float(fields[0])
        elif fields[3] == _UNTIL and fields[1] in SCOPES:
            subject = "" if fields[2] == "-" else fields[2]
            ledger.refuse(Refusal(fields[1], subject, float(fields[4])))
        elif fields[3] in {NEW, RENEWAL} and fields[4] in OUTCOMES:
            sent, name, key_type, kind, outcome = fields[:5]
            ledger.add(Entry(float(sent), name, key_type, kind, outcome, float(fields[5]) if fields[5:] else None))
    except (IndexError, ValueError):
        return

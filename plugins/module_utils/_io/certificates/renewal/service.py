# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Order every certificate that is due, as the CA takes orders, and go on until nothing is left.

Private to this collection.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from ...._core.certificates.certificate import Certificate
from ...._core.certificates.dehydrated import rate_limit
from ...._core.certificates.ledger import (
    BAD_NONCE,
    FAILED,
    ISSUED,
    NEW,
    RATE_LIMITED,
    RENEWAL,
    SENT,
    Entry,
    Refusal,
)
from ...._core.certificates.limits import SET, subject
from ...._core.certificates.pending import pending_of
from ...._core.certificates.schedule import Counts, Slot, Wanted
from ...._core.timestamps import minute
from . import dehydrated, stock
from .challenges import clean_up
from .ledger import LedgerFile
from .renewal_info import RenewalInfos
from .settings import read_settings, read_suffixes
from .signals import Stop, Watch, say, sleep_until, tell_systemd
from .status import DONE, ORDERING, WAITING, Status, lock_of, read_asked, write_status, written_at

# A service that waits for the CA looks after everything else at least so often.
LOOK_AGAIN = 4 * 3600
# Of a status with many names: more often costs more than it tells
TELL_AGAIN = 5
LOCK_TRIES, LOCK_PAUSE = 20, 0.1
# A CA that has gone away while it took orders is given that long.
BACK_AGAIN = 900


class Gone(Exception):
    """The CA cannot be asked: all the rest is left to the next run, unless it has taken an order in this one."""


class Service:
    """One run: from the first look at what is due until nothing is left to wait for."""

    def __init__(self, folder: Path, library: Path, *, force: bool) -> None:
        """Read settings and book; what changes from now on is noticed. Raises OSError."""
        self._file = str(folder / "renew.json")
        own = [folder / "renew", Path(self._file), *sorted(folder.glob("*.conf")), *sorted(library.rglob("*.py"))]
        self._program = Watch(own)
        self._written = written_at(self._file)
        self._settings = settings = read_settings(folder)
        settings.store.root.mkdir(parents=True, exist_ok=True)
        self._force = force
        self._registered = read_suffixes().registered
        fill = max((share.seconds_to_fill for share in settings.shares.values()), default=0.0)
        self._book = LedgerFile(settings.store.root / "ledger", fill)
        self._infos = RenewalInfos(settings.store.root / "renewal-info.json")
        self._stop = Stop()
        self._list = self._watch_list()
        self._account = False
        self._taken = False
        self._failed = False
        self._lost = 0.0
        self._open: dict[tuple[str, str], Wanted] = {}
        self._certificates: list[Certificate] = []
        self._asked = ""
        self._told = 0.0

    def run(self) -> bool:
        """Return whether nothing failed; replaces the process when its own files have changed."""
        while True:
            self._look()
            try:
                slots = self._order_and_wait()
            except Gone:
                if not self._taken:
                    raise
                self._wait_for_the_ca()
                continue
            if not slots and not self._interrupted():
                self._tell(DONE, [])
                if self._ca_wants_more():
                    continue
                clean_up(self._settings, self._settings.patience - self._lost, self._interrupted)
                if not self._interrupted():
                    return not self._failed
            if self._stop.asked:
                self._tell(DONE, slots)
                return not self._failed
            if self._program.has_changed():
                _begin_anew()

    def _order_and_wait(self) -> list[Slot]:
        """Order until nothing is left, or it is time to look at everything again; return what is left."""
        end = time.monotonic() + LOOK_AGAIN
        while True:
            slots = self._order_what_fits()
            if not slots or self._interrupted():
                return slots
            self._say_what_is_pending(slots)
            if self._ca_wants_more():
                return slots
            sleep_until(slots[0].at, end, self._interrupted)
            if time.monotonic() >= end:
                return slots

    def _wait_for_the_ca(self) -> None:
        """Let days of orders survive an hour without the CA; meanwhile nothing is told to be pending, but failed."""
        self._account = False
        at = time.time() + BACK_AGAIN
        words = f"The CA cannot be asked; it is tried again at {minute(at)}"
        say(words, wrong=True)
        self._tell(WAITING, [], at)
        tell_systemd("READY=1", f"STATUS={words}")
        sleep_until(at, time.monotonic() + BACK_AGAIN, self._interrupted)

    def _interrupted(self) -> bool:
        return self._stop.asked or self._program.has_changed() or self._list.has_changed()

    def _watch_list(self) -> Watch:
        return Watch([self._settings.folder / "domains.txt", self._settings.state_root / "asked"])

    def _look(self) -> None:
        """See what is due now; what has failed is tried once more."""
        self._list = self._watch_list()
        self._asked = read_asked(self._settings.state_root)
        self._failed, self._lost = False, 0.0
        have = stock.look(self._settings)
        now = time.time()
        self._book.tidy(now)
        self._certificates = [stored.certificate for stored in have.values() if stored.certificate]
        due = stock.wanted(self._settings, have, self._infos.known, now, force=self._force)
        self._force = False
        self._open = {(one.name, one.key_type): one for one in due}
        share = self._settings.shares.get(SET)
        if share and share.at_first < 1:
            self._book.meet(sorted({one.name for one in due}), now, self._settings.store.key_types[0], NEW)

    def _ca_wants_more(self) -> bool:
        """Ask the CA when it wants certificates renewed; return whether one is due by that which was not."""
        before = self._infos.due(time.time())
        settings = self._settings
        self._infos.ask(self._certificates, settings.ca, settings.ca_file, time.time(), self._interrupted)
        return bool(self._infos.due(time.time()) - before)

    def _order_what_fits(self) -> list[Slot]:
        """Order until the CA takes nothing more for now; return what is left, the next one first."""
        while True:
            slots = self._schedule()
            now = time.time()
            fitting = [slot for slot in slots if slot.at <= now]
            if not fitting:
                return slots
            self._tell(ORDERING, slots)
            for slot in fitting:
                if self._interrupted():
                    return slots
                if not self._take_turn(slot.wanted):
                    break
                self._tell_again(slots)

    def _schedule(self) -> list[Slot]:
        now = time.time()
        counts = Counts(self._book.ledger, self._settings.shares, self._registered, now)
        return counts.schedule(self._open.values())

    def _take_turn(self, one: Wanted) -> bool:
        """Order a certificate, or leave it to the next run; return False when the CA has closed its door."""
        if one.failed is not None and self._lost >= self._settings.patience:
            self._failed = True
            words = f"{one.name} is left to the next run: names that fail have taken {self._lost:.0f} s"
            say(words, wrong=True)
            del self._open[one.name, one.key_type]
            return True
        return self._have_account(one) and self._order(one)

    def _have_account(self, one: Wanted) -> bool:
        """Register once a run, and only when something is to be ordered: a quiet night asks nothing of the CA."""
        if self._account:
            return True
        asked = dehydrated.register(self._settings, one.key_type)
        if asked.well:
            self._account = True
            return True
        if self._heed(asked.words, one.name):
            return False
        raise Gone

    def _order(self, one: Wanted) -> bool:
        kind = RENEWAL if one.renewal else NEW
        sent: list[Entry] = []

        def send() -> None:
            if sent:
                self._book.add(replace(sent[-1], outcome=BAD_NONCE, done=time.time()))
            sent.append(Entry(time.time(), one.name, one.key_type, kind, SENT))
            self._book.add(sent[-1])

        before = stock.issued(self._settings, one.name, one.key_type)
        # What has failed may have failed for its key.
        new_key = not one.renewal or one.failed is not None
        asked = dehydrated.order(self._settings, one.name, one.key_type, send, new_key=new_key)
        # dehydrated fails, too, where the hook could not put it before nginx.
        issued = asked.well or stock.issued(self._settings, one.name, one.key_type) != before
        refused = not issued and self._heed(asked.words, one.name)
        outcome = ISSUED if issued else RATE_LIMITED if refused else FAILED
        self._book.add(replace(sent[-1], outcome=outcome, done=time.time()))
        if issued:
            self._taken = True
            stock.set_date(self._settings, one.name, one.key_type)
        stock.tidy(self._settings, one.name, one.key_type)
        if refused:
            return False
        del self._open[one.name, one.key_type]
        if asked.well:
            self._no_longer_bare(one.name)
        else:
            self._failed = True
            self._lost += time.time() - sent[0].sent
        if asked.is_gone:
            (self._settings.store.root / "failure").write_text(asked.words, encoding="utf-8")
            raise Gone
        return True

    def _no_longer_bare(self, name: str) -> None:
        """What else is open of the name is no first certificate any more."""
        for key, one in self._open.items():
            if one.name == name:
                self._open[key] = replace(one, bare=False)

    def _heed(self, words: str, name: str) -> bool:
        """Note until when the CA wants to hear nothing more; return whether it has said so."""
        now = time.time()
        limited = rate_limit(words, now)
        if not limited:
            return False
        limit, until = limited
        self._book.refuse(Refusal(limit, subject(limit, name, self._registered), now, until))
        return True

    def _say_what_is_pending(self, slots: list[Slot]) -> None:
        certificates = "1 certificate is" if len(slots) == 1 else f"{len(slots)} certificates are"
        words = f"{certificates} pending; the next order is sent at {minute(slots[0].at)}"
        words += f", the last at {minute(slots[-1].at)}" if len(slots) > 1 else ""
        say(words)
        self._tell(WAITING, slots)
        tell_systemd("READY=1", f"STATUS={words}")

    def _tell_again(self, slots: list[Slot]) -> None:
        if time.time() >= self._told + TELL_AGAIN:
            self._tell(ORDERING, [slot for slot in slots if (slot.wanted.name, slot.wanted.key_type) in self._open])

    def _tell(self, state: str, slots: list[Slot], until: float = 0.0) -> None:
        self._told = time.time()
        until = slots[0].at if slots else until
        told = Status(self._asked, state, until, pending_of(slots), self._file, self._written)
        write_status(self._settings.store.root, told)

    def tell_the_end(self) -> None:
        """Say that nothing more is ordered in this run."""
        self._tell(DONE, [])


def _begin_anew() -> None:
    os.execv(sys.argv[0], [sys.argv[0]])


def main(folder: Path, library: Path, arguments: list[str]) -> int:
    """Run, alone; return the exit status."""
    state_root = read_settings(folder).state_root
    with lock_of(state_root).open("a", encoding="ascii") as lock:
        if not _locked(lock):
            say("renew runs already; systemctl restart mta-sts-certificate ends it, and begins anew", wrong=True)
            return 1
        try:
            well = _run(Service(folder, library, force="--force" in arguments))
        except OSError as problem:  # a disk that is full, above all
            say(f"{problem}: nothing more is ordered in this run", wrong=True)
            return 1
        if well:
            tell_systemd("READY=1")
        return 0 if well else 1


def _run(service: Service) -> bool:
    try:
        return service.run()
    except Gone:
        service.tell_the_end()
        return False


def _locked(lock: IO[str], sleep: Callable[[float], None] = time.sleep) -> bool:
    for _unused in range(LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(LOCK_PAUSE)
        else:
            return True
    return False

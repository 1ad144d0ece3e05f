# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy files of a policy host: find what is there, carry out a plan, keep the history true.

Private to this collection.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from .._core.domains import MailDomain
from .._core.finding import error
from .._core.lifecycle import Entries
from .._core.plan import Change, plan, unchanged
from . import files, history
from .https import POLICY_PATH

LOCK_SECONDS = 60


@dataclass(frozen=True)
class Store:
    """Where policies lie: ``root`` has a document root a domain; ``history`` is the file that remembers."""

    root: str
    history: str
    owner: files.Owner

    def path(self, domain: str) -> str:
        """Return the file that holds a domain's policy."""
        return f"{self.root}/{domain}{POLICY_PATH}"


@dataclass(frozen=True)
class Outcome:
    """A planned change and whether it changed, or would change, anything."""

    change: Change
    changed: bool


def publish(store: Store, domains: Iterable[MailDomain], now: int, *, force: bool, check: bool) -> list[Outcome]:
    """Install and remove policies; one outcome a domain, in order. With ``check`` nothing is touched.

    Raises CorruptHistory, LockedHistory or OSError before anything is touched; trouble with one domain's file is that
    domain's outcome.
    """
    domains = list(domains)
    with nullcontext() if check else history.locked(store.history, LOCK_SECONDS):
        before = history.read(store.history)
        installed = {domain.domain: files.read_if_there(store.path(domain.domain)) for domain in domains}
        changes = plan(domains, installed, before, now, force=force)
        if check:
            return [Outcome(change, change.changes or _owner_is_wrong(store, change)) for change in changes]
        # The history goes first: should the run die after it, the next one corrects it by the files it finds.
        history.replace(store.history, before, _after(before, changes))
        outcomes = [_carry_out(store, change) for change in changes]
        done = [outcome.change for outcome in outcomes]
        history.replace(store.history, _after(before, changes), _after(before, done))
    return outcomes


def _after(before: dict[str, Entries], changes: Iterable[Change]) -> dict[str, Entries]:
    return {**before, **{change.domain: change.entries for change in changes}}


def _carry_out(store: Store, change: Change) -> Outcome:
    path = store.path(change.domain)
    try:
        if change.action in {"create", "change"}:
            files.write_atomic(path, change.after or b"", store.owner)
        elif change.action == "remove":
            files.remove(path)
            files.remove_empty_folders(os.path.dirname(path), store.root)
        elif change.after is not None:
            return Outcome(change, files.correct_owner(path, store.owner, write=True))
    except OSError as problem:
        reason = f"{path} cannot be written: {problem.strerror or problem}"
        finding = error(change.domain, "policy", reason, "", "Mend that on the policy host and run again")
        return Outcome(unchanged(change, finding), changed=False)
    return Outcome(change, change.changes)


def _owner_is_wrong(store: Store, change: Change) -> bool:
    try:
        return change.after is not None and files.correct_owner(store.path(change.domain), store.owner, write=False)
    except OSError:
        return False

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy files of a policy host: find what is there, carry out a plan, keep the history true.

Private to this collection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from ..._core.bounds import POLICY_FILE_BYTES
from ..._core.domains import MailDomain
from ..._core.finding import Finding, error
from ..._core.policies.history import Entries, Now
from ..._core.policies.plan import Change, plan, settled, unchanged, unreadable
from .. import files
from ..lock import locked
from ..net.https import POLICY_PATH
from . import history

LOCK_SECONDS = 60
Elsewhere = Mapping[str, Sequence[bytes]]  # policies that somebody else serves, by domain


def policy_file(root: str, domain: str) -> str:
    """Return the file below ``root`` that holds a domain's policy."""
    return f"{root}/{domain}{POLICY_PATH}"


def has_policy(root: str, domain: str) -> bool:
    """Whether there is a policy below ``root``, or may be: what cannot be looked at may be one."""
    try:
        os.lstat(policy_file(root, domain))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


@dataclass(frozen=True)
class Store:
    """Where policies lie: ``root`` has a document root per domain; ``history`` is the file that remembers."""

    root: str
    history: str
    owner: files.Owner

    def path(self, domain: str) -> str:
        """Return the file that holds a domain's policy."""
        return policy_file(self.root, domain)


@dataclass(frozen=True)
class PolicyOutcome:
    """A planned change and whether it changed, or would change, anything."""

    change: Change
    changed: bool


class HistoryNotKept(OSError):
    """The policies are in place, but the history could not be brought up to date."""


def publish(
    store: Store,
    domains: Iterable[MailDomain],
    clock: Callable[[], Now],
    *,
    force: bool,
    check: bool,
    elsewhere: Elsewhere | None = None,
) -> list[PolicyOutcome]:
    """Install and remove policies; one outcome per domain, in order. With ``check`` nothing is touched.

    What is served ``elsewhere`` is remembered as well.

    Raises CorruptHistory, Locked or OSError before anything is touched, HistoryNotKept afterwards; trouble with
    one domain's file is that domain's outcome.
    """
    with nullcontext() if check else locked(store.history, LOCK_SECONDS):
        before = history.read(store.history)
        changes = _plan(store, list(domains), before, clock(), force, elsewhere or {})
        if check:
            return [PolicyOutcome(change, change.changes or _owner_is_wrong(store, change)) for change in changes]
        # First what may be served from now on, old and new: true even if the run dies before the last file is written.
        during = {**before, **{change.domain: change.during for change in changes}}
        history.replace(store.history, before, during)
        outcomes = [_carry_out(store, change, clock) for change in changes]
        after = {**before, **{outcome.change.domain: outcome.change.entries for outcome in outcomes}}
        try:
            history.replace(store.history, during, after)
        except OSError as problem:
            raise HistoryNotKept(str(problem)) from problem
    return outcomes


def _plan(
    store: Store,
    domains: list[MailDomain],
    before: dict[str, Entries],
    now: Now,
    force: bool,
    elsewhere: Elsewhere,
) -> list[Change]:
    """Plan all domains whose file can be read; trouble with the others is theirs."""
    installed: dict[str, bytes | None] = {}
    refused: dict[str, Change] = {}
    for name in (domain.domain for domain in domains):
        try:
            installed[name] = files.read_if_there(store.path(name), POLICY_FILE_BYTES)
        except OSError as problem:
            finding = _trouble(store, name, "read", problem)
            refused[name] = unreadable(name, before.get(name, ()), finding, now)
    readable = [domain for domain in domains if domain.domain in installed]
    planned = {
        change.domain: change for change in plan(readable, installed, before, now, force=force, elsewhere=elsewhere)
    }
    return [refused.get(domain.domain) or planned[domain.domain] for domain in domains]


def _trouble(store: Store, domain: str, what: str, problem: OSError) -> Finding:
    rule = f"{store.path(domain)} cannot be {what}: {problem.strerror or problem}"
    return error(domain, "policy", rule, "", "Fix that on the policy host and run again")


def _carry_out(store: Store, change: Change, clock: Callable[[], Now]) -> PolicyOutcome:
    path = store.path(change.domain)
    try:
        if change.changes:
            files.remove_unfinished(os.path.dirname(path))
        if change.action in {"create", "change"}:
            files.write_atomic(path, change.after or b"", store.owner)
        elif change.action == "remove":
            files.remove(path)
            files.remove_empty_folders(os.path.dirname(path), store.root)
        elif change.action == "keep" and change.after is not None:
            return PolicyOutcome(change, files.correct_owner(path, store.owner, write=True))
    except OSError as problem:
        finding = _trouble(store, change.domain, "written", problem)
        return PolicyOutcome(unchanged(change, finding, clock()), changed=False)
    return PolicyOutcome(settled(change, clock()) if change.changes else change, change.changes)


def _owner_is_wrong(store: Store, change: Change) -> bool:
    try:
        return (
            change.action == "keep"
            and change.after is not None
            and files.correct_owner(store.path(change.domain), store.owner, write=False)
        )
    except OSError:
        return False

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to do with each domain's policy file: one plan, which check mode, diff mode and the real run share.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..domains import MailDomain
from ..finding import Finding, error, errors
from ..rfc import POLICY, REMOVING
from ..timestamps import iso_time
from .history import Entries, Now, beside, cached_until, protected_until, serve, withdraw
from .policy import Policy, parse
from .policy_id import policy_id

Step = tuple[str, Optional[bytes], tuple[Finding, ...]]
"""An action, the file's bytes after it, and why."""

Theirs = Sequence[tuple[str, Policy]]
"""Policies that somebody else serves, and their ids."""


@dataclass(frozen=True)
class Change:
    """What is to become of one domain's policy.

    ``action`` is create, change, remove, keep or refuse; ``before`` and ``after`` are the file's bytes, None for no
    file; ``found`` is the domain's history as the file on disk corrects it, ``entries`` what it becomes;
    ``cached_until`` is the last moment (epoch seconds) at which a sender may still hold an earlier policy.
    """

    domain: str
    action: str
    before: bytes | None
    after: bytes | None
    findings: tuple[Finding, ...]
    found: Entries
    entries: Entries
    cached_until: int | None

    @property
    def changes(self) -> bool:
        """Whether the file is to be written or removed."""
        return self.action in {"create", "change", "remove"}

    @property
    def policy_id(self) -> str | None:
        """The id of the policy that is served afterwards."""
        return None if self.after is None else policy_id(self.after)

    @property
    def during(self) -> Entries:
        """The history while the file is replaced, when the old policy may be served and the new one too."""
        new = tuple(entry for entry in self.entries if entry.last is None and entry not in self.found)
        return (*self.found, *new)


def plan(
    domains: Iterable[MailDomain],
    installed: Mapping[str, bytes | None],
    history: Mapping[str, Entries],
    now: Now,
    *,
    force: bool = False,
    elsewhere: Mapping[str, Sequence[bytes]] | None = None,
) -> list[Change]:
    """Plan every domain, in order. ``force`` removes a policy although a sender may still hold it.

    ``elsewhere`` are policies of these domains that somebody else serves, so that senders hold them too.
    """
    theirs = {domain: list(_theirs(policies)) for domain, policies in (elsewhere or {}).items()}
    return [
        _plan_one(
            domain,
            installed.get(domain.domain),
            history.get(domain.domain, ()),
            now,
            force,
            theirs.get(domain.domain, ()),
        )
        for domain in domains
    ]


def settled(change: Change, now: Now) -> Change:
    """Return the change once its file is in place: what it ended was served until ``now``, not until the plan."""
    entries = tuple(
        replace(entry, last=now.late) if entry.last and replace(entry, last=None) in change.found else entry
        for entry in change.entries
    )
    return replace(change, entries=entries, cached_until=cached_until(entries, now))


def unchanged(change: Change, problem: Finding, now: Now) -> Change:
    """Return what a change becomes when its file cannot be written: everything as it was, and the reason."""
    return replace(
        change,
        action="refuse",
        after=change.before,
        findings=(*change.findings, problem),
        entries=change.found,
        cached_until=cached_until(change.found, now),
    )


def unreadable(domain: str, entries: Entries, problem: Finding, now: Now) -> Change:
    """Return the change for a domain whose file cannot even be read: none."""
    return Change(domain, "refuse", None, None, (problem,), entries, entries, cached_until(entries, now))


def removed(returned: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the domains whose policy is removed in this run, by what the module ``policies`` returned for each."""
    return {entry["domain"] for entry in returned if entry["action"] == "remove"}


def _plan_one(
    domain: MailDomain, before: bytes | None, entries: Entries, now: Now, force: bool, theirs: Theirs
) -> Change:
    known = entries
    found = beside(_as_found(before, known, now), known, theirs, now)
    if domain.present:
        action, after, findings = _plan_present(domain, before)
    else:
        action, after, findings = _plan_absent(domain, before, found, now, force)
    if action == "refuse":
        entries = found
    elif after is None:
        entries = beside(withdraw(found, now), known, theirs, now)
    else:
        entries = beside(serve(found, policy_id(after), domain.mode, domain.max_age, now), known, theirs, now)
    # For a domain that is to go, what is served now is an earlier policy too.
    earlier = entries if domain.present else withdraw(entries, now)
    return Change(domain.domain, action, before, after, findings, found, entries, cached_until(earlier, now))


def _plan_present(domain: MailDomain, before: bytes | None) -> Step:
    findings = _check(domain)
    if errors(findings):
        return "refuse", before, findings
    after = domain.policy_text()
    return "create" if before is None else "keep" if before == after else "change", after, findings


def _plan_absent(domain: MailDomain, before: bytes | None, found: Entries, now: Now, force: bool) -> Step:
    if before is None:
        return "keep", None, ()
    until = protected_until(found, now)
    if until is None or force:
        return "remove", None, ()
    rule = f"senders may hold a policy until {iso_time(until)}, so it cannot be taken down yet"
    if found[-1].last is None and found[-1].mode == "none":
        remedy = "Leave mode: none published until then, and run again with state: absent; or force the removal"
    else:
        remedy = "Publish mode: none with max_age: 1d now, and state: absent after that time; or force the removal"
    return "refuse", before, (error(domain.domain, "state", rule, REMOVING, remedy),)


def _check(domain: MailDomain) -> tuple[Finding, ...]:
    """Read the policy with our own strict parser before anybody else does."""
    if domain.needs_mx:
        rule = "the MX patterns are unknown, so there is no policy"
        remedy = "List them as mx, or have domains_info look up the domain's live MX set"
        return (error(domain.domain, "mx", rule, POLICY, remedy),)
    return parse(domain.policy_text(), domain.domain).findings


def _theirs(policies: Sequence[bytes]) -> Iterator[tuple[str, Policy]]:
    """Read policies of others; one that no sender accepts is none."""
    for data in policies:
        policy = parse(data).lenient
        if policy is not None:
            yield policy_id(data), policy


def _as_found(before: bytes | None, entries: Entries, now: Now) -> Entries:
    """Make the history agree with the file that is there, whoever put it there and whatever run died half-way."""
    if before is None:
        return withdraw(entries, now)
    found = parse(before).lenient
    if found is None:  # no sender accepts it, so none can hold it
        return withdraw(entries, now)
    return serve(entries, policy_id(before), found.mode, found.max_age, now)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the zone of each record, and whether it may be written: what DNS says that the rules of ownership need.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ..._core.dns import ownership, wildcard
from ..._core.dns.answer import NXDOMAIN, OK, Answer
from ..._core.dns.rrsets import RecordIntent, RecordOutcome, Strings, problem
from ..concurrency import SingleFlight
from .resolver import LONGEST_CHAIN, Resolver

# What a wildcard may give a name that others rely on
LIVED_BY = ("CNAME", "MX", "A", "AAAA")

Content = tuple[str, tuple[object, ...]]
"""What stands at a name: the end of its CNAMEs unless that is the name itself, and the records there."""
NOTHING: Content | tuple[()] = ()


class Unsure(Exception):
    """A question that found no certain answer; the message says which and why."""


class Zones:
    """Looks at the surroundings of names; what many names share is asked once."""

    def __init__(self, resolver: Resolver) -> None:
        """Ask ``resolver``."""
        self._ask: SingleFlight[tuple[str, str], Answer] = SingleFlight(lambda question: resolver.ask(*question))

    def place(self, intent: RecordIntent) -> RecordOutcome:
        """Return a record's outcome so far: its zone, or why it is unknown or not to be written to. Never raises."""
        reason = ownership.unfit(intent)
        if reason:
            return RecordOutcome(intent, problem=reason, refused=True)
        try:
            zone, primary = self._zone_of(intent.name)
            reason = self._led_away(intent, zone) or self._would_hide(intent, zone)
        except Unsure as doubt:
            remedy = f"Check that all name servers of its zone answer (dig +trace {intent.name} SOA), and run again"
            return RecordOutcome(intent, problem=problem(intent, str(doubt), remedy))
        return RecordOutcome(intent, zone, problem=reason, refused=reason is not None, primary=primary)

    def wildcard_of(self, name: str, zone: str, rdtype: str) -> str | None:
        """Return the wildcard that what stands at a name is synthesised from, if any. Raises Unsure."""
        return wildcard.source(name, zone, self._content(name, rdtype), lambda other: self._content(other, rdtype))

    def texts_at(self, name: str) -> tuple[Strings, ...]:
        """Return the TXT records at a name as the resolver has them. Raises Unsure."""
        answer = self._certain(name, "TXT")
        return answer.records if answer.canonical == name else ()

    def _zone_of(self, name: str) -> tuple[str, str]:
        """Return the zone and its primary: the SOA that says the one has the other."""
        for candidate in (name, *wildcard.parents(name, "")):
            answer = self._ask((candidate, "SOA"))
            if answer.certain and answer.canonical == candidate:
                zone = candidate if answer.status == OK else answer.zone
                # Some resolvers, systemd-resolved among them, leave the SOA out of negative answers.
                if zone and f".{name}".endswith(f".{zone}"):
                    return zone, answer.primary
            elif not answer.certain and not self._alias(candidate):
                break
        raise Unsure(f"the zone it is in cannot be found: {answer.detail or answer.status}")

    def _alias(self, name: str) -> str:
        """Return what the CNAME at a name points to, if there is one."""
        answer = self._ask((name, "SOA"))
        if answer.certain and answer.canonical == name:
            return ""
        answer = self._ask((name, "CNAME"))
        return str(answer.records[0]) if answer.records else ""

    def _led_away(self, intent: RecordIntent, zone: str) -> str | None:
        alias = self._alias(intent.name)
        if not alias or self.wildcard_of(intent.name, zone, "CNAME"):
            return None
        end = self._ask((intent.name, "TXT"))
        known = end.certain and end.canonical != intent.name
        return ownership.led_away(
            intent,
            end.canonical if known else alias,
            exists=end.status != NXDOMAIN,
            endless="" if known else self._endless(intent.name, alias),
        )

    def _endless(self, name: str, alias: str) -> str:
        """Say how the CNAMEs that begin at a name never end, if so; a resolver says no more of them than SERVFAIL."""
        seen = {name}
        while alias and alias not in seen and len(seen) <= LONGEST_CHAIN:
            seen.add(alias)
            answer = self._ask((alias, "CNAME"))
            alias = str(answer.records[0]) if answer.status == OK and answer.canonical == alias else ""
        if alias in seen:
            return "leads in a circle"
        return f"leads on through more than {LONGEST_CHAIN} CNAMEs" if alias else ""

    def _would_hide(self, intent: RecordIntent, zone: str) -> str | None:
        if intent.value is None:
            return None
        hidden: dict[str, list[str]] = {}
        by = ""
        for parent in filter(self._may_be_made_up, wildcard.woken(intent.name, zone)):
            for rdtype in LIVED_BY:
                found = self.wildcard_of(parent, zone, rdtype)
                if found:
                    hidden.setdefault(parent, []).append(rdtype)
                    by = by or found
                if found and rdtype == "CNAME":
                    break  # all else is at its target
        return ownership.would_hide(intent, hidden, by) if hidden else None

    def _may_be_made_up(self, name: str) -> bool:
        """Whether a wildcard answers for names below; most often none does, and one question settles it."""
        below = wildcard.beside(name)
        answer = self._certain(below, "CNAME")
        return answer.status != NXDOMAIN or answer.canonical != below

    def _content(self, name: str, rdtype: str) -> Content | tuple[()]:
        answer = self._certain(name, rdtype)
        if answer.status != OK:
            return NOTHING
        return ("" if answer.canonical == name else answer.canonical, answer.records)

    def _certain(self, name: str, rdtype: str) -> Answer:
        answer = self._ask((name, rdtype))
        if not answer.certain:
            rule = "what exists at the name and around it cannot be determined"
            raise Unsure(f"{rule}: {name} {rdtype}: {answer.detail or answer.status}")
        return answer


def place_all(intents: Sequence[RecordIntent], zones: Zones, concurrency: int) -> dict[RecordIntent, RecordOutcome]:
    """Find the zone of each record and whether it may be written, by the list and by DNS."""
    claimed = ownership.claims(intents)
    with ThreadPoolExecutor(concurrency) as pool:
        outcomes = dict(zip(intents, pool.map(zones.place, intents)))
    for item, reason in claimed.items():
        outcomes[item] = replace(outcomes[item], problem=reason, refused=True)
    return outcomes

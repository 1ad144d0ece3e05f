# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which RRsets shall be, and what became of them: decided before and judged after any server is asked.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .record import character_strings

DELEGATION = "RFC 8461, section 8.2"


@dataclass(frozen=True)
class Wanted:
    """One TXT record that shall be the only one at its name; ``value`` None means that there shall be none."""

    domain: str
    name: str
    value: str | None
    ttl: int

    @property
    def records(self) -> tuple[tuple[bytes, ...], ...]:
        """The RRset's records as character-strings."""
        return () if self.value is None else (character_strings(self.value),)


@dataclass(frozen=True)
class Place:
    """Where a record is to be written: the name at the end of its CNAME chain, and the zone that name is in."""

    canonical: str
    zone: str


@dataclass(frozen=True)
class Outcome:
    """What became of one record.

    ``before`` are the texts that were there; ``changed`` whether they were, or would be, replaced; ``seen_at`` the
    primary server, if nothing need be replaced there; ``servers`` what each authoritative server says (ok, or why not);
    ``problem`` why it is not published, with the remedy.
    """

    wanted: Wanted
    place: Place | None = None
    before: tuple[str, ...] = ()
    changed: bool = False
    seen_at: str = ""
    servers: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None

    @property
    def published(self) -> bool:
        """Whether every authoritative server has it."""
        return self.problem is None and bool(self.servers) and all(said == "ok" for said in self.servers.values())


def problem(wanted: Wanted, rule: str, remedy: str, section: str = "") -> str:
    """Return one sentence about a record."""
    source = f" ({section})" if section else ""
    return f"{wanted.domain}: {wanted.name}: {rule}{source}. Remedy: {remedy}."


def conflicts(placed: Sequence[tuple[Wanted, Place]]) -> dict[Wanted, str]:
    """Find records that lead to one name by CNAME and yet differ: one policy id cannot stand for two policies."""
    at: dict[str, list[Wanted]] = {}
    for wanted, place in placed:
        at.setdefault(place.canonical, []).append(wanted)
    found = {}
    for canonical, group in at.items():
        if len({wanted.value for wanted in group}) > 1:
            names = ", ".join(wanted.domain for wanted in group)
            rule = f"{names} share the record {canonical} by CNAME, but not its value"
            remedy = "Give them one policy, or a CNAME target each"
            found.update({wanted: problem(wanted, rule, remedy, DELEGATION) for wanted in group})
    return found


def texts(records: Iterable[Sequence[bytes]]) -> tuple[str, ...]:
    """Return records as texts, their character-strings joined."""
    return tuple(b"".join(strings).decode("ascii", "backslashreplace") for strings in records)

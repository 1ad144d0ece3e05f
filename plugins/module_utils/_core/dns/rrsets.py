# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which RRsets there are to be, and what became of them: decided before any server is asked, and judged afterwards.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..finding import escaped, with_remedy
from .record import character_strings, sts_name, tls_rpt_name

Strings = tuple[bytes, ...]
"""One TXT record: its character-strings."""


@dataclass(frozen=True)
class RecordIntent:
    """One TXT record that is to be published, beside others at its name; ``value`` None: there is to be none of ours.

    ``owner`` is the domain of the list whose own name this is, if it is another one's.
    """

    domain: str
    name: str
    value: str | None
    ttl: int
    owner: str | None = None

    @property
    def records(self) -> tuple[Strings, ...]:
        """The record as character-strings, none or one."""
        return () if self.value is None else (character_strings(self.value),)

    @property
    def own(self) -> bool:
        """Whether the name is the domain's own, and not one it is delegated to."""
        return self.name in {sts_name(self.domain), tls_rpt_name(self.domain)}


@dataclass(frozen=True)
class RecordOutcome:
    """What became of one record.

    ``zone`` is the one its name is in; ``before`` are the TXT records that stood there; ``changed`` whether some of
    them were, or would be, exchanged; ``seen_at`` the primary server, if nothing need be exchanged there; ``servers``
    what each authoritative server says (ok, or why not), ``seen`` the RRsets they showed; ``problem`` why it is not
    published, with the remedy; ``refused`` whether that is because it must not be written;
    ``primary`` the server that the zone's SOA names.
    """

    intent: RecordIntent
    zone: str | None = None
    before: tuple[Strings, ...] = ()
    changed: bool = False
    seen_at: str = ""
    servers: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[tuple[Strings, ...]] = frozenset()
    problem: str | None = None
    refused: bool = False
    primary: str = ""

    @property
    def published(self) -> bool:
        """Whether every authoritative server has it."""
        return self.problem is None and bool(self.servers) and all(said == "ok" for said in self.servers.values())


def problem(intent: RecordIntent, rule: str, remedy: str, section: str = "") -> str:
    """Return one sentence about a record."""
    source = f" ({section})" if section else ""
    return escaped(with_remedy(f"{intent.domain}: {intent.name}: {rule}{source}", remedy))


def texts(records: Iterable[Sequence[bytes]]) -> tuple[str, ...]:
    """Return records as texts, their character-strings joined."""
    return tuple(b"".join(strings).decode("ascii", "backslashreplace") for strings in records)

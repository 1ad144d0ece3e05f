# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The updates of a zone, and what each requires of it before it changes anything (RFC 2136, section 2.4).

Whatever a server does not have as it was read, it leaves as it is. Needs dnspython. Private to this collection.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..._core.dns.ownership import Change
from ..._core.dns.rrsets import Strings

try:
    import dns.name
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.ANY.TXT
    import dns.update
except ImportError:
    pass  # reported by resolver.HAS_DNSPYTHON

if TYPE_CHECKING:
    import dns.rdata


@dataclass(frozen=True)
class TxtRRset:
    """The TXT records of one name, sorted. No records: there is no RRset, whatever its CNAME may point to."""

    name: str
    ttl: int = 0
    records: tuple[Strings, ...] = ()


@dataclass(frozen=True)
class Spelling:
    """Names whose records a server keeps in other letters than it shows, and the zone's SOA from before they were read.

    PowerDNS compares what its database holds: ``v=STSv1\\;``, two blanks between strings, no quotes. No RRset that is
    read is equal to that, but every change of the zone changes its SOA.
    """

    names: frozenset[str]
    soa: dns.rdata.Rdata


Changes = Sequence[tuple[TxtRRset, Change]]
"""What is to be changed: each RRset as it is now, and what makes of it what it is to be."""


def changing(zone: str, changes: Changes, spelling: Spelling | None = None) -> dns.update.UpdateMessage:
    """Return the update that makes the changes, record by record: it holds only if all is still as it was read."""
    update = _requiring(zone, [now for now, _change in changes], spelling)
    for now, change in changes:
        name = dns.name.from_text(now.name)
        if change.remove == now.records and change.remove:
            update.delete(name, dns.rdatatype.TXT)  # PowerDNS cannot single out a record that it has without quotes
        else:
            for record in _texts(change.remove):
                update.delete(name, record)
        for record in _texts(change.add):
            update.add(name, change.ttl, record)
    return update


def rehearsing(zone: str, changes: Changes, spelling: Spelling | None = None) -> dns.update.UpdateMessage:
    """Return an update that is taken or refused as the real one is, and changes nothing.

    It removes a record that is not there, by which servers ask whether the key may write at the name. A server that
    does not look at prerequisites has nothing to change either.
    """
    update = _requiring(zone, [now for now, _change in changes], spelling)
    for now, _change in changes:
        if spelling is None or now.name not in spelling.names:
            absent = (f"rehearsal {secrets.token_hex(8)}".encode("ascii"),)
            update.delete(dns.name.from_text(now.name), *_texts([absent]))
    return update


def requiring(zone: str, now: TxtRRset) -> dns.update.UpdateMessage:
    """Return an update of nothing that holds only if the name has these TXT records of its own."""
    update = dns.update.UpdateMessage(zone)
    _require(update, now)
    return update


def _requiring(zone: str, rrsets: Iterable[TxtRRset], spelling: Spelling | None) -> dns.update.UpdateMessage:
    update = dns.update.UpdateMessage(zone)
    if spelling:
        update.present(dns.name.from_text(zone), spelling.soa)
    for now in rrsets:
        name = dns.name.from_text(now.name)
        update.absent(name, dns.rdatatype.CNAME)
        if spelling and now.name in spelling.names:
            update.present(name, dns.rdatatype.TXT)
        else:
            _require(update, now)
    return update


def _require(update: dns.update.UpdateMessage, now: TxtRRset) -> None:
    name = dns.name.from_text(now.name)
    if now.records:
        update.present(name, *_texts(now.records))
    else:
        update.absent(name, dns.rdatatype.TXT)


def _texts(records: Iterable[Strings]) -> list[dns.rdata.Rdata]:
    return [dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings) for strings in records]

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What in DNS is ours: at which names we may write, and which of the records there are ours to exchange.

A record may be written at the very name the list means, its own or one below ``delegated_to`` (RFC 8461, section 8.2);
a CNAME there was published by somebody else and is not followed. Of what stands there only the TXT records of our
version are ours (RFC 8461, section 3.1; RFC 8460, section 3), all others stay. Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..names import InvalidName, check_host
from ..rfc import DELEGATION, DNS_WILDCARDS
from .record import RecordReading, read_sts, read_tls_rpt
from .rrsets import RecordIntent, Strings, problem

_READERS: Mapping[str, Callable[[Sequence[Strings]], RecordReading[Any]]] = {
    "_mta-sts.": read_sts,
    "_smtp._tls.": read_tls_rpt,
}
_VERSIONS = {"_mta-sts.": b"v=STSv1", "_smtp._tls.": b"v=TLSRPTv1"}


@dataclass(frozen=True)
class Change:
    """What makes an RRset say what is wanted: records to remove and to add, one by one, and the TTL of those added."""

    remove: tuple[Strings, ...]
    add: tuple[Strings, ...]
    ttl: int


def split(name: str, records: Iterable[Strings]) -> tuple[tuple[Strings, ...], tuple[Strings, ...]]:
    """Return the TXT records at a name that are of our version, and all others."""
    prefix = _prefix(name)
    if prefix is None:
        return (), tuple(records)
    begins = re.compile(re.escape(_VERSIONS[prefix]) + rb"[ \t]*(;|\Z)")
    ours: list[Strings] = []
    others: list[Strings] = []
    for record in records:
        (ours if begins.match(b"".join(record)) else others).append(record)
    return tuple(ours), tuple(others)


def satisfied(intent: RecordIntent, records: Sequence[Strings]) -> bool:
    """Whether the TXT records at a name say what is wanted, however they are cut, spaced or ended, beside others."""
    ours, _others = split(intent.name, records)
    if intent.value is None:
        return not ours
    return len(ours) == 1 and _alike(intent, ours[0])


def change(intent: RecordIntent, records: Sequence[Strings], ttl: int) -> Change | None:
    """Return what is to be changed of the RRset at a name, with that TTL; None if nothing is.

    An RRset has one TTL (RFC 2181, section 5.2): beside other records ours takes theirs.
    """
    ours, others = split(intent.name, records)
    intended_ttl = ttl if others else intent.ttl
    if satisfied(intent, records) and (not ours or ttl == intended_ttl):
        return None
    return Change(ours, intent.records, intended_ttl)


def after(intent: RecordIntent, records: Sequence[Strings]) -> tuple[Strings, ...]:
    """Return all TXT records that stand at the name once it says what is intent."""
    ours, others = split(intent.name, records)
    return (*others, *(ours if satisfied(intent, records) else intent.records))


def unfit(intent: RecordIntent) -> str | None:
    """Return why a record is not ours to write, wherever it belongs."""
    prefix = _prefix(intent.name)
    if prefix is None:
        rule = "no record of MTA-STS or TLS-RPT stands at such a name"
        return problem(intent, rule, "Name _mta-sts.example.com or _smtp._tls.example.com")
    if not (intent.value or "").isascii():
        return problem(intent, "the text is not US-ASCII", "Write ASCII only")
    if intent.value is not None and not split(intent.name, intent.records)[0]:
        version = _VERSIONS[prefix].decode("ascii")
        return problem(intent, f"{intent.value[:60]!r} does not begin with {version};", f"Begin it with {version};")
    return None


def claims(intents: Iterable[RecordIntent]) -> dict[RecordIntent, str]:
    """Find the records that must not be written because others claim their names, each with the reason.

    Where entries of the list want different records at one name, the entry whose own name it is wins.
    """
    at: dict[str, list[RecordIntent]] = {}
    for item in intents:
        at.setdefault(item.name, []).append(item)
    return {item: reason for group in at.values() for item, reason in _claims(group)}


def _claims(group: Sequence[RecordIntent]) -> Iterable[tuple[RecordIntent, str]]:
    own = [item for item in group if item.own]
    owner = own[0].domain if own else next((item.owner for item in group if item.owner), None)
    if owner is not None and all(item.value == own[0].value for item in own):
        for item in group:
            if item.own or (own and item.value == own[0].value):
                continue
            what = "wants another record there" if own else "publishes none there"
            rule = f"the name belongs to the entry {owner} of the list, which {what}"
            yield item, problem(item, rule, f"Give {item.domain} a delegated_to of its own", DELEGATION)
    elif len({item.value for item in group}) > 1:
        names = ", ".join(item.domain for item in group)
        for item in group:
            rule = f"{names} share the name, but not the record"
            yield item, problem(item, rule, "Give them one policy, or a delegated_to each", DELEGATION)


def led_away(intent: RecordIntent, end: str, *, exists: bool = True, endless: str = "") -> str:
    """Return why nothing is written at a name that is a CNAME to ``end``; ``endless`` says how that never ends."""
    prefix = _prefix(intent.name) or ""
    remedy = "Remove the CNAME record"
    try:
        if end.startswith(prefix) and not endless:
            remedy += f", or, if it is intended, write delegated_to: {check_host(end[len(prefix) :])}"
    except InvalidName:
        pass
    state = "" if exists else "does not exist (NXDOMAIN), and which "
    if endless:
        state = f"{endless}, and which "
    rule = f"the name is a CNAME to {end}, which {state}no entry of the list refers to"
    return problem(intent, rule, remedy, DELEGATION)


def would_hide(intent: RecordIntent, hidden: Mapping[str, Sequence[str]], wildcard: str) -> str:
    """Return why a name is not created: ``hidden`` are the names, with record types, that depend on the wildcard."""
    lives = "; ".join(f"{name} has its {', '.join(types)} records" for name, types in hidden.items())
    first = next(iter(hidden))
    rule = f"a record here would hide the wildcard {wildcard}, by which {lives}"
    remedy = (
        f"Give {first} {', '.join(hidden[first])} records of its own, and those below it that depend on the wildcard, "
        f"such as mta-sts.{first}"
    )
    return problem(intent, rule, remedy, DNS_WILDCARDS)


def made_up(intent: RecordIntent, wildcard: str) -> str:
    """Return why a record cannot be removed that is synthesised from a wildcard."""
    rule = f"what answers here is the wildcard {wildcard}, not a record of this name"
    return problem(
        intent, rule, f"Remove the record of our version at {wildcard}, unless it is intended", DNS_WILDCARDS
    )


def _alike(intent: RecordIntent, record: Strings) -> bool:
    if b"".join(record) == b"".join(intent.records[0]):
        return True
    read = _READERS[_prefix(intent.name) or "_mta-sts."]
    here, there = read([record]).record, read(intent.records).record
    return here is not None and here == there


def _prefix(name: str) -> str | None:
    return next((prefix for prefix in _VERSIONS if name.startswith(prefix)), None)

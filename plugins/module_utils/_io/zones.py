# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish TXT records: find their zones, ask the primaries, update what differs, wait for every name server.

Private to this collection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from .._core.rrsets import Outcome, Place, Wanted, conflicts, problem, texts
from .propagation import name_servers, watch
from .resolve import CERTAIN, DNS_PORT, OK, InvalidNameserver, Nameserver, Resolver, split_nameserver
from .update import ChangedMeanwhile, Key, Primary, RRset, Unreachable, UpdateError

ZONES_AT_ONCE = 16


@dataclass(frozen=True)
class Settings:
    """How to publish: the primary (None: the one the zone's SOA names), its port, the key, and how long to wait.

    ``port`` is that of all servers; ``wait`` the seconds in which every name server must have the new data.
    """

    server: str | None = None
    port: int = DNS_PORT
    key: Key | None = None
    timeout: float = 5.0
    wait: float = 60.0


def publish(wanted: Sequence[Wanted], resolver: Resolver, settings: Settings, *, check: bool) -> list[Outcome]:
    """Publish the records; one outcome each, in order. With ``check`` nothing is changed. Never raises."""
    return _by_zone(wanted, resolver, lambda zone, group: _publish_zone(zone, group, resolver, settings, check))


def look(wanted: Sequence[Wanted], resolver: Resolver, settings: Settings) -> list[Outcome]:
    """See which records the name servers have, and wait for those they lack; one outcome each. Never raises."""
    return _by_zone(wanted, resolver, lambda zone, group: _look_at_zone(zone, group, resolver, settings))


def _by_zone(
    wanted: Sequence[Wanted], resolver: Resolver, treat: Callable[[str, list[Outcome]], list[Outcome]]
) -> list[Outcome]:
    """Find out where each record belongs, and treat those of a zone together, the zones side by side."""
    with ThreadPoolExecutor(resolver.concurrency) as pool:
        outcomes = dict(zip(wanted, pool.map(lambda item: _locate(item, resolver), wanted)))
    placed = [(item, outcome.place) for item, outcome in outcomes.items() if outcome.place]
    for item, reason in conflicts(placed).items():
        outcomes[item] = Outcome(item, outcomes[item].place, problem=reason)
    zones: dict[str, list[Outcome]] = {}
    for outcome in outcomes.values():
        if outcome.place and not outcome.problem:
            zones.setdefault(outcome.place.zone, []).append(outcome)
    with ThreadPoolExecutor(ZONES_AT_ONCE) as pool:
        done = pool.map(lambda zone: treat(zone, zones[zone]), zones)
        outcomes.update({outcome.wanted: outcome for group in done for outcome in group})
    return [outcomes[item] for item in wanted]


def _locate(wanted: Wanted, resolver: Resolver) -> Outcome:
    """Find the end of the CNAME chain and the zone it is in (RFC 8461, section 8.2)."""
    if not (wanted.value or "").isascii():
        return Outcome(wanted, problem=problem(wanted, "the text is not US-ASCII", "Write ASCII only"))
    answer = resolver.ask(wanted.name, "SOA")
    canonical = parent = answer.canonical
    zone = canonical if answer.status == OK else answer.zone
    # Some resolvers, systemd-resolved among them, leave the SOA out of negative answers.
    while zone is None and answer.status in CERTAIN and "." in parent:
        parent = parent.partition(".")[2]
        answer = resolver.ask(parent, "SOA")
        zone = parent if answer.status == OK and answer.canonical == parent else None
    if zone is None or answer.status not in CERTAIN:
        rule = f"the zone it is in cannot be found: {answer.detail or answer.status}"
        return Outcome(wanted, problem=problem(wanted, rule, "See to the domain's name servers and run again"))
    return Outcome(wanted, Place(canonical, zone))


def _publish_zone(
    zone: str, outcomes: list[Outcome], resolver: Resolver, settings: Settings, check: bool
) -> list[Outcome]:
    """Bring one zone up to date; its trouble is its own."""
    shall = {rrset.name: rrset for rrset in map(_rrset, outcomes)}
    try:
        primary = _reachable(_primaries(zone, resolver, settings), settings, min(shall))
        before = _update(primary, zone, shall, check)
    except UpdateError as refusal:
        return [replace(item, problem=problem(item.wanted, refusal.rule, refusal.remedy)) for item in outcomes]
    told = [
        replace(item, before=texts(before[name].records), changed=not _same(before[name], shall[name]))
        for item, name in ((outcome, _rrset(outcome).name) for outcome in outcomes)
    ]
    hosts = name_servers(zone, settings.port, resolver)
    if not check:
        return [_judge(outcome, zone, settings) for outcome in watch(told, hosts, settings.timeout, settings.wait)]
    kept = [outcome for outcome in told if not outcome.changed]
    seen = {outcome.wanted: outcome for outcome in watch(kept, hosts, settings.timeout, 0)}
    return [seen.get(outcome.wanted, outcome) for outcome in told]


def _update(primary: Primary, zone: str, shall: dict[str, RRset], check: bool) -> dict[str, RRset]:
    """Return what was there before. Another run may do the same at the same time: what it puts right is no conflict."""
    names = sorted(shall)
    before = now = primary.read(names)
    while not check and (
        different := [(now[name], shall[name]) for name in names if not _same(now[name], shall[name])]
    ):
        try:
            primary.replace(zone, different)
            break
        except ChangedMeanwhile:
            last, now = now, primary.read(names)
            if now == last or not all(now[name] == before[name] or _same(now[name], shall[name]) for name in names):
                raise
    return before


def _look_at_zone(zone: str, outcomes: list[Outcome], resolver: Resolver, settings: Settings) -> list[Outcome]:
    hosts = name_servers(zone, settings.port, resolver)
    seen = watch(outcomes, hosts, settings.timeout, settings.wait)
    return [_judge(outcome, zone, settings) for outcome in seen] if settings.wait else seen


def _primaries(zone: str, resolver: Resolver, settings: Settings) -> list[Nameserver]:
    """Return the addresses of the server that takes the zone's updates."""
    if settings.server is None:
        names, port = resolver.ask(zone, "SOA").records, None
    else:
        try:
            name, port = split_nameserver(settings.server)
        except InvalidNameserver as wrong:
            raise UpdateError(f"server: {wrong}", "Name the primary server by address or name") from None
        names = (name,)
    addresses = [address for name in names for address in _addresses(name, resolver)]
    if not addresses:
        rule = f"the primary server of {zone} has no address ({', '.join(names) or 'the SOA cannot be looked up'})"
        raise UpdateError(rule, "Name the server that takes updates with the option server")
    return [Nameserver(address, port or settings.port) for address in addresses]


def _reachable(servers: Sequence[Nameserver], settings: Settings, name: str) -> Primary:
    """Return the primary at the first of its addresses that answers, or at the last one, to hear why it does not."""
    for server in servers[:-1]:
        primary = Primary(server, settings.key, settings.timeout)
        try:
            primary.read([name])
        except Unreachable:
            continue
        return primary
    return Primary(servers[-1], settings.key, settings.timeout)


def _judge(outcome: Outcome, zone: str, settings: Settings) -> Outcome:
    if outcome.published:
        return outcome
    late = ", ".join(f"{server} ({said})" for server, said in outcome.servers.items() if said != "ok")
    rule = f"not every name server of {zone} has it after {settings.wait:g} s: {late or 'none could be asked'}"
    return replace(outcome, problem=problem(outcome.wanted, rule, "See to the transfer from the primary and run again"))


def _rrset(outcome: Outcome) -> RRset:
    name = outcome.place.canonical if outcome.place else outcome.wanted.name
    return RRset(name, outcome.wanted.ttl, outcome.wanted.records)


def _same(now: RRset, shall: RRset) -> bool:
    return now.records == shall.records and (not shall.records or now.ttl == shall.ttl)


def _addresses(host: str, resolver: Resolver) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        return [address for answer in resolver.ask_all([(host, "A"), (host, "AAAA")]) for address in answer.records]

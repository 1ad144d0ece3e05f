# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish TXT records: find their zones, ask the primaries, update what differs, wait for every name server.

Private to this collection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from .._core.rrsets import Outcome, Place, Wanted, conflicts, problem, texts
from .propagation import name_servers, watch
from .resolve import CERTAIN, DNS_PORT, OK, InvalidNameserver, Nameserver, Resolver, split_nameserver
from .update import ChangedMeanwhile, Key, Primary, Reading, RRset, Unreachable, UpdateError, all_read

PRIMARIES_AT_ONCE = 8
ZONES_AT_ONCE = 16  # of each primary


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
    outcomes = _locate_all(wanted, resolver)
    zones: dict[str, list[Outcome]] = {}
    for zone, outcome in _in_zones(outcomes):
        zones.setdefault(zone, []).append(outcome)
    for told in _publish_zones(zones, resolver, settings, check):
        outcomes.update((outcome.wanted, outcome) for outcome in told)
    # What check mode has not changed cannot be seen anywhere.
    visible = [outcome for _unused, outcome in _in_zones(outcomes) if not (check and outcome.changed)]
    for outcome in _watch(visible, resolver, settings, 0 if check else settings.wait):
        outcomes[outcome.wanted] = outcome if check else _judge(outcome, settings)
    return [outcomes[item] for item in wanted]


def look(wanted: Sequence[Wanted], resolver: Resolver, settings: Settings) -> list[Outcome]:
    """See which records the name servers have, and wait for those they lack; one outcome each. Never raises."""
    outcomes = _locate_all(wanted, resolver)
    located = [outcome for _unused, outcome in _in_zones(outcomes)]
    for outcome in _watch(located, resolver, settings, settings.wait):
        outcomes[outcome.wanted] = _judge(outcome, settings) if settings.wait else outcome
    return [outcomes[item] for item in wanted]


def _locate_all(wanted: Sequence[Wanted], resolver: Resolver) -> dict[Wanted, Outcome]:
    """Find out where each record belongs, and which of them contradict each other."""
    with ThreadPoolExecutor(resolver.concurrency) as pool:
        outcomes = dict(zip(wanted, pool.map(lambda item: _locate(item, resolver), wanted)))
    placed = [(item, outcome.place) for item, outcome in outcomes.items() if outcome.place]
    for item, reason in conflicts(placed).items():
        outcomes[item] = Outcome(item, outcomes[item].place, problem=reason)
    return outcomes


def _in_zones(outcomes: Mapping[Wanted, Outcome]) -> list[tuple[str, Outcome]]:
    """Return the outcomes without a problem so far, each with its zone."""
    return [(outcome.place.zone, outcome) for outcome in outcomes.values() if outcome.place and not outcome.problem]


def _watch(outcomes: Sequence[Outcome], resolver: Resolver, settings: Settings, seconds: float) -> list[Outcome]:
    """Ask the name servers of all zones at once: ten thousand zones are waited for no longer than the slowest is."""
    zones = list(dict.fromkeys(outcome.place.zone for outcome in outcomes if outcome.place))
    with ThreadPoolExecutor(resolver.concurrency) as pool:
        found = pool.map(lambda zone: name_servers(zone, settings.port, resolver), zones)
        return watch(outcomes, dict(zip(zones, found)), settings.timeout, seconds)


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


def _publish_zones(
    zones: Mapping[str, list[Outcome]], resolver: Resolver, settings: Settings, check: bool
) -> Iterable[list[Outcome]]:
    """Bring all zones up to date, those of one primary together: it is asked on as few connections as it takes."""
    primaries: dict[tuple[Nameserver, ...], list[str]] = {}
    with ThreadPoolExecutor(resolver.concurrency) as pool:
        found = pool.map(lambda zone: _primaries(zone, resolver, settings), zones)
        for zone, servers in zip(zones, found):
            if isinstance(servers, UpdateError):
                yield _refused(zones[zone], servers)
            else:
                primaries.setdefault(servers, []).append(zone)
    with ThreadPoolExecutor(PRIMARIES_AT_ONCE) as pool:
        shares = [{zone: zones[zone] for zone in names} for names in primaries.values()]
        for told in pool.map(lambda *share: _publish_at(*share, settings, check), primaries, shares):
            yield from told


def _publish_at(
    servers: Sequence[Nameserver], zones: Mapping[str, list[Outcome]], settings: Settings, check: bool
) -> list[list[Outcome]]:
    """Bring the zones of one primary up to date; the trouble of a zone is its own."""
    names = sorted(_rrset(outcome).name for outcomes in zones.values() for outcome in outcomes)
    try:
        primary = _reachable(servers, settings, names[0])
    except UpdateError as refusal:
        return [_refused(outcomes, refusal) for outcomes in zones.values()]
    now = primary.read_each(names)
    with ThreadPoolExecutor(ZONES_AT_ONCE) as pool:
        return list(pool.map(lambda zone: _publish_zone(primary, zone, zones[zone], now, check), zones))


def _publish_zone(
    primary: Primary, zone: str, outcomes: list[Outcome], now: Mapping[str, Reading], check: bool
) -> list[Outcome]:
    """Bring one zone up to date, whose records the primary has as in ``now``."""
    shall = {rrset.name: rrset for rrset in map(_rrset, outcomes)}
    try:
        before = all_read({name: now[name] for name in sorted(shall)})
        if not check:
            _update(primary, zone, before, shall)
    except UpdateError as refusal:
        return _refused(outcomes, refusal)
    return [_done(outcome, before, shall, primary) for outcome in outcomes]


def _done(outcome: Outcome, before: Mapping[str, RRset], shall: Mapping[str, RRset], primary: Primary) -> Outcome:
    name = _rrset(outcome).name
    same = _same(before[name], shall[name])
    seen_at = str(primary.server) if same else ""
    return replace(outcome, before=texts(before[name].records), changed=not same, seen_at=seen_at)


def _refused(outcomes: Iterable[Outcome], refusal: UpdateError) -> list[Outcome]:
    return [replace(item, problem=problem(item.wanted, refusal.rule, refusal.remedy)) for item in outcomes]


def _update(primary: Primary, zone: str, before: Mapping[str, RRset], shall: Mapping[str, RRset]) -> None:
    """Change what differs. Another run may do the same at the same time: what it puts right is no conflict."""
    names, now = sorted(shall), before
    while different := [(now[name], shall[name]) for name in names if not _same(now[name], shall[name])]:
        try:
            primary.replace(zone, different)
            return
        except ChangedMeanwhile:
            last, now = now, primary.read(names)
            if now == last or not all(now[name] == before[name] or _same(now[name], shall[name]) for name in names):
                raise


def _primaries(zone: str, resolver: Resolver, settings: Settings) -> tuple[Nameserver, ...] | UpdateError:
    """Return the addresses of the server that takes the zone's updates, or why they are unknown."""
    if settings.server is None:
        names, port = resolver.ask(zone, "SOA").records, None
    else:
        try:
            name, port = split_nameserver(settings.server)
        except InvalidNameserver as wrong:
            return UpdateError(f"server: {wrong}", "Name the primary server by address or name")
        names = (name,)
    addresses = [address for name in names for address in _addresses(name, resolver)]
    if not addresses:
        rule = f"the primary server of {zone} has no address ({', '.join(names) or 'the SOA cannot be looked up'})"
        return UpdateError(rule, "Name the server that takes updates with the option server")
    return tuple(Nameserver(address, port or settings.port) for address in addresses)


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


def _judge(outcome: Outcome, settings: Settings) -> Outcome:
    if outcome.published or not outcome.place:
        return outcome
    late = ", ".join(f"{server} ({said})" for server, said in outcome.servers.items() if said != "ok")
    zone, seconds = outcome.place.zone, f"{settings.wait:g} s"
    rule = f"not every name server of {zone} has it after {seconds}: {late or 'none could be asked'}"
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
        return [address for answer in resolver.addresses(host) for address in answer.records]

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

from ..._core.bounds import ADDRESSES_PER_HOST
from ..._core.dns import ownership
from ..._core.dns.rrsets import RecordIntent, RecordOutcome, problem
from .placement import Unsure, Zones, place_all
from .propagation import name_servers, watch
from .resolver import DNS_PORT, InvalidNameserver, Nameserver, Resolver, split_nameserver
from .tsig import Key
from .update import Primary, Unreachable, UpdateError
from .zone_update import publish_zone, read_standing, refused, unwritten

PRIMARIES_AT_ONCE = 8
ZONES_AT_ONCE = 16  # of each primary


@dataclass(frozen=True)
class PublishOptions:
    """How to publish: the primary (None: the one the zone's SOA names), its port, the key, and how long to wait.

    ``port`` is that of all servers; ``wait`` the seconds within which every name server must have the new data.
    """

    server: str | None = None
    port: int = DNS_PORT
    key: Key | None = None
    timeout: float = 5.0
    wait: float = 60.0


def publish(
    intents: Sequence[RecordIntent], resolver: Resolver, options: PublishOptions, *, check: bool
) -> list[RecordOutcome]:
    """Publish the records; one outcome each, in order. With ``check`` nothing is changed. Never raises."""
    outcomes = place_all(intents, Zones(resolver), resolver.concurrency)
    for outcome in _publish_all(_placed(outcomes), resolver, options, check):
        outcomes[outcome.intent] = outcome
    # What check mode has not changed cannot be seen anywhere.
    visible = [outcome for outcome in _placed(outcomes) if not (check and outcome.changed)]
    watched = _watch(visible, resolver, options, 0 if check else options.wait)
    skipped = set() if check else _skipped(watched, resolver, options)
    for outcome in watched:
        judged = outcome if check else _judge(outcome, options)
        outcomes[outcome.intent] = _unpermitted(outcome) if outcome.intent in skipped else judged
    return [outcomes[item] for item in intents]


def look(intents: Sequence[RecordIntent], resolver: Resolver, options: PublishOptions) -> list[RecordOutcome]:
    """See which records the name servers have, and wait for those they lack; one outcome each. Never raises."""
    zones = Zones(resolver)
    outcomes = place_all(intents, zones, resolver.concurrency)
    for outcome in _watch(_placed(outcomes), resolver, options, options.wait):
        seen = _beside_others(outcome, zones)
        outcomes[outcome.intent] = _judge(seen, options) if options.wait else seen
    return [outcomes[item] for item in intents]


def _placed(outcomes: Mapping[RecordIntent, RecordOutcome]) -> list[RecordOutcome]:
    """Return the outcomes without a problem so far."""
    return [outcome for outcome in outcomes.values() if outcome.zone and not outcome.problem]


def _watch(
    outcomes: Sequence[RecordOutcome], resolver: Resolver, options: PublishOptions, seconds: float
) -> list[RecordOutcome]:
    """Ask the name servers of all zones at once: ten thousand zones are waited for no longer than the slowest is."""
    zones = list(dict.fromkeys(outcome.zone or "" for outcome in outcomes))
    with ThreadPoolExecutor(resolver.concurrency) as pool:
        found = pool.map(lambda zone: name_servers(zone, options.port, resolver), zones)
        return watch(outcomes, dict(zip(zones, found)), options.timeout, seconds)


def _beside_others(outcome: RecordOutcome, zones: Zones) -> RecordOutcome:
    """Find out what other records are at the name and stay there, whoever writes ours.

    What is synthesised from a wildcard is among them: writing all of them at the name takes nothing away.
    """
    item = outcome.intent
    if len({ownership.split(item.name, records)[1] for records in outcome.seen}) > 1:
        rule = "its name servers do not agree on what else stands at the name"
        return unwritten(outcome, problem(item, rule, "Wait until they do, and run again"))
    try:
        before = next(iter(outcome.seen)) if outcome.seen else zones.texts_at(item.name)
        if item.value is None and not ownership.satisfied(item, before):
            source = zones.wildcard_of(item.name, outcome.zone or "", "TXT")
            if source:
                return unwritten(outcome, ownership.made_up(item, source))
    except Unsure as doubt:
        return replace(outcome, problem=problem(item, str(doubt), "Run again once its name servers answer"))
    if not all(b"".join(record).isascii() for record in before):
        rule = "a record stands at the name that is not US-ASCII, and cannot be handed on as text"
        return unwritten(outcome, problem(item, rule, "Remove that record if nobody needs it"))
    return replace(outcome, before=before)


def _publish_all(
    outcomes: Iterable[RecordOutcome], resolver: Resolver, options: PublishOptions, check: bool
) -> Iterable[RecordOutcome]:
    zones: dict[str, list[RecordOutcome]] = {}
    for outcome in outcomes:
        zones.setdefault(outcome.zone or "", []).append(outcome)
    for told in _publish_zones(zones, resolver, options, check):
        yield from told


def _skipped(outcomes: Iterable[RecordOutcome], resolver: Resolver, options: PublishOptions) -> set[RecordIntent]:
    """Return what the primary has taken, as it said, and yet does not have."""
    # What is not seen again counts as made: a wildcard may answer now where a record of ours was, or nobody at all.
    late = [replace(outcome, changed=False) for outcome in outcomes if outcome.changed and not outcome.published]
    again = _publish_all(late, resolver, options, check=True)
    return {outcome.intent for outcome in again if outcome.changed}


def _unpermitted(outcome: RecordOutcome) -> RecordOutcome:
    rule = f"the primary server says NOERROR to the update of {outcome.zone}, and has not made the change"
    remedy = (
        "Permit this name where it skips what it does not permit (PowerDNS: lua-dnsupdate-policy-script); if it hands "
        "updates on, name the primary server itself with the option server"
    )
    return replace(outcome, changed=False, problem=problem(outcome.intent, rule, remedy))


def _publish_zones(
    zones: Mapping[str, list[RecordOutcome]], resolver: Resolver, options: PublishOptions, check: bool
) -> Iterable[list[RecordOutcome]]:
    """Bring all zones up to date, those of one primary together: it is asked on as few connections as it takes."""
    primaries: dict[tuple[Nameserver, ...], list[str]] = {}
    with ThreadPoolExecutor(resolver.concurrency) as pool:
        found = pool.map(lambda zone: _primaries(zone, zones[zone][0].primary, resolver, options), zones)
        for zone, servers in zip(zones, found):
            if isinstance(servers, UpdateError):
                yield refused(zones[zone], servers)
            else:
                primaries.setdefault(servers, []).append(zone)
    with ThreadPoolExecutor(PRIMARIES_AT_ONCE) as pool:
        shares = [{zone: zones[zone] for zone in names} for names in primaries.values()]
        for told in pool.map(lambda servers, share: _publish_at(servers, share, options, check), primaries, shares):
            yield from told


def _publish_at(
    servers: Sequence[Nameserver], zones: Mapping[str, list[RecordOutcome]], options: PublishOptions, check: bool
) -> list[list[RecordOutcome]]:
    """Bring the zones of one primary up to date; a zone that fails does not stop the others."""
    placed = {outcome.intent.name: outcome for outcomes in zones.values() for outcome in outcomes}
    try:
        primary = _reachable(servers, options, min(placed))
    except UpdateError as refusal:
        return [refused(outcomes, refusal) for outcomes in zones.values()]
    now = read_standing(primary, placed)
    with ThreadPoolExecutor(ZONES_AT_ONCE) as pool:
        return list(pool.map(lambda zone: publish_zone(primary, zone, zones[zone], now, check), zones))


def _primaries(
    zone: str, named: str, resolver: Resolver, options: PublishOptions
) -> tuple[Nameserver, ...] | UpdateError:
    """Return the addresses of the server that takes the zone's updates, or why they are unknown.

    It is the one ``named`` by the zone's SOA, unless the options say another.
    """
    name, port = named, None
    if options.server is not None:
        try:
            name, port = split_nameserver(options.server)
        except InvalidNameserver as wrong:
            return UpdateError(f"server: {wrong.rule}", "Name the primary server by address or name")
    addresses = _addresses(name, resolver)
    if not addresses:
        rule = f"the primary server of {zone} has no address ({name or 'its SOA names none'})"
        return UpdateError(rule, "Name the server that takes updates with the option server")
    return tuple(Nameserver(address, port or options.port) for address in addresses)


def _reachable(servers: Sequence[Nameserver], options: PublishOptions, name: str) -> Primary:
    """Return the primary at the first of its addresses that answers, or at the last one, to learn why it does not."""

    def answers(server: Nameserver) -> bool:
        try:
            Primary(server, options.key, options.timeout).read([name])
        except UpdateError as refusal:
            return not isinstance(refusal, Unreachable)
        return True

    others = servers[:-1]
    with ThreadPoolExecutor(max(1, len(others))) as pool:  # all at once: silent ones cost one time-out altogether
        found = [server for server, answered in zip(others, pool.map(answers, others)) if answered]
    return Primary((found or servers[-1:])[0], options.key, options.timeout)


def _judge(outcome: RecordOutcome, options: PublishOptions) -> RecordOutcome:
    if outcome.problem or outcome.published or not outcome.zone:
        return outcome
    late = ", ".join(f"{server} ({said})" for server, said in outcome.servers.items() if said != "ok")
    rule = f"not every name server of {outcome.zone} has it after {options.wait:g} s: {late or 'none could be asked'}"
    remedy = "Check NOTIFY and zone transfer (AXFR/IXFR) to each of them, then run again"
    return replace(outcome, problem=problem(outcome.intent, rule, remedy))


def _addresses(host: str, resolver: Resolver) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        found = [address for answer in resolver.addresses(host) for address in answer.records]
        return found[:ADDRESSES_PER_HOST]

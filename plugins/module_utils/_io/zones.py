# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish TXT records: find their zones, ask the primaries, update what differs, wait for every name server.

Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from .._core.rrsets import Outcome, Place, Wanted, conflicts, problem, texts
from .resolve import CERTAIN, NO_ROUTE, OK, InvalidNameserver, Nameserver, Resolver, ask_server, read_nameserver
from .update import Key, Primary, RRset, UpdateError

PAUSE_SECONDS = 1.0
ZONES_AT_ONCE = 16
READS_AT_ONCE = 16


@dataclass(frozen=True)
class Settings:
    """How to publish: the primary (None: the one the zone's SOA names), its port, the key, and how long to wait.

    ``port`` is that of all servers; ``wait`` the seconds in which every name server must have the new data.
    """

    server: str | None = None
    port: int = 53
    key: Key | None = None
    timeout: float = 5.0
    wait: float = 60.0


def publish(wanted: Sequence[Wanted], resolver: Resolver, settings: Settings, *, check: bool) -> list[Outcome]:
    """Publish the records; one outcome each, in order. With ``check`` nothing is changed. Never raises."""
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
        done = pool.map(lambda zone: _publish_zone(zone, zones[zone], resolver, settings, check), zones)
        outcomes.update({outcome.wanted: outcome for group in done for outcome in group})
    return [outcomes[item] for item in wanted]


def _locate(wanted: Wanted, resolver: Resolver) -> Outcome:
    """Find the end of the CNAME chain and the zone it is in (RFC 8461, section 8.2)."""
    answer = resolver.ask(wanted.name, "SOA")
    zone = answer.canonical if answer.status == OK else answer.zone
    if answer.status not in CERTAIN or zone is None:
        rule = f"the zone it is in cannot be found: {answer.detail or answer.status}"
        return Outcome(wanted, problem=problem(wanted, rule, "See to the domain's name servers and run again"))
    return Outcome(wanted, Place(answer.canonical, zone))


def _publish_zone(
    zone: str, outcomes: list[Outcome], resolver: Resolver, settings: Settings, check: bool
) -> list[Outcome]:
    """Bring one zone up to date; its trouble is its own."""
    try:
        primary = Primary(_primary_of(zone, resolver, settings), settings.key, settings.timeout)
        shall = {rrset.name: rrset for rrset in map(_rrset, outcomes)}
        with ThreadPoolExecutor(min(READS_AT_ONCE, len(shall))) as pool:
            now = dict(zip(shall, pool.map(primary.read, shall)))
        different = [(now[name], rrset) for name, rrset in sorted(shall.items()) if not _same(now[name], rrset)]
        if different and not check:
            primary.replace(zone, different)
    except UpdateError as refusal:
        return [replace(item, problem=problem(item.wanted, refusal.rule, refusal.remedy)) for item in outcomes]
    changed = {rrset.name for _, rrset in different}
    told = [
        replace(item, before=texts(now[name].records), changed=name in changed)
        for item, name in ((outcome, _rrset(outcome).name) for outcome in outcomes)
    ]
    if check and changed:
        return told
    return _wait(zone, told, resolver, settings)


def _primary_of(zone: str, resolver: Resolver, settings: Settings) -> Nameserver:
    if settings.server:
        try:
            server = read_nameserver(settings.server)
        except InvalidNameserver as wrong:
            raise UpdateError(f"server: {wrong}", "Name the primary server by address or name") from None
        return server if server.port != Nameserver("").port else replace(server, port=settings.port)
    soa = resolver.ask(zone, "SOA")
    addresses = [address for mname in soa.records for address in _addresses(mname, resolver)]
    if not addresses:
        rule = f"the primary server of {zone} cannot be found ({', '.join(soa.records) or soa.detail})"
        raise UpdateError(rule, "Name it with server")
    return Nameserver(addresses[0], settings.port)


def _wait(zone: str, outcomes: list[Outcome], resolver: Resolver, settings: Settings) -> list[Outcome]:
    """Ask every authoritative server until all have the data, or the time is over."""
    servers = [
        (host, Nameserver(address, settings.port))
        for host in resolver.ask(zone, "NS").records
        for address in _addresses(host, resolver)
    ]
    deadline = time.monotonic() + settings.wait
    open_outcomes = outcomes
    finished: dict[Wanted, Outcome] = {}
    while True:
        for outcome in _ask_all(open_outcomes, servers, settings):
            finished[outcome.wanted] = outcome
        open_outcomes = [outcome for outcome in finished.values() if not outcome.published]
        if not open_outcomes or time.monotonic() >= deadline:
            return [_judge(finished[outcome.wanted], zone, settings) for outcome in outcomes]
        time.sleep(PAUSE_SECONDS)


def _judge(outcome: Outcome, zone: str, settings: Settings) -> Outcome:
    if outcome.published:
        return outcome
    late = ", ".join(f"{server} ({said})" for server, said in outcome.servers.items() if said != "ok")
    rule = f"not every name server of {zone} has it after {settings.wait:g} s: {late or 'none could be asked'}"
    return replace(outcome, problem=problem(outcome.wanted, rule, "See to the transfer from the primary and run again"))


def _ask_all(
    outcomes: Sequence[Outcome], servers: Sequence[tuple[str, Nameserver]], settings: Settings
) -> Iterable[Outcome]:
    questions = [(outcome, host, server) for outcome in outcomes for host, server in servers]
    with ThreadPoolExecutor(max(1, min(64, len(questions)))) as pool:
        answers = list(pool.map(lambda question: _ask(question[0], question[2], settings.timeout), questions))
    for outcome in outcomes:
        said = {
            f"{host} [{server}]": answer
            for (asked, host, server), answer in zip(questions, answers)
            if asked is outcome and answer != NO_ROUTE
        }
        yield replace(outcome, servers=said)


def _ask(outcome: Outcome, server: Nameserver, timeout: float) -> str:
    rrset = _rrset(outcome)
    answer = ask_server(server, rrset.name, "TXT", timeout, recurse=False)
    if answer.status == NO_ROUTE:
        return NO_ROUTE
    if answer.status not in CERTAIN:
        return answer.detail or answer.status
    return "ok" if answer.records == rrset.records else "still has the old data"


def _rrset(outcome: Outcome) -> RRset:
    name = outcome.place.canonical if outcome.place else outcome.wanted.name
    return RRset(name, outcome.wanted.ttl, outcome.wanted.records)


def _same(now: RRset, shall: RRset) -> bool:
    return now.records == shall.records and (not shall.records or now.ttl == shall.ttl)


def _addresses(host: str, resolver: Resolver) -> list[str]:
    return [address for answer in resolver.ask_all([(host, "A"), (host, "AAAA")]) for address in answer.records]

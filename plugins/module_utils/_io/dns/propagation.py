# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask every authoritative server of every zone until all of them have the data.

Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from ..._core.bounds import ADDRESSES_PER_HOST, NAME_SERVERS_PER_ZONE
from ..._core.dns.answer import NO_ROUTE, OK, TIMEOUT, Answer
from ..._core.dns.ownership import satisfied
from ..._core.dns.rrsets import RecordIntent, RecordOutcome, Strings
from .resolver import Nameserver, Resolver, ask_server

# A secondary that is told of a change has it in a moment; one that is not takes its time.
SHORTEST_PAUSE = 0.25
LONGEST_PAUSE = 4.0
QUESTIONS_AT_ONCE = 64
ROUND_SECONDS = 120.0  # for asking all servers once, when there is no longer time to wait
SILENCES = 3  # in a row, and a server is not asked any more in this round: one packet may get lost


@dataclass(frozen=True)
class Host:
    """A name server of a zone by its name; ``trouble`` says why its addresses are unknown."""

    name: str
    servers: tuple[Nameserver, ...] = ()
    trouble: str = ""


Hosts = Mapping[str, Sequence[Host]]
"""The name servers of each zone."""


def name_servers(zone: str, port: int, resolver: Resolver) -> list[Host]:
    """Return the zone's name servers; one that certainly has no address serves nobody and is left out."""
    answer = resolver.ask(zone, "NS")
    if answer.status != OK:
        return [Host(f"NS of {zone}", trouble=f"cannot be looked up: {answer.detail}")]
    names = answer.records[:NAME_SERVERS_PER_ZONE]
    return hosts_at(names, map(resolver.addresses, names), port)


def hosts_at(names: Iterable[str], answers: Iterable[Sequence[Answer]], port: int) -> list[Host]:
    """Return the name servers of these names, by what was answered for their addresses."""
    hosts = [_host(name, port, found) for name, found in zip(names, answers)]
    return [host for host in hosts if host.servers or host.trouble]


def _host(name: str, port: int, answers: Sequence[Answer]) -> Host:
    addresses = [address for answer in answers for address in answer.records]
    servers = tuple(Nameserver(address, port) for address in addresses[:ADDRESSES_PER_HOST])
    unsure = [answer.detail for answer in answers if not answer.certain]
    return Host(name, servers, f"has an unknown address: {unsure[0]}" if unsure else "")


def watch(outcomes: Sequence[RecordOutcome], hosts: Hosts, timeout: float, seconds: float) -> list[RecordOutcome]:
    """Return the outcomes with what every server says about them, once all have the data or the time is up."""
    deadline = time.monotonic() + seconds
    seen: dict[RecordIntent, RecordOutcome] = {}
    waiting, pause = list(outcomes), SHORTEST_PAUSE
    while True:
        looked_at = list(_look(waiting, hosts, timeout, max(deadline, time.monotonic() + ROUND_SECONDS)))
        seen.update({outcome.intent: outcome for outcome in looked_at})
        waiting = [outcome for outcome in looked_at if any(_late(outcome, hosts))]
        left = deadline - time.monotonic()
        if not waiting or left <= 0:
            return [seen[outcome.intent] for outcome in outcomes]
        time.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)


def _of(outcome: RecordOutcome, hosts: Hosts) -> Sequence[Host]:
    return hosts[outcome.zone] if outcome.zone else ()


def _late(outcome: RecordOutcome, hosts: Hosts) -> Iterable[str]:
    """Return the servers that may have the data later; one without a known address is not asked again."""
    unknown = {host.name for host in _of(outcome, hosts) if host.trouble}
    return (server for server, said in outcome.servers.items() if said != "ok" and server not in unknown)


def _look(outcomes: Sequence[RecordOutcome], hosts: Hosts, timeout: float, until: float) -> Iterable[RecordOutcome]:
    """Ask every server about every outcome once; one that stays silent is not waited for again.

    The primary that has just shown a record as it is wanted is not asked for it. The first servers of all zones come
    first: a zone with many silent ones keeps nobody waiting, and what is left ``until`` then is not asked.
    """
    questions = [
        (place, at, host.name, server)
        for at, outcome in enumerate(outcomes)
        for place, (host, server) in enumerate((host, one) for host in _of(outcome, hosts) for one in host.servers)
    ]
    questions.sort(key=lambda question: question[0])
    silences: dict[Nameserver, tuple[str, ...]] = {}

    def ask(question: tuple[int, int, str, Nameserver]) -> _Said:
        _place, at, _host, server = question
        if outcomes[at].seen_at == str(server):
            return _Said("ok")
        silence = silences.get(server, ())
        if len(silence) >= SILENCES:
            return _Said(silence[-1])
        if time.monotonic() > until:
            return _Said("was not asked in time")
        status, said = _ask(outcomes[at], server, timeout)
        if status not in {TIMEOUT, NO_ROUTE}:
            silences[server] = ()
            return said
        said = replace(said, words=NO_ROUTE) if status == NO_ROUTE else said
        silences[server] = (*silences.get(server, ()), said.words)
        return said

    with ThreadPoolExecutor(max(1, min(QUESTIONS_AT_ONCE, len(questions)))) as pool:
        answers = list(pool.map(ask, questions))
    said: list[dict[str, str]] = [
        {host.name: host.trouble for host in _of(outcome, hosts) if host.trouble} for outcome in outcomes
    ]
    seen: list[set[tuple[Strings, ...]]] = [set() for _unused in outcomes]
    for (_unused, at, host, server), answer in zip(questions, answers):
        if answer.words != NO_ROUTE:
            said[at][f"{host} [{server}]"] = answer.words
        if answer.records is not None:
            seen[at].add(answer.records)
    return [
        replace(outcome, servers=servers, seen=frozenset(shown))
        for outcome, servers, shown in zip(outcomes, said, seen)
    ]


@dataclass(frozen=True)
class _Said:
    """What a server says about an outcome in words, and the TXT records it has at that very name, if it says."""

    words: str
    records: tuple[Strings, ...] | None = None


def _ask(outcome: RecordOutcome, server: Nameserver, timeout: float) -> tuple[str, _Said]:
    name = outcome.intent.name
    answer = ask_server(server, name, "TXT", timeout, recurse=False)
    if not answer.certain:
        return answer.status, _Said(answer.detail or answer.status)
    if not answer.authoritative:
        return answer.status, _Said("does not serve the zone")
    records = answer.records if answer.canonical == name else ()
    return answer.status, _Said("ok" if satisfied(outcome.intent, records) else "still has the old data", records)

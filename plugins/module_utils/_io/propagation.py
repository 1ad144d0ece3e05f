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

from .._core.bounds import ADDRESSES_PER_HOST, NAME_SERVERS_PER_ZONE
from .._core.rrsets import Outcome, Wanted
from .resolve import CERTAIN, NO_ROUTE, OK, TIMEOUT, Answer, Nameserver, Resolver, ask_server

# A secondary that is told of a change has it in a moment; one that is not takes its time.
SHORTEST_PAUSE = 0.25
LONGEST_PAUSE = 4.0
QUESTIONS_AT_ONCE = 64
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
    unsure = [answer.detail for answer in answers if answer.status not in CERTAIN]
    return Host(name, servers, f"has an unknown address: {unsure[0]}" if unsure else "")


def watch(outcomes: Sequence[Outcome], hosts: Hosts, timeout: float, seconds: float) -> list[Outcome]:
    """Return the outcomes with what every server says about them, once all have the data or the time is over."""
    deadline = time.monotonic() + seconds
    seen: dict[Wanted, Outcome] = {}
    waiting, pause = list(outcomes), SHORTEST_PAUSE
    while True:
        looked_at = list(_look(waiting, hosts, timeout))
        seen.update({outcome.wanted: outcome for outcome in looked_at})
        waiting = [outcome for outcome in looked_at if any(_late(outcome, hosts))]
        left = deadline - time.monotonic()
        if not waiting or left <= 0:
            return [seen[outcome.wanted] for outcome in outcomes]
        time.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)


def _of(outcome: Outcome, hosts: Hosts) -> Sequence[Host]:
    return hosts[outcome.place.zone] if outcome.place else ()


def _late(outcome: Outcome, hosts: Hosts) -> Iterable[str]:
    """Return the servers that may have the data later; one without a known address is not asked again."""
    unknown = {host.name for host in _of(outcome, hosts) if host.trouble}
    return (server for server, said in outcome.servers.items() if said != "ok" and server not in unknown)


def _look(outcomes: Sequence[Outcome], hosts: Hosts, timeout: float) -> Iterable[Outcome]:
    """Ask every server about every outcome once; one that stays silent is not waited for again.

    The primary that has just shown a record as it is wanted is not asked for it.
    """
    questions = [
        (at, host.name, server)
        for at, outcome in enumerate(outcomes)
        for host in _of(outcome, hosts)
        for server in host.servers
    ]
    silences: dict[Nameserver, tuple[str, ...]] = {}

    def ask(question: tuple[int, str, Nameserver]) -> str:
        at, _unused, server = question
        if outcomes[at].seen_at == str(server):
            return "ok"
        silence = silences.get(server, ())
        if len(silence) >= SILENCES:
            return silence[-1]
        status, said = _ask(outcomes[at], server, timeout)
        if status not in {TIMEOUT, NO_ROUTE}:
            silences[server] = ()
            return said
        said = NO_ROUTE if status == NO_ROUTE else said
        silences[server] = (*silences.get(server, ()), said)
        return said

    with ThreadPoolExecutor(max(1, min(QUESTIONS_AT_ONCE, len(questions)))) as pool:
        answers = list(pool.map(ask, questions))
    said: list[dict[str, str]] = [
        {host.name: host.trouble for host in _of(outcome, hosts) if host.trouble} for outcome in outcomes
    ]
    for (at, host, server), answer in zip(questions, answers):
        if answer != NO_ROUTE:
            said[at][f"{host} [{server}]"] = answer
    return [replace(outcome, servers=servers) for outcome, servers in zip(outcomes, said)]


def _ask(outcome: Outcome, server: Nameserver, timeout: float) -> tuple[str, str]:
    name = outcome.place.canonical if outcome.place else outcome.wanted.name
    answer = ask_server(server, name, "TXT", timeout, recurse=False)
    if answer.status not in CERTAIN:
        return answer.status, answer.detail or answer.status
    if not answer.authoritative:
        return answer.status, "does not serve the zone"
    return answer.status, "ok" if answer.records == outcome.wanted.records else "still has the old data"

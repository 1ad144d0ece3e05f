# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask each authoritative server of a record's zone what it has there.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..._core.audit.evidence import LeftOut
from ..._core.bounds import AT_ONCE_PER_DOMAIN, NAME_SERVERS_PER_ZONE
from ..._core.dns.answer import TIMEOUT, Answer
from ..._core.fault import Fault
from ..concurrency import SingleFlight, map_few
from ..dns.propagation import Host, hosts_at
from ..dns.resolver import DNS_PORT, Nameserver, Resolver, ask_server
from ..net.connection import private_fault
from ..patience import Patience
from .mail_servers import left_out

BOUNDS = "record_bounds"


@dataclass(frozen=True)
class Said:
    """The answer of every server that has the zone; which servers were left out, and which there was no time for.

    ``private`` are those that were not asked because the world does not reach them.
    """

    answers: dict[str, Answer]
    left_out: tuple[LeftOut, ...] = ()
    late: tuple[str, ...] = ()
    private: dict[str, Fault] = field(default_factory=dict)


@dataclass(frozen=True)
class _Zone:
    name: str
    hosts: Sequence[Host]
    left_out: tuple[LeftOut, ...]


class Authorities:
    """The name servers of all zones met so far."""

    def __init__(self, resolver: Resolver, allow_private: bool = False, port: int = DNS_PORT) -> None:
        """Ask ``resolver`` which they are. Those the world does not reach are not asked, unless ``allow_private``."""
        self._resolver = resolver
        self._allow_private = allow_private
        self._port = port
        self._names: SingleFlight[str, str | None] = SingleFlight(self._zone_of)
        self._zones: SingleFlight[str, _Zone] = SingleFlight(self._read_zone)
        self._silent: set[tuple[Nameserver, str]] = set()

    def ask(self, name: str, patience: Patience) -> Said:
        """Return the TXT answer of every server that has the zone.

        A server that was silent about a zone is not asked about that zone again: it would cost each name in it its
        time-out. Of other zones that says nothing, as whoever owns a zone may name anybody's servers.
        """
        owner = self._names(name)
        if owner is None:
            return Said({})
        zone = self._zones(owner)
        faults = {
            f"{host.name} [{server}]": (server, self._refused(host, server))
            for host in zone.hosts
            for server in host.servers
        }
        servers = [(where, server) for where, (server, fault) in faults.items() if fault is None]
        private = {where: fault for where, (_unused, fault) in faults.items() if fault is not None}
        answers: dict[str, Answer] = {}
        late: list[str] = []

        def ask(place: tuple[str, Nameserver]) -> None:
            where, server = place
            if (server, zone.name) in self._silent:
                return
            if patience.over:
                late.append(where)
                return
            answer = ask_server(server, name, "TXT", self._resolver.timeout, recurse=False)
            if answer.status == TIMEOUT:
                self._silent.add((server, zone.name))
            elif answer.certain and answer.authoritative:
                answers[where] = answer

        map_few(ask, servers, AT_ONCE_PER_DOMAIN)
        in_order = {where: answers[where] for where, _unused in servers if where in answers}
        return Said(in_order, zone.left_out, tuple(sorted(late)), private)

    def _refused(self, host: Host, server: Nameserver) -> Fault | None:
        """Say why a server that a stranger's NS record names is not asked; whom the user names may stand anywhere."""
        if server in self._resolver.nameservers:
            return None
        return private_fault(host.name, server.address, self._allow_private)

    def _zone_of(self, name: str) -> str | None:
        """Return the zone that a name is in; None also for one that it cannot be in, whatever a server may say."""
        answer = self._resolver.ask(name, "SOA")
        zone = answer.zone or name
        return zone if answer.certain and f".{name}".endswith(f".{zone}") else None

    def _read_zone(self, name: str) -> _Zone:
        names = self._resolver.ask(name, "NS").records
        looked_at, beyond = names[:NAME_SERVERS_PER_ZONE], names[NAME_SERVERS_PER_ZONE:]
        answers = map_few(self._resolver.addresses, looked_at, AT_ONCE_PER_DOMAIN)
        hosts = hosts_at(looked_at, answers, self._port)
        return _Zone(name, hosts, left_out(BOUNDS, name, "name servers", len(looked_at), beyond))

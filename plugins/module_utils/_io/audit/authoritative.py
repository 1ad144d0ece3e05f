# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask each authoritative server of a record's zone what it has there.

Private to this collection.
"""

from __future__ import annotations

from ..._core.proof import Fault
from ..propagation import Host, name_servers
from ..reach import private_fault
from ..resolve import CERTAIN, DNS_PORT, Answer, Nameserver, Resolver, ask_server
from .once import Once


class Authorities:
    """The name servers of all zones met so far."""

    def __init__(self, resolver: Resolver, allow_private: bool = False) -> None:
        """Ask ``resolver`` which they are. Those the world does not reach are not asked, unless ``allow_private``."""
        self._resolver = resolver
        self._allow_private = allow_private
        self._zones: Once[str, str | None] = Once(self._zone_of)
        self._hosts: Once[str, list[Host]] = Once(lambda zone: name_servers(zone, DNS_PORT, resolver))
        self._silent: set[Nameserver] = set()

    def ask(self, name: str) -> dict[str, Answer]:
        """Return the TXT answer of every server that has the zone.

        A server that was silent once is not asked again: it would cost every domain its time-out.
        """
        said = {}
        for host in self._servers_of(name):
            for server in host.servers:
                if server in self._silent or self._refused(host, server) is not None:
                    continue
                answer = ask_server(server, name, "TXT", self._resolver.timeout, recurse=False)
                if answer.status not in CERTAIN:
                    self._silent.add(server)
                elif answer.authoritative:
                    said[f"{host.name} [{server}]"] = answer
        return said

    def private(self, name: str) -> dict[str, Fault]:
        """Return the servers that were not asked because the world does not reach them."""
        servers = [(host, server) for host in self._servers_of(name) for server in host.servers]
        faults = {f"{host.name} [{server}]": self._refused(host, server) for host, server in servers}
        return {server: fault for server, fault in faults.items() if fault is not None}

    def _servers_of(self, name: str) -> list[Host]:
        zone = self._zones(name)
        return self._hosts(zone) if zone is not None else []

    def _refused(self, host: Host, server: Nameserver) -> Fault | None:
        """Say why a server that a stranger's NS record names is not asked; whom the user names may stand anywhere."""
        if server in self._resolver.nameservers:
            return None
        return private_fault(host.name, server.address, self._allow_private)

    def _zone_of(self, name: str) -> str | None:
        answer = self._resolver.ask(name, "SOA")
        return (answer.zone or name) if answer.status in CERTAIN else None

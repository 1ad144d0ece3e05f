# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask each authoritative server of a record's zone what it has there.

Private to this collection.
"""

from __future__ import annotations

from ..propagation import Host, name_servers
from ..resolve import CERTAIN, DNS_PORT, Answer, Nameserver, Resolver, ask_server
from .once import Once


class Authorities:
    """The name servers of all zones met so far."""

    def __init__(self, resolver: Resolver) -> None:
        """Ask ``resolver`` which they are."""
        self._resolver = resolver
        self._zones: Once[str, str | None] = Once(self._zone_of)
        self._hosts: Once[str, list[Host]] = Once(lambda zone: name_servers(zone, DNS_PORT, resolver))
        self._silent: set[Nameserver] = set()

    def ask(self, name: str) -> dict[str, Answer]:
        """Return the TXT answer of every server that has the zone.

        A server that was silent once is not asked again: it would cost every domain its time-out.
        """
        zone = self._zones(name)
        hosts = self._hosts(zone) if zone is not None else []
        said = {}
        for host in hosts:
            for server in (server for server in host.servers if server not in self._silent):
                answer = ask_server(server, name, "TXT", self._resolver.timeout, recurse=False)
                if answer.status not in CERTAIN:
                    self._silent.add(server)
                elif answer.authoritative:
                    said[f"{host.name} [{server}]"] = answer
        return said

    def _zone_of(self, name: str) -> str | None:
        answer = self._resolver.ask(name, "SOA")
        return (answer.zone or name) if answer.status in CERTAIN else None

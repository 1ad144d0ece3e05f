# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An address of its own for every endpoint and every mail server; records that lead there."""

from __future__ import annotations

from dataclasses import dataclass

from .data import World

# The container's own address comes first; what is below belongs to other hosts of the lab.
FIRST = 20


@dataclass(frozen=True)
class Addresses:
    """Numbers in the lab's networks by the name of an endpoint or mail server; ``ipv6`` is "" where there is none."""

    ipv4: str
    ipv6: str
    numbers: dict[str, int]

    def of(self, name: str) -> list[str]:
        """The addresses of a name."""
        number = self.numbers[name]
        return [f"{self.ipv4}{number}", *([f"{self.ipv6}{number}"] if self.ipv6 else [])]

    def sockets(self, name: str, port: int) -> list[str]:
        """The same with the port, as nginx and Postfix want them."""
        return [f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address in self.of(name)]

    def records(self, line: str) -> list[str]:
        """Turn HOST, HOST4 and HOST6 before a name into A and AAAA records; other lines stay."""
        kind, _unused, name = line.partition(" ")
        if kind not in {"HOST", "HOST4", "HOST6"}:
            return [line]
        wanted = {"HOST": "46", "HOST4": "4", "HOST6": "6"}[kind]
        return [
            f"{'AAAA' if ':' in address else 'A'} {address}"
            for address in self.of(name)
            if ("6" if ":" in address else "4") in wanted
        ]


def give_addresses(world: World, ipv4: str, ipv6: str, others: dict[str, int]) -> Addresses:
    """Give a number to every endpoint and mail server, in order; ``others`` have theirs."""
    names = [endpoint.name for endpoint in world.endpoints] + [server.name for server in world.mail_servers]
    return Addresses(ipv4, ipv6, {**others, **{name: FIRST + place for place, name in enumerate(names)}})

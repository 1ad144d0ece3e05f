# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The two authoritative name servers: Knot, each with zone files of its own, so that they can differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .data import FAULTS_ZONE, HEALTHY_ZONE, Domain, World

SERVERS = ("dns1", "dns2")
HEADER = """\
$TTL 1
@ SOA ns1.lab.test. hostmaster.lab.test. 1 3600 600 86400 1
@ NS ns1.lab.test.
@ NS ns2.lab.test.
"""
KNOT = """\
server:
    listen: [ 0.0.0.0@53, ::@53 ]
    user: knot:knot

template:
  - id: default
    storage: /var/lib/knot
    file: "%s.zone"
    journal-content: none
    zonefile-sync: -1

zone:
"""

Lines = Callable[[str], list[str]]


def files(world: World, server: str, expand: Lines) -> dict[str, str]:
    """Return the files of a name server by path; ``expand`` turns a line of the data into records."""
    zones = {name: list(_records(zone)) for name, zone in world.zones.items()}
    second = server == SERVERS[1]
    zones[FAULTS_ZONE] = [line for domain in world.faults for line in _of_domain(domain, FAULTS_ZONE, second)]
    zones[HEALTHY_ZONE] = [line for domain in world.healthy for line in _of_domain(domain, HEALTHY_ZONE, second)]
    zones["test"] = [f"{name} NS ns{number}.lab" for name in _delegated(world, zones) for number in (1, 2)]
    zones["test"] += [f"ns{number}.lab {line}" for number in (1, 2) for line in expand(f"HOST dns{number}")]
    texts = {f"var/lib/knot/{name}.zone": HEADER + _text(lines, expand) for name, lines in zones.items()}
    return {**texts, "etc/knot/knot.conf": KNOT + "".join(f"  - domain: {name}\n" for name in zones)}


def _delegated(world: World, zones: Iterable[str]) -> list[str]:
    return [name.removesuffix(".test") for name in (*zones, *world.lame)]


def _of_domain(domain: Domain, zone: str, second: bool) -> Iterable[str]:
    own = domain.name.removesuffix(f".{zone}")
    published = {**domain.zone, **(domain.second_zone if second else {})}
    return _records({own if owner == "@" else f"{owner}.{own}": lines for owner, lines in published.items()})


def _records(zone: Mapping[str, list[str]]) -> Iterable[str]:
    for owner, lines in zone.items():
        for line in lines:
            yield f"{owner} {line}"


def _text(lines: Iterable[str], expand: Lines) -> str:
    split = [line.partition(" ") for line in lines]
    return "".join(f"{owner} {record}\n" for owner, _unused, line in split for record in expand(line))

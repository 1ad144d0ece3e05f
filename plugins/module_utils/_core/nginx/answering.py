# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which server block of somebody else answers for the name of a policy host, chosen as nginx chooses.

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .installation import PLAIN_PORT, TLS_PORT, Listen, is_loopback, listens, read_around
from .syntax import Directive, parse

_UNREADABLE = re.compile("(?!)")  # a pattern of Perl's that Python does not know: it is left out


@dataclass(frozen=True)
class Answering:
    """A server block of somebody else that answers for ``policy_host`` on a port.

    ``stays`` says that it goes on answering once our file names the host too: it names it in full, and is read first.
    Any other is displaced at the next reload. ``alone`` says that it listens on no other port; ``certificates`` are the
    files it names.
    """

    policy_host: str
    port: int
    file: str
    line: int
    stays: bool
    alone: bool
    certificates: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class _Server:
    """A server block, and whether nginx reads it before our file."""

    block: Directive
    before_us: bool
    listens: tuple[Listen, ...]

    @property
    def names(self) -> list[str]:
        return [
            name.lower() if not name.startswith("~") else name
            for inner in self.block.block
            if inner.name == "server_name"
            for name in inner.args
        ]


@dataclass
class _Place:
    """The servers on one address and port, by what they are chosen by; of several nginx takes the first."""

    exact: dict[str, _Server] = field(default_factory=dict)
    leading: dict[str, _Server] = field(default_factory=dict)
    trailing: dict[str, _Server] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], _Server]] = field(default_factory=list)
    default: _Server | None = None

    def add(self, server: _Server, *, is_default: bool) -> None:
        if self.default is None or is_default:
            self.default = server
        for name in server.names:
            if name.startswith("~"):
                self.patterns.append((_pattern(name[1:]), server))
            elif name.startswith("*."):
                self.leading.setdefault(name[1:], server)
            elif name.endswith(".*"):
                self.trailing.setdefault(name[:-1], server)
            elif name.startswith("."):
                self.exact.setdefault(name[1:], server)
                self.leading.setdefault(name, server)
            else:
                self.exact.setdefault(name, server)

    def choose(self, name: str) -> _Server | None:
        """As nginx does: the name itself, the longest wildcard before and behind, the first pattern, the default."""
        labels = name.split(".")
        exact = self.exact.get(name)
        before = (self.leading.get("." + ".".join(labels[at:])) for at in range(1, len(labels)))
        behind = (self.trailing.get(".".join(labels[:at]) + ".") for at in range(len(labels) - 1, 0, -1))
        by_pattern = (server for pattern, server in self.patterns if pattern.search(name))
        return exact or next(filter(None, (*before, *behind, *by_pattern)), None) or self.default


def others_answering(
    hosts: Sequence[str],
    files: Mapping[str, str],
    main: str,
    ours: str,
    ports: Collection[int] = (TLS_PORT, PLAIN_PORT),
) -> list[Answering]:
    """Return who else answers for these names now; ``files`` are texts by name, ``ours`` is the path of our own.

    Names for which our file is the one that answers are left out: those it names, unless others are asked first.
    """
    _top, http, place_of_ours = read_around(files, main, ours)
    theirs = _servers(http, place_of_ours)
    our_names = {
        (name, listen.port)
        for server in _servers(parse(files.get(ours, ""), ours))
        for listen in server.listens
        for name in server.names
    }
    found = [
        answering
        for place, servers in _places(theirs, ports).items()
        for host in hosts
        for answering in _answering(host, place, servers, (host, place[1]) in our_names)
    ]
    rank = {host: number for number, host in enumerate(hosts)}
    return sorted(dict.fromkeys(found), key=lambda one: (rank[one.policy_host], one.port, one.where))


def _answering(host: str, place: tuple[str, int], servers: _Place, is_ours: bool) -> Iterator[Answering]:
    server = servers.choose(host)
    if server is None:
        return
    stays = servers.exact.get(host) is server and server.before_us
    if stays or not is_ours:
        ports = {listen.port for listen in server.listens}
        yield Answering(
            host, place[1], server.block.file, server.block.line, stays, ports == {place[1]}, _certificates(server)
        )


def _servers(http: Sequence[Directive], place_of_ours: int = 0) -> list[_Server]:
    """Return the server blocks among these directives of the http block, in the order in which nginx reads them."""
    return [
        _Server(block, at < place_of_ours, tuple(listens([block], before_us=at < place_of_ours)))
        for at, block in enumerate(http)
        if block.name == "server"
    ]


def _places(servers: Iterable[_Server], ports: Collection[int]) -> dict[tuple[str, int], _Place]:
    """Return the servers by address and port, of these ports and of addresses that the world can reach."""
    places: dict[tuple[str, int], _Place] = {}
    for server in servers:
        for listen in server.listens:
            if listen.port in ports and not is_loopback(listen.address):
                place = places.setdefault((listen.address, listen.port), _Place())
                place.add(server, is_default=listen.is_default)
    return places


def _certificates(server: _Server) -> tuple[str, ...]:
    return tuple(
        inner.args[0] for inner in server.block.block if inner.name == "ssl_certificate" and len(inner.args) == 1
    )


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", text), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError):
        return _UNREADABLE

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Open a connection to an address in time, and distinguish the ways that can fail.

Private to this collection.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..._core.addresses import refusal, refusal_remedy, refusal_rule
from ..._core.bounds import ADDRESSES_PER_HOST
from ..._core.fault import PRIVATE, Fault

# What this machine's own network lacks, such as IPv6, and nothing that is wrong on the other side
_NO_ROUTE = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class Failed(Exception):
    """Why a connection failed: the ``fault``, and whether the other side ``refused`` a TLS handshake."""

    def __init__(self, fault: Fault, refused: bool = False) -> None:
        """Keep the fault; its rule is the message."""
        super().__init__(fault.rule)
        self.fault = fault
        self.refused = refused


class Deadline:
    """When the time for a whole connection is up, however slowly its bytes arrive."""

    def __init__(self, seconds: float) -> None:
        """Start the clock."""
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises socket.timeout when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout
        return left


def receive(connection: socket.socket, size: int, deadline: Deadline) -> bytes:
    """Return so many bytes, fewer where the other side ends first. Raises socket.timeout and OSError."""
    data = b""
    while len(data) < size:
        connection.settimeout(deadline.left())
        more = connection.recv(size - len(data))
        if not more:
            break
        data += more
    return data


def open_connection(
    address: str,
    port: int,
    deadline: Deadline,
    service: str,
    where: str | None = None,
    *,
    name: str | None = None,
    allow_private: bool = False,
) -> socket.socket:
    """Connect to the ``service`` (web server, mail server) at an ``address``, also called ``where``. Raises Failed.

    The address is one of the host ``name``; without it, it may be a name itself, which is resolved once: what is
    connected to is what was checked. Everything that a stranger's DNS makes us connect to passes here. An address that
    the world does not reach would be in this machine or its own network, and is left alone unless ``allow_private``.

    Faults are dns, private, no_route, tcp, and unreachable when nothing at all comes back.
    """
    where = where or f"{address} port {port}"
    try:
        places = _places(address, port)
        refused = [private_fault(name or address, place.address, allow_private) for place in places]
        allowed = [place for place, fault in zip(places, refused) if fault is None]
        if refused[0] is not None and not allowed:
            raise Failed(refused[0])
        return _connect(allowed, deadline)
    except OSError as problem:
        raise Failed(_fault(problem, address, where, service, deadline)) from problem


def _fault(problem: OSError, address: str, where: str, service: str, deadline: Deadline) -> Fault:
    start = f"Start the {service} and open the port to the whole Internet"
    if isinstance(problem, socket.timeout):  # an alias of TimeoutError from Python 3.10 on
        rule = f"{where} does not respond to connections within {deadline.seconds:g} s"
        return Fault("unreachable", rule, start)
    if isinstance(problem, socket.gaierror):
        rule = f"{address} cannot be resolved: {problem.strerror}"
        return Fault("dns", rule, f"Give {address} an A or AAAA record")
    if is_lack_of_route(problem):
        rule = f"{where} cannot be reached from here: {problem.strerror}"
        return Fault("no_route", rule, "Run from a machine that has a route to this address")
    return Fault("tcp", f"{where} does not accept the connection: {problem.strerror or problem}", start)


def is_lack_of_route(problem: Exception) -> bool:
    """Whether a connection failed because this machine has no way to the address."""
    return isinstance(problem, OSError) and problem.errno in _NO_ROUTE


def private_fault(name: str, address: str, allow_private: bool) -> Fault | None:
    """Return why an address of a host that a stranger named must be left alone; None when it may be connected to."""
    what = refusal(address, allow_private)
    return Fault(PRIVATE, refusal_rule(name, address, what), refusal_remedy(name, address)) if what else None


@dataclass(frozen=True)
class _Place:
    """One address that a name resolves to, as the socket wants it."""

    family: int
    where: tuple[Any, ...]

    @property
    def address(self) -> str:
        return str(self.where[0])


def _places(address: str, port: int) -> list[_Place]:
    """Resolve what may be an address already. Raises OSError."""
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:
        raise socket.gaierror(socket.EAI_NONAME, str(problem)) from problem
    return [_Place(family, where) for family, _type, _protocol, _name, where in found][:ADDRESSES_PER_HOST]


def _connect(places: Iterable[_Place], deadline: Deadline) -> socket.socket:
    """Connect to the first that lets us. Raises OSError, that of the last one."""
    trouble = OSError("it has no address")
    for place in places:
        try:
            connection = socket.socket(place.family, socket.SOCK_STREAM)
        except OSError as problem:
            trouble = problem
            continue
        try:
            connection.settimeout(deadline.left())
            connection.connect(place.where)
        except OSError as problem:
            connection.close()
            trouble = problem
        else:
            return connection
    raise trouble


def too_slow(where: str, deadline: Deadline, doing: str = "") -> Fault:
    """Return the fault of a connection whose time ran out while ``doing`` something."""
    rule = f"{where} gave no complete answer within {deadline.seconds:g} s"
    return Fault("timeout", rule + (f" ({doing})" if doing else ""), "Open the port to the whole Internet")

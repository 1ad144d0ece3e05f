# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring a DNS question to a server and its answer back: over UDP and, if cut short, over TCP.

Private to this collection.
"""

from __future__ import annotations

import functools
import socket
from typing import Union

from .._core.dns_message import answers, is_truncated
from .net.connection import Deadline

LARGEST = 65535
SocketAddress = Union[tuple[str, int], tuple[str, int, int, int]]  # of IPv4 or IPv6


def exchange(address: str, port: int, question: bytes, deadline: Deadline) -> bytes:
    """Return the answer to a question. Raises socket.timeout, OSError and EOFError.

    Each question goes from a port of its own, as whoever wants to forge an answer must not know it.
    """
    family, where = _socket_address(address, port)
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(deadline.left())
        asking.connect(where)
        asking.send(question)
        message = asking.recv(LARGEST)
        while not answers(message, question):
            asking.settimeout(deadline.left())
            message = asking.recv(LARGEST)
    return _exchange_by_tcp(family, where, question, deadline) if is_truncated(message) else message


def _exchange_by_tcp(family: int, where: SocketAddress, question: bytes, deadline: Deadline) -> bytes:
    with socket.socket(family, socket.SOCK_STREAM) as asking:
        asking.settimeout(deadline.left())
        asking.connect(where)
        asking.sendall(len(question).to_bytes(2, "big") + question)
        size = int.from_bytes(_receive(asking, 2, deadline), "big")
        message = _receive(asking, size, deadline)
    if not answers(message, question):
        raise OSError("it answers another question")
    return message


def _receive(asking: socket.socket, size: int, deadline: Deadline) -> bytes:
    data = b""
    while len(data) < size:
        asking.settimeout(deadline.left())
        more = asking.recv(size - len(data))
        if not more:
            raise EOFError("it closes the connection before its answer is complete")
        data += more
    return data


@functools.lru_cache
def _socket_address(address: str, port: int) -> tuple[int, SocketAddress]:
    found = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    return found[0][0], found[0][4]

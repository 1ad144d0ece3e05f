# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find out what an address answers to any name: whether names nobody has are served, and old TLS versions spoken.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import dataclass

from ..._core.net.tls import Server
from .connection import Deadline, Failed, open_connection, receive
from .tls import client_context, handshake

UNKNOWN_NAME = "mta-sts.unknown-name.invalid"
OLD_VERSIONS = {ssl.TLSVersion.TLSv1_1: "TLS 1.1", ssl.TLSVersion.TLSv1: "TLS 1.0"}

# How an accepted offer begins: a record of type handshake, in it the message ServerHello, in it the chosen version.
_HANDSHAKE, _SERVER_HELLO = 22, 2
_MESSAGE_AT, _VERSION_AT, _VERSION_END = 5, 9, 11


@dataclass(frozen=True)
class Endpoint:
    """Where to connect, and how: seconds for a connection, and whether the world need not reach the address."""

    address: str
    port: int
    timeout: float
    allow_private: bool = False

    def open(self, deadline: Deadline) -> socket.socket:
        """Connect. Raises Failed."""
        return open_connection(self.address, self.port, deadline, "web server", allow_private=self.allow_private)


def serves_unknown(endpoint: Endpoint) -> bool | None:
    """Shake hands for a name nobody has; None when that proves nothing. Raises Failed when there is no connection."""
    deadline = Deadline(endpoint.timeout)
    plain = endpoint.open(deadline)
    server = Server(UNKNOWN_NAME, f"{endpoint.address} port {endpoint.port}", "")
    try:
        handshake(plain, client_context(None, verify=False), server, deadline).close()
    except Failed as failed:
        return False if failed.refused else None
    return True


def old_versions(endpoint: Endpoint, name: str) -> tuple[str, ...]:
    """Offer both old versions for a name, and the older one alone where the newer one was chosen. Never raises.

    Most servers are asked once. What they answer depends on the name: some have no certificate for it.
    """
    accepted: list[str] = []
    for newest in OLD_VERSIONS:
        chosen = _chosen(endpoint, name, newest)
        if chosen in OLD_VERSIONS:
            accepted.insert(0, OLD_VERSIONS[chosen])
        if chosen != newest:
            break
    return tuple(accepted)


def _chosen(endpoint: Endpoint, name: str, newest: ssl.TLSVersion) -> ssl.TLSVersion | None:
    """Return the version that a server chooses when it is offered ``newest`` and older ones; None when it declines.

    Its answer is read but not acted upon: this machine may well refuse to finish what the server has agreed to.
    """
    deadline = Deadline(endpoint.timeout)
    try:
        hello = _hello(name, newest)
        with endpoint.open(deadline) as plain:
            plain.sendall(hello)
            answer = receive(plain, _VERSION_END, deadline)
    except (Failed, OSError, ValueError):
        return None
    if len(answer) < _VERSION_END or (answer[0], answer[_MESSAGE_AT]) != (_HANDSHAKE, _SERVER_HELLO):
        return None
    number = int.from_bytes(answer[_VERSION_AT:_VERSION_END], "big")
    return next((version for version in OLD_VERSIONS if version == number), None)


def _hello(name: str, newest: ssl.TLSVersion) -> bytes:
    """Return a ClientHello. Raises ValueError or ssl.SSLError when this machine's OpenSSL is too new for it."""
    context = client_context(None, verify=False, oldest=ssl.TLSVersion.TLSv1, newest=newest)
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    return outgoing.read()

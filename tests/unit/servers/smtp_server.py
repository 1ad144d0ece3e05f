# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mail server on loopback that says what a test wants it to, with real TLS."""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass, field

from servers.tls_server import accepting, drip

SLOWNESS = 0.03  # seconds between two bytes


@dataclass
class MailServer:
    """What it says, in order; None: it closes the connection instead. The ``slow`` part comes byte after byte.

    ``heard`` collects the lines of every visitor, ``farewells`` how many said QUIT inside TLS.
    """

    greeting: bytes | None = b"220-mx.example.com welcomes you\r\n220 ESMTP\r\n"
    offer: bytes | None = b"250-mx.example.com\r\n250-SIZE 10240000\r\n250-starttls\r\n250 8BITMIME\r\n"
    ready: bytes | None = b"220 2.0.0 Ready to start TLS\r\n"
    context: ssl.SSLContext | None = None
    slow: str = ""
    heard: list = field(default_factory=list)
    farewells: int = 0

    def meet(self, connection):
        for part in ("greeting", "offer", "ready"):
            answer = getattr(self, part)
            if answer is None:
                return
            if part == self.slow:
                drip(connection, answer, SLOWNESS)
            else:
                connection.sendall(answer)
            if part != "ready":
                self.heard.append(connection.recv(1024).decode())
        if self.context is None:
            return
        with self.context.wrap_socket(connection, server_side=True) as secured:
            if secured.recv(1024) == b"QUIT\r\n":
                self.farewells += 1
            secured.sendall(b"221 2.0.0 Bye\r\n")


@contextlib.contextmanager
def receive(server, address="127.0.0.1"):
    """Run a MailServer. Yields the port."""
    with accepting(server.meet, address) as port:
        yield port

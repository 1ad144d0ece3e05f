# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ports for servers that are told theirs before they start."""

from __future__ import annotations

import contextlib
import random
import socket

# Below those that Linux gives to whoever asks for any: other test runs on this machine ask often.
LOWEST, END = 10240, 32768


def free_port(addresses=("127.0.0.1",), kinds=(socket.SOCK_STREAM,)):
    """Return a port that is free for all of these kinds of sockets under all of these addresses."""
    while True:
        port = random.randrange(LOWEST, END)
        with contextlib.suppress(OSError), contextlib.ExitStack() as bound:
            for address in addresses:
                for kind in kinds:
                    bound.enter_context(socket.socket(type=kind)).bind((address, port))
            return port

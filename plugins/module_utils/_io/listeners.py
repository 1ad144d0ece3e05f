# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which programs listen on this host's TCP ports.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from .._core.finding import escaped

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
LISTENING = "0A"  # proc_pid_net(5), TCP_LISTEN of the kernel
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def programs_on(ports: Collection[int]) -> dict[int, set[str]]:
    """Return the names of the programs that listen on each of these ports; a port nobody listens on is left out.

    Several may share a port on addresses of their own. One that cannot be seen, as of another container, has no name.
    """
    sockets = dict(_listening(ports))
    if not sockets:
        return {}
    names: dict[str, set[str]] = {inode: set() for inode in sockets}
    for process in glob.glob("/proc/[0-9]*"):
        for inode in sockets.keys() & _sockets_of(process):
            with contextlib.suppress(OSError):
                names[inode].add(escaped(Path(process, "comm").read_text("utf-8", "replace").strip()))
    found: dict[int, set[str]] = {}
    for inode, port in sockets.items():
        found.setdefault(port, set()).update(names[inode] or {""})
    return found


def _listening(ports: Collection[int]) -> Iterator[tuple[str, int]]:
    """Return the inode and the port of each listening socket."""
    for table in TABLES:
        with contextlib.suppress(OSError):
            for line in Path(table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                port = int(fields[1].rpartition(":")[2], 16)
                if fields[3] == LISTENING and port in ports:
                    yield fields[9], port


def _sockets_of(process: str) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for descriptor in os.scandir(f"{process}/fd"):
            with contextlib.suppress(OSError):
                match = _SOCKET.fullmatch(os.readlink(descriptor.path))
                if match:
                    found.add(match[1])
    return found

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be seen of an nginx from outside: its configuration files, and since when it runs with them.

Private to this collection.
"""

from __future__ import annotations

import glob
import grp
import os
import pwd
import socket
import time
from collections.abc import Callable
from pathlib import Path

from .._core.finding import escaped
from .._core.nginx.syntax import absolute, included, parse
from .files import read_if_there

# Processes know their start to a hundredth of a second.
TICK = 0.02
PAUSE = 0.1
PROGRAM_FOLDERS = ["/usr/sbin", "/usr/local/sbin"]  # beside those of PATH


def read_configuration(main: str, tell: Callable[[str], None]) -> dict[str, str]:
    """Read nginx's main file and all it includes: texts by file name, as nginx writes the names.

    Files that somebody may have put there to have others read are passed over, and reported to ``tell``.
    """
    files: dict[str, str] = {}
    waiting = [main]
    while waiting:
        file = waiting.pop()
        if file in files or not os.path.isfile(file):
            continue
        try:
            files[file] = (read_if_there(file) or b"").decode("utf-8", "replace")
        except OSError as problem:
            tell(escaped(f"{file}, which nginx includes, is passed over: {problem}"))
            continue
        for pattern in included(parse(files[file], file)):
            waiting += glob.glob(absolute(pattern, main))
    return files


def primary_group(user: str) -> str:
    """Return the group that a user of this host is in from the start; "" if there is no such user."""
    try:
        return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    except KeyError:
        return ""


def can_listen_on_ipv6() -> bool:
    """Whether this host can bind an IPv6 address at all."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


def has_loaded(path: str, pid_file: str, *, within: float = 0) -> bool:
    """Whether the running nginx has started or reloaded since the file was put in its place, or does so in time.

    Every reload starts new workers. An nginx that does not run will read the file when it starts. After a file that is
    newer than the clock nothing can be said.
    """
    deadline = time.monotonic() + within
    while not (loaded := _workers_are_newer(path, pid_file)) and time.monotonic() < deadline:
        time.sleep(PAUSE)
    return loaded


def _workers_are_newer(path: str, pid_file: str) -> bool:
    try:
        master = int(read_if_there(pid_file) or b"")
        placed = os.stat(path).st_ctime
    except (OSError, ValueError):
        return True
    starts = [start for parent, start in _processes() if parent == master]
    return not starts or placed > time.time() or max(starts) + TICK > placed


def _processes() -> list[tuple[int, float]]:
    """Return the parent and the start of every process, in seconds since the epoch."""
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    ticks = os.sysconf("SC_CLK_TCK")
    found = []
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = Path(stat).read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        found.append((int(fields[1]), booted + int(fields[19]) / ticks))  # proc(5): ppid and starttime
    return found

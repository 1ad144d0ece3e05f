# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A wire made of two TUN devices whose packets arrive after a while: wire.py DEVICE DEVICE MILLISECONDS.

For kernels without the queueing discipline netem.
"""

from __future__ import annotations

import collections
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
LARGEST = 65536


def device(name: str) -> int:
    """Make a TUN device, and return what to read its packets from."""
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return file


def carry(ends: tuple[int, int], seconds: float) -> None:
    """Carry packets from each end to the other, for ever."""
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    under_way: collections.deque[tuple[float, int, bytes]] = collections.deque()
    poll = select.poll()
    for end in ends:
        poll.register(end, select.POLLIN)
    while True:
        wait = max(0.0, under_way[0][0] - time.monotonic()) * 1000 if under_way else None
        for end, _unused in poll.poll(wait):
            due = time.monotonic() + seconds
            try:
                while True:
                    under_way.append((due, other[end], os.read(end, LARGEST)))
            except BlockingIOError:
                pass
        now = time.monotonic()
        while under_way and under_way[0][0] <= now:
            _due, end, packet = under_way.popleft()
            try:
                os.write(end, packet)
            except OSError:
                continue  # as any network may drop a packet, and must while a device is not up yet


def main() -> None:
    """Make the devices, say so, and carry."""
    first, second, milliseconds = sys.argv[1:]
    ends = device(first), device(second)
    print("ready", flush=True)
    carry(ends, float(milliseconds) / 1000)


main()

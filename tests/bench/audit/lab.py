# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bench's own small lab: three containers, and a network namespace that the clients run in."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from places import CLIENT_END, HOLE, HOST_END, MAIL, NAMES, SUBNET, WEB

HERE = Path(__file__).resolve().parent
LAB = HERE.parents[2] / "molecule/lab"
NAME = "mta-sts-lab-bench"  # molecule/lab/down knows it by that
IMAGE = "localhost/mta-sts-lab-services"
SPACE = "mta-sts-bench"
RESOLV_CONF = Path("/etc/netns", SPACE, "resolv.conf")  # ip-netns(8) puts it in the place of the machine's own
OUTSIDE, INSIDE, HOLE_DEVICE = "stsbench0", "stsbench1", "stshole"
PATIENCE_SECONDS = 30

PROGRAMS = {
    "names": (NAMES, 53, "knotd --config /bench/knot.conf & exec unbound -c /bench/unbound.conf"),
    "web": (WEB, 443, "exec nginx -c /bench/nginx.conf"),
    "mail": (
        MAIL, 25,
        "cp /bench/main.cf /bench/sni /etc/postfix/ && postmap -F hash:/etc/postfix/sni && exec postfix start-fg",
    ),
}  # fmt: skip


@contextlib.contextmanager
def lab(world: Path) -> Iterator[None]:
    """Start the servers, and remove them at the end."""
    _run(str(LAB / "images"))
    _down()
    try:
        _run("podman", "network", "create", "--subnet", SUBNET, NAME)
        for name, (address, _port, program) in PROGRAMS.items():
            _run(
                "podman", "run", "--detach", f"--name={NAME}-{name}", "--label=mta-sts-lab=bench",
                f"--network={NAME}", f"--ip={address}", f"--volume={world / name}:/bench:ro",
                IMAGE, "sh", "-c", program,
            )  # fmt: skip
        for name, (address, port, _program) in PROGRAMS.items():
            _wait_for(name, address, port)
        yield
    finally:
        _down()


@contextlib.contextmanager
def wire(world: Path, milliseconds: float) -> Iterator[None]:
    """Lead a wire into the clients' namespace, one whose packets take a while for there and back, or the kernel's."""
    _unwire()
    RESOLV_CONF.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(world / "resolv.conf", RESOLV_CONF)
    process = None
    try:
        _run("ip", "netns", "add", SPACE)
        if milliseconds:
            process = _slow_wire(milliseconds)
        else:
            _run("ip", "link", "add", OUTSIDE, "type", "veth", "peer", "name", INSIDE, "netns", SPACE)
        _run("ip", "address", "add", HOST_END, "peer", CLIENT_END, "dev", OUTSIDE)
        _run("ip", "link", "set", OUTSIDE, "up")
        within = ("ip", "-n", SPACE)
        _run(*within, "link", "set", "lo", "up")
        _run(*within, "address", "add", CLIENT_END, "peer", HOST_END, "dev", INSIDE)
        _run(*within, "link", "set", INSIDE, "up")
        _run(*within, "route", "add", "default", "via", HOST_END)
        # Nobody reads from this one.
        _run(*within, "tuntap", "add", "dev", HOLE_DEVICE, "mode", "tun")
        _run(*within, "link", "set", HOLE_DEVICE, "up")
        _run(*within, "route", "add", HOLE, "dev", HOLE_DEVICE)
        yield
    finally:
        if process is not None:
            process.terminate()
            process.wait()
        _unwire()


def client(*argv: str, given: Path, environment: dict[str, str]) -> str:
    """Run a program where the clients are, give it a file, and return what it prints."""
    with given.open("rb") as file:
        done = subprocess.run(
            ["ip", "netns", "exec", SPACE, *argv],
            stdin=file, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **environment},
        )  # fmt: skip
    return done.stdout


def _slow_wire(milliseconds: float) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "wire.py"), OUTSIDE, INSIDE, str(milliseconds / 2)], stdout=subprocess.PIPE
    )
    if process.stdout is None or not process.stdout.readline():
        raise RuntimeError("the slow wire broke")
    _run("ip", "link", "set", INSIDE, "netns", SPACE)
    return process


def _wait_for(name: str, address: str, port: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return
        if time.monotonic() > end:
            subprocess.run(["podman", "logs", "--tail=20", f"{NAME}-{name}"], check=False)
            raise TimeoutError(f"{NAME}-{name} does not listen on port {port}")
        time.sleep(0.2)


def _down() -> None:
    _run(str(LAB / "down"), "bench")


def _unwire() -> None:
    for argv in (("link", "delete", OUTSIDE), ("netns", "delete", SPACE)):
        subprocess.run(["ip", *argv], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(RESOLV_CONF.parent, ignore_errors=True)


def _run(*argv: str) -> None:
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three hosts of the lab: name server and resolver for all of the bench, a fresh policy host for every measurement."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from authority import Authority
from figures import Run
from places import LAB, PREFIX, RESOLVER, domains
from playbook import COLLECTIONS, HERE, ROOT, WORLD, play
from world import build_store

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import policy_host as host_of
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import OK, Resolver

SCRIPTS = ROOT / "molecule/lab"
IMAGE = "localhost/mta-sts-lab-bench-policy13"
USER = ("useradd", "--system", "--home-dir=/var/lib/mta-sts/dehydrated", "--shell=/usr/sbin/nologin", "mta-sts")
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class PolicyHost:
    """A policy host, with the folder that the SSH connections to it are kept in."""

    sockets: str

    def do(self, *argv: str, given: str = "") -> str:
        """Run a program there, and return what it prints."""
        return _inside("policy13", *argv, given=given)

    def play(self, playbook: Path, domains: int, *arguments: str, collections: Path = COLLECTIONS) -> Run:
        """Run a playbook for so many domains."""
        container = f"{PREFIX}-policy13"
        pid = _run("podman", "inspect", "--format={{.State.Pid}}", container)
        listed = f"--extra-vars=@{WORLD}/domains-{domains}.yml"
        return play(playbook, listed, *arguments, sockets=self.sockets, watched=int(pid), collections=collections)


@contextlib.contextmanager
def names() -> Iterator[None]:
    """Start name server and resolver; remove all of the lab at the end."""
    down = (str(SCRIPTS / "down"), LAB)
    _run(*down)
    _run("podman", "build", "--quiet", "--network=host", f"--file={HERE}/Containerfile", f"--tag={IMAGE}", str(HERE))
    try:
        play(SCRIPTS / "create.yml", "--limit=localhost,dns1,resolver")
        _inside("dns1", "cp", "/bench/knot.conf", "/etc/knot/knot.conf")
        _inside("resolver", "cp", "/bench/unbound.conf", "/etc/unbound/unbound.conf")
        _inside("resolver", "systemctl", "start", "unbound")
        yield
    finally:
        _run(*down)


def fresh_zones(count: int) -> None:
    """Have no record of ours in any zone."""
    _inside("dns1", "sh", "-c", "systemctl stop knot && rm -rf /var/lib/knot/* && systemctl start knot")
    resolver = Resolver([RESOLVER], timeout=1)
    end = time.monotonic() + PATIENCE_SECONDS
    while resolver.ask(host_of(domains(count)[-1]), "A").status != OK:
        if time.monotonic() > end:
            raise TimeoutError("the names do not resolve")


@contextlib.contextmanager
def policy_host(authority: Authority, count: int) -> Iterator[PolicyHost]:
    """Make a policy host that has certificates for so many domains, and nothing else of ours."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as sockets:  # of SSH: their paths must be short
        host = PolicyHost(sockets)
        play(SCRIPTS / "create.yml", "--limit=localhost,policy13")
        host.do(*USER)
        _stage(authority, count)
        yield host


def _stage(authority: Authority, count: int) -> None:
    unpacking = subprocess.Popen(
        ["podman", "exec", "--interactive", f"{PREFIX}-policy13", "tar", "-x", "-C", "/"], stdin=subprocess.PIPE
    )
    with unpacking.stdin as archive:
        build_store(archive, authority, count)
    if unpacking.wait():
        raise RuntimeError("the certificates could not be unpacked")


def _inside(name: str, *argv: str, given: str = "") -> str:
    return _run("podman", "exec", "--interactive", f"{PREFIX}-{name}", *argv, given=given)


def _run(*argv: str, given: str = "") -> str:
    return subprocess.run(argv, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout

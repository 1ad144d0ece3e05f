# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real name servers on loopback: a Knot primary and a Knot secondary, with NOTIFY, transfers and signed updates."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread, Timer

from servers.ports import free_port

PRIMARY, SECONDARY = "127.0.0.1", "127.0.0.2"
KEY, ALGORITHM, SECRET = "mta-sts-key", "hmac-sha256", "c2VjcmV0IG9mIHRoZSB1bml0IHRlc3RzIG9ubHk="
# A key that both servers have, and that may update nothing.
USELESS_KEY = "useless-key"
STARTING_SECONDS = 10
UPDATED = re.compile(r"\[(\S+)\.\] DDNS, finished")
PLANNING_SECONDS = 0.05  # from these words until the NOTIFY is planned that is to be sent early

# The zone with the name servers' own names; it is added to the zones of every test.
SERVERS = "servers.test"
SERVER_NAMES = f"ns1 A {PRIMARY}\nns2 A {SECONDARY}\n"


@dataclass(frozen=True)
class Zone:
    """A zone: ``records`` are lines of a zone file, behind SOA and NS records.

    Without ``updates`` the primary refuses every update, and with a ``rule``, further lines of Knot's ACL, all that is
    not within it; without ``transfers`` the secondary has a copy that stays as it is; a ``broken`` one cannot be
    loaded, so it is SERVFAIL.
    """

    name: str
    records: str = ""
    updates: bool = True
    transfers: bool = True
    broken: bool = False
    rule: str = ""

    def text(self):
        """The zone file."""
        if self.broken:
            return "this is no zone file\n"
        servers = "".join(f"@ NS {name}.{SERVERS}.\n" for name in ("ns1", "ns2"))
        soa = f"@ SOA ns1.{SERVERS}. hostmaster.{SERVERS}. 1 3600 600 86400 60\n"
        return f"$ORIGIN {self.name}.\n$TTL 300\n{soa}{servers}{self.records}\n"


@dataclass(frozen=True)
class Servers:
    """Both servers, on one port."""

    port: int
    folder: Path

    @property
    def nameserver(self):
        """The primary, as options of modules and lookups name it."""
        return f"{PRIMARY}:{self.port}"

    @property
    def secondary(self):
        """The secondary, likewise."""
        return f"{SECONDARY}:{self.port}"

    def dig(self, name, rdtype="TXT", server=PRIMARY):
        """Ask with kdig, which shares no code with us; return the records as it prints them."""
        options = ["+short", "+norecurse", "+timeout=1", "+tcp", "-p", str(self.port)]
        return subprocess.run(
            ["kdig", *options, f"@{server}", name, rdtype], capture_output=True, text=True, check=True
        ).stdout.splitlines()

    def ttl(self, name, rdtype="TXT"):
        """The TTL of an RRset on the primary."""
        options = ["+noall", "+answer", "+norecurse", "+timeout=1", "+tcp", "-p", str(self.port)]
        command = ["kdig", *options, f"@{PRIMARY}", name, rdtype]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1])

    def records(self, zone):
        """All records of the zone on the primary, as a transfer has them, without its SOA."""
        command = ["kdig", "+noall", "+answer", "+timeout=2", "-p", str(self.port), f"@{PRIMARY}", zone, "AXFR"]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        return sorted(" ".join(line.split()) for line in lines if " SOA " not in " ".join(line.split()))

    def questions(self):
        """How many questions both servers have been asked since they started, over UDP and TCP; updates are none."""
        asked = 0
        for address in (PRIMARY, SECONDARY):
            command = ["knotc", "-s", self.folder / address / "knot.sock", "stats", "mod-stats.server-operation"]
            lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
            asked += sum(int(line.split()[-1]) for line in lines if "[query]" in line)
        return asked

    def serial(self, zone):
        """The serial of the zone on the primary: it grows with every change."""
        return int(self.dig(zone, "SOA")[0].split()[2])


@contextlib.contextmanager
def serve(folder, *zones, early_notify=True):
    """Serve the zones, with all files in ``folder``. Yields Servers once every zone is there, on both.

    With ``early_notify`` no test waits for the second that Knot lets pass before it notifies; who counts questions has
    it without, for a secondary may then be notified twice.
    """
    zones = [Zone(SERVERS, SERVER_NAMES, updates=False), *zones]
    servers = Servers(free_port((PRIMARY, SECONDARY), (socket.SOCK_DGRAM, socket.SOCK_STREAM)), Path(folder))
    early = {zone.name for zone in zones if zone.transfers} if early_notify else set()
    with contextlib.ExitStack() as running:
        for address in (PRIMARY, SECONDARY):
            home = Path(folder) / address
            home.mkdir(parents=True)
            running.enter_context(_knotd(home, servers.port, address, zones, early))
        for zone in (zone for zone in zones if not zone.broken):
            _wait_for(zone.name, servers, Path(folder))
        yield servers


@contextlib.contextmanager
def _knotd(home, port, address, zones, early):
    program = shutil.which("knotd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None or shutil.which("kdig") is None:
        raise RuntimeError("knotd or kdig is missing. Install the Debian packages knot and knot-dnsutils")
    for zone in zones:
        if address == PRIMARY or not zone.transfers:
            (home / f"{zone.name}.zone").write_text(zone.text())
    config = home / "knot.conf"
    config.write_text(_config(home, port, address, zones))
    process = subprocess.Popen([program, "-c", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    following = Thread(target=_follow, args=(process.stdout, home, early))
    following.start()
    try:
        yield
    finally:
        process.terminate()
        process.wait(STARTING_SECONDS)
        following.join(STARTING_SECONDS)


def _follow(lines, home, early):
    """Keep what a server says, and have it notify of updates of these zones early: by itself it waits for a second."""
    with (home / "log").open("w") as log:
        for line in lines:
            print(line, end="", file=log, flush=True)
            updated = UPDATED.search(line)
            if updated and updated[1] in early:
                Timer(PLANNING_SECONDS, _notify, (home, updated[1])).start()


def _notify(home, zone):
    command = ["knotc", "-s", home / "knot.sock", "zone-notify", zone]
    subprocess.run(command, capture_output=True, check=False)


def _config(home, port, address, zones):
    lines = f"""
server:
    rundir: "{home}"
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 2
    background-workers: 2
log:
  - target: stdout
    any: info
database:
    storage: "{home}"
    journal-db-max-size: 16M
key:
  - id: {KEY}
    algorithm: {ALGORITHM}
    secret: {SECRET}
  - id: {USELESS_KEY}
    algorithm: {ALGORITHM}
    secret: {SECRET}
remote:
  - id: primary
    address: {PRIMARY}@{port}
  - id: secondary
    address: {SECONDARY}@{port}
acl:
  - id: local
    address: 127.0.0.0/8
    action: [transfer, notify]
{"".join(map(_acl, zones))}
mod-stats:
  - id: questions
    server-operation: on
template:
  - id: default
    global-module: mod-stats/questions
    storage: "{home}"
    file: "%s.zone"
    zonefile-sync: -1
zone:
"""
    for zone in zones:
        update = f", {zone.name}" if zone.updates else ""
        lines += f"  - domain: {zone.name}\n    acl: [local{update}]\n"
        if address == PRIMARY:
            lines += "    notify: secondary\n" if zone.transfers else ""
        else:
            lines += "    master: primary\n" if zone.transfers else ""
    return lines


def _acl(zone):
    return f"  - id: {zone.name}\n    key: {KEY}\n    action: update\n{zone.rule}\n"


def _wait_for(zone, servers, folder):
    deadline = time.monotonic() + STARTING_SECONDS
    for address in (PRIMARY, SECONDARY):
        while not _has(zone, servers, address):
            if time.monotonic() > deadline:
                log = (folder / address / "log").read_text()
                raise RuntimeError(f"Knot at {address} port {servers.port} does not serve {zone}:\n{log}")
            time.sleep(0.05)


def _has(zone, servers, address):
    try:
        return bool(servers.dig(zone, "SOA", address))
    except subprocess.CalledProcessError:
        return False

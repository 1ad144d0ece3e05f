# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The list, the three policy hosts, and what the CA's front has written down."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml
from lab.hosts import IPV4, LAB, addresses, get_host, wait_for
from lab.playbook import SCENARIO, Run, play

INVENTORY = yaml.safe_load((SCENARIO / "inventory/group_vars/all.yml").read_text(encoding="utf-8"))
NAMES = [f"mta-sts.{entry['domain']}" for entry in INVENTORY["mta_sts_domains"]]
KEY_TYPES = INVENTORY["sts_certificate_key_types"]
HOSTS = ["policy12", "policy13", "policy14"]
ADDRESS = {host: f"{IPV4}{host[-2:]}" for host in HOSTS}
ROOT_CERTIFICATE = Path(os.environ["LAB_FOLDER"], LAB, "root.pem")
CONFIG = "/etc/mta-sts/dehydrated"
STORE = "/var/lib/mta-sts/dehydrated/certs/*"
FRONT = "/var/lib/front"
SERVICE = "mta-sts-certificate.service"
SECONDS = 20
GET = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Event:
    """A line of the front's log."""

    at: float
    event: str
    host: str
    names: tuple[str, ...] = ()
    taken: bool = True
    limit: str = ""
    profile: str = ""


def log(since: float = 0) -> list[Event]:
    """Return what the front has seen since then."""
    text = get_host("ca").check_output(f"cat {FRONT}/log.jsonl 2>/dev/null || true")
    hosts = {address: host for host, address in ADDRESS.items()}
    lines = [json.loads(line) for line in text.splitlines()]
    known = Event.__dataclass_fields__
    return [
        Event(
            **{**{key: value for key, value in line.items() if key in known}, "names": tuple(line.get("names", ()))},
            host=hosts.get(line["from"], line["from"]),
        )
        for line in lines
        if line["at"] >= since
    ]


def orders(events: Iterable[Event]) -> list[Event]:
    """Return the orders among them."""
    return [event for event in events if event.event == "order"]


def clock() -> float:
    """Return the time at the front."""
    return float(get_host("ca").check_output("date +%s.%N"))


def site(*arguments: str, **variables: object) -> Run:
    """Deploy."""
    return play("playbooks/site.yml", *arguments, variables=variables)


def everywhere(command: str) -> dict[str, str]:
    """Run a command on all policy hosts at once."""
    with ThreadPoolExecutor(len(HOSTS)) as pool:
        return dict(zip(HOSTS, pool.map(lambda host: get_host(host).check_output(command), HOSTS)))


def start_the_service() -> None:
    """Start it as the timer does, on all hosts, and wait until it has ordered what the CA takes at once."""
    everywhere(f"systemctl start {SERVICE} || true")


def wait_for_the_service() -> None:
    """Wait until it has nothing more to do, on any host."""

    def idle() -> bool:
        """The service is done on all hosts"""
        said = everywhere(f"systemctl is-active {SERVICE} || true")
        return set(said.values()) <= {"inactive", "failed"}

    wait_for(idle, 900)


def serials() -> dict[tuple[str, str, str], str]:
    """Return the serial numbers of the certificates in use, by host, key type and name."""
    command = (
        f'cd {STORE} && for file in */*/cert.pem; do echo "$file $(openssl x509 -in "$file" -noout -serial)"; done'
    )
    return {
        (host, *line.split("/")[:2]): line.rpartition("=")[2]
        for host, said in everywhere(command).items()
        for line in said.splitlines()
    }


def problem(name: str, address: str) -> str:
    """Fetch a policy as senders do, and return what is wrong with it, "" if nothing is (RFC 8461, section 3.3)."""
    trust = ssl.create_default_context(cafile=ROOT_CERTIFICATE)
    try:
        with (
            socket.create_connection((address, 443), SECONDS) as plain,
            trust.wrap_socket(plain, server_hostname=name) as secured,
        ):
            secured.sendall(GET.format(name).encode())
            answer = http.client.HTTPResponse(secured)
            answer.begin()
            body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{name} at {address}: {error!r}"
    well = answer.status == 200 and body.startswith(b"version: STSv1\r\n")
    return "" if well else f"{name} at {address}: {answer.status} {body!r}"


class Watch:
    """Fetches every policy from every address, over and over, until the block ends, and then once more."""

    def __init__(self) -> None:
        """Nothing seen so far."""
        self.problems: list[str] = []
        self.rounds = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watch:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        """Look a last time."""
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        last = False
        while not last:
            last = self._end.wait(0.5)
            for host in HOSTS:
                for address in addresses(int(host[-2:])):
                    found = (problem(name, address.strip("[]")) for name in NAMES)
                    self.problems += [words for words in found if words]
            self.rounds += 1

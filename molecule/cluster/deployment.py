# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The three policy hosts, asked from this machine, and what is to be seen on them."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from lab.hosts import LAB, addresses, get_host, wait_for

NUMBERS = {"policy12": 12, "policy13": 13, "newcomer": 15}
HOSTS = list(NUMBERS)
ADDRESSES = {host: addresses(number) for host, number in NUMBERS.items()}
DOMAINS = ["plain.test", "alias.test"]
MODES = dict(zip(DOMAINS, ["testing", "enforce"]))
DAY = 86400
# What senders keep a policy for, where the list does not say
MAX_AGES = dict(zip(DOMAINS, [DAY, 28 * DAY]))
ROOT_CERTIFICATE = Path(os.environ["LAB_FOLDER"], LAB, "root.pem")
SERVICE = "mta-sts-certificate.service"
CHALLENGES = "/var/lib/mta-sts/acme-challenges"
STORE = "/var/lib/mta-sts/dehydrated/certs/*/*"
# A CA gives up after that many seconds.
PATIENCE = 10


def curl(url: str, address: str, *options: str) -> tuple[str, str, float]:
    """Ask one address for a URL, and return status ("000" for none), body and seconds."""
    scheme, _unused, name = url.split("/")[:3]
    port = {"http:": 80, "https:": 443}[scheme]
    said = subprocess.run(
        [
            "curl", "--silent", "--cacert", ROOT_CERTIFICATE, "--resolve", f"{name}:{port}:{address}",
            "--max-time", "30", "--write-out", r"\n%{http_code} %{time_total}", *options, url,
        ],
        capture_output=True, check=False,
    ).stdout.decode()  # fmt: skip
    body, _unused, rest = said.rpartition("\n")
    status, seconds = rest.split()
    return status, body, float(seconds)


def put(token: str, host: str) -> None:
    """Leave the answer to a challenge on a host, as if it had ordered a certificate."""
    get_host(host).check_output(f"echo answer-{token} | install --mode 644 /dev/stdin {CHALLENGES}/{token}")


def ask(host: str, token: str, address: int = 0) -> tuple[str, str, float]:
    """Ask a host for the answer to a challenge, as the CA does, at one of its addresses."""
    return curl(f"http://mta-sts.alias.test/.well-known/acme-challenge/{token}", ADDRESSES[host][address])


def policy(domain: str, max_age: int | None = None) -> str:
    """Return the policy as it must be served."""
    lines = ["version: STSv1", f"mode: {MODES[domain]}", "mx: mx.plain.test", f"max_age: {max_age or MAX_AGES[domain]}"]
    return "".join(f"{line}\r\n" for line in lines)


def served(host: str) -> set[tuple[str, str]]:
    """Return what a host serves for each domain, at whichever address, to senders that verify its certificate."""
    return {
        (domain, curl(f"https://mta-sts.{domain}/.well-known/mta-sts.txt", address)[1])
        for domain in DOMAINS
        for address in ADDRESSES[host]
    }


def policies(max_age: int | None = None) -> set[tuple[str, str]]:
    """Return what every host must serve."""
    return {(domain, policy(domain, max_age)) for domain in DOMAINS}


def announced() -> set[tuple[str, str]]:
    """Return the records of all domains on both name servers."""
    return {
        (domain, get_host(server).check_output(f"kdig @localhost +short _mta-sts.{domain} TXT"))
        for server in ("dns1", "dns2")
        for domain in DOMAINS
    }


def records(max_age: int | None = None) -> set[tuple[str, str]]:
    """Return what must be announced."""
    ids = {domain: hashlib.sha256(policy(domain, max_age).encode()).hexdigest()[:16] for domain in DOMAINS}
    return {(domain, f'"v=STSv1; id={ids[domain]};"') for domain in DOMAINS}


def certificates(host: str) -> dict[str, str]:
    """Return the serial number of the certificate of each domain."""
    command = (
        "openssl s_client -connect localhost:443 -servername mta-sts.{} </dev/null 2>/dev/null"
        " | openssl x509 -noout -serial"
    )
    return {domain: get_host(host).check_output(command.format(domain)) for domain in DOMAINS}


def failures(host: str) -> str:
    """Return the names whose last order has failed."""
    return get_host(host).check_output(f"ls {STORE}/*/failure 2>/dev/null || true")


def make_due(hosts: list[str]) -> None:
    """Let it be time to renew every certificate of these hosts."""
    for host in hosts:
        get_host(host).check_output(f"for file in {STORE}/*/renew-at; do echo 0 >$file; done")


def renew(hosts: list[str]) -> None:
    """Have what is due renewed, on all these hosts at once."""
    for host in hosts:
        get_host(host).check_output(f"systemctl start --no-block {SERVICE}")
    for host in hosts:
        wait_for(
            lambda host=host: (
                get_host(host).run(f"systemctl is-active {SERVICE}").stdout.strip() in ("inactive", "failed")
            ),
            seconds=600,
        )


def podman(command: str, host: str) -> None:
    """Have podman do something to the container of a host."""
    subprocess.run(["podman", command, f"mta-sts-lab-{LAB}-{host}"], capture_output=True, check=True)


def lead(name: str, zone: str, changes: str, host: str) -> None:
    """Let a name lead to a host, or no more: ``changes`` is set or unset."""
    ttl = "1 " if changes == "set" else ""
    types = zip(["A", "AAAA"], (address.strip("[]") for address in ADDRESSES[host]))
    steps = [f"zone-{changes} {zone} {name} {ttl}{rdtype} {address}" for rdtype, address in types]
    get_host("dns1").check_output(
        " && ".join(f"knotc {step}" for step in ["zone-begin " + zone, *steps, "zone-commit " + zone])
    )

    def both_servers_agree() -> bool:
        zones = [
            get_host(server).check_output(f"kdig @localhost +short {name}.{zone} A") for server in ("dns1", "dns2")
        ]
        return all((ADDRESSES[host][0] in found.split()) == (changes == "set") for found in zones)

    wait_for(both_servers_agree)

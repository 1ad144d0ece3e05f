# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is on the shop's hosts, what they answer, what is in its zone: as sets of lines, to be compared."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.hosts import ADDRESSES, LAB, get_host

ZONE = "shop.test"
HOSTS = {"policy12": ADDRESSES[0::2], "policy13": ADDRESSES[1::2]}
# What visitors ask each host for; the shop has a server for the first two.
NAMES = {host: [f"www{host[-2:]}.shop.test", f"blog{host[-2:]}.shop.test", "unknown.shop.test", ""] for host in HOSTS}
ROOT_CERTIFICATE = Path(os.environ["LAB_FOLDER"], LAB, "root.pem")

# What changes by itself, or with any login and any run of Ansible; "ours" looks there for our name
ALIVE = [
    "/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/cache", "/var/log",
    "/root/.ansible", "/home/shop/.ansible",
    "/var/lib/systemd/random-seed", "/var/lib/systemd/timers",
    # copies of the last but one version
    "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-",
]  # fmt: skip
PRUNED = r"\( -name __pycache__ -o " + " -o ".join(f"-path {path}" for path in ALIVE) + r" \) -prune"

# Every line gets the name of its command in front. No times of folders: something that came and went leaves a new one.
COMMANDS = {
    # In /usr, where packages are, the size must do.
    "file": (
        rf"find / -xdev {PRUNED} -o -path '/usr/*' -type f -printf '%p %y %m %u %g %s\n'"
        r" -o -printf '%p %y %m %u %g %l\n'"
    ),
    "content": (
        rf"find / -xdev {PRUNED} -o -path /usr -prune -o -type f -print0 | xargs -0 sha256sum | awk '{{print $2, $1}}'"
    ),
    "ours": (
        "find /run /tmp /var/tmp /var/cache /var/lib/systemd /var/log/nginx -name '*mta[-_]sts*'"
        " -not -name '*ansible*'; systemctl list-units --all --plain --no-legend '*mta-sts*'"
    ),
    "nginx": "nginx -T 2>/dev/null",
    "listening": "ss --no-header --listening --numeric --tcp --udp | awk '{print $1, $5}'",
    "package": r"dpkg-query --show --showformat='${Package} ${Version} ${Status}\n'; apt-mark showmanual",
    "user": "getent passwd; getent group; id www-data; id shop",
    # A login is a scope.
    "unit": (
        "systemctl list-unit-files --plain --no-legend | grep --invert-match '[.]scope '"
        "; systemctl list-units --failed --plain --no-legend"
    ),
    "timer": 'systemctl list-timers --all --output=json | grep --only-matching \'"unit":"[^"]*"\'',
}


LOOK = "\n".join(f"{{ {command}; }} | sed 's/^/{what}: /'" for what, command in COMMANDS.items())


def inventory(host: str) -> set[str]:
    """All that is on a host."""
    return set(get_host(host).check_output(LOOK).splitlines())


def visit(command: str) -> str:
    """Run a command on this machine, where visitors come from."""
    return subprocess.run(command, shell=True, capture_output=True, text=True, check=False).stdout


def connect(address: str, name: str, *options: str) -> str:
    """Shake hands with a host, and return what openssl says of it and of the certificate."""
    server_name = f"-servername {name}" if name else "-noservername"
    trust = f"-CAfile {ROOT_CERTIFICATE}"
    return visit(f"openssl s_client -connect {address}:443 {server_name} {trust} {' '.join(options)} </dev/null")


def serial(address: str, name: str, *options: str) -> str:
    """Return the serial number of the certificate that is served for a name, verified."""
    shown = connect(address, name, "-verify_return_error", f"-verify_hostname {name}", *options)
    return subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=shown, capture_output=True, text=True, check=False
    ).stdout.strip()


def answers(host: str, *more: str) -> set[str]:
    """What a host answers to every name, with the handshake that came before."""
    words = ("subject=", "issuer=", "ALPN", "No ALPN", "New, ", "Server Temp Key", "Peer Temp Key", "Verification")
    lines = set()
    for address in HOSTS[host]:
        for name in (*NAMES[host], *more):
            handshake = connect(address, name, "-alpn h2,http/1.1").splitlines()
            said = [line for line in handshake if line.startswith(words)]
            for scheme, port in (("http", 80), ("https", 443)):
                to = name or "no-name.test"
                url = f"{scheme}://{to}/ {scheme}://{to}/.well-known/acme-challenge/none"
                got = visit(f"curl --silent --insecure --include --resolve '{to}:{port}:{address}' {url}")
                said += [f"{scheme}: {line}" for line in got.splitlines() if not line.lower().startswith("date:")]
            lines |= {f"{address} {name}: {number}: {line}" for number, line in enumerate(said)}
    return lines


def of_all_hosts(look: Callable[[str], set[str]]) -> dict[str, set[str]]:
    """Look at all hosts at once."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(HOSTS, pool.map(look, HOSTS)))


def zone() -> set[str]:
    """All records of the zone on both name servers, but for the serial number, which grows."""
    return {
        f"{server}: {line}"
        for server in ("dns1", "dns2")
        for line in get_host(server).check_output(f"knotc zone-read {ZONE}").splitlines()
        if line.split()[3] != "SOA"
    }

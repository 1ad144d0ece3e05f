# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests a second to one nginx: the policy by our file, and the same bytes as a plain static file beside it."""

from __future__ import annotations

import re

from figures import KEPT, NEW, POLICY, STATIC, Figures
from lab import PolicyHost
from places import domains

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import policy_host

PATH = "/.well-known/mta-sts.txt"
PORTS = {STATIC: 4433, POLICY: 443}
PLAIN_FILE = "/etc/nginx/sites-enabled/bench.conf"
OURS = "/etc/nginx/sites-enabled/zz-mta-sts.conf"
HOW = {NEW: ("--header=Connection: close",), KEPT: ()}
CONNECTIONS = 16
_TLS = re.compile(r"^    (?:ssl_(?:protocols|ciphers|prefer|session|ecdh).*|http2 on);$", re.MULTILINE)
_RATE = re.compile(r"^Requests/sec: +([0-9.]+)$", re.MULTILINE)
_TROUBLE = re.compile(r"^ *(?:Socket errors|Non-2xx).*$", re.MULTILINE)


def measure(host: PolicyHost, figures: Figures, count: int, rounds: int, seconds: int) -> None:
    """Ask for both in turn, of another domain each round."""
    names = domains(count)
    tls = "\n".join(dict.fromkeys(_TLS.findall(host.do("cat", OURS))))
    for number in range(rounds):
        domain = names[number * len(names) // rounds]
        _serve_plainly(host, domain, tls)
        for how, options in HOW.items():
            for what, port in PORTS.items():
                url = f"https://{policy_host(domain)}:{port}{PATH}"
                said = host.do("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", *options, url)
                rate = _RATE.search(said)
                if not rate or _TROUBLE.search(said):
                    raise RuntimeError(said)
                figures.requests.setdefault((what, how), []).append(float(rate[1]))


def _serve_plainly(host: PolicyHost, domain: str, tls: str) -> None:
    name = policy_host(domain)
    pairs = "\n".join(
        f"    {directive} /var/lib/mta-sts/live/{name}.{family}.pem;"
        for family in ("rsa", "ecdsa")
        for directive in ("ssl_certificate", "ssl_certificate_key")
    )
    site = f"""\
server {{
    listen {PORTS[STATIC]} ssl;
    server_name {name};
{pairs}
{tls}
    server_tokens off;
    root /var/www/mta-sts/{domain};
    location = {PATH} {{
        types {{}}
        default_type text/plain;
    }}
}}
"""
    host.do("tee", PLAIN_FILE, given=site)
    host.do("systemctl", "reload", "nginx")

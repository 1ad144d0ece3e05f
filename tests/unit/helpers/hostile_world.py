# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mail domains on real servers on loopback: as many good ones as wanted, and some that do the worst they can."""

from __future__ import annotations

import contextlib
import socket
from datetime import datetime, timezone

import trustme
from servers import knot
from servers.https_server import Answer, serve
from servers.ports import free_port
from servers.smtp_server import MailServer, receive
from servers.tls_server import Expired, MonthThirteen, WithChain, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

ZONE = "fleet.test"
MX = f"mx.{ZONE}"
MANY = 3000  # records that fit into one answer
LONG = ".".join(["m" * 55] * 4)

GOOD = f"version: STSv1\r\nmode: enforce\r\nmx: {MX}\r\nmax_age: 2419200\r\n".encode()
BABBLE = b"x\n" * 32768
MISSPELT = "".join((
    "version: STSv1\r\nmode: enforce\r\nmax_age: 2419200\r\n",
    *(f"mx: {LONG}{number:05}.{ZONE}\r\n" for number in range(250)),
)).encode()  # fmt: skip

# Where the policy hosts are: each answers everybody alike
WEB, BABBLER, SPELLER, OUTDATED, SILENT, CLOSED = (f"127.0.0.{number}" for number in range(1, 7))


def good(count):
    """Return the names of so many domains in perfect order."""
    return [f"g{number:04}.{ZONE}" for number in range(count)]


def bad(count):
    """Return the names of so many domains, each of which does one of the WORST."""
    return [f"{list(WORST)[number % len(WORST)]}{number // len(WORST)}.{ZONE}" for number in range(count)]


def _healthy(label):
    return {
        f"_mta-sts.{label}": [f'TXT "v=STSv1; id={policy_id(GOOD)};"'],
        f"_smtp._tls.{label}": [f'TXT "v=TLSRPTv1; rua=mailto:tlsrpt@{label}.{ZONE}"'],
        f"mta-sts.{label}": [f"A {WEB}"],
        label: ["MX 10 mx"],
    }


def _addresses(begin, count=MANY):
    return [f"A {begin}.{number // 250}.{number % 250 + 1}" for number in range(count)]


# What a domain has instead of what is good, by its kind
WORST = {
    "babble": lambda label: {f"mta-sts.{label}": [f"A {BABBLER}"]},
    "babble-txt": lambda label: {
        f"_mta-sts.{label}": [f'TXT "v=STSv1; id=1;" "{number}"' for number in range(MANY // 2)],
        f"_smtp._tls.{label}": [f'TXT "{number}"' for number in range(MANY)],
    },
    "speller": lambda label: {
        f"mta-sts.{label}": [f"A {SPELLER}"],
        label: [f"MX 10 {LONG}{number:02}xyz" for number in range(99)],
    },
    "addresses": lambda label: {f"mta-sts.{label}": _addresses("127.3")},
    "silent": lambda label: {f"mta-sts.{label}": [f"A {SILENT}", *_addresses("127.4", 30)]},
    "outdated": lambda label: {f"mta-sts.{label}": [f"A {OUTDATED}"]},
    "mailers": lambda label: {
        label: [f"MX 10 m{number}.{label}" for number in range(99)],
        **{f"m{number}.{label}": _addresses(f"127.{number + 5}", 200) for number in range(99)},
    },
    "closed": lambda label: {label: [f"MX 10 mx.{label}"], f"mx.{label}": [f"A {CLOSED}"]},
    "reports": lambda label: {
        f"_smtp._tls.{label}": [
            'TXT "v=TLSRPTv1; rua="'
            + "".join(f' "mailto:{label}@{number}.{label}.{ZONE},"' for number in range(999))
            + f' "mailto:{label}@{label}.{ZONE}"'
        ]
    },
}


def _zone(names):
    records = {"mx": [f"A {WEB}"]}
    for name in names:
        label = name.partition(".")[0]
        kind = label.rstrip("0123456789")
        records.update({**_healthy(label), **WORST.get(kind, lambda _label: {})(label)})
    return knot.Zone(ZONE, "".join(f"{owner} {record}\n" for owner, found in records.items() for record in found))


@contextlib.contextmanager
def world(folder, names):
    """Bring it up for these domains. Yields the options of the module audit_info that lead into it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "root.pem")
    hosts = [f"mta-sts.{name}" for name in names]
    certificate = authority.issue_cert(*hosts)
    child = authority.create_child_ca()
    outdated = WithChain(
        child.issue_cert(*hosts),
        MonthThirteen(trustme.CA()),
        Expired(child, authority, datetime(2020, 1, 1, tzinfo=timezone.utc)),
    )
    port = free_port((WEB, BABBLER, SPELLER, OUTDATED, SILENT))
    served = {
        WEB: (GOOD, certificate),
        BABBLER: (BABBLE, certificate),
        SPELLER: (MISSPELT, certificate),
        OUTDATED: (GOOD, outdated),
    }
    with contextlib.ExitStack() as running:
        servers = running.enter_context(knot.serve(folder / "knot", _zone(names)))
        for address, (body, shown) in served.items():
            running.enter_context(serve(Answer(body=body), shown, address=address, port=port, names=set(hosts)))
        running.enter_context(socket.create_server((SILENT, port)))
        smtp_port = running.enter_context(receive(MailServer(context=tls(authority.issue_cert(MX)))))
        yield {
            "nameservers": [servers.nameserver],
            "allow_private": True,
            "ca_path": str(folder / "root.pem"),
            "port": port,
            "smtp_port": smtp_port,
            "fetch_timeout": 3,
            "smtp_timeout": 3,
            "domain_timeout": 6,
            "attempts": 1,
        }

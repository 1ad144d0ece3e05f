# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders see of a domain: the ids its name servers announce, then the policies its policy hosts serve.

It is as it must be when every policy is whole, and no id is newer than what any address serves (RFC 8461, section 8.1).
"""

from __future__ import annotations

import functools
import hashlib
import http.client
import os
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
from lab.hosts import LAB, NAME_SERVERS, addresses

from .deployment import STANDING, VERSIONS

ROOT_CERTIFICATE = Path(os.environ["LAB_FOLDER"], LAB, "root.pem")
PLACES = [address.strip("[]") for address in addresses(13)]
RECORD = re.compile(r"v=STSv1; id=([0-9a-f]{16});")
# Nobody is slow here, but the machine may have much to do.
SECONDS = 20
GET = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Sight:
    """A domain at one moment.

    ``ids`` has an entry for each name server that answered, None where there is no record; ``policies`` one for each
    address: the body, or in words why a sender would take none.
    """

    domain: str
    ids: dict[str, str | None]
    policies: dict[str, bytes | str]


def look(domain: str) -> Sight:
    """Ask all name servers, then all addresses."""
    ids = {server: found for server in NAME_SERVERS for found in _announced(domain, server)}
    return Sight(domain, ids, {address: _served(domain, address) for address in PLACES})


def faults(sight: Sight) -> Iterator[str]:
    """Say what senders must never see. The new domain may be missing, as long as it is not announced."""
    versions = VERSIONS[sight.domain]
    known = {server: versions[found] for server, found in sight.ids.items() if found in versions}
    for server, found in sight.ids.items():
        if server not in known and (found or sight.domain in STANDING):
            yield f"{server} announces {found} for {sight.domain}"
    if not known and sight.domain not in STANDING:
        return
    for address, found in sight.policies.items():
        version = version_of(sight.domain, found)
        if version is None:
            yield f"{address} serves for {sight.domain}: {found!r}"
        elif version < max(known.values(), default=0):
            yield f"{address} serves version {version} of {sight.domain}, announced is {max(known.values())}"


def version_of(domain: str, found: bytes | str) -> int | None:
    """Return which version a policy is, byte for byte; None if it is none."""
    return VERSIONS[domain].get(hashlib.sha256(found).hexdigest()[:16]) if isinstance(found, bytes) else None


def _announced(domain: str, server: str) -> Iterator[str | None]:
    """Give the id that a name server has; nothing if it does not answer."""
    try:
        answer = dns.query.udp(dns.message.make_query(f"_mta-sts.{domain}", "TXT"), server, timeout=2)
    except (OSError, dns.exception.DNSException):
        return
    records = [b"".join(record.strings).decode() for rrset in answer.answer for record in rrset]
    found = RECORD.fullmatch(records[0]) if len(records) == 1 else None
    yield found[1] if found else "; ".join(records) or None


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ROOT_CERTIFICATE)


def _served(domain: str, address: str) -> bytes | str:
    """Return what an address serves, or in words why it is nothing a sender would take (RFC 8461, section 3.3)."""
    host = f"mta-sts.{domain}"
    try:
        with (
            socket.create_connection((address, 443), SECONDS) as plain,
            _trust().wrap_socket(plain, server_hostname=host) as secured,
        ):
            secured.sendall(GET.format(host).encode())
            answer = http.client.HTTPResponse(secured)
            answer.begin()
            body = answer.read()
    except (OSError, http.client.HTTPException) as problem:
        return repr(problem)
    seen = (answer.status, answer.getheader("Content-Type"))
    return body if seen == (200, "text/plain") else f"{seen}: {body!r}"

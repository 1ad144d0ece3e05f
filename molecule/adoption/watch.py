# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Senders that look at a domain all the while: record, then policy, with RSA and with ECDSA, at every address.

What they must never see: no policy, one that is neither the former nor ours, or a record whose policy is not served.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.exception
import dns.message
import dns.query
from adoption.by_hand import MAX_AGES, RECORD_IDS, policy
from lab.hosts import LAB, NAME_SERVERS, addresses

PAUSE_SECONDS = 0.2
SECONDS = 20  # nobody is slow here, but the machine may have much to do
KEY_TYPES = ["RSA", "ECDSA"]
ROOT_CERTIFICATE = Path(os.environ["LAB_FOLDER"], LAB, "root.pem")
PLACES = [address.strip("[]") for address in addresses(13)]
RECORD = re.compile(r"v=STSv1; id=(\w+);?")
GET = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"
FORMER = {domain: policy(domain, "\n") for domain in MAX_AGES}
OURS = {domain: policy(domain, "\r\n") for domain in MAX_AGES}
OUR_IDS = {domain: hashlib.sha256(data).hexdigest()[:16] for domain, data in OURS.items()}
# By hand there was a certificate of one type only.
KEY_TYPES_OF = {"byhand.test": KEY_TYPES, "certbot.test": KEY_TYPES[:1]}


class Watch:
    """Looks until the block ends, and once more.

    ``wrong`` is what no sender may ever see, ``seen`` counts which policies and ids were seen.
    """

    def __init__(self) -> None:
        """Nothing seen so far."""
        self.wrong: list[str] = []
        self.seen: Counter[str] = Counter()
        self._end = threading.Event()
        self._pool = ThreadPoolExecutor(len(MAX_AGES))

    def __enter__(self) -> Watch:
        """Begin to look."""
        self._watching = [self._pool.submit(self._watch, domain) for domain in MAX_AGES]
        return self

    def __exit__(self, *_unused: object) -> None:
        """Look a last time."""
        self._end.set()
        self._pool.shutdown()
        for watching in self._watching:
            watching.result()

    def _watch(self, domain: str) -> None:
        last = False
        while not last:
            last = self._end.wait(PAUSE_SECONDS)
            self.wrong += [f"{time.strftime('%H:%M:%S')} {domain}: {fault}" for fault in self._look(domain)]

    def _look(self, domain: str) -> Iterator[str]:
        ids = [announced(domain, server) for server in NAME_SERVERS]
        self.seen.update(f"{domain} {found}" for found in ids)
        yield from (f"the record says {found}" for found in ids if found not in (RECORD_IDS[domain], OUR_IDS[domain]))
        for place in PLACES:
            for key_type in KEY_TYPES_OF[domain]:
                found = served(domain, place, key_type)
                whose = {FORMER[domain]: "former", OURS[domain]: "ours"}.get(found, "wrong")
                self.seen[f"{domain} {whose}"] += 1
                if whose == "wrong":
                    yield f"{place} serves with {key_type}: {found!r}"
                if whose == "former" and OUR_IDS[domain] in ids:
                    yield f"{place} serves with {key_type} the former policy, announced is ours"


def announced(domain: str, server: str) -> str:
    """Return the id that a name server has, or in words why there is none."""
    try:
        answer = dns.query.udp(dns.message.make_query(f"_mta-sts.{domain}", "TXT"), server, timeout=SECONDS)
    except (OSError, dns.exception.DNSException) as problem:
        return repr(problem)
    records = [b"".join(record.strings).decode() for rrset in answer.answer for record in rrset]
    found = RECORD.fullmatch(records[0]) if len(records) == 1 else None
    return found[1] if found else repr(records)


def trust(key_type: str) -> ssl.SSLContext:
    """Return what a sender goes by that accepts certificates of one key type."""
    context = ssl.create_default_context(cafile=ROOT_CERTIFICATE)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"ECDHE-{key_type}-AES128-GCM-SHA256:ECDHE-{key_type}-AES256-GCM-SHA384")
    return context


def served(domain: str, place: str, key_type: str) -> bytes | str:
    """Return what an address serves, or in words why it is nothing a sender would take (RFC 8461, section 3.3)."""
    host = f"mta-sts.{domain}"
    try:
        with (
            socket.create_connection((place, 443), SECONDS) as plain,
            trust(key_type).wrap_socket(plain, server_hostname=host) as secured,
        ):
            secured.sendall(GET.format(host).encode())
            answer = http.client.HTTPResponse(secured)
            answer.begin()
            body = answer.read()
    except (OSError, http.client.HTTPException) as problem:
        return repr(problem)
    seen = (answer.status, answer.getheader("Content-Type"))
    return body if seen == (200, "text/plain") else f"{seen}: {body!r}"

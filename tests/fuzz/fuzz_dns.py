# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers of name servers: dnspython's reading makes an Answer of any message, and our own reading agrees with it."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.rrset
from harness import fuzz, load

dns_message = load("_core.dns_message")
resolve = load("_io.dns.resolver")
NAME = "_mta-sts.example.com"
TYPES = list(dns_message.TYPES)
RECORDS = {
    "A": ["192.0.2.1"],
    "AAAA": ["2001:db8::1", "::ffff:192.0.2.1"],
    "CNAME": ["a.example.net."],
    "MX": ["10 mx1.example.com.", "0 ."],
    "NS": ["ns1.example.com."],
    "SOA": ["ns1.example.com. hostmaster.example.com. 1 2 3 4 5"],
    "TXT": ['"v=STSv1; id=1;"', '"v=STSv1; " "id=2;"'],
    "TLSA": ["3 1 1 " + "00" * 32],
}


def try_one(data: bytes) -> None:
    """Read an answer; the first byte chooses what was asked for."""
    rdtype, message = TYPES[data[0] % len(TYPES)] if data else "A", data[1:]
    question = dns_message.write_question(NAME, rdtype, int.from_bytes(message[:2], "big"), recurse=True)
    if not dns_message.answers(message, question):
        return
    dns_message.is_truncated(message)
    ours = dns_message.read_answer(message, question)
    try:
        parsed = dns.message.from_wire(message)
    except dns.exception.DNSException:
        return  # we do not look into records that nobody asked for
    theirs = resolve.read_response(parsed, NAME, NAME, rdtype, "a server")
    assert theirs.status
    if ours is not None:
        read = resolve._answer(ours, NAME, NAME, rdtype, "a server")
        assert read == theirs, f"{read} is not {theirs}"


def seeds() -> list[bytes]:
    """Answers with records of every type, with and without a CNAME before them."""
    found = []
    for number, rdtype in enumerate(TYPES):
        query = dns.message.make_query(NAME, rdtype)
        for target in (NAME, "a.example.net"):
            answer = dns.message.make_response(query)
            if target != NAME:
                answer.answer.append(dns.rrset.from_text(f"{NAME}.", 60, "IN", "CNAME", f"{target}."))
            for kind in {rdtype, "SOA"} & set(RECORDS):
                answer.answer.append(dns.rrset.from_text(f"{target}.", 60, "IN", kind, *RECORDS[kind]))
            found.append(bytes([number]) + answer.to_wire())
    return found


if __name__ == "__main__":
    fuzz(try_one, seeds())

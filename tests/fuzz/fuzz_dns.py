# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers of name servers: whatever the bytes are, they are no answer, refused by dnspython, or make an Answer."""

from __future__ import annotations

from dataclasses import replace

import dns.exception
import dns.message
import dns.rrset
from harness import fuzz, load

exchange = load("_io.dns.exchange")
resolver = load("_io.dns.resolver")
NAME = "_mta-sts.example.com"
RECORDS = {
    "A": ["192.0.2.1"],
    "AAAA": ["2001:db8::1", "::ffff:192.0.2.1"],
    "CAA": ['0 issue "ca.example"'],
    "MX": ["10 mx1.example.com.", "0 ."],
    "NS": ["ns1.example.com."],
    "SOA": ["ns1.example.com. hostmaster.example.com. 1 2 3 4 5"],
    "TLSA": ["3 1 1 " + "00" * 32],
    "TXT": ['"v=STSv1; id=1;"', '"v=STSv1; " "id=2;"'],
}
QUESTIONS = {rdtype: exchange.make_question(NAME, rdtype, recurse=True) for rdtype in RECORDS}
TYPES = list(RECORDS)


def try_one(data: bytes) -> None:
    """Read an answer; the first byte chooses what was asked for, the next two are the question's number."""
    rdtype, message = TYPES[data[0] % len(TYPES)] if data else "A", data[1:]
    question = replace(QUESTIONS[rdtype], number=int.from_bytes(message[:2], "big"))
    try:
        response = exchange.read_answer(message, question)
    except dns.exception.DNSException:
        return
    if response is None:
        return
    answer = resolver.read_response(response, NAME, NAME, rdtype, "a server")
    assert answer.status
    assert bool(answer.records) == (answer.status == "OK"), answer


def seeds() -> list[bytes]:
    """Answers with records of every type, with and without a CNAME before them."""
    found = []
    for number, rdtype in enumerate(TYPES):
        query = dns.message.from_wire(QUESTIONS[rdtype].wire)
        for target in (NAME, "a.example.net"):
            answer = dns.message.make_response(query)
            if target != NAME:
                answer.answer.append(dns.rrset.from_text(f"{NAME}.", 60, "IN", "CNAME", f"{target}."))
            for kind in dict.fromkeys((rdtype, "SOA")):
                answer.answer.append(dns.rrset.from_text(f"{target}.", 60, "IN", kind, *RECORDS[kind]))
            found.append(bytes([number]) + answer.to_wire())
    return found


if __name__ == "__main__":
    fuzz(try_one, seeds())

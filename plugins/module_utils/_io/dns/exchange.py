# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring a DNS question to a server and its answer back: over UDP and, if cut short, over TCP.

The messages are dnspython's. Its own way to a server (dns.query) ignores a broken answer until the time is up;
here it is reported at once, and what old releases would take minutes for is not read.

Needs dnspython. Private to this collection.
"""

from __future__ import annotations

import functools
import secrets
import socket
from dataclasses import dataclass
from typing import Any

from ..._core.bounds import ANSWER_BYTES_FOR_OLD_READERS
from ..net.connection import Deadline, receive

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.rrset
except ImportError:
    pass  # reported by resolver.HAS_DNSPYTHON

PAYLOAD = 1232  # what passes everywhere in one piece
LARGEST = 65535  # a message in full
SocketAddress = tuple[Any, ...]  # as getaddrinfo returns it


@dataclass(frozen=True)
class Question:
    """One question as it goes over the wire, with what identifies its answer: the number and what is asked."""

    number: int
    asked: list[dns.rrset.RRset]
    wire: bytes


def make_question(name: str, rdtype: str, *, recurse: bool) -> Question:
    """Return the question for a name and type. Raises DNSException for an invalid name or type."""
    number, owner = secrets.randbits(16), dns.name.from_text(name)
    kind, flags, rest = _template(rdtype, recurse)
    wire = b"".join((number.to_bytes(2, "big"), flags, _on_the_wire(owner), rest))
    return Question(number, [dns.rrset.RRset(owner, dns.rdataclass.IN, kind)], wire)


def _on_the_wire(name: dns.name.Name) -> bytes:
    return name.to_wire() or b""  # None only where it was written to a file


@functools.lru_cache
def _template(rdtype: str, recurse: bool) -> tuple[dns.rdatatype.RdataType, bytes, bytes]:
    """Return the type, and the message that asks for it as it stands between number and name, and behind the name.

    Writing a message takes longer than anything else about a question, and those of one type differ in these two only.
    """
    query = dns.message.make_query(dns.name.root, rdtype, use_edns=0, payload=PAYLOAD, id=0)
    query.flags = dns.flags.RD | dns.flags.AD if recurse else 0
    number, wire, root = 2, query.to_wire(), _on_the_wire(dns.name.root)
    name = wire.index(root + query.question[0].rdtype.to_bytes(2, "big"), 12)
    return query.question[0].rdtype, wire[number:name], wire[name + len(root) :]


def exchange(address: str, port: int, question: Question, deadline: Deadline) -> dns.message.Message:
    """Return the answer to a question. Raises socket.timeout, OSError, EOFError and what reading a message raises.

    Each question goes from a port of its own, because whoever wants to forge an answer must not know it.
    """
    family, where = _socket_address(address, port)
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(deadline.left())
        asking.connect(where)
        asking.send(question.wire)
        response = read_answer(asking.recv(LARGEST), question)
        while response is None:
            asking.settimeout(deadline.left())
            response = read_answer(asking.recv(LARGEST), question)
    if response.flags & dns.flags.TC:
        return _exchange_by_tcp(family, where, question, deadline)
    return response


def read_answer(wire: bytes, question: Question) -> dns.message.Message | None:
    """Return the message if it is the answer to a question, else None. Raises what reading raises if it is broken.

    A truncated answer may be no more than its header.
    """
    try:
        response = _read(wire)
    except Exception:
        head = _read_head(wire)
        if head is None or not _answers(head, question):
            return None
        if head.flags & dns.flags.TC:
            return head
        raise
    return response if _answers(response, question) else None


def _read(wire: bytes) -> dns.message.Message:
    if len(wire) > ANSWER_BYTES_FOR_OLD_READERS and not _bounds_pointers():
        most = ANSWER_BYTES_FOR_OLD_READERS
        raise dns.exception.FormError(f"the answer has {len(wire)} bytes, of which more than {most} are not read")
    return dns.message.from_wire(wire)


def _bounds_pointers() -> bool:
    """Whether this release of dnspython rejects names with too many compression pointers."""
    return hasattr(dns.name, "PointerChainTooLong")


def _read_head(wire: bytes) -> dns.message.Message | None:
    try:
        return dns.message.from_wire(wire, question_only=True)
    except Exception:  # of a parser that a stranger's bytes have led astray
        return None


def _answers(response: dns.message.Message, question: Question) -> bool:
    """Whether a message may be the answer. A server that understood nothing need not repeat the question."""
    if response.id != question.number or not response.flags & dns.flags.QR:
        return False
    if not response.question:
        return response.rcode() != dns.rcode.NOERROR
    return bool(response.question == question.asked)


def _exchange_by_tcp(family: int, where: SocketAddress, question: Question, deadline: Deadline) -> dns.message.Message:
    with socket.socket(family, socket.SOCK_STREAM) as asking:
        asking.settimeout(deadline.left())
        asking.connect(where)
        asking.sendall(len(question.wire).to_bytes(2, "big") + question.wire)
        size = int.from_bytes(_receive(asking, 2, deadline), "big")
        response = read_answer(_receive(asking, size, deadline), question)
    if response is None:
        raise OSError("it answers another question")
    return response


def _receive(asking: socket.socket, size: int, deadline: Deadline) -> bytes:
    data = receive(asking, size, deadline)
    if len(data) < size:
        raise EOFError("it closes the connection before its answer is complete")
    return data


@functools.lru_cache
def _socket_address(address: str, port: int) -> tuple[int, SocketAddress]:
    family, *_unused, found = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
    return family, found

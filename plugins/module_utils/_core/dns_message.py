# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write ordinary DNS questions and read ordinary answers (RFC 1035, section 4), in a tenth of dnspython's time.

Whatever is out of the ordinary comes back as None and is dnspython's: rare types, escaped names, anything broken.

Private to this collection.
"""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .bounds import POINTERS_PER_NAME

IN = 1
A, NS, CNAME, SOA, MX, TXT, AAAA, OPT = 1, 2, 5, 6, 15, 16, 28, 41
TYPES = {"A": A, "NS": NS, "CNAME": CNAME, "SOA": SOA, "MX": MX, "TXT": TXT, "AAAA": AAAA, "TLSA": 52, "CAA": 257}
RECURSION_DESIRED, AUTHORITATIVE, TRUNCATED = 0x0100, 0x0400, 0x0200
AUTHENTIC = 0x0020  # AD: in a question "tell me", in an answer "validated" (RFC 6840, sections 5.7 and 5.8)
IS_RESPONSE, OPCODE, RCODE = 0x8000, 0x7800, 0x000F
NXDOMAIN = 3
PAYLOAD = 1232  # what passes everywhere in one piece
HEADER = 12
LONGEST_NAME = 253
LONGEST_LABEL = 63
LONGEST_CHAIN = 16
IPV4_SIZE, IPV6_SIZE = 4, 16
IPV4_INSIDE = (bytes(12), bytes(10) + b"\xff\xff")  # such IPv6 addresses are written in more than one way

_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_NAME = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\Z")


@dataclass(frozen=True)
class Reply:
    """What an answer says.

    ``canonical`` is the name at the end of its CNAMEs, ``records`` what stands there (None: nothing of that type) in
    the form of _io/resolve.py, ``zone`` the owner of a SOA record that came along, ``broken`` why there is no end,
    ``secure`` whether the server has validated it (DNSSEC).
    """

    rcode: int
    authoritative: bool
    canonical: str
    records: tuple[Any, ...] | None = None
    ttl: int = 0
    zone: str | None = None
    broken: str = ""
    secure: bool = False


class _Unusual(Exception):
    """Something for dnspython."""


@dataclass(frozen=True)
class _Record:
    owner: str
    kind: int
    ttl: int
    start: int
    end: int


def write_question(name: str, rdtype: str, number: int, *, recurse: bool) -> bytes | None:
    """Return the message with that number that asks for a name and type."""
    bare = name[:-1] if name.endswith(".") else name
    if rdtype not in TYPES or len(bare) > LONGEST_NAME or not _NAME.match(bare):
        return None
    labels = b"".join(bytes((len(label),)) + label.encode("ascii") for label in bare.split("."))
    return b"".join((
        _HEADER.pack(number, RECURSION_DESIRED | AUTHENTIC if recurse else 0, 1, 0, 0, 1),
        labels, b"\0", struct.pack("!HH", TYPES[rdtype], IN),
        b"\0", _RECORD.pack(OPT, PAYLOAD, 0, 0),
    ))  # fmt: skip


def answers(message: bytes, question: bytes) -> bool:
    """Whether a message may be the answer to a question. A server that understood nothing need not repeat it."""
    if len(message) < HEADER or message[:2] != question[:2]:
        return False
    _number, flags, questions, *_counts = _HEADER.unpack_from(message)
    asked = question[HEADER : _end_of_question(question)]
    same = message[HEADER : HEADER + len(asked)].lower() == asked.lower()
    return bool(flags & IS_RESPONSE) and (same if questions else bool(flags & RCODE))


def is_truncated(message: bytes) -> bool:
    """Whether the server had more to say."""
    return bool(_HEADER.unpack_from(message)[1] & TRUNCATED)


def read_answer(message: bytes, question: bytes) -> Reply | None:
    """Read the answer to a question."""
    try:
        return _read(message, question)
    except (_Unusual, IndexError, struct.error, UnicodeDecodeError):
        return None


def _read(message: bytes, question: bytes) -> Reply:
    _number, flags, questions, *counts = _HEADER.unpack_from(message)
    if questions != 1 or flags & (OPCODE | TRUNCATED):
        raise _Unusual
    end = _end_of_question(question)
    asked_type = int.from_bytes(question[end - 4 : end - 2], "big")
    records = list(_records(message, end, sum(counts)))
    if (records[-1].end if records else end) != len(message):
        raise _Unusual
    answer, authority = records[: counts[0]], records[counts[0] : counts[0] + counts[1]]
    canonical = _follow(_name(message, HEADER)[0], asked_type, answer, message)
    found = [record for record in answer if (record.owner, record.kind) == (canonical, asked_type)]
    zones = [record.owner for record in (*answer, *authority) if record.kind == SOA]
    values = {_VALUES[asked_type](message, record) for record in found} if found and asked_type in _VALUES else set()
    if found and (not values or flags & RCODE == NXDOMAIN or (asked_type == SOA and len(found) > 1)):
        raise _Unusual
    return Reply(
        rcode=flags & RCODE,
        authoritative=bool(flags & AUTHORITATIVE),
        canonical=canonical,
        records=tuple(sorted(values)) if found else None,
        ttl=min((record.ttl for record in found), default=0),
        zone=zones[0] if zones else None,
        secure=bool(flags & AUTHENTIC),
    )


def _end_of_question(message: bytes) -> int:
    at = HEADER
    while message[at]:
        at += 1 + message[at]
    return at + 5


def _records(message: bytes, at: int, count: int) -> Iterator[_Record]:
    for _unused in range(count):
        owner, at = _name(message, at)
        kind, group, ttl, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size + length
        # with OPT the class is a size, and the TTL holds more of the response code; a TTL of more than 31 bits is none
        if ttl >> 24 if kind == OPT else group != IN or ttl >> 31:
            raise _Unusual
        yield _Record(owner, kind, ttl, at - length, at)


def _follow(name: str, asked_type: int, answer: list[_Record], message: bytes) -> str:
    """Return the name at the end of the CNAMEs."""
    for _unused in range(LONGEST_CHAIN):
        here = [record for record in answer if record.owner == name]
        aliases = [record for record in here if record.kind == CNAME]
        if not aliases or any(record.kind == asked_type for record in here):
            return name
        if len(aliases) > 1:
            raise _Unusual
        name = _name_alone(message, aliases[0], 0)
    raise _Unusual


def _name(message: bytes, at: int) -> tuple[str, int]:
    """Return a name in lower case without its last dot, and where the message goes on."""
    labels, after, limit, pointers = [], 0, at, 0
    while message[at]:
        length = message[at]
        if length > LONGEST_LABEL:
            target = int.from_bytes(message[at : at + 2], "big") - 0xC000
            after = after or at + 2
            pointers += 1
            if not HEADER <= target < limit or pointers > POINTERS_PER_NAME:
                raise _Unusual
            at = limit = target
        else:
            labels.append(message[at + 1 : at + 1 + length])
            at += 1 + length
    name = b".".join(labels).decode("ascii")
    dots_within = name.count(".") - max(0, len(labels) - 1)
    if dots_within or len(name) > LONGEST_NAME or (name and not _NAME.match(name)):
        raise _Unusual
    return name.lower(), after or at + 1


def _name_alone(message: bytes, record: _Record, skipped: int) -> str:
    """Return the name that makes up the rest of a record."""
    name, end = _name(message, record.start + skipped)
    if end != record.end:
        raise _Unusual
    return name


def _ipv4(message: bytes, record: _Record) -> str:
    if record.end - record.start != IPV4_SIZE:
        raise _Unusual
    return ".".join(map(str, message[record.start : record.end]))


def _ipv6(message: bytes, record: _Record) -> str:
    data = message[record.start : record.end]
    if len(data) != IPV6_SIZE or data.startswith(IPV4_INSIDE):
        raise _Unusual
    return str(ipaddress.IPv6Address(data))


def _strings(message: bytes, record: _Record) -> tuple[bytes, ...]:
    found, at = [], record.start
    while at < record.end:
        found.append(message[at + 1 : at + 1 + message[at]])
        at += 1 + message[at]
    if at != record.end or not found:
        raise _Unusual
    return tuple(found)


def _exchange(message: bytes, record: _Record) -> tuple[int, str]:
    return int.from_bytes(message[record.start : record.start + 2], "big"), _name_alone(message, record, 2)


def _host(message: bytes, record: _Record) -> str:
    return _name_alone(message, record, 0)


def _first_host(message: bytes, record: _Record) -> str:
    return _name(message, record.start)[0]


_VALUES: dict[int, Callable[[bytes, _Record], Any]] = {
    A: _ipv4, AAAA: _ipv6, TXT: _strings, MX: _exchange, NS: _host, SOA: _first_host,
}  # fmt: skip

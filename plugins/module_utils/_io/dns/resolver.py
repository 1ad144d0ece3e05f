# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask DNS many questions at once, and distinguish the ways an answer can fail to come.

Needs dnspython, imported late so that a missing library can be reported well. Private to this collection.
"""

from __future__ import annotations

import importlib
import ipaddress
import re
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from ..._core.bounds import ADDRESSES_PER_HOST
from ..._core.dns.answer import ERROR, NO_ROUTE, NODATA, NXDOMAIN, OK, REFUSED, SERVFAIL, TIMEOUT, Answer
from ..._core.finding import Refused
from ..concurrency import SingleFlight
from ..net.connection import Deadline, is_lack_of_route
from ..unexpected import told
from .exchange import exchange, make_question

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.opcode
    import dns.rcode
    import dns.rdatatype
    import dns.rdtypes.ANY.CNAME
    import dns.rdtypes.ANY.MX
    import dns.rdtypes.ANY.NS
    import dns.rdtypes.ANY.SOA
    import dns.rdtypes.ANY.TXT
    import dns.rrset
except ImportError:
    HAS_DNSPYTHON = False
else:
    HAS_DNSPYTHON = True

DNS_PORT = 53
HIGHEST_PORT = 65535
LONGEST_CHAIN = 16
CIRCLE = "the CNAME records form a loop, or too long a chain"
_PORT = re.compile(r"[0-9]{1,5}\Z")
ROUNDS = 2

# Response codes that are a status of their own
_SAID = {NXDOMAIN, SERVFAIL, REFUSED}


class InvalidNameserver(Refused):
    """Something that names no name server."""

    def __init__(self, rule: str) -> None:
        """Say how one is written."""
        super().__init__(rule, "Write an address, with :port if it is not 53")


@dataclass(frozen=True)
class Nameserver:
    """Where to send questions."""

    address: str
    port: int = DNS_PORT

    def __str__(self) -> str:
        """Address, with the port where it is unusual."""
        if self.port == DNS_PORT:
            return self.address
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def split_nameserver(text: str) -> tuple[str, int | None]:
    """Split "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:5353" or a host name from its port, if there is one.

    Raises InvalidNameserver.
    """
    host, colon, port = text.strip(), "", ""
    if host.startswith("["):
        host, bracket, rest = host[1:].partition("]")
        if not bracket or rest[:1] not in {"", ":"}:
            raise InvalidNameserver(f"{text!r} is not an address in brackets, with or without a port")
        colon, port = rest[:1], rest[1:]
    elif host.count(":") == 1:
        host, colon, port = host.partition(":")
    if colon and not (_PORT.match(port) and 0 < int(port) <= HIGHEST_PORT):
        raise InvalidNameserver(f"{text!r}: {port!r} is not a port")
    return host, int(port) if port else None


def read_nameserver(text: str) -> Nameserver:
    """Read what split_nameserver takes; a name is resolved by this machine. Raises InvalidNameserver."""
    host, port = split_nameserver(text)
    try:
        return Nameserver(str(ipaddress.ip_address(host)), port or DNS_PORT)
    except ValueError:
        pass
    try:
        return Nameserver(str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0]), port or DNS_PORT)
    except (OSError, UnicodeError) as problem:
        raise InvalidNameserver(f"{text!r} is neither an address nor a name that resolves: {problem}") from None


class Resolver:
    """Asks one name server after the other, for many names side by side."""

    def __init__(self, nameservers: Iterable[str] = (), timeout: float = 5.0, concurrency: int = 64) -> None:
        """Take ``nameservers`` as read_nameserver does (none: the system's) and ``timeout`` seconds for each try."""
        self.nameservers = [read_nameserver(text) for text in nameservers] or _system_nameservers()
        self.timeout = timeout
        self.concurrency = concurrency
        self._addresses = SingleFlight(self._look_up_addresses, keep=_all_certain)

    def ask_all(self, questions: Iterable[tuple[str, str]]) -> list[Answer]:
        """Answer (name, type) questions, all at once; the answers stand in the questions' order. Never raises."""
        questions = list(questions)
        if not questions:
            return []
        with ThreadPoolExecutor(min(self.concurrency, len(questions))) as pool:
            return list(pool.map(lambda question: self.ask(*question), questions))

    def addresses(self, host: str) -> list[Answer]:
        """Answer for A and AAAA, certain answers from memory: ten thousand zones have the same few name servers."""
        return self._addresses(host)

    def _look_up_addresses(self, host: str) -> list[Answer]:
        answers = self.ask_all([(host, "A"), (host, "AAAA")])
        return [replace(answer, records=answer.records[:ADDRESSES_PER_HOST]) for answer in answers]

    def ask(self, name: str, rdtype: str) -> Answer:
        """Answer one question, following CNAMEs (RFC 8461, section 3.1). Never raises."""
        canonical, seen, secure = name, set(), True
        for _unused in range(LONGEST_CHAIN):
            answer = self._ask_servers(name, canonical, rdtype)
            secure = secure and answer.secure
            if answer.status != NODATA or answer.canonical == canonical:
                return replace(answer, secure=secure)
            if answer.canonical in seen:
                break
            seen.add(canonical)
            canonical = answer.canonical
        return Answer(name, rdtype, ERROR, canonical, detail=CIRCLE)

    def _ask_servers(self, name: str, canonical: str, rdtype: str) -> Answer:
        answer = Answer(name, rdtype, TIMEOUT, canonical, detail="no name server to ask")
        for server in self.nameservers * ROUNDS:
            answer = ask_server(server, canonical, rdtype, self.timeout, asked_for=name)
            if answer.certain:
                break
        return answer


def ask_server(
    server: Nameserver,
    name: str,
    rdtype: str,
    timeout: float,
    *,
    recurse: bool = True,
    asked_for: str | None = None,
) -> Answer:
    """Put one question to one server, over UDP and, if cut short, over TCP. Never raises."""
    asked_for = asked_for or name
    try:
        question = make_question(name, rdtype, recurse=recurse)
        response = exchange(server.address, server.port, question, Deadline(timeout))
        return read_response(response, asked_for, name, rdtype, str(server))
    except socket.timeout:
        return Answer(asked_for, rdtype, TIMEOUT, name, detail=f"{server} gave no answer within {timeout:g} s")
    except (OSError, EOFError, dns.exception.DNSException) as problem:
        status = NO_ROUTE if is_lack_of_route(problem) else ERROR
        return Answer(asked_for, rdtype, status, name, detail=f"{server}: {problem or type(problem).__name__}")
    except Exception as problem:  # of a parser that a stranger's bytes have led astray
        return Answer(asked_for, rdtype, ERROR, name, detail=f"{server}: the answer cannot be read: {told(problem)}")


def read_response(response: dns.message.Message, asked_for: str, name: str, rdtype: str, said_by: str) -> Answer:
    """Turn a message into an Answer."""
    chain, broken = _follow(response)
    said = dns.rcode.to_text(response.rcode())
    found = None if chain is None else chain.answer
    records: tuple[Any, ...] = ()
    status, ttl, detail = OK, 0, said_by
    soa = _soa(response)
    if said != "NOERROR":
        status, detail = said if said in _SAID else ERROR, f"{said_by} says {said}"
    elif broken:
        status, detail = ERROR, f"{said_by}: {broken}"
    elif found is None:
        status, detail = NODATA, f"{said_by} has no {rdtype} record there"
    else:
        plain: set[Any] = {_plain(record) for record in found}
        records, ttl = tuple(sorted(plain)), found.ttl
    return Answer(
        name=asked_for,
        rdtype=rdtype,
        status=status,
        canonical=name if chain is None or said not in {"NOERROR", NXDOMAIN} else _text(chain.canonical_name),
        records=records,
        detail=detail,
        ttl=ttl,
        zone=_text(soa.name) if soa else None,
        primary=str(_plain(soa[0])) if soa else "",
        authoritative=bool(response.flags & dns.flags.AA),
        secure=bool(response.flags & dns.flags.AD),
    )


def _follow(response: dns.message.Message) -> tuple[dns.message.ChainingResult | None, str]:
    """Return what stands at the end of the CNAMEs, or why they do not end."""
    if not isinstance(response, dns.message.QueryMessage):
        return None, f"the answer is one to {dns.opcode.to_text(response.opcode())}, not to a query"
    if not response.answer:
        return None, ""  # dnspython would go on and look for how long that is to be believed
    try:
        return response.resolve_chaining(), ""
    except dns.message.ChainTooLong:
        return None, CIRCLE
    except dns.exception.DNSException as problem:
        return None, str(problem)


def _all_certain(answers: Iterable[Answer]) -> bool:
    return all(answer.certain for answer in answers)


def _system_nameservers() -> list[Nameserver]:
    resolver = importlib.import_module("dns.resolver")  # takes a while, and is needed nowhere else
    try:
        system = resolver.Resolver()
    except dns.exception.DNSException as problem:
        raise InvalidNameserver(f"this machine has no name servers of its own: {problem}") from None
    return [Nameserver(str(address), system.port) for address in system.nameservers]


def _soa(response: dns.message.Message) -> dns.rrset.RRset | None:
    """Return the SOA that answers, or that comes with an answer that there is nothing (RFC 2308, section 3)."""
    rrsets = (*response.answer, *response.authority)
    return next((rrset for rrset in rrsets if rrset.rdtype == dns.rdatatype.SOA and rrset), None)


def _plain(record: dns.rdata.Rdata) -> object:
    if isinstance(record, dns.rdtypes.ANY.TXT.TXT):
        return tuple(record.strings)
    if isinstance(record, dns.rdtypes.ANY.MX.MX):
        return (record.preference, _text(record.exchange))
    if isinstance(record, (dns.rdtypes.ANY.NS.NS, dns.rdtypes.ANY.CNAME.CNAME)):
        return _text(record.target)
    if isinstance(record, dns.rdtypes.ANY.SOA.SOA):
        return _text(record.mname)
    return record.to_text()


def _text(name: dns.name.Name) -> str:
    """A name in lower case without its last dot; the root is the empty string."""
    return name.to_text(omit_final_dot=True).lower().rstrip(".")

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Talk to a mail server as a sender honouring the policy does, up to the handshake (RFC 8461, sections 4, 4.2 and 7).

No mail is sent. Private to this collection.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from ..._core.audit.evidence import MxVisit
from ..._core.bounds import SECONDS_PER_MX
from ..._core.fault import Fault
from ..._core.finding import quote
from ..._core.names import InvalidName, check_host
from ..._core.net.tls import Server, TlsInfo
from ..._core.rfc import MX_CERTIFICATE, SENDING, SNI
from .connection import Deadline, Failed, open_connection, too_slow
from .tls import client_context, handshake, tls_info

SMTP_PORT = 25

READY = 220
NOT_NOW = range(400, 500)
DONE = 250
CLOSING = 421
NO_EHLO = (500, 502)
LONGEST_REPLY = 16384  # bytes of all lines together; a line has 512 at most (RFC 5321, section 4.5.3.1.5)
FAREWELL_SECONDS = 2.0
# How refusals read that depend on who comes: on its address, its name, or how often it has come
_ABOUT_US = re.compile(
    rb"\b(?:dnsbl|rbl|[a-z]*(?:black|block|deny|grey|gray)[ -]?list\w*|blocked|banned|spamhaus|spamcop|barracuda"
    rb"|reputation|helo|ehlo|ptr|rdns|fcrdns|reverse|dynamic|dial-?up|residential|country|too many|throttl\w*"
    rb"|rate[ -]limit\w*|connection (?:rate|limit)|concurren\w*"
    rb"|(?:your|client|sending|remote) (?:ip|host|address|server|network|name|mta))\b",
    re.IGNORECASE,
)
# Ends of names that mean something at home only (RFC 6761, RFC 8375, and what is used in their place)
_LOCAL_ENDS = {
    "local", "localdomain", "localhost", "internal", "intranet", "private", "lan", "home", "corp", "arpa", "test",
    "example", "invalid",
}  # fmt: skip
_LINE = re.compile(rb"([2-5][0-9]{2})([ -]?)([^\r\n]*)\r?\n")


@dataclass(frozen=True)
class SmtpOptions:
    """How to talk to an MX: whom to trust (None: the system's CAs), the port, seconds for a connection, tries.

    ``helo`` is the name in EHLO, otherwise the local address, and this machine's name where that is refused.
    ``allow_private`` allows an MX that the world does not reach, ``seconds`` is for one MX altogether.
    """

    ca_path: str | None = None
    port: int = SMTP_PORT
    timeout: float = 30
    attempts: int = 2
    helo: str | None = None
    allow_private: bool = False
    seconds: float = SECONDS_PER_MX


def exchange(mx: str, address: str, options: SmtpOptions, *, timeout: float | None = None) -> MxVisit:
    """Visit one address of an MX, twice when the first handshake succeeds; never raises.

    Each connection has ``timeout`` seconds altogether, or else those of the options.
    """
    seconds = options.timeout if timeout is None else timeout
    endpoint = _Endpoint(mx, address, options.port, seconds, options.helo, options.allow_private)
    try:
        tls = _shake(endpoint, client_context(options.ca_path), sni=True)
    except Failed as failed:
        return MxVisit(address, fault=_as_of_mx(failed.fault))
    return MxVisit(address, tls=tls, without_sni=_demand_for_sni(endpoint))


@dataclass(frozen=True)
class _Endpoint:
    """Where to connect, and how."""

    mx: str
    address: str
    port: int
    timeout: float
    helo: str | None
    allow_private: bool

    @property
    def where(self) -> str:
        return f"{self.mx} at {self.address} port {self.port}"


@dataclass(frozen=True)
class _Reply:
    code: int
    lines: Sequence[bytes]

    def __str__(self) -> str:
        return quote(b"%d %s" % (self.code, b" / ".join(self.lines)))


def _shake(endpoint: _Endpoint, context: ssl.SSLContext, *, sni: bool) -> TlsInfo:
    """Greet, ask for TLS, shake hands and say QUIT. Raises Failed."""
    deadline = Deadline(endpoint.timeout)
    plain = open_connection(
        endpoint.address,
        endpoint.port,
        deadline,
        "mail server",
        endpoint.where,
        name=endpoint.mx,
        allow_private=endpoint.allow_private,
    )
    try:
        _ask_for_tls(_Talk(plain, endpoint, deadline))
    except BaseException:
        plain.close()
        raise
    server = Server(endpoint.mx, f"{endpoint.address} port {endpoint.port}", MX_CERTIFICATE)
    with handshake(plain, context, server, deadline, sni=sni) as secured:
        info = tls_info(secured, chain=True)
        _take_leave(secured, endpoint, deadline)
        return info


def _ask_for_tls(talk: _Talk) -> None:
    endpoint = talk.endpoint
    greeting = talk.hear("waiting for the greeting")
    if greeting.code != READY:
        talk.leave()
        raise _unwelcome(endpoint, greeting)
    offer = _introduce(talk)
    if not any(line.upper().split()[:1] == [b"STARTTLS"] for line in offer.lines[1:]):
        talk.leave()
        rule = f"{endpoint.where} does not offer STARTTLS ({SENDING})"
        raise Failed(Fault("starttls", rule, "Turn TLS on, and make sure that no device on the way removes the offer"))
    talk.say("STARTTLS", "saying STARTTLS")
    answer = talk.hear("waiting for the answer to STARTTLS")
    if answer.code != READY:
        talk.leave()
        rule = f"{endpoint.where} offers STARTTLS and then answers it with {answer} ({SENDING})"
        raise Failed(Fault("starttls", rule, "See whether the mail server can read its key and certificate"))
    if talk.unread:
        raise _smtp_fault(
            f"{endpoint.where} sends {quote(talk.unread)} in plain text behind its answer to STARTTLS",
            "Update the mail server, or remove the device that interferes",
        )


def _unwelcome(endpoint: _Endpoint, greeting: _Reply) -> Failed:
    """Distinguish servers that turn all senders away from those that turn this machine away."""
    if _ABOUT_US.search(b" ".join(greeting.lines)):
        rule = f"{endpoint.where} greets this machine with {greeting}; that depends on who asks"
        return _turned_away(rule)
    if greeting.code in NOT_NOW:
        rule = f"{endpoint.where} turns senders away for now, as with greylisting or too many connections: {greeting}"
        return _smtp_fault(rule, "Try again later; let in senders that come from new addresses")
    return _smtp_fault(f"{endpoint.where} greets senders with {greeting}", "Let senders in from all addresses")


def _introduce(talk: _Talk) -> _Reply:
    """Say EHLO: with the name that is given, else with this machine's address, and its name where that is refused."""
    endpoint = talk.endpoint
    names = [endpoint.helo or _address_literal(talk.sock)]
    offer = _greet(talk, names[0])
    if not endpoint.helo and offer.code not in {DONE, CLOSING, *NO_EHLO}:
        for name in _own_name():
            names.append(name)
            with contextlib.suppress(Failed):  # who hangs up after a refusal has refused
                offer = _greet(talk, name)
    if offer.code == DONE:
        return offer
    talk.leave()
    rule = f"{endpoint.where} answers EHLO with {offer}"
    if offer.code in NO_EHLO:
        raise _smtp_fault(
            f"{rule}: it supports no extensions, so no TLS", "Turn ESMTP on, and check what stands in between"
        )
    if offer.code == CLOSING and not _ABOUT_US.search(b" ".join(offer.lines)):
        raise _smtp_fault(rule, "Try again later; let in senders that come from new addresses")
    raise _turned_away(f"{rule}; that depends on who asks, which was {' and then '.join(names)}")


def _take_leave(secured: ssl.SSLSocket, endpoint: _Endpoint, deadline: Deadline) -> None:
    """Say QUIT and read the answer, so that the server logs no lost connection; whatever happens is not a fault."""
    try:
        brief = Deadline(min(FAREWELL_SECONDS, deadline.left()))
        talk = _Talk(secured, endpoint, brief)
        talk.leave()
        talk.hear("taking leave")
    except (OSError, Failed):
        return


def _demand_for_sni(endpoint: _Endpoint) -> Fault | None:
    """Try again without SNI: a fault when the server ends that handshake, though it completed the one before."""
    try:
        _shake(endpoint, client_context(None, verify=False), sni=False)
    except Failed as failed:
        if failed.refused:
            rule = f"{endpoint.where} demands SNI: without it, it ends the TLS handshake ({SNI})"
            return Fault("tls_refused", rule, "Give the mail server a default certificate for clients without SNI")
    return None


class _Talk:
    """Lines to and from a mail server, bounded in time and size."""

    def __init__(self, sock: socket.socket, endpoint: _Endpoint, deadline: Deadline) -> None:
        self.sock = sock
        self.endpoint = endpoint
        self.unread = b""
        self._deadline = deadline

    def say(self, line: str, doing: str) -> None:
        try:
            self.sock.settimeout(self._deadline.left())
            self.sock.sendall(line.encode("ascii", "replace") + b"\r\n")
        except OSError as problem:
            raise self._lost(problem, doing) from problem

    def leave(self) -> None:
        """Say QUIT and do not wait."""
        try:
            self.say("QUIT", "saying QUIT")
        except Failed:
            return

    def hear(self, doing: str) -> _Reply:
        """Read one reply, whatever number of lines it has (RFC 5321, section 4.2.1)."""
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line(LONGEST_REPLY - size, doing)
            size += len(line)
            parts = _LINE.fullmatch(line)
            if parts is None:
                rule = f"{self.endpoint.where} does not speak SMTP: it says {quote(line.rstrip())}"
                raise _smtp_fault(rule, "Check what listens on the port (ss -ltnp)")
            lines.append(parts[3])
            if parts[2] != b"-":
                return _Reply(int(parts[1]), lines)

    def _line(self, limit: int, doing: str) -> bytes:
        while b"\n" not in self.unread:
            if len(self.unread) > limit:
                rule = f"{self.endpoint.where} answers without end: {quote(self.unread)}"
                raise _smtp_fault(rule, "Check what listens on the port (ss -ltnp)")
            try:
                self.sock.settimeout(self._deadline.left())
                more = self.sock.recv(4096)
            except OSError as problem:
                raise self._lost(problem, doing) from problem
            if not more:
                raise self._lost(None, doing)
            self.unread += more
        line, newline, self.unread = self.unread.partition(b"\n")
        return line + newline

    def _lost(self, problem: OSError | None, doing: str) -> Failed:
        if isinstance(problem, socket.timeout):
            return Failed(too_slow(self.endpoint.where, self._deadline, doing))
        rule = f"{self.endpoint.where} closes the connection ({doing})"
        return _smtp_fault(rule, "Check the mail server's log, and let senders in from all addresses")


def _smtp_fault(rule: str, remedy: str) -> Failed:
    return Failed(Fault("smtp", f"{rule} ({SENDING})", remedy))


def _greet(talk: _Talk, name: str) -> _Reply:
    talk.say(f"EHLO {name}", "saying EHLO")
    return talk.hear("waiting for the answer to EHLO")


def _turned_away(rule: str) -> Failed:
    remedy = (
        "Nothing to do at the MX, if mail reaches it: give the option helo a name that resolves to "
        "this machine's address, and run from an address that has reverse DNS and is on no blocklist"
    )
    return Failed(Fault("turned_away", f"{rule} ({SENDING})", remedy))


def _as_of_mx(fault: Fault) -> Fault:
    """A port that does not respond counts as a timeout here: many networks close port 25 outwards."""
    return Fault("timeout", fault.rule, fault.remedy) if fault.kind == "unreachable" else fault


def _own_name() -> list[str]:
    """Return this machine's name where it is one that others may know; DNS is not asked."""
    try:
        name = check_host(socket.gethostname().rstrip("."))
    except InvalidName:
        return []
    return [] if name.rpartition(".")[2] in _LOCAL_ENDS else [name]


def _address_literal(sock: socket.socket) -> str:
    """Name this machine by its address, as one without a name does (RFC 5321, section 4.1.3); DNS is not asked."""
    address = sock.getsockname()[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

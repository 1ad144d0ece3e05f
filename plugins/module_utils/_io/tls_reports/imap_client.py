# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The standard library's IMAP client, but that no answer takes longer or is larger than the command may cost.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import imaplib
import io
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..._core.bounds import IMAP_ANSWER_BYTES
from ..._core.finding import escaped, shorten
from ..._core.net.tls import Server
from ..._core.rfc import IMAP_TLS
from ..._core.tls_reports import imap_words
from ..net.connection import Deadline, Failed, open_connection
from ..net.tls import client_context, handshake
from .source import Unreadable

if TYPE_CHECKING:
    from typing_extensions import Buffer

IMPLICIT, STARTTLS = "implicit", "starttls"
PORTS = {IMPLICIT: 993, STARTTLS: 143}
_TRUST = "Name the host as its certificate does, and a private CA's certificate in ca_path"
_WORDS = 200  # characters of what a server says
_LOG = "The log of the IMAP server says more"


@dataclass(frozen=True)
class Account:
    """Whose mail to read, where, and how: ``tls`` from the first byte (implicit) or after STARTTLS, never without."""

    host: str
    user: str
    password: str
    tls: str = IMPLICIT
    port: int | None = None
    ca_path: str | None = None
    validate_certs: bool = True
    timeout: float = 60

    @property
    def where(self) -> str:
        """The host and the port."""
        return f"{self.host} port {self.port or PORTS[self.tls]}"


class _TooMuch(imaplib.IMAP4.abort):
    """The server says more than it was asked for."""


class _Connection(io.RawIOBase):
    """A socket as imaplib uses one: each command has its bytes and its time, however slowly they arrive."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        super().__init__()
        self.connection = connection
        self._seconds = seconds
        self.allow(0)

    def allow(self, size: int) -> None:
        """Begin a command whose answer may have so many bytes beside what all answers have."""
        self.left = IMAP_ANSWER_BYTES + size
        self.deadline = Deadline(self._seconds)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        self.connection.settimeout(self.deadline.left())
        return self._counted(self.connection.recv_into(buffer))

    def recv(self, size: int) -> bytes:
        self.connection.settimeout(self.deadline.left())
        data = self.connection.recv(size)
        self._counted(len(data))
        return data

    def sendall(self, data: bytes) -> None:
        self.connection.settimeout(self.deadline.left())
        self.connection.sendall(data)

    def shutdown(self, how: int) -> None:
        with contextlib.suppress(OSError):  # closed already, with the file that reads from it
            self.connection.shutdown(how)

    def close(self) -> None:
        super().close()
        self.connection.close()

    def _counted(self, size: int) -> int:
        self.left -= size
        if self.left < 0:
            raise _TooMuch("it sends more than it was asked for")
        return size


class _Security:
    """What imaplib takes for an SSL context when it says STARTTLS."""

    def __init__(self, secure: Callable[[socket.socket], _Connection]) -> None:
        self._secure = secure

    def wrap_socket(self, plain: _Connection, server_hostname: str) -> _Connection:
        """Make it a TLS connection; the name of the host is known."""
        return self._secure(plain.connection)


class Client(imaplib.IMAP4):
    """A conversation with the IMAP server of an account; its end is the end of the ``with`` block."""

    def __init__(self, account: Account) -> None:
        """Connect, in time. Raises Failed, and what imaplib raises."""
        self._account = account
        super().__init__(account.host, account.port or PORTS[account.tls])

    def __exit__(self, *_why: object) -> None:
        """Say goodbye, and hang up whatever the other side says to that."""
        with contextlib.suppress(OSError, ValueError, imaplib.IMAP4.error):
            self._line.allow(0)
            self.logout()
        self._line.close()

    def _create_socket(self, _timeout: object) -> _Connection:
        account = self._account
        deadline = Deadline(account.timeout)
        plain = open_connection(account.host, self.port, deadline, "IMAP server", account.where, allow_private=True)
        if account.tls == IMPLICIT:
            return self._secure(plain)
        self._line = _Connection(plain, account.timeout)
        return self._line

    def _secure(self, plain: socket.socket) -> _Connection:
        account = self._account
        context = client_context(account.ca_path, verify=account.validate_certs)
        server = Server(account.host, account.where, IMAP_TLS)
        secured = handshake(plain, context, server, Deadline(account.timeout))
        self._line = _Connection(secured, account.timeout)
        return self._line

    def read(self, size: int) -> bytes:
        """Read a literal, unless it is one that nobody has asked for."""
        if size > self._line.left:
            raise _TooMuch(f"it sends a literal of {size:,} bytes, more than it was asked for")
        return super().read(size)

    def ask(self, command: str, *words: str, size: int = 0) -> list[object]:
        """Send a command about mails by their UIDs; return what comes. Raises imaplib's errors."""
        self._line.allow(size)
        said, data = self.uid(command, *words)
        if said != "OK":
            raise self.error(f"{command}: {_words(data)}")
        return data

    def log_in(self) -> frozenset[str]:
        """Say who we are, secured by TLS; return what the server can do. Raises Unreadable and imaplib's errors."""
        account = self._account
        if account.tls == STARTTLS:
            self.starttls(_Security(self._secure))
        self._line.allow(0)
        if "AUTH=PLAIN" in self.capabilities:
            self.authenticate("PLAIN", lambda _said: f"\0{account.user}\0{account.password}".encode())
        elif f"{account.user}{account.password}".isascii() and f"{account.user}{account.password}".isprintable():
            said, data = self.xatom("LOGIN", imap_words.quoted(account.user), imap_words.quoted(account.password))
            if said != "OK":
                raise self.error(_words(data))
            self.state = "AUTH"
        else:
            rule = f"{account.where} does not offer AUTH=PLAIN, and LOGIN takes nothing but ASCII"
            raise Unreadable(rule, "Switch PLAIN on there, or choose another password")
        _said, data = self.capability()
        return frozenset(str(data[-1], "ascii", "replace").upper().split())

    def open_folder(self, name: str, *, writing: bool) -> tuple[int, str]:
        """Select a folder; return how many mails are in it, and its UIDVALIDITY. Raises imaplib's errors."""
        self._line.allow(0)
        said, data = self.select(imap_words.folder(name), readonly=not writing)
        if said != "OK":
            raise self.error(f"folder {name}: {_words(data)}")
        _name, validity = self.response("UIDVALIDITY")
        return int(data[-1] or 0), str(validity[-1] or b"", "ascii", "replace")


def failure(account: Account, problem: Exception) -> Unreadable:
    """Say why a conversation came to its end before everything was said."""
    if isinstance(problem, Unreadable):
        return problem
    if isinstance(problem, Failed):
        of_trust = problem.fault.kind.startswith("tls")
        return Unreadable(problem.fault.rule, _TRUST if of_trust else problem.fault.remedy)
    if isinstance(problem, socket.timeout):
        return Unreadable(f"{account.where} gave no complete answer within {account.timeout:g} s", _LOG)
    said = shorten(escaped(_words(problem.args)), _WORDS)
    return Unreadable(f"{account.where}: {said}", f"Check user, password and folder. {_LOG}")


def _words(said: Sequence[object]) -> str:
    """Return the last line of what a server, or imaplib, has said."""
    last = said[-1] if said else ""
    return last.decode("utf-8", "replace") if isinstance(last, bytes) else str(last)

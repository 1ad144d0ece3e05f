# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An IMAP server on loopback with real TLS: as much of RFC 3501 as reading mail takes, with faults at will."""

from __future__ import annotations

import base64
import contextlib
import re
import ssl
from dataclasses import dataclass, field

from servers.tls_server import accepting

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass
class Mail:
    uid: int
    data: bytes
    received: str = "2027-01-22"
    deleted: bool = False


@dataclass
class ImapServer:
    """``folders`` by name hold mails; ``heard`` collects all commands; ``says`` has answers of a fault by command."""

    context: ssl.SSLContext
    folders: dict = field(default_factory=lambda: {"INBOX": []})
    validity: int = 1
    user: str = "tlsrpt"
    password: str = "secret"
    implicit: bool = True
    abilities: str = "IMAP4rev1 AUTH=PLAIN MOVE UIDPLUS"
    says: dict = field(default_factory=dict)
    heard: list = field(default_factory=list)

    def deliver(self, data, folder="INBOX", received="2027-01-22"):
        mails = self.folders.setdefault(folder, [])
        mails.append(Mail(max((mail.uid for mail in mails), default=0) + 1, data, received))

    def uids(self, folder="INBOX"):
        return [mail.uid for mail in self.folders[folder]]

    def meet(self, connection):
        if self.implicit:
            connection = self.context.wrap_socket(connection, server_side=True)
        _Conversation(self, connection).go_on()


class _Conversation:
    def __init__(self, server, connection):
        self.server = server
        self.begin(connection)
        self.is_known = self.writing = False
        self.folder = None

    def begin(self, connection):
        self.connection = connection
        self.lines = connection.makefile("rb")

    def say(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        self.connection.sendall(data + b"\r\n")

    def go_on(self):
        self.say("* OK ready")
        while line := self.lines.readline().decode().strip():
            tag, command, rest = re.match(r"(\S+) (?:UID )?(\S+) ?(.*)", line).groups()
            self.server.heard.append(line.partition(" ")[2])
            if command in self.server.says:
                for said in self.server.says[command]:
                    if callable(said):
                        said(self.connection)
                    else:
                        self.say(said.format(tag=tag))
                continue
            getattr(self, command.lower())(tag, rest)
            if command == "LOGOUT":
                return

    def done(self, tag, words="done"):
        self.say(f"{tag} OK {words}")

    def capability(self, tag, _rest):
        self.say(f"* CAPABILITY {self.server.abilities}{'' if self.server.implicit else ' STARTTLS'}")
        self.done(tag)

    def starttls(self, tag, _rest):
        self.done(tag)
        self.begin(self.server.context.wrap_socket(self.connection, server_side=True))

    def authenticate(self, tag, _rest):
        self.say("+ ")
        _unused, user, password = base64.b64decode(self.lines.readline()).decode().split("\0")
        self.log_in(tag, user, password)

    def login(self, tag, rest):
        user, password = (part.replace('\\"', '"').replace("\\\\", "\\") for part in rest[1:-1].split('" "'))
        self.log_in(tag, user, password)

    def log_in(self, tag, user, password):
        self.is_known = (user, password) == (self.server.user, self.server.password)
        self.say(f"{tag} OK in" if self.is_known else f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.")

    def examine(self, tag, rest):
        self.open(tag, rest, writing=False)

    def select(self, tag, rest):
        self.open(tag, rest, writing=True)

    def open(self, tag, rest, *, writing):
        name = rest.strip('"')
        if not self.is_known or name not in self.server.folders:
            self.say(f"{tag} NO [NONEXISTENT] Mailbox doesn't exist: {name}")
            return
        self.folder, self.writing = self.server.folders[name], writing
        self.say(f"* {len(self.folder)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.server.validity}] UIDs valid")
        self.done(tag, f"[READ-{'WRITE' if writing else 'ONLY'}] open")

    def chosen(self, text):
        top = max((mail.uid for mail in self.folder), default=0)
        wanted = set()
        for part in text.split(","):
            ends = [top if end == "*" else int(end) for end in part.split(":")]
            wanted |= set(range(min(ends), max(ends) + 1))
        return [mail for mail in self.folder if mail.uid in wanted]

    def search(self, tag, rest):
        numbers, uids, since = re.fullmatch(r"(\S+) UID (\S+)(?: SINCE (\S+))?", rest).groups()
        first, last = map(int, numbers.split(":"))
        mails = [mail for mail in self.folder[first - 1 : last] if mail in self.chosen(uids)]
        if since:
            day, month, year = since.split("-")
            begin = f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}"
            mails = [mail for mail in mails if mail.received >= begin]
        self.say(" ".join(["* SEARCH", *(str(mail.uid) for mail in mails)]))
        self.done(tag)

    def fetch(self, tag, rest):
        uids, items = rest.split(" ", 1)
        for mail in self.chosen(uids):
            number = self.folder.index(mail) + 1
            if "BODY.PEEK[]" in items:
                self.say(f"* {number} FETCH (UID {mail.uid} BODY[] {{{len(mail.data)}}}".encode())
                self.say(mail.data + b")")
            else:
                self.say(f"* {number} FETCH (UID {mail.uid} RFC822.SIZE {len(mail.data)})")
        self.done(tag)

    def copy(self, tag, rest):
        uids, name = rest.split(" ", 1)
        if name.strip('"') not in self.server.folders:
            self.say(f"{tag} NO [TRYCREATE] Mailbox doesn't exist: {name}")
            return False
        for mail in self.chosen(uids):
            self.server.deliver(mail.data, name.strip('"'), mail.received)
        self.done(tag)
        return True

    def move(self, tag, rest):
        assert self.writing
        gone = self.chosen(rest.split(" ", 1)[0])
        if self.copy(tag, rest):
            self.folder[:] = [mail for mail in self.folder if mail not in gone]

    def store(self, tag, rest):
        assert self.writing
        for mail in self.chosen(rest.split(" ", 1)[0]):
            mail.deleted = True
        self.done(tag)

    def expunge(self, tag, rest):
        gone = [mail for mail in self.chosen(rest) if mail.deleted]
        self.folder[:] = [mail for mail in self.folder if mail not in gone]
        self.done(tag)

    def logout(self, tag, _rest):
        self.say("* BYE")
        self.done(tag)


@contextlib.contextmanager
def serve(server):
    """Run an ImapServer. Yields the port."""
    with accepting(server.meet) as port:
        yield port

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Talk to a zone's primary server: read RRsets, change them by dynamic update (RFC 2136) signed with TSIG (RFC 8945).

Needs dnspython. Private to this collection.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Union

from ..._core.dns import refusals
from ..._core.dns.answer import ERROR, OK
from ..._core.finding import Refused
from .prerequisites import Changes, Spelling, TxtRRset, changing, rehearsing, requiring
from .resolver import Nameserver, ask_server, read_response
from .tsig import UNACCEPTED, UNSIGNED, Key, KeyFault, key_fault, make_keyring

try:
    import dns.exception
    import dns.message
    import dns.name
    import dns.query
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.ANY.TXT
    import dns.update
except ImportError:
    pass  # reported by resolver.HAS_DNSPYTHON

READS_PER_CONNECTION = 250
CONNECTIONS_AT_ONCE = 8
SILENCES = 2  # in a row on new connections, and the server is not asked any more

_DENIALS = {"REFUSED", "NOTAUTH", "NOTZONE", "NOTIMP"}
_SPELL_ALIKE = "Write the records as the server shows them: pdnsutil edit-zone, or pdnsutil replace-rrset for each name"


class UpdateError(Refused):
    """Why a server did not do as asked."""


class Unreachable(UpdateError):
    """No answer came back at all."""


class ChangedMeanwhile(UpdateError):
    """A record is no longer as it was when it was read."""


class Denied(UpdateError):
    """The server may do so for another key, at another name or for another zone."""


class _KeyRefused(UpdateError):
    """The server does not accept the key."""


Reading = Union[TxtRRset, UpdateError]
"""What the primary has, or why it does not say."""


def all_read(readings: Mapping[str, Reading]) -> dict[str, TxtRRset]:
    """Return the RRsets if all are known. Raises the first UpdateError among them."""
    found: dict[str, TxtRRset] = {}
    for name, reading in readings.items():
        if isinstance(reading, UpdateError):
            raise reading
        found[name] = reading
    return found


class _Connection:
    """A connection for many questions: some servers close it after a while, or after every answer."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._open: socket.socket | None = None

    def ask(self, question: Callable[[socket.socket], dns.message.Message]) -> dns.message.Message:
        """Ask; once more on a new connection if an open one no longer works. Raises UpdateError."""
        if self._open:
            try:
                return question(self._open)
            except Unreachable:
                self.close()
        self._open = self._connect()
        try:
            return question(self._open)
        except Unreachable:
            self.close()
            raise

    def close(self) -> None:
        """Close it if it is open; the next question opens another."""
        if self._open:
            self._open.close()
        self._open = None


class Primary:
    """The server that takes a zone's updates."""

    def __init__(self, server: Nameserver, key: Key | None, timeout: float) -> None:
        """Store where it is and how to sign. Raises UpdateError for a secret that is not base64."""
        self.server = server
        self.timeout = timeout
        self._key = key
        try:
            self._keyring = make_keyring(key) if key else None
        except ValueError:
            rule = f"the secret of the TSIG key {key.name if key else ''} is not base64"
            raise UpdateError(rule, "Copy it as the name server's configuration has it") from None

    def read(self, names: Sequence[str]) -> dict[str, TxtRRset]:
        """Return the TXT RRsets as the primary has them now. Raises UpdateError."""
        return all_read(self.read_each(names))

    def read_each(self, names: Sequence[str]) -> dict[str, Reading]:
        """Return for each name its TXT RRset as the primary has it now, or why it cannot be known. Never raises."""
        shares = [names[at : at + READS_PER_CONNECTION] for at in range(0, len(names), READS_PER_CONNECTION)]
        with ThreadPoolExecutor(CONNECTIONS_AT_ONCE) as pool:
            return {name: reading for share in pool.map(self._read_share, shares) for name, reading in share.items()}

    def _read_share(self, names: Sequence[str]) -> dict[str, Reading]:
        """Ask for one name after the other on a single connection: servers take a limited number of them."""
        found: dict[str, Reading] = {}
        silences = 0
        with contextlib.closing(_Connection(self._connect)) as connection:
            for name in names:
                try:
                    found[name] = self._read_one(name, connection)
                    silences = 0
                except Unreachable as silence:
                    silences += 1
                    if silences == SILENCES:
                        return {**dict.fromkeys(names, silence), **found}
                    found[name] = silence
                except UpdateError as refusal:
                    found[name] = refusal
        return found

    def _connect(self) -> socket.socket:
        try:
            connection = socket.create_connection((self.server.address, self.server.port), self.timeout)
        except OSError as problem:
            raise self._unreachable(problem) from None
        connection.setblocking(False)  # as dnspython wants it
        return connection

    def _read_one(self, name: str, connection: _Connection) -> TxtRRset:
        query = dns.message.make_query(name, "TXT")
        query.flags &= ~dns.flags.RD
        answer = connection.ask(lambda opened: self._send(query, opened))
        read = read_response(answer, name, name, "TXT", str(self.server))
        if read.certain and not read.authoritative:
            raise UpdateError(f"{self.server} does not serve the zone of {name}", refusals.NAME_THE_PRIMARY)
        if read.status == OK and read.canonical == name:
            return TxtRRset(name, read.ttl, read.records)
        if read.certain:
            return TxtRRset(name)
        raise self._unknown(name, read.status if read.status != ERROR else dns.rcode.to_text(answer.rcode()))

    def change(self, zone: str, changes: Changes, *, spelling: Spelling | None = None, rehearse: bool = False) -> None:
        """Change RRsets, each given as it is now, in one atomic update of their zone, record by record.

        The update requires that they still are as they were, and that no CNAME stands at their names; only changes that
        do not fit into one message become several. To ``rehearse`` it changes nothing, and is refused as the real one
        would be. Raises UpdateError, ChangedMeanwhile and Denied among them.
        """
        update = (rehearsing if rehearse else changing)(zone, changes, spelling)
        try:
            self._update(zone, update)
        except dns.exception.TooBig:
            if len(changes) == 1:
                rule = f"the record {changes[0][0].name} is too large for a message"
                raise UpdateError(rule, "Shorten it") from None
            if spelling:  # its SOA is another one after the first part
                raise UpdateError(f"the changes of {zone} are too many for a message", _SPELL_ALIKE) from None
            half = len(changes) // 2
            self.change(zone, changes[:half], rehearse=rehearse)
            self.change(zone, changes[half:], rehearse=rehearse)

    def holds(self, zone: str, now: TxtRRset) -> bool:
        """Whether a name has these records of its own, in these very letters. Changes nothing. Raises UpdateError."""
        try:
            self._update(zone, requiring(zone, now))
        except ChangedMeanwhile:
            return False
        return True

    def denial(self, zone: str) -> UpdateError | None:
        """Return why the server takes no update of the zone at all, by one that changes nothing; None if it does."""
        try:
            self._update(zone, dns.update.UpdateMessage(zone))
        except UpdateError as denial:
            return denial
        return None

    def soa(self, zone: str) -> dns.rdata.Rdata:
        """Return the zone's SOA as the server shows it. Raises UpdateError."""
        query = dns.message.make_query(zone, "SOA", flags=0)
        answer = self._send(query)
        found = answer.get_rrset(answer.answer, dns.name.from_text(zone), dns.rdataclass.IN, dns.rdatatype.SOA)
        records: list[dns.rdata.Rdata] = list(found or ())
        if records:
            return records[0]
        raise self._unknown(zone, dns.rcode.to_text(answer.rcode()))

    def _update(self, zone: str, update: dns.update.UpdateMessage) -> None:
        try:
            response = self._send(update)
        except _KeyRefused as refused:
            raise Denied(refused.rule, refused.remedy) from None
        said = dns.rcode.to_text(response.rcode())
        if said == "NOERROR":
            return
        rule = f"{self.server} says {said} to {zone}{self._who}"
        if said in {"NXRRSET", "YXRRSET"}:
            raise ChangedMeanwhile(rule, "Somebody else has just changed the record: run again")
        remedy = refusals.to_update(said, zone, self._key.name if self._key else "")
        raise (Denied if said in _DENIALS else UpdateError)(rule, remedy)

    def not_granted(self, name: str, zone: str, denied: Denied) -> Denied:
        """Return the refusal of one name in a zone whose empty updates are taken: BIND may take anybody's."""
        if not self._key:
            return denied
        rule = (
            f"{self.server} does not let the key {self._key.name} write here, though it takes an update of {zone} that "
            "changes nothing"
        )
        return Denied(rule, refusals.to_one_name(name, zone, self._key.name))

    def _send(self, message: dns.message.Message, connection: socket.socket | None = None) -> dns.message.Message:
        if self._keyring:
            message.use_tsig(self._keyring)
        try:
            response = dns.query.tcp(message, self.server.address, self.timeout, self.server.port, sock=connection)
        except dns.exception.TooBig:
            raise
        except (OSError, EOFError, dns.exception.DNSException) as problem:
            raise self._failure(message, problem) from None
        if self._keyring and not response.had_tsig:
            raise self._unsigned(_asked(message))
        return response

    def _failure(self, message: dns.message.Message, problem: Exception) -> UpdateError:
        fault = key_fault(problem)
        if fault:
            return self._key_error(fault)
        if self._keyring and isinstance(problem, dns.exception.FormError):
            return self._unsigned(_asked(message))  # newer releases of dnspython say so of an unsigned answer
        return self._unreachable(problem)

    def _unreachable(self, problem: Exception) -> Unreachable:
        rule = f"{self.server} cannot be asked: {problem or type(problem).__name__}"
        if isinstance(problem, (dns.exception.Timeout, socket.timeout)):
            rule = f"{self.server} gave no answer within {self.timeout:g} s"
        return Unreachable(rule, "Make sure that the name server runs and that its TCP port is open to this machine")

    def _key_error(self, fault: KeyFault) -> _KeyRefused:
        name = self._key.name if self._key else ""
        return _KeyRefused(f"{self.server} {fault.words} {name}".rstrip(), fault.remedy)

    def _unsigned(self, name: str) -> _KeyRefused:
        """Tell a server that does not accept the key from one that does not have the zone: it answers without a key."""
        answer = ask_server(self.server, name, "TXT", self.timeout, recurse=False)
        return self._key_error(UNACCEPTED if answer.certain and answer.authoritative else UNSIGNED)

    def _unknown(self, name: str, said: str) -> UpdateError:
        return UpdateError(f"{self.server} says {said} to {name}{self._who}", refusals.to_question(said))

    @property
    def _who(self) -> str:
        return f" for the key {self._key.name}" if self._key else " without a key"


def _asked(message: dns.message.Message) -> str:
    """Return the name that a question is about, of an update its zone."""
    return message.question[0].name.to_text(omit_final_dot=True)

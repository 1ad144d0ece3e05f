# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish the record that a CA looks for in DNS (dns-01, RFC 8555, section 8.4), and take it away again.

challenge.py deploy_challenge|clean_challenge HOST TOKEN VALUE, which is how dehydrated calls its hook. Follows the
CNAME at _acme-challenge.HOST, updates the primary server of the zone it leads to (RFC 2136, signed with TSIG), and
waits until the name servers of that zone have the record and no resolver an answer from before. Settings and key are in
dns.json beside this file.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.resolver
import dns.tsig
import dns.tsigkeyring
import dns.update

SETTINGS = Path(__file__).with_name("dns.json")
TTL = 1  # so that no resolver shows the CA an old record for long
# Another policy host may order the same name, and its CA ask for it, a moment before: a resolver then holds an answer
# without our record. Resolvers count whole seconds.
OLD_ANSWERS_LAST = TTL + 1.0
TIMEOUT = 5.0
QUESTIONS = 2  # UDP may lose one
NAMESERVER = re.compile(r"(?:\[(.+)]|([^:]+))(?::(\d+))?")
PAUSE = 1.0
MOST_NOTES = 20  # of a server that has been silent for weeks

ALLOW = "Give the server the key, and the key the right to update TXT records of this name"
ELSEWHERE = "Name the primary server of the zone in sts_certificate_dns_server"
COMPARE = "Compare secret and algorithm"
CLOCKS = "Set the clocks of both machines"

# What is wrong with the key, as dnspython tells it. Knot speaks of a bad key when a key may not do something, too.
KEY_TROUBLE = {
    dns.tsig.PeerBadKey: ("does not know, or does not allow here,", ALLOW),
    dns.tsig.PeerBadSignature: ("finds the signature wrong of", COMPARE),
    dns.tsig.BadSignature: ("signs wrongly with", COMPARE),
    dns.tsig.PeerBadTime: ("finds the time wrong of", CLOCKS),
    dns.tsig.BadTime: ("has another time in its answer with", CLOCKS),
    dns.exception.FormError: ("does not sign its answer with", ELSEWHERE),
}
REFUSALS = {"REFUSED": ALLOW, "NOTAUTH": ELSEWHERE, "NOTZONE": ELSEWHERE}


class Trouble(Exception):
    """Why the record is not there: cause and remedy, each a sentence without its full stop."""

    def __init__(self, cause: str, remedy: str) -> None:
        """Keep both as one text."""
        super().__init__(f"{cause}. Remedy: {remedy}.")


class Refused(Trouble):
    """The record is certainly not there, and nothing else has changed."""


@dataclass(frozen=True)
class Settings:
    """What dns.json says; empty where the role's variables are."""

    nameservers: list[str]
    server: str
    port: int
    key_name: str
    key_algorithm: str
    key_secret: str
    wait_timeout: float
    notes: str


class Lookup:
    """Asks the policy host's resolver. Raises Trouble when that does not know."""

    def __init__(self, nameservers: list[str]) -> None:
        """Take name servers, each with or without a port; none: the host's own."""
        self._resolver = dns.resolver.Resolver(configure=not nameservers)
        if nameservers:
            places = dict(map(address_and_port, nameservers))
            self._resolver.nameserver_ports = places
            try:
                self._resolver.nameservers = list(places)
            except ValueError:
                cause = f"not every one of {', '.join(nameservers)} is the address of a name server"
                raise Trouble(cause, "Name addresses in sts_certificate_dns_nameservers") from None

    def canonical(self, name: str) -> str:
        """Return the end of the CNAME chain, whether anything is there or not."""
        with doubts_about(name):
            try:
                return text(self._resolver.resolve(f"{name}.", "TXT", raise_on_no_answer=False).canonical_name)
            except dns.resolver.NXDOMAIN as nothing:
                return text(nothing.canonical_name)

    def zone(self, name: str) -> str:
        """Return the zone that holds the name."""
        with doubts_about(name):
            return text(dns.resolver.zone_for_name(f"{name}.", resolver=self._resolver))

    def primary(self, zone: str) -> str:
        """Return the server that the zone's SOA names."""
        with doubts_about(zone):
            return text(self._resolver.resolve(f"{zone}.", "SOA")[0].mname)

    def servers(self, zone: str) -> Iterator[tuple[str, str]]:
        """Return every address of every name server of the zone, behind the server's name."""
        with doubts_about(zone):
            hosts = sorted(text(record.target) for record in self._resolver.resolve(f"{zone}.", "NS"))
        return ((host, address) for host in hosts for address in self.addresses(host))

    def addresses(self, host: str) -> list[str]:
        """Return the addresses of a host, as far as they can be found, or the address it is."""
        with contextlib.suppress(ValueError):
            return [str(ipaddress.ip_address(host))]
        found = []
        for kind in ("A", "AAAA"):
            with contextlib.suppress(dns.exception.DNSException):
                found += [record.address for record in self._resolver.resolve(f"{host}.", kind)]
        return found


class Challenge:
    """The records of one host: where they belong, and which of them this policy host has put there."""

    def __init__(self, host: str, settings: Settings) -> None:
        """Find the zone. Raises Trouble."""
        name = f"_acme-challenge.{host}"
        self._settings = settings
        self._lookup = Lookup(settings.nameservers)
        self._owner = self._lookup.canonical(name)
        self._zone = self._lookup.zone(self._owner)
        self._title = name if name == self._owner else f"{name} (by CNAME {self._owner})"
        self._notes = Path(settings.notes, host)

    def publish(self, value: str) -> None:
        """Add a record, take away what earlier runs have left, and see that all name servers have it."""
        left = self._noted()
        self._note([*left, value])
        try:
            self._update(add=[value], delete=left)
            self._wait(value)
        except Refused:
            self._note(left)
            raise
        except Trouble:
            with contextlib.suppress(Trouble):
                self.clean()
            raise

    def clean(self) -> None:
        """Take away what this policy host has published, and nobody else's records."""
        self._update(add=[], delete=self._noted())
        self._note([])

    def _noted(self) -> list[str]:
        return self._notes.read_text(encoding="ascii").split() if self._notes.exists() else []

    def _note(self, values: list[str]) -> None:
        """Keep what may be in DNS on behalf of this host, for runs that are cut off."""
        if values:
            self._notes.parent.mkdir(exist_ok=True)
            self._notes.write_text("\n".join(values[-MOST_NOTES:]), encoding="ascii")
        else:
            self._notes.unlink(missing_ok=True)

    def _update(self, add: list[str], delete: list[str]) -> None:
        update = dns.update.UpdateMessage(f"{self._zone}.")
        for value in delete:
            update.delete(f"{self._owner}.", "TXT", value)
        for value in add:
            update.add(f"{self._owner}.", TTL, "TXT", value)
        self._sign(update)
        host = self._settings.server.rstrip(".") or self._lookup.primary(self._zone)
        silent = []
        for address in self._lookup.addresses(host):
            try:
                said = self._send(update, address)
            except (OSError, EOFError, dns.exception.DNSException) as problem:
                silent.append(f"{address}: {problem or type(problem).__name__}")
                continue
            if said != "NOERROR":
                remedy = REFUSALS.get(said, "Look into the name server's log")
                raise Refused(f"{self._title}: {address} says {said} to the update", remedy)
            return
        why = "; ".join(silent) or "no address of it is known"
        raise Trouble(
            f"{self._title}: the primary server {host} does not answer at TCP port {self._settings.port} ({why})",
            f"Open the port to the policy host. If another server takes updates: {ELSEWHERE}",
        )

    def _sign(self, update: dns.update.UpdateMessage) -> None:
        if not self._settings.key_name:
            return
        secret = (self._settings.key_algorithm, self._settings.key_secret)
        try:
            update.use_tsig(dns.tsigkeyring.from_text({self._settings.key_name: secret}))
        except (ValueError, dns.exception.DNSException):
            cause = f"the secret of the TSIG key {self._settings.key_name} is no base64"
            raise Refused(cause, "Copy it as the name server's configuration has it") from None

    def _send(self, update: dns.update.UpdateMessage, address: str) -> str:
        """Return the code of the answer, NOERROR if all is well."""
        try:
            response = dns.query.tcp(update, address, TIMEOUT, self._settings.port)
            if update.had_tsig and not response.had_tsig:
                raise dns.exception.FormError  # as newer releases of dnspython do
        except dns.exception.DNSException as problem:
            if not update.had_tsig or type(problem) not in KEY_TROUBLE:
                raise
            what, remedy = KEY_TROUBLE[type(problem)]
            key = f"the TSIG key {self._settings.key_name}"
            raise Refused(f"{self._title}: {address} {what} {key}", remedy) from None
        return dns.rcode.to_text(response.rcode())

    def _wait(self, value: str) -> None:
        """Return when every name server that answers has the record, and resolvers hold no older answer.

        The CA passes over silent name servers, too.
        """
        deadline = time.monotonic() + self._settings.wait_timeout
        answered = False
        for host, address in self._lookup.servers(self._zone):
            while (has := self._has(address, value)) is False:
                if time.monotonic() >= deadline:
                    raise Trouble(
                        f"{self._title}: {host} [{address}] does not have the record "
                        f"after {self._settings.wait_timeout:g} s",
                        "See to the transfer from the primary server, or raise sts_certificate_dns_wait_timeout",
                    )
                time.sleep(PAUSE)
            if not has:
                print(f" + {host} [{address}] gives no answer about {self._zone}")
            answered |= bool(has)
        if not answered:
            remedy = f"Let the policy host reach port {self._settings.port} of the name servers"
            raise Trouble(f"{self._title}: no name server of {self._zone} answers", remedy)
        time.sleep(OLD_ANSWERS_LAST)

    def _has(self, address: str, value: str) -> bool | None:
        """Whether a server has the record; None when it says nothing about the zone."""
        query = dns.message.make_query(f"{self._owner}.", "TXT", flags=0)
        for _attempt in range(QUESTIONS):
            with contextlib.suppress(OSError, EOFError, dns.exception.DNSException):
                response, _by_tcp = dns.query.udp_with_fallback(query, address, TIMEOUT, self._settings.port)
                if response.flags & dns.flags.AA:
                    return any(value in record.to_text() for rrset in response.answer for record in rrset)
        return None


@contextlib.contextmanager
def doubts_about(name: str) -> Iterator[None]:
    """Turn the doubts of a resolver into Trouble."""
    try:
        yield
    except dns.exception.DNSException as problem:
        raise Trouble(
            f"{name} cannot be looked up: {str(problem).rstrip('.')}",
            "See to its name servers, and to those the policy host asks (sts_certificate_dns_nameservers)",
        ) from None


def address_and_port(nameserver: str) -> tuple[str, int]:
    """Split "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:5353"."""
    found = NAMESERVER.fullmatch(nameserver)
    return (found[1] or found[2], int(found[3] or 53)) if found else (nameserver, 53)


def text(name: dns.name.Name) -> str:
    """Return a name without its last dot."""
    return name.to_text(omit_final_dot=True)


def main(hook: str, host: str, _token: str, value: str) -> int:
    """Do what the hook of that name is for; without the record there is no use in going on, with it there is."""
    try:
        challenge = Challenge(host, Settings(**json.loads(SETTINGS.read_text(encoding="utf-8"))))
        if hook == "deploy_challenge":
            challenge.publish(value)
        else:
            challenge.clean()
    except Trouble as trouble:
        if hook == "deploy_challenge":
            print(f"dns-01: {trouble}", file=sys.stderr)
            return 1
        print(f" + The record stays until the next order of the name. {trouble}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publish the record that a CA looks for in DNS (dns-01, RFC 8555, section 8.4), and take it away again.

challenge.py deploy_challenge|clean_challenge HOST TOKEN VALUE, which is how dehydrated calls its hook. Writes the
record at _acme-challenge.HOST, or where a CNAME leads from there if that place is among those it is meant to lead to;
never where the record would hide a wildcard that others live by. Updates the primary server of the zone (RFC 2136,
signed with TSIG), and waits until the name servers of that zone have the record and no resolver an answer from before.
Settings and key are in dns.json beside this file, the hosts in domains.txt.

HOST, TOKEN and VALUE come from the CA, and what DNS says from whoever runs the zone: all of it is bounded.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import secrets
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.tsig
import dns.tsigkeyring
import dns.update

SETTINGS = Path(__file__).with_name("dns.json")
HOSTS = Path(__file__).with_name("domains.txt")
TTL = 1  # so that no resolver shows the CA an old record for long
# Another policy host may order the same name, and its CA ask for it, a moment before: a resolver then holds an answer
# without our record. Resolvers count whole seconds.
OLD_ANSWERS_LAST = TTL + 1.0
TIMEOUT = 5.0
QUESTIONS = 2  # UDP may lose one
NAMESERVER = re.compile(r"(?:\[(.+)]|([^:]+))(?::(\d+))?")
PAUSE = 1.0
MOST_NOTES = 20  # of a server that has been silent for weeks

# What the CA calls us with: a policy host's name, and base64url (RFC 8555, section 8.1)
HOST = re.compile(r"mta-sts(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)+")
WORD = re.compile(r"[A-Za-z0-9_-]+")

# What one order may cost, whatever its zone says. The first two are those of the collection (_core/bounds.py).
ADDRESSES_PER_HOST = 16
NAME_SERVERS_PER_ZONE = 13
CNAMES_IN_A_ROW = 8  # resolvers follow about as many
SERVERS_AT_ONCE = 32
LONGEST_NAME = 253
# For all look-ups and the update itself; the name servers have the time to wait besides.
LOOKING_SECONDS = 60.0

# By which others find a name: what a wildcard makes up of these ends when a record is put below the name.
LIVED_BY = ("CNAME", "MX", "A", "AAAA")

GIVE = (
    "Give the server the key with this very name and algorithm, and the key the right to update TXT records of this "
    "name"
)
ALLOW = (
    "Let the key update TXT records of this name (BIND: update-policy, and rndc thaw if the zone is frozen; PowerDNS: "
    "TSIG-ALLOW-DNSUPDATE and ALLOW-DNSUPDATE-FROM), or, if the server is a secondary, name the primary one in "
    "sts_certificate_dns_server"
)
ELSEWHERE = "Name the primary server of the zone in sts_certificate_dns_server"
COMPARE = "Compare secret and algorithm"
# PowerDNS says so of a key, whatever is wrong with it, others of a zone that they do not have.
UNSIGNED = (
    "Compare name, algorithm and secret with those the server has (PowerDNS: pdnsutil list-tsig-keys), set the clocks "
    "of both machines (timedatectl), or, if it does not have the zone, name the primary one in "
    "sts_certificate_dns_server"
)
SLOW = (
    "Check that every name server of the zone answers for this name (dig +trace NAME TXT), and those that the policy "
    "host asks (sts_certificate_dns_nameservers)"
)
CLOCKS = "Set the clocks of both machines (timedatectl)"

# What is wrong with the key, as dnspython tells it. Knot speaks of a bad key when a key may not do something, too.
KEY_TROUBLE = {
    dns.tsig.PeerBadKey: ("does not know, or does not allow here,", GIVE),
    dns.tsig.PeerBadSignature: ("rejects the signature of", COMPARE),
    dns.tsig.BadSignature: ("signs wrongly with", COMPARE),
    dns.tsig.PeerBadTime: ("rejects the time signed with", CLOCKS),
    dns.tsig.BadTime: ("has another time in its answer with", CLOCKS),
    dns.exception.FormError: ("does not sign its answer with", UNSIGNED),
}
REFUSALS = {
    "REFUSED": ALLOW,
    "NOTAUTH": ELSEWHERE,
    "NOTZONE": ELSEWHERE,
    "NOTIMP": ELSEWHERE,
    # what the update asks for before anything else (RFC 2136, section 3.2)
    "YXRRSET": "Remove the CNAME there, or name where it leads in sts_certificate_dns_delegated_to",
}


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
    targets: list[str]
    delegated: dict[str, str]

    def targets_of(self, domain: str) -> list[str]:
        """Return where the CNAME of a domain may lead."""
        names = [target.replace("{domain}", domain).rstrip(".").lower() for target in self.targets]
        own = self.delegated.get(domain)
        return [*names, f"_acme-challenge.mta-sts.{own}"] if own else names


class Lookup:
    """Asks the policy host's resolver. Raises Trouble when that does not know."""

    def __init__(self, nameservers: list[str]) -> None:
        """Take name servers, each with or without a port; none: the host's own."""
        self._deadline = time.monotonic() + LOOKING_SECONDS
        self._resolver = dns.resolver.Resolver(configure=not nameservers)
        if nameservers:
            places = dict(map(address_and_port, nameservers))
            if not all(map(is_address, places)):
                cause = f"not every one of {', '.join(nameservers)} is the address of a name server"
                raise Trouble(cause, "Name addresses in sts_certificate_dns_nameservers")
            self._resolver.nameserver_ports = places
            self._resolver.nameservers = list(places)

    def time_is_left(self) -> bool:
        """Whether anything may be asked any more."""
        return time.monotonic() < self._deadline

    def records(self, name: str, kind: str) -> set[str] | None:
        """Return what stands at that very name, a CNAME there not followed; None if there is no such name."""
        response = self._response(name, kind)
        own, wanted = dns.name.from_text(f"{name}."), dns.rdatatype.from_text(kind)
        if response.rcode() == dns.rcode.NXDOMAIN and not response.answer:  # and not what a CNAME points to
            return None
        here = [rrset for rrset in response.answer if (rrset.name, rrset.rdtype) == (own, wanted)]
        return {record.to_text().lower() for rrset in here for record in rrset}

    def target(self, name: str) -> str | None:
        """Return where the CNAME of a name leads, None if it has none."""
        found = self.records(name, "CNAME")
        return min(found).rstrip(".") if found else None

    def wildcard(self, name: str, kind: str) -> str | None:
        """Return the wildcard that makes up what a name has, None if it has something of its own, or nothing.

        A wildcard answers for a name below, too, as long as the name itself does not exist (RFC 4592, section 2.2).
        """
        found = self.records(name, kind)
        below = f"{secrets.token_hex(4)}.{name}"
        if not found or (len(below) <= LONGEST_NAME and self.records(below, kind) != found):
            return None
        zone = self.zone(name)
        wildcards = [f"*.{parent}" for parent in (*ancestors(name, zone), zone)]
        # It answers for what is called like an inner one, too, so it is the last one that has the same.
        alike = list(takewhile(lambda wildcard: self.records(wildcard, kind) == found, wildcards))
        return alike[-1] if alike else None

    def is_covered(self, name: str) -> bool:
        """Whether there are wildcards that answer for names below this one, as one does that answers for it, too."""
        below = f"{secrets.token_hex(4)}.{name}"
        return len(below) > LONGEST_NAME or self.records(below, "CNAME") is not None

    def zone(self, name: str) -> str:
        """Return the zone that holds the name. Raises Trouble."""
        for above in (name, *ancestors(name), ""):
            response = self._response(above, "SOA")
            found = [rrset for rrset in (*response.answer, *response.authority) if rrset.rdtype == dns.rdatatype.SOA]
            if any(rrset.rdtype == dns.rdatatype.CNAME for rrset in response.answer):
                continue  # that is the zone of another name
            if found and dns.name.from_text(f"{name}.").is_subdomain(found[0].name):
                return text(found[0].name)
        raise Trouble(f"{name} cannot be looked up: it is in no zone", SLOW)

    def primary(self, zone: str) -> str:
        """Return the server that the zone's SOA names."""
        with doubts_about(zone):
            return text(self._resolve(zone, "SOA")[0].mname)

    def servers(self, zone: str) -> Iterator[tuple[str, str]]:
        """Return every address of every name server of the zone, behind the server's name."""
        with doubts_about(zone):
            hosts = sorted(text(record.target) for record in self._resolve(zone, "NS"))
        hosts_in_time = takewhile(lambda _host: self.time_is_left(), hosts[:NAME_SERVERS_PER_ZONE])
        return ((host, address) for host in hosts_in_time for address in self.addresses(host))

    def addresses(self, host: str) -> list[str]:
        """Return the addresses of a host, as far as they can be found, or the address it is."""
        with contextlib.suppress(ValueError):
            return [str(ipaddress.ip_address(host))]
        found = []
        for kind in ("A", "AAAA"):
            with contextlib.suppress(dns.exception.DNSException, Trouble):
                found += [record.address for record in self._resolve(host, kind)]
        return found[:ADDRESSES_PER_HOST]

    def _response(self, name: str, kind: str) -> dns.message.Message:
        """Return the answer, also if it is that there is nothing."""
        with doubts_about(name):
            try:
                return self._resolve(name, kind, or_nothing=True).response
            except dns.resolver.NXDOMAIN as nothing:
                response: dns.message.Message = nothing.response(dns.name.from_text(f"{name}."))
                return response

    def _resolve(self, name: str, kind: str, or_nothing: bool = False) -> dns.resolver.Answer:
        if not self.time_is_left():
            raise Trouble(f"{name or '.'} cannot be looked up: {LOOKING_SECONDS:g} s have passed", SLOW)
        return self._resolver.resolve(f"{name}.", kind, lifetime=TIMEOUT, raise_on_no_answer=not or_nothing)


class Challenge:
    """The records of one host: where they belong, and which of them this policy host has put there."""

    def __init__(self, host: str, settings: Settings) -> None:
        """Find the zone. Raises Trouble."""
        name = f"_acme-challenge.{host}"
        self._host = host
        self._settings = settings
        self._lookup = Lookup(settings.nameservers)
        self._owner = self._place(name, host.partition(".")[2])
        self._zone = self._lookup.zone(self._owner)
        self._title = name if name == self._owner else f"{name} (by CNAME {self._owner})"
        self._notes = Path(settings.notes, host)

    def publish(self, value: str) -> None:
        """Add a record, take away what earlier runs have left, and see that all name servers have it."""
        self._hide_nothing()
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

    def _place(self, name: str, domain: str) -> str:
        """Return where the record belongs: at the name, or where its CNAME is meant to lead.

        What a wildcard makes up is not a CNAME of the name: a record there ends it (RFC 4592, section 2.2.1).
        """
        way = [name]
        while len(way) <= CNAMES_IN_A_ROW:
            target = self._lookup.target(way[-1])
            if target is None or self._lookup.wildcard(way[-1], "CNAME"):
                break
            if target in way:
                cause = f"{name}: the CNAMEs there lead back to {target}, in a circle"
                raise Refused(cause, "Have one of them removed")
            way.append(target)
        else:
            raise Refused(f"{name}: more than {CNAMES_IN_A_ROW} CNAMEs lead on from there", "Let one lead to its place")
        meant = self._settings.targets_of(domain)
        if len(way) > 1 and way[-1] not in meant:
            known = f", beside {', '.join(meant)}" if meant else ""
            raise Refused(
                f"{name} is a CNAME that points to {way[-1]}, and nothing says that it is meant to",
                f"Name {way[-1]} in sts_certificate_dns_delegated_to if it is{known}, or have the CNAME removed",
            )
        return way[-1]

    def _hide_nothing(self) -> None:
        """Refuse a record that makes a name exist, which others find by a wildcard until then. Raises Trouble."""
        for name in ancestors(self._owner, self._zone):
            if not self._lookup.is_covered(name):
                return  # it exists, or no wildcard is near; so do, or is, all above it
            lived_by = set(LIVED_BY) - ({"MX"} if name == self._host else set())  # nobody writes to a policy host
            hidden = {kind: self._lookup.wildcard(name, kind) for kind in LIVED_BY if kind in lived_by}
            kinds = [kind for kind, wildcard in hidden.items() if wildcard]
            if kinds:
                raise Refused(
                    f"{self._title}: the record would hide {hidden[kinds[0]]}, by which {name} has its "
                    f"{' and '.join(kinds)} (RFC 4592, section 2.2.2)",
                    f"Give {name} {' and '.join(kinds)} records of its own",
                )

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
            update.absent(f"{self._owner}.", "CNAME")  # beside which nothing may stand
            update.add(f"{self._owner}.", TTL, "TXT", value)
        self._sign(update)
        host = self._settings.server.rstrip(".") or self._lookup.primary(self._zone)
        silent = []
        for address in self._lookup.addresses(host):
            if not self._lookup.time_is_left():
                break
            try:
                said = self._send(update, address)
            except (OSError, EOFError, dns.exception.DNSException) as problem:
                silent.append(f"{address}: {problem or type(problem).__name__}")
                continue
            if said != "NOERROR":
                remedy = REFUSALS.get(said, "Check the name server's log")
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
            cause = f"the secret of the TSIG key {self._settings.key_name} is not base64"
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

        The CA passes over silent name servers, too. All are asked at once, so that they are waited for once.
        """
        deadline = time.monotonic() + self._settings.wait_timeout
        servers = list(islice(self._lookup.servers(self._zone), NAME_SERVERS_PER_ZONE * ADDRESSES_PER_HOST))
        with ThreadPoolExecutor(SERVERS_AT_ONCE) as pool:
            told = list(pool.map(lambda server: self._wait_for(server[1], value, deadline), servers))
        for (host, address), has in zip(servers, told):
            if has is False:
                raise Trouble(
                    f"{self._title}: {host} [{address}] does not have the record "
                    f"after {self._settings.wait_timeout:g} s",
                    "Check NOTIFY and zone transfer (AXFR/IXFR) to that server, "
                    "or raise sts_certificate_dns_wait_timeout",
                )
            if has is None:
                print(f" + {host} [{address}] gives no answer about {self._zone}")
        if not any(told):
            remedy = f"Let the policy host reach port {self._settings.port} of the name servers"
            raise Trouble(f"{self._title}: no name server of {self._zone} answers", remedy)
        time.sleep(OLD_ANSWERS_LAST)

    def _wait_for(self, address: str, value: str, deadline: float) -> bool | None:
        """Wait until a server has the record, and say whether; None when it says nothing about the zone."""
        has = None
        while (time.monotonic() < deadline or has is None) and (has := self._has(address, value)) is False:
            time.sleep(PAUSE)
        return has

    def _has(self, address: str, value: str) -> bool | None:
        """Whether a server has the record; None when it says nothing about the zone."""
        query = dns.message.make_query(f"{self._owner}.", "TXT")
        query.flags = 0
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
        raise Trouble(f"{name} cannot be looked up: {str(problem).rstrip('.')}", SLOW) from None


def address_and_port(nameserver: str) -> tuple[str, int]:
    """Split "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:5353"."""
    found = NAMESERVER.fullmatch(nameserver)
    return (found[1] or found[2], int(found[3] or 53)) if found else (nameserver, 53)


def is_address(host: str) -> bool:
    """Whether this is an IP address."""
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False


def text(name: dns.name.Name) -> str:
    """Return a name without its last dot."""
    return name.to_text(omit_final_dot=True)


def ancestors(name: str, zone: str = "") -> list[str]:
    """Return the names above this one, the nearest first, and none but those below the apex of ``zone``."""
    labels, apex = name.split("."), zone.split(".") if zone else []
    return [".".join(labels[place:]) for place in range(1, len(labels) - len(apex))]


def see_that_we_are_asked(hook: str, host: str, token: str, value: str) -> None:
    """Refuse what no CA that is asked by us would say. Raises Refused."""
    if not HOST.fullmatch(host) or not WORD.fullmatch(token) or not WORD.fullmatch(value):
        raise Refused("the CA names no policy host, or no token and value in base64url", "Ask another CA")
    if hook == "deploy_challenge" and host not in HOSTS.read_text(encoding="ascii").split():
        raise Refused(f"the CA asks for {host}, which is not in {HOSTS}", "Ask another CA")


def main(hook: str, host: str, token: str, value: str) -> int:
    """Do what the hook of that name is for; without the record there is no use in going on, with it there is."""
    try:
        see_that_we_are_asked(hook, host, token, value)
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
